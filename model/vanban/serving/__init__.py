"""The HTTP service: what is asked comes in, is read together, and goes out; its page, and Label Studio's protocol.
Imports predictor and documents, and what these may; FastAPI is imported here alone."""

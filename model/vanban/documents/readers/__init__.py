"""Files of offices, presses and mail → the text in them: one file a kind, each run apart and within limits.
A part of the wing `documents`: nothing here knows of sources, documents or models."""

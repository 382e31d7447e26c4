"""What ships in `model/vanban/bundled/` is built: the encoder and the adapters of both tasks.
May import corpus."""

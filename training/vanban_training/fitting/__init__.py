"""A network is fitted: new heads, Trainer, processes, interruption, and which encoder serves.
May import vanban and config."""

"""OFFICIAL: who is who, the offices before and behind a name, and the block of a signature.
Titles are a table; how far the name of an organisation reaches is grammar."""

"""One file a format: how documents with their entities are written in it and read from it, and what it can't hold.
A new format is a file with a FORMAT, and its name in the registry."""

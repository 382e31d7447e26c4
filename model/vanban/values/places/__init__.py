"""PLACE: head nouns and levels, the official units of two times, and which of them a name means here.
Units come from the tables in `data`, read when first asked for."""

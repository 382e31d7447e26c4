"""Annotated documents in and out: manifests, brat, JSONL, CoNLL, types; checks, counts, folds; names of places.
May import vanban and config."""

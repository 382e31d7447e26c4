"""Annotated documents in and out: manifests, brat, JSONL, CoNLL, types; checks, counts, folds.
May import vanban and config."""

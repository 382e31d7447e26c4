"""Documents come in as files, folders and JSONL, and go out as records, brat and CoNLL, batch by batch.
May import the predictor and what is below it."""

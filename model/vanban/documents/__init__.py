"""Documents come in as files, folders and records, and go out as records, brat and CoNLL, by one process or many.
May import the predictor and what is below it."""

"""What `train` and `vanban score` do: a run, cross-validation, the run directory and its card.
May import the tasks."""

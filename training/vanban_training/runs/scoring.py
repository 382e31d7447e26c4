"""Scores of a model on documents whose spans or types are known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from vanban.network.checkpoint import load_checkpoint
from vanban.network.heads import sorted_tags
from vanban.network.tagging import labels_of
from vanban.schema import Task
from vanban_training.config import validate_config
from vanban_training.runs.tasks import task_of


def score_model(model: str | None, paths: Sequence[Path], origins: Sequence[str], task: Task) -> str:
    """Return a table of the scores of a model, or of the shipped one of `task`, on documents.

    `origins`: only a manifest's documents of these. Raises UserError where `train` would, for documents as for models.
    """
    checkpoint = load_checkpoint(model, task)
    ner = checkpoint.task == "ner"
    labels = labels_of(sorted_tags(checkpoint.classes)) if ner else checkpoint.classes
    config = validate_config(
        {
            "task": checkpoint.task,
            "encoder": {"name": "bundled"},
            "data": {"documents": [str(path) for path in paths], "labels": list(labels), "origins": list(origins)},
            "output": "none",
            "reading": asdict(checkpoint.reading),
        },
        "vanban score",
    )
    scored = task_of(config)
    documents = scored.read(config)
    table, _ = scored.scores(config, documents, scored.predict(checkpoint, documents))
    return f"model: {checkpoint.name}\ndocuments: {scored.describe(documents)}\n\n{table}"

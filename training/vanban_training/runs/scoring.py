"""Scores of a model on documents whose spans or types are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

from vanban.errors import SettingError, UserError
from vanban.network.checkpoint import load_checkpoint
from vanban.network.heads import sorted_tags
from vanban.network.tagging import labels_of
from vanban.schema import Task
from vanban_training.config import validate_config
from vanban_training.corpus.cuts import report_cuts
from vanban_training.runs.tasks import task_of

PLACES: Final[Mapping[str, str]] = {
    "labels": "these are what the model knows",
    "conll_column": "see --conll-column",
}


def score_model(
    model: str | None,
    paths: Sequence[Path],
    origins: Sequence[str],
    task: Task,
    conll_column: int | None = None,
    strict: bool = False,
    examples: int = 3,
    masked: bool = False,
) -> str:
    """Return a table of the scores of a model, or of the shipped one of `task`, on documents, and its errors by kind.

    `origins`: only a manifest's documents of these. `conll_column`: the number of the column of tags in CoNLL files.
    `strict`: spans that begin or end inside a syllable or a character are refused, not only warned of. `examples`: how
    many errors of each kind are shown. `masked`: of types, the errors without type line, number and symbol. Documents
    need not hold a span: what is found in them is counted all the same. Raises UserError for documents and models that
    can't be read.
    """
    checkpoint = load_checkpoint(model, task)
    ner = checkpoint.task == "ner"
    labels = labels_of(sorted_tags(checkpoint.classes)) if ner else checkpoint.classes
    values = {
        "task": checkpoint.task,
        "encoder": {"name": "bundled"},
        "data": {
            "documents": [str(path) for path in paths],
            "labels": list(labels),
            "origins": list(origins),
            "conll_column": conll_column,
        },
        "output": "none",
        "reading": asdict(checkpoint.reading),
    }
    try:
        config = validate_config(values, checkpoint.name)
    except UserError:  # all else comes from here, or was checked with the model
        kind = "labels" if ner else "types"
        raise UserError(
            f"{checkpoint.name}: can't be scored: found the {kind} {', '.join(labels)}, expected each once"
            f"{'' if ner else ' and two or more'}"
        ) from None
    scored = task_of(config)
    try:
        documents = scored.read(config)
    except SettingError as error:
        raise error.where(PLACES) from None
    report_cuts([cut for document in documents for cut in document.cuts], strict)
    predicted = scored.predict(checkpoint, documents)
    table, _ = scored.scores(config, documents, predicted)
    errors = scored.errors(config, documents, predicted, examples, masked)
    return f"model: {checkpoint.name}\ndocuments: {scored.describe(documents)}\n\n{table}\n\n{errors}"

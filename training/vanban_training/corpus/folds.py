"""Folds of cross-validation."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from vanban.errors import UserError
from vanban_training.corpus.annotated import AnnotatedDocument

CALIBRATION: Final = "calibration.json"  # in the folder of a cross-validation, where `train` finds it


def measured_calibration(cross_validation: Path | None) -> tuple[dict[str, Any], Path] | None:
    """Return what a cross-validation found of calibration and the file that says so, if it is there."""
    record = cross_validation / CALIBRATION if cross_validation else None
    if record is None or not record.is_file():
        return None
    return json.loads(record.read_text(encoding="utf-8")), record


@dataclass(frozen=True)
class Fold:
    """A name and the documents that are held out; all others train."""

    name: str
    held_out: tuple[AnnotatedDocument, ...]

    def training(self, documents: Sequence[AnnotatedDocument]) -> list[AnnotatedDocument]:
        """Return the documents that are not held out."""
        held = {d.id for d in self.held_out}
        return [d for d in documents if d.id not in held]


def grouped_folds(documents: Sequence[AnnotatedDocument], number: int) -> list[Fold]:
    """Return `number` folds of like numbers of documents; those of one group share one, those without are dealt out.

    Raises UserError when there are fewer groups than folds, a document without a group counted as one.
    """
    groups: dict[str, list[AnnotatedDocument]] = defaultdict(list)
    for document in documents:
        groups[f"group {document.group}" if document.group else f"document {document.id}"].append(document)
    if len(groups) < number:
        raise UserError(
            f"cross-validation in {number} folds (data.folds) needs as many groups of documents, those without a "
            f"`group` in their manifest counted as one each; found {len(groups)}"
        )
    folds: list[list[AnnotatedDocument]] = [[] for _ in range(number)]
    for members in sorted(groups.values(), key=lambda members: -len(members)):
        min(folds, key=len).extend(members)
    return [Fold(f"fold {i}", tuple(held_out)) for i, held_out in enumerate(folds, 1)]


@dataclass(frozen=True)
class FoldResult:
    """What a model that was trained without a fold's documents, with a random seed, predicted for each of them."""

    fold: Fold
    seed: int
    predicted: list[Any]

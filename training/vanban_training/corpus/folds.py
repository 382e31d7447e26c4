"""Folds of cross-validation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from vanban_training.corpus.annotated import AnnotatedDocument


@dataclass(frozen=True)
class Fold:
    """A name and the documents that are held out; all others train."""

    name: str
    held_out: tuple[AnnotatedDocument, ...]

    def training(self, documents: Sequence[AnnotatedDocument]) -> list[AnnotatedDocument]:
        """Return the documents that are not held out."""
        held = {d.id for d in self.held_out}
        return [d for d in documents if d.id not in held]


@dataclass(frozen=True)
class FoldResult:
    """What a model that was trained without a fold's documents, with a random seed, predicted for each of them."""

    fold: Fold
    seed: int
    predicted: list[Any]

"""What formats have no place for, counted by the same names in all of them, and said in one sentence."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from vanban.documents.counting import counted
from vanban.documents.document import Document
from vanban.documents.formats.format import Losses
from vanban.schema import Prediction

Kept = Literal["scores", "values", "types", "probabilities", "records", "fields"]


def count(losses: Losses, name: str, number: int) -> None:
    """Count `number` more of what is left out; nothing is entered for none."""
    if number > 0:
        losses[name] += number


def count_losses(losses: Losses, document: Document, prediction: Prediction, kept: Iterable[Kept] = ()) -> None:
    """Count what a document has of that which most formats have no place for, but what this one has `kept`.

    Scores are those of entities and of the type that was told; scores of 1 are those of annotations by hand, and
    nothing is lost with them. Probabilities are those of other types.
    """
    kind = prediction.doc_type
    scores = [entity.score for entity in prediction.entities]
    if kind is not None and prediction.doc_type_score is not None:
        scores.append(prediction.doc_type_score)
    has: dict[Kept, int] = {
        "scores": sum(score != 1.0 for score in scores),
        "values": sum(entity.value is not None for entity in prediction.entities),
        "types": int(kind is not None),
        "probabilities": len(prediction.doc_type_scores.keys() - {kind}),
        "records": int(prediction.record is not None),
        "fields": len(document.fields.keys() - {"id", "text"}),
    }
    for name, number in has.items():
        if name not in kept:
            count(losses, name, number)


def said(losses: Losses, name: str) -> str | None:
    """Return what is said at the end of losses in writing the format `name`; None when there were none."""
    return f"left out, since {name} has no place for it: {_counts(losses)}" if losses.total() else None


def said_of_reading(losses: Losses, names: str) -> str | None:
    """Return what is said at the end of that which was not read in the formats `names`; None when there was none."""
    return f"not taken over from {names}: {_counts(losses)}" if losses.total() else None


def _counts(losses: Losses) -> str:
    return ", ".join(counted(n, what) for what, n in sorted(losses.items()) if n)

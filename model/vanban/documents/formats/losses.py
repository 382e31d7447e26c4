"""What formats have no place for, counted by the same names in all of them, and said in one sentence."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

from vanban.documents.document import Document
from vanban.documents.formats.format import Losses
from vanban.schema import Prediction

Kept = Literal["scores", "values", "types", "records", "fields"]

_SINGULAR: Final = {"entities": "entity", "probabilities": "probability", "classes": "class"}


def count_losses(losses: Losses, document: Document, prediction: Prediction, kept: Iterable[Kept] = ()) -> None:
    """Count what a document has of that which most formats have no place for, but what this one has `kept`.

    Scores of 1 and an empty model are those of annotations by hand: nothing is lost with them. Types are those that
    were told; the probabilities of others go with the scores.
    """
    has: dict[Kept, int] = {
        "scores": sum(entity.score != 1.0 for entity in prediction.entities),
        "values": sum(entity.value is not None for entity in prediction.entities),
        "types": int(prediction.doc_type is not None),
        "records": int(prediction.record is not None),
        "fields": len(document.fields.keys() - {"id", "text"}),
    }
    for name, count in has.items():
        if count and name not in kept:
            losses[name] += count


def said(losses: Losses, name: str) -> str | None:
    """Return what is said at the end of losses in the format `name`; None when there were none."""
    counts = [f"{count:,} {_one(what) if count == 1 else what}" for what, count in sorted(losses.items()) if count]
    return f"left out, since {name} has no place for it: {', '.join(counts)}" if counts else None


def _one(plural: str) -> str:
    words = plural.split(" ")
    at = words.index("of") - 1 if "of" in words else -1  # overlapping entities, layouts of texts
    words[at] = _SINGULAR.get(words[at], words[at].removesuffix("s"))
    return " ".join(words)

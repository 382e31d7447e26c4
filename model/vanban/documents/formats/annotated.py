"""What was read from another tool's file, checked, as vanban holds it; and what such a file has no place for."""

from __future__ import annotations

import os
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

from vanban.documents.document import Document
from vanban.documents.formats.format import Losses
from vanban.errors import UserError
from vanban.schema import Entity, Prediction, Span

OWN_FIELDS = ("id", "path", "text")


def annotated(text: str, spans: Iterable[tuple[str, Span]], doc_type: str | None = None) -> Prediction:
    """Return spans with their labels as a prediction of no model: sorted, with scores of 1.

    Raises UserError for spans outside the text, without characters, or that overlap.
    """
    entities = []
    for label, (start, end) in spans:
        if not 0 <= start < end <= len(text):
            raise UserError(
                f"found {label} at {start} {end}, expected 0 <= start < end <= {len(text)} (the length of the text)"
            )
        entities.append(Entity(label, start, end, text[start:end]))
    return Prediction(text, flat(entities), "", doc_type)


def flat(entities: Iterable[Entity]) -> tuple[Entity, ...]:
    """Return entities sorted by offset. Raises UserError where two overlap."""
    found = sorted(entities, key=lambda entity: (entity.start, entity.end))
    for left, right in pairwise(found):
        if right.start < left.end:
            raise UserError(
                f"{right.label} {right.start} {right.end} {right.text!r} overlaps {left.label} {left.start} {left.end} "
                f"{left.text!r}; expected flat spans: keep the longer one"
            )
    return tuple(found)


def document_of_file(path: Path, text: str) -> Document:
    """Return the document of a file that holds one: its name is its id."""
    return Document(path.stem, text, str(path), os.path.abspath(path), path.stem, fields={"text": text})


def leave_out(document: Document, prediction: Prediction, losses: Losses, types: bool = True) -> None:
    """Count what is left of spans, labels and, without `types`, of a type: scores, values, records, own fields."""
    counts = {
        "scores": sum(entity.score != 1 for entity in prediction.entities),
        "values": sum(entity.value is not None for entity in prediction.entities),
        "types": int(types and prediction.doc_type is not None),
        "scores of types": len(prediction.doc_type_scores),
        "records": int(bool(prediction.record)),
        "fields": sum(name not in OWN_FIELDS for name in document.fields),
    }
    losses.update({what: count for what, count in counts.items() if count})

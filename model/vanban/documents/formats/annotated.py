"""What was read from another tool's file of one document: its text and its spans, checked, as vanban has them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from vanban.documents.document import Document
from vanban.errors import UserError
from vanban.schema import Entity, Prediction, Span


def annotated(text: str, spans: Iterable[tuple[str, Span]], doc_type: str | None = None) -> Prediction:
    """Return spans with their labels as a prediction of no model: sorted, with scores of 1; they may overlap.

    Raises UserError for spans outside the text or without characters.
    """
    entities = []
    for label, (start, end) in sorted(spans, key=lambda span: span[1]):
        if not 0 <= start < end <= len(text):
            raise UserError(
                f"found {label} at {start} {end}, expected 0 <= start < end <= {len(text)} (the length of the text)"
            )
        entities.append(Entity(label, start, end, text[start:end]))
    return Prediction(text, tuple(entities), "", doc_type)


def document_of_file(path: Path, text: str) -> Document:
    """Return the document of a file: its name is its id."""
    return Document(path.stem, text, str(path), str(path.absolute()), str(path.with_suffix("")))

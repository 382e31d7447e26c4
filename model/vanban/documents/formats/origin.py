"""What of a document is not its text, kept in formats that have a place for anything: its path and its other fields."""

from __future__ import annotations

import dataclasses
import os
from typing import Any, Final

from vanban.documents.document import Document, Failure
from vanban.documents.names import without_suffix
from vanban.documents.records import Columns, to_document
from vanban.documents.sources import Source
from vanban.errors import UserError
from vanban.schema import Prediction

KEY: Final = "document"

_SAID_ANEW: Final = frozenset({"text", "entities", "doc_type_score", "doc_type_scores", "record"})


def origin_of(document: Document, prediction: Prediction) -> dict[str, Any]:
    """Return the `path` and the `fields` of a document, where it has them, without what the prediction says anew."""
    said = {"id": document.id, "path": document.path, "model": prediction.model, "doc_type": prediction.doc_type}
    fields = {
        name: value
        for name, value in document.fields.items()
        if name not in _SAID_ANEW and (name not in said or value != said[name])
    }
    path = {} if document.path is None else {"path": document.path}
    return path | ({"fields": fields} if fields else {})


def document_of(text: object, identity: object, origin: dict[str, Any], where: str, number: int) -> Document:
    """Return the document of a text with the path and fields of `origin`; its `number`th place in a file names it.

    Raises UserError for what is no text.
    """
    fields = origin.get("fields")
    record = {**(fields if isinstance(fields, dict) else {}), "text": text}
    if identity is not None:
        record["id"] = identity
    source = Source(where, without_suffix(os.path.basename(where)), "jsonl")
    document = to_document(record, number, source, Columns())
    if isinstance(document, Failure):
        raise UserError(document.reason)
    path = origin.get("path")
    return dataclasses.replace(document, path=path if isinstance(path, str) else None)

"""A tagged document as a line, with all that it has: what waits for a format that is written when all are there."""

from __future__ import annotations

import json
from typing import Any

from vanban.documents.document import Document
from vanban.documents.formats.format import Tagged
from vanban.reading.text import without_surrogates
from vanban.schema import Entity, Prediction
from vanban.values.form import Written


def to_line(document: Document, prediction: Prediction) -> str:
    """Return the document as one line of JSON. Half a surrogate pair, which no file can hold, becomes U+FFFD."""
    row = {
        "document": [document.id, document.text, document.where, document.key, document.name, document.path],
        "fields": document.fields,
        "entities": [entity.to_dict() for entity in prediction.entities],
        "model": prediction.model,
        "type": [prediction.doc_type, prediction.doc_type_score, prediction.doc_type_scores],
        "record": prediction.record.to_dict() if prediction.record else None,
    }
    return without_surrogates(json.dumps(row, ensure_ascii=False)) + "\n"


def of_line(line: bytes) -> Tagged:
    """Return the document of a line; values and the record have their form in JSON alone."""
    row = json.loads(line)
    identity, text, where, key, name, path = row["document"]
    document = Document(identity, text, where, key, name, path, row["fields"])
    entities = tuple(Entity(**entity | {"value": written(entity.get("value"))}) for entity in row["entities"])
    kind, score, scores = row["type"]
    return document, Prediction(document.text, entities, row["model"], kind, score, scores, written(row["record"]))


def written(fields: Any) -> Any:
    """Return a value or a record of which the form in JSON is left, None of none."""
    return Written(fields) if isinstance(fields, dict) else None

"""Documents whose entities are marked in their texts (`marked.py`), with values or as tag writes them."""

from __future__ import annotations

from typing import Any

from marked import marked
from vanban.documents.document import Document
from vanban.documents.valued import Valued
from vanban.values.document import read_values


def valued(id_: str, text: str, doc_type: str | None = None) -> Valued:
    """Return a document with its values."""
    raw, entities = marked(text)
    return Valued(Document(id_, raw, f"x:{id_}", id_, id_), *read_values(raw, entities, doc_type))


def tagged_record(id_: str, text: str, **fields: Any) -> dict[str, Any]:
    """Return the record of a document as tag writes that of one that has a text."""
    raw, entities = marked(text)
    return {"id": id_, "text": raw, **fields, "entities": [entity.to_dict() for entity in entities], "model": "m"}

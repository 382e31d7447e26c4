"""Documents whose entities are written in their text: `[PLACE huyện Ba Vì]`."""

from __future__ import annotations

import re
from typing import Any

from vanban.documents.document import Document
from vanban.documents.valued import Valued
from vanban.schema import Entity
from vanban.values.document import read_values

_MARKED = re.compile(r"\[([A-Z]+) ([^\]]+)\]")


def read_marked(marked: str) -> tuple[str, tuple[Entity, ...]]:
    """Return the text and its entities."""
    text, entities, position = "", [], 0
    for match in _MARKED.finditer(marked):
        text += marked[position : match.start()]
        entities.append(Entity(match[1], len(text), len(text) + len(match[2]), match[2]))
        text += match[2]
        position = match.end()
    return text + marked[position:], tuple(entities)


def valued(id_: str, marked: str, doc_type: str | None = None) -> Valued:
    """Return a document with its values."""
    text, entities = read_marked(marked)
    return Valued(Document(id_, text, f"x:{id_}", id_, id_), *read_values(text, entities, doc_type))


def tagged_record(id_: str, marked: str, **fields: Any) -> dict[str, Any]:
    """Return the record of a document as tag writes that of one that has a text."""
    text, entities = read_marked(marked)
    return {"id": id_, "text": text, **fields, "entities": [entity.to_dict() for entity in entities], "model": "m"}

"""What the view shows of a document: the record of `tag` with the text, and the line that a list of documents has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from vanban.documents.document import Document
from vanban.reading.text import one_line
from vanban.schema import Prediction

LONGEST_TITLE: Final = 120

# what a record of `tag` may have beside; other fields are the user's own and no part of what was read
_SHOWN: Final = ("title", "source")


def view_record(document: Document, prediction: Prediction) -> dict[str, Any]:
    """Return the record of one document as the view takes it: as `tag` writes it in JSON, and with its text."""
    found: dict[str, Any] = {"id": document.id}
    if document.path is not None:
        found["path"] = document.path
    found |= {name: document.fields[name] for name in _SHOWN if name in document.fields}
    found["text"] = document.text
    found["entities"] = [entity.to_dict() for entity in prediction.entities]
    if prediction.doc_type is not None or prediction.doc_type_scores:
        found["doc_type"] = prediction.doc_type
        found["doc_type_score"] = prediction.doc_type_score
        found["doc_type_scores"] = dict(prediction.doc_type_scores)
    if prediction.record:
        found["record"] = prediction.record.to_dict()
    return found | {"model": prediction.model}


def summary_of(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a list says of a document: id, title, type, label and score of each entity, and their texts.

    `texts` has each once, on a line of its own: it is searched. The script makes the same of records that it is given
    without (`vanbanView.summary`).
    """
    title = (record.get("record") or {}).get("subject") or record.get("title") or _first_line(record["text"])
    likeliest = next(iter(record.get("doc_type_scores") or {}), None)
    return {
        "id": str(record["id"]),
        "title": _cut(str(title)),
        "type": record.get("doc_type"),
        "likeliest": likeliest,
        "score": record.get("doc_type_score"),
        "entities": [[e["label"], e.get("score", 1.0)] for e in record.get("entities") or []],
        "texts": lines_of(e["text"] for e in record.get("entities") or []),
    }


def lines_of(texts: Iterable[str]) -> str:
    """Return each of the texts once, on a line of its own."""
    return "\n".join(dict.fromkeys(map(one_line, texts)))


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.split("\n") if line.strip()), "")


def _cut(title: str) -> str:
    title = one_line(title).strip()
    return title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 1].rstrip() + "…"

"""JSON Lines: a record a document, as it was read, with what was found in it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, Final

from vanban.documents.document import Document, Failure
from vanban.documents.formats.format import Format, Losses, Tagged
from vanban.documents.formats.json_values import to_json_line
from vanban.documents.reader import read_records
from vanban.documents.records import Columns
from vanban.documents.sources import Source
from vanban.documents.tagged import SPAN_KEYS, tagged
from vanban.schema import Prediction

# keys of records of doccano, Prodigy and Label Studio
_OF_OTHERS: Final = frozenset({
    "cats", "label", "labels", "Comments", "tokens", "answer", "accept", "_input_hash", "_task_hash", "data",
    "annotations", "predictions",
})  # fmt: skip
_BEGINS_AS_OWN: Final = re.compile(rb'\{"(?:id|path|text)": .*?"entities": \[(?:\]|\{"label": )', re.DOTALL)


def to_record(
    document: Document, prediction: Prediction, with_entities: bool = True, with_text: bool = False
) -> dict[str, Any]:
    """Return the record of one document: id, path (of a text file), its own fields, what was read in it, model.

    What was read is `entities`, unless they were not looked for, and where a classifier was asked `doc_type`,
    `doc_type_score` and `doc_type_scores`, and the document's `record` where values were read. `with_text` the text
    stands behind the path, and what someone annotated is as training reads it: without a model, its type as `type`.
    Where a field of the record has one of these names and another value, that value is kept as `input_<name>`.
    """
    ours: dict[str, Any] = {"id": document.id}
    if document.path is not None:
        ours["path"] = document.path
    if with_text:
        ours["text"] = document.text
    found: dict[str, Any] = {}
    if with_entities:
        found["entities"] = [entity.to_dict() for entity in prediction.entities]
    by_hand = with_text and not prediction.model
    if prediction.doc_type is not None and by_hand:
        found["type"] = prediction.doc_type
    elif prediction.doc_type_scores or prediction.doc_type is not None:
        found["doc_type"] = prediction.doc_type
        found["doc_type_score"] = prediction.doc_type_score
        found["doc_type_scores"] = dict(prediction.doc_type_scores)
    if prediction.record:
        found["record"] = prediction.record.to_dict()
    if not by_hand:
        found["model"] = prediction.model
    record = dict(ours)
    for name, value in document.fields.items():
        if name not in ours and name not in found:
            record[name] = value
        elif value != ours.get(name, found.get(name)):
            kept = f"input_{name}"
            while kept in document.fields or kept in record:
                kept = f"input_{kept}"
            record[kept] = value
    return record | found


def to_jsonl(document: Document, prediction: Prediction, with_entities: bool = True, with_text: bool = False) -> str:
    """Return the record of `to_record` as one line; it holds no character but its last at which Python breaks lines."""
    return to_json_line(to_record(document, prediction, with_entities, with_text))


def write(documents: Iterable[Tagged], file: BinaryIO, losses: Losses) -> None:
    """Write a record with its text for each document. Nothing is lost."""
    for document, prediction in documents:
        file.write(to_jsonl(document, prediction, with_text=True).encode("utf-8"))


def read(file: BinaryIO, name: str, losses: Losses) -> Iterator[Tagged | Failure]:
    """Yield the documents of records that `tag` wrote, or that someone annotated: a text, or a path to it, and spans.

    Fields of which nothing else of a document is made are those of the document.
    """
    for item in read_records(file, Source(name, "", "jsonl"), Columns(behind_path=True)):
        yield item if isinstance(item, Failure) else tagged(item)


def is_own(head: bytes) -> bool:
    """True of a file whose first record is vanban's own, by the keys at its top, and no other tool's.

    Within a record values and fields may hold any key, such as the `spans` of Prodigy.
    """
    line = head.removeprefix(b"\xef\xbb\xbf").lstrip().partition(b"\n")[0]
    try:
        record = json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError):  # no JSON, or a line that is longer than the head
        return _BEGINS_AS_OWN.match(line) is not None
    if not isinstance(record, dict) or record.keys() & _OF_OTHERS:
        return False
    spans = next((record[key] for key in SPAN_KEYS if key in record), None)
    if isinstance(spans, list):
        return all(isinstance(span, dict) and "start_offset" not in span for span in spans)
    return bool(record.keys() & {"model", "doc_type", "annotation"})


FORMAT: Final = Format(
    "jsonl", "a record a document, with all that was read", (".jsonl", ".ndjson"), write=write, read=read, in_lines=True
)

"""Rows → lines and tables."""

from __future__ import annotations

import io
import json
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from vanban.cluster.results import line_of, record_of, write_parquet
from vanban.documents.document import Document
from vanban.documents.formats.jsonl import to_jsonl
from vanban.schema import Entity, Prediction

BOTH = ("ner", "doctype")
TEXT = "UBND TP Hà Nội\u2028họp"
ENTITY = Entity("PLACE", 5, 14, "TP Hà Nội", 0.9)
SCORES = {"thong_bao": 0.7, "bao_cao": 0.3}
FIELDS = {"z": 1, "text": TEXT, "id": 5, "model": "x", "n": 10**30, "half": "\ud800"}


def row(**changes: Any) -> dict[str, Any]:
    """Return a row as it comes from a cluster."""
    own = json.dumps(FIELDS | {"text": None})
    values = {"key": "r:1", "id": "5", "path": None, "fields": own, "text": TEXT, "failure": None, "error": None}
    read = {"entities": [ENTITY.to_dict()], "doc_type": "thong_bao", "doc_type_score": 0.7}
    return values | read | {"doc_type_scores": list(SCORES.items()), "model": "tiny"} | changes


FAILED = {"entities": None, "doc_type": None, "doc_type_score": None, "doc_type_scores": None, "model": None}


def test_lines_are_those_of_tag() -> None:
    prediction = Prediction(TEXT, (ENTITY,), "tiny", "thong_bao", 0.7, SCORES)
    assert line_of(row(), BOTH) == to_jsonl(Document(5, TEXT, "", "", "", None, FIELDS), prediction)
    text = row(id='"a.txt"', path="a.txt", fields=None)
    assert line_of(text, BOTH) == to_jsonl(Document("a.txt", TEXT, "", "", "", "a.txt"), prediction)
    alone = {name: value for name, value in text.items() if name != "entities"}
    assert line_of(alone, ("doctype",)) == to_jsonl(Document("a.txt", TEXT, "", "", "", "a.txt"), prediction, False)


def test_a_row_that_failed_says_why_and_keeps_its_fields() -> None:
    own = json.dumps({"error": "mine", "doc_type": 3, "id": True, "text": None})
    failed = json.loads(line_of(row(fields=own, error="no", **FAILED), ("ner",)))
    assert failed == {"id": 5, "input_error": "mine", "doc_type": 3, "text": TEXT, "error": "no"}
    assert json.loads(line_of(row(fields=own), BOTH))["input_error"] == "mine"
    line = line_of(row(error="no", **FAILED), BOTH)  # a text with a line separator, a field with half a pair
    assert line.isascii() and {"half": "\ud800", "text": TEXT, "input_model": "x"}.items() <= json.loads(line).items()
    read = row(id='"a.txt"', path="a.txt", fields=None, text=None, failure="not UTF-8", error="no text", **FAILED)
    assert line_of(read, BOTH) == '{"id": "a.txt", "path": "a.txt", "error": "not UTF-8"}\n'


def test_a_text_column_of_another_name_is_filled() -> None:
    own = json.dumps({"body": None, "text": 1})
    assert json.loads(line_of(row(fields=own), BOTH, "body"))["body"] == TEXT
    assert json.loads(line_of(row(fields=own), BOTH, "body"))["text"] == 1


def test_tables_have_the_fields_of_records_and_the_error() -> None:
    rows = [
        row(fields=json.dumps({"a": 1, "c": "x", "text": None})),
        row(id='"a.txt"', path="a.txt", fields=None),
        row(id='"r:2"', fields=json.dumps({"a": 2, "c": 3, "text": None}), error="no", **FAILED),
    ]
    file = io.BytesIO()
    write_parquet([record_of(r, BOTH) for r in rows], file, BOTH)
    table = pq.read_table(file)
    ours = {"entities", "doc_type", "doc_type_score", "doc_type_scores", "record", "model", "error"}
    assert set(table.column_names) == {"id", "path", "a", "c", "text"} | ours
    first, second, third = table.to_pylist()
    assert (first["id"], second["id"], third["id"]) == ("5", "a.txt", "r:2")
    assert (first["a"], third["a"], first["error"]) == (1, 2, None)
    assert first["entities"] == [ENTITY.to_dict() | {"value": None}] and first["doc_type_scores"] == list(
        SCORES.items()
    )
    assert (second["path"], second["text"], second["error"]) == ("a.txt", None, None)
    assert (third["entities"], third["model"], third["error"]) == (None, None, "no")
    whole = io.BytesIO()
    write_parquet([record_of(row(), BOTH)], whole, BOTH)
    assert pq.read_schema(whole).field("id").type == pq.read_schema(whole).field("error").type == pa.string()

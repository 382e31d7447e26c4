"""Rows of Parquet → documents: columns of every type, and files that are not what they should be."""

from __future__ import annotations

import datetime
import decimal
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from project import write
from vanban.documents.document import Document, Failure
from vanban.documents.reader import read_documents
from vanban.documents.records import Columns
from vanban.documents.sources import find_sources

pytestmark = pytest.mark.usefixtures("working_folder")


def read(name: str = "a.parquet", columns: Columns | None = None) -> list[Document | Failure]:
    return list(read_documents(find_sources([name]), columns or Columns()))


def save(columns: dict[str, Any], name: str = "a.parquet", **options: Any) -> None:
    pq.write_table(pa.table(columns), name, **options)


def test_rows_are_documents_and_the_other_columns_their_fields() -> None:
    save({
        "id": [7, 8],
        "text": ["Hà Nội\r\n", ""],
        "day": [datetime.date(2021, 7, 23), None],
        "at": [datetime.datetime(2021, 7, 23, 6, 30), None],
        "cost": [decimal.Decimal("1.50"), None],
        "raw": [b"\xff", b""],
        "list": [[1, 2], None],
        "deep": [{"a": float("nan"), "b": b"x"}, {"a": 0.5, "b": b""}],
        "yes": [True, None],
    })  # fmt: skip
    one, two = read()
    assert isinstance(one, Document) and isinstance(two, Document)
    assert (one.id, one.text, one.where, one.name, one.path) == (7, "Hà Nội\r\n", "a.parquet:1", "a/7", None)
    assert one.fields == {
        "id": 7, "text": "Hà Nội\r\n", "day": "2021-07-23", "at": "2021-07-23T06:30:00", "cost": "1.50",
        "list": [1, 2], "deep": {"a": None}, "yes": True,
    }  # fmt: skip
    assert two.text == "" and two.fields["deep"] == {"a": 0.5} and "raw" not in two.fields
    json.dumps([one.fields, two.fields], allow_nan=False)
    assert one.key == f"{Path.cwd()}/a.parquet:1:7"


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())])
def test_strings_of_every_kind_in_row_groups(kind: Any) -> None:
    texts = [f"văn bản {i}" for i in range(1000)]
    save({"body": pa.array(texts, kind), "no": list(range(1000))}, "rows", row_group_size=300)
    documents = read("rows", Columns("body", "no"))  # known by its first bytes
    assert [d.text for d in documents if isinstance(d, Document)] == texts
    assert [d.id for d in documents if isinstance(d, Document)] == list(range(1000))


def test_a_row_without_a_text_fails_alone() -> None:
    arrow_text = pa.array([b"a", b"\xff", b"b"], pa.binary()).view(pa.string())
    save({"text": pa.concat_arrays([arrow_text, pa.array([None, "c"])])})
    found = [d.text if isinstance(d, Document) else str(d) for d in read()]
    assert found == [
        "a",
        "a.parquet:2: found a string that is no UTF-8",
        "b",
        'a.parquet:4: expected a "text" that is a string, found "text": null',
        "c",
    ]


@pytest.mark.parametrize(
    ("columns", "names", "reason"),
    [
        ({"body": ["a"], "no": [1]}, Columns(),
         "found the columns body, no, expected text; name the right one with --text-column"),
        ({"text": ["a"], "no": [1]}, Columns(id="nr"),
         "found the columns text, no, expected nr; name the right one with --id-column"),
        ({"text": [1, 2]}, Columns(),
         "found int64 in the column text, expected strings; name another with --text-column"),
    ],
)  # fmt: skip
def test_columns_that_are_not_there(columns: dict[str, Any], names: Columns, reason: str) -> None:
    save(columns)
    assert read(columns=names) == [Failure("a.parquet", reason)]


def test_no_id_is_needed() -> None:
    save({"text": ["a"]})
    (document,) = read()
    assert isinstance(document, Document) and document.id == "a.parquet:1"


def test_files_that_are_no_parquet() -> None:
    save({"text": ["a" * 100] * 50})
    whole = Path("a.parquet").read_bytes()
    write("cut.parquet", whole[:-30])
    write("hurt.parquet", whole[:4] + b"\0" * 60 + whole[64:])
    write("prose.parquet", "Hà Nội")
    write("empty.parquet", "")
    for name in ("cut", "hurt"):
        (failure,) = read(f"{name}.parquet")
        assert isinstance(failure, Failure) and failure.reason.startswith("can't be read as Parquet: ")
    assert [str(f) for name in ("prose", "empty") for f in read(f"{name}.parquet")] == [
        "prose.parquet: not a Parquet file: found b'H\\xc3\\xa0 ' at its start, expected b'PAR1'",
        "empty.parquet: not a Parquet file: found b'' at its start, expected b'PAR1'",
    ]

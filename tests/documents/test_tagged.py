from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from marked_documents import tagged_record
from project import write
from vanban.documents.document import Document, Failure
from vanban.documents.reader import read_documents
from vanban.documents.records import Columns
from vanban.documents.sources import find_sources
from vanban.documents.tagged import entities_of, text_at
from vanban.errors import UserError


def test_a_record_is_read_from_the_file_that_it_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write("a.txt", "Có 46 ca.\r\n")
    write("b.txt.gz", gzip.compress("Hà Nội".encode()))
    rows = [{"id": name, "path": name, "entities": []} for name in ("a.txt", "b.txt.gz", "gone.txt")]
    write("tagged.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    first, second, third = read_documents(find_sources(["tagged.jsonl"]), Columns(behind_path=True))
    assert isinstance(first, Document) and first.text == "Có 46 ca.\r\n"
    assert isinstance(second, Document) and second.text == "Hà Nội"
    assert isinstance(third, Failure) and "its text, gone.txt, can't be read: No such file" in third.reason
    (found, *_) = read_documents(find_sources(["tagged.jsonl"]))
    assert isinstance(found, Failure)  # tag itself reads texts alone


def test_what_is_no_utf8_is_an_error(tmp_path: Path) -> None:
    write(str(tmp_path / "a.txt"), b"ab\xff")
    with pytest.raises(UserError, match="no UTF-8 at 2; tag it again"):
        text_at(str(tmp_path / "a.txt"))


def test_entities_are_read_back() -> None:
    record = tagged_record("a", "Ở ⟦P:Hà Nội⟧ có ⟦C:46 ca⟧.")
    read = entities_of(Document("a", record["text"], "a", "a", "a", fields=record))
    assert [(entity.label, entity.text) for entity in read or ()] == [("PLACE", "Hà Nội"), ("COUNT", "46 ca")]
    assert entities_of(Document("a", "x", "a", "a", "a")) is None


@pytest.mark.parametrize(
    "entity",
    [None, "x", {}, {"label": 1, "start": 0, "end": 1}, {"label": "A", "start": True, "end": 1},
     {"label": "A", "start": 0, "end": 9, "text": "x"}, {"label": "A", "start": -1, "end": 1, "text": "x"},
     {"label": "A", "start": 1, "end": 1, "text": ""}],
)  # fmt: skip
def test_entities_of_another_form_are_an_error(entity: Any) -> None:
    with pytest.raises(UserError, match="tag"):
        entities_of(Document("a", "xy", "a", "a", "a", fields={"entities": [entity]}))


def test_rows_of_parquet_are_read_from_their_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parquet, arrow = pytest.importorskip("pyarrow.parquet"), pytest.importorskip("pyarrow")
    monkeypatch.chdir(tmp_path)
    write("a.txt", "Có 46 ca.")
    entities = [{"label": "COUNT", "start": 3, "end": 8, "text": "46 ca", "score": 1.0}]
    parquet.write_table(arrow.Table.from_pylist([{"id": "a", "path": "a.txt", "entities": entities}]), "a.parquet")
    (document,) = read_documents(find_sources(["a.parquet"]), Columns(behind_path=True))
    assert isinstance(document, Document)
    assert [entity.text for entity in entities_of(document) or ()] == ["46 ca"]

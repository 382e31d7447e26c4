"""Documents of a corpus in formats that inference writes, with the checks of all others."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from vanban.documents.document import Document
from vanban.documents.formats.format import Losses
from vanban.documents.formats.registry import format_named
from vanban.errors import UserError
from vanban.schema import Entity, Prediction
from vanban_training.corpus.annotated import load_documents
from vanban_training.corpus.formats import format_in
from vanban_training.corpus.typed import load_typed_documents

TEXT = "Ở Hà Nội có 46 ca.\n"
FOUND = (Entity("PLACE", 2, 8, "Hà Nội"), Entity("COUNT", 12, 17, "46 ca"))


def documents(*entities: Entity, kind: str | None = "tin_bao_chi") -> list[Any]:
    scores = {kind: 1.0} if kind else {}
    return [
        (
            Document(name, text, name, name, name, None, {"origin": "authored"}),
            Prediction(text, entities if text else (), "", kind, 1.0 if kind else None, scores),
        )
        for name, text in (("a", TEXT), ("b", ""))
    ]


def parquet(path: Path, items: list[Any]) -> Path:
    write = format_named("parquet").write
    assert write is not None
    with open(path, "wb") as file:
        write(items, file, Losses())
    return path


def test_parquet_and_packed_records_are_documents_like_any_other(tmp_path: Path) -> None:
    rows = parquet(tmp_path / "a.parquet", documents(*FOUND))
    lines = "".join(
        json.dumps({"id": f"z{document.id}", "text": document.text, "entities": [e.to_dict() for e in found.entities]})
        + "\n"
        for document, found in documents(*FOUND)
    )
    packed = tmp_path / "a.jsonl.gz"
    packed.write_bytes(gzip.compress(lines.encode()))
    found = load_documents([rows, packed])
    assert [(d.id, d.text, d.entities) for d in found] == [
        ("a", TEXT, FOUND), ("b", "", ()), ("za", TEXT, FOUND), ("zb", "", ()),
    ]  # fmt: skip
    assert [(d.type, d.origin) for d in found] == [("tin_bao_chi", "authored")] * 2 + [(None, None)] * 2
    assert load_documents([rows])[0].source == f"{rows}:1"


@pytest.mark.parametrize(
    ("entities", "message"),
    [
        (
            (Entity("CITY", 2, 8, "Hà Nội"),),
            "found the label 'CITY', expected one of OFFICIAL, PLACE",
        ),
        ((Entity("PLACE", 1, 8, " Hà Nội"),), "found white space at an end of ' Hà Nội'"),
        (
            (Entity("PLACE", 2, 8, "Hà Nội"), Entity("COUNT", 5, 8, "Nội")),
            "COUNT 5 8 'Nội' overlaps PLACE 2 8",
        ),
    ],
)
def test_spans_are_checked(tmp_path: Path, entities: tuple[Entity, ...], message: str) -> None:
    rows = parquet(tmp_path / "a.parquet", documents(*entities))
    with pytest.raises(UserError) as error:
        load_documents([rows])
    assert str(error.value).startswith(f"{rows}:1: {message}")


def test_a_document_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson"
    path.write_text('{"text": "Huế", "entities": []}\n{"text": "Huế"}\n', encoding="utf-8")
    with pytest.raises(UserError) as error:
        load_documents([path])
    assert str(error.value) == f'{path}:2: expected a record with "entities", found the keys text'


def test_types(tmp_path: Path) -> None:
    rows = parquet(tmp_path / "a.parquet", documents()[:1])
    (document,) = load_typed_documents([rows], ["tin_bao_chi"])
    assert (document.text, document.type, document.entities) == (TEXT, "tin_bao_chi", ())
    rows = parquet(tmp_path / "a.parquet", documents(kind=None)[:1])
    with pytest.raises(UserError, match="found a document without a type, expected one that parquet holds for each"):
        load_typed_documents([rows], ["tin_bao_chi"])


@pytest.mark.parametrize(
    ("names", "form"),
    [
        (["a.txt", "a.ann", "b.jsonl"], "brat"), (["a.txt", "b.jsonl"], "brat"), (["deep/a.ann"], "brat"),
        (["b.jsonl"], "jsonl"), (["a.conll", "b.jsonl"], "conll"), (["a.md"], None), ([], None), ([".a.jsonl"], None),
    ],
)  # fmt: skip
def test_the_format_of_a_folder(tmp_path: Path, names: list[str], form: str | None) -> None:
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert format_in(tmp_path) == form


def test_a_folder_of_files_of_documents(tmp_path: Path) -> None:
    (tmp_path / "a.conll").write_text("Huế\tB-PLACE\n", encoding="utf-8")
    (tmp_path / "b.jsonl").write_text('{"text": "Ở Huế", "entities": []}\n', encoding="utf-8")
    found = load_documents([tmp_path])
    assert [(d.text, [e.text for e in d.entities]) for d in found] == [("Huế", ["Huế"]), ("Ở Huế", [])]
    with pytest.raises(UserError, match=r"nothing\.md: found the suffix '\.md', expected a folder of \.txt"):
        (tmp_path / "nothing.md").touch()
        load_documents([tmp_path / "nothing.md"])

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagged_documents import document, predicted, read, says, tagged, written
from vanban.documents.document import Document, Failure
from vanban.documents.formats.format import Tagged
from vanban.documents.formats.hf_datasets import FORMAT
from vanban.errors import UserError
from vanban.schema import LABELS, Entity
from vanban.values.document import read_values

TEXT = "Tin 😀 ở Hà Nội\r\nvà TP. Huế"
FOUND = replace(
    predicted(TEXT, ("PLACE", "Hà Nội", 0.75), ("PLACE", "TP. Huế", 1.0)),
    doc_type="cong_van",
    doc_type_score=0.5,
    doc_type_scores={"cong_van": 0.5, "bao_cao": 0.25},
)
EMPTY = replace(predicted(""), doc_type_scores={"bao_cao": 0.125}, doc_type_score=0.125)


@pytest.fixture
def datasets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The package, without the network and with a cache of the test's own."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    package = pytest.importorskip("datasets")
    monkeypatch.setattr(package.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    bars = package.utils.logging.is_progress_bar_enabled()
    package.disable_progress_bars()
    yield package
    if bars:
        package.enable_progress_bars()


def test_datasets_loads_what_is_written(datasets: Any, tmp_path: Path) -> None:
    path = tmp_path / "found.parquet"
    path.write_bytes(written(FORMAT, [(document(TEXT, n=1), FOUND), (document("", "b", url="u"), EMPTY)])[0])
    cache = str(tmp_path / "cache")
    for loaded in (
        datasets.load_dataset("parquet", data_files=str(path), split="train", cache_dir=cache),
        datasets.Dataset.from_parquet(str(path), cache_dir=cache),
    ):
        value = datasets.Value
        assert loaded.features == datasets.Features(
            {
                "id": value("string"),
                "text": value("string"),
                "n": value("int64"),
                "url": value("string"),
                "entities": datasets.List(
                    {
                        "label": value("string"), "start": value("int64"), "end": value("int64"),
                        "text": value("string"), "score": value("float64"), "value": value("string"),
                    }
                ),
                "doc_type": value("string"),
                "doc_type_score": value("float64"),
                "doc_type_scores": datasets.List({"type": value("string"), "score": value("float64")}),
                "record": value("string"),
                "model": value("string"),
            }
        )  # fmt: skip
        first, second = loaded
        assert first["text"] == TEXT
        assert [first["text"][e["start"] : e["end"]] for e in first["entities"]] == ["Hà Nội", "TP. Huế"]
        assert first["doc_type_scores"] == [{"type": "cong_van", "score": 0.5}, {"type": "bao_cao", "score": 0.25}]
        assert (second["text"], second["entities"], second["doc_type"], second["url"]) == ("", [], None, "u")
    # what others need numbers for is one call away, and is read again
    loaded.class_encode_column("doc_type").to_parquet(tmp_path / "encoded.parquet")
    (one, other), losses = read(FORMAT, (tmp_path / "encoded.parquet").read_bytes())
    assert says(one) == says((document(TEXT, n=1), FOUND))
    assert says(other)[:2] == ("b", "")
    assert losses == {}


@pytest.mark.parametrize("shape", ["objects", "lists"])
def test_what_datasets_writes_is_read(datasets: Any, tmp_path: Path, shape: str) -> None:
    label, number = datasets.ClassLabel(names=list(LABELS)), datasets.Value("int64")
    entity = {"label": label, "start": number, "end": number}
    of_lists = {name: datasets.List(kind) for name, kind in entity.items()}
    features = datasets.Features(
        {
            "text": datasets.Value("string"),
            "entities": datasets.List(entity) if shape == "objects" else of_lists,
            "doc_type": datasets.ClassLabel(names=["bao_cao", "cong_van"]),
        }
    )
    rows = [[{"label": "PLACE", "start": 8, "end": 14}, {"label": 2, "start": 15, "end": 18}], []]
    columns = [{name: [one[name] for one in row] for name in entity} for row in rows] if shape == "lists" else rows
    made = datasets.Dataset.from_dict(
        {"text": [TEXT, ""], "entities": columns, "doc_type": ["cong_van", None]}, features=features
    )
    made.to_parquet(tmp_path / "made.parquet")
    ((first, found), (_, empty)), losses = read(FORMAT, (tmp_path / "made.parquet").read_bytes())
    assert found.entities == (Entity("PLACE", 8, 14, "Hà Nội"), Entity("COUNT", 16, 18, "và"))
    assert (found.doc_type, found.doc_type_score, found.doc_type_scores, found.model) == (
        "cong_van",
        1.0,
        {"cong_van": 1.0},
        "",
    )
    assert (empty.entities, empty.doc_type, empty.doc_type_scores) == ((), None, {})
    assert first.fields == {"id": "in:1", "text": TEXT}
    assert losses == {"ends of white space": 1}


def _plain(one: Tagged) -> tuple[Any, ...]:
    """Return what `says` does, ids as text: they are numbers where all of them are."""
    return str(one[0].id), *says(one)[1:]


@settings(max_examples=40)
@given(st.lists(tagged(st.fixed_dictionaries({}, optional={"n": st.integers(0, 9), "url": st.text("aộ")})), max_size=3))
def test_what_was_written_is_read(documents: list[Tagged]) -> None:
    data, losses = written(FORMAT, documents)
    found, left = read(FORMAT, data)
    assert list(map(_plain, found)) == list(map(_plain, documents))
    assert (losses, left) == ({}, {})


def test_values_go_in_as_text_and_the_text_of_a_file_too() -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    entities, record = read_values(TEXT, FOUND.entities, None)
    of_file = Document("vb/a.txt", TEXT, "vb/a.txt", "key", "a", "vb/a.txt")
    data, _ = written(FORMAT, [(of_file, replace(FOUND, entities=entities, record=record))])
    (row,) = parquet.read_table(io.BytesIO(data)).to_pylist()
    assert (row["id"], row["path"], row["text"]) == ("vb/a.txt", "vb/a.txt", TEXT)
    assert row["entities"][0]["value"].startswith('{"')
    (one,), _ = read(FORMAT, data)
    assert (one[0].path, one[1].entities[0]) == ("vb/a.txt", Entity("PLACE", 8, 14, "Hà Nội", 0.75))


def test_what_cannot_be_read_is_named() -> None:
    arrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")

    def file(rows: list[dict[str, Any]]) -> bytes:
        parquet.write_table(arrow.Table.from_pylist(rows), data := io.BytesIO())
        return data.getvalue()

    entity = {"label": "PLACE", "start": 8, "end": 14, "text": "Hà Nội"}
    rows = [
        {"text": "Hà Nội", "entities": [entity]},
        {"text": None, "entities": []},
        {"text": TEXT, "entities": [entity]},
    ]
    (moved, empty, one), _ = read(FORMAT, file(rows), "a.parquet")
    assert isinstance(moved, Failure) and isinstance(empty, Failure)
    assert str(moved).startswith("a.parquet:1: the entity 'Hà Nội' does not stand at 8 of its text")
    assert str(empty).startswith('a.parquet:2: expected a "text" that is a string')
    assert one[1].entities == (Entity("PLACE", 8, 14, "Hà Nội"),)
    with pytest.raises(UserError, match=r"a.parquet: found the columns text, expected text and entities"):
        read(FORMAT, file([{"text": TEXT}]), "a.parquet")
    with pytest.raises(UserError, match=r"a.parquet: can't be read as Parquet: "):
        read(FORMAT, b"PAR1", "a.parquet")

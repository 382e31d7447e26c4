"""Records → Parquet: types of columns, of fields that have none in common, and bytes that are the same each time."""

from __future__ import annotations

import io
import json
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from vanban.documents import parquet_output
from vanban.documents.document import Document
from vanban.documents.formats.jsonl import to_jsonl
from vanban.documents.parquet_output import ParquetForm
from vanban.schema import Entity, Prediction
from vanban.values.document import with_values

FOUND = Prediction(
    "Huế 46 ca", (Entity("PLACE", 0, 3, "Huế", 0.9), Entity("COUNT", 4, 9, "46 ca", 0.5)), "m", "thong_bao", 0.75,
    {"thong_bao": 0.75, "bao_cao": 0.25},
)  # fmt: skip


def lines(*records: dict[str, Any]) -> bytes:
    return b"".join(json.dumps({**record, "entities": [], "model": "m"}).encode() + b"\n" for record in records)


def written(data: bytes, with_entities: bool = True, with_types: bool = False) -> Any:
    form, file = ParquetForm(with_entities, with_types), io.BytesIO()
    form.learn(io.BytesIO(data))
    form.write(io.BytesIO(data), file)
    again = io.BytesIO()
    form.write(io.BytesIO(data), again)
    assert file.getvalue() == again.getvalue()
    return pq.read_table(file)


def test_what_was_read_has_columns_of_its_own() -> None:
    document = Document("a.txt", FOUND.text, "a.txt", "k", "a", "a.txt")
    table = written(to_jsonl(document, FOUND).encode(), with_types=True)
    assert table.column_names == [
        "id", "path", "entities", "doc_type", "doc_type_score", "doc_type_scores", "record", "model"
    ]  # fmt: skip
    (row,) = table.to_pylist()
    assert row["entities"] == [entity.to_dict() | {"value": None} for entity in FOUND.entities]
    assert row["record"] is None
    assert row["doc_type_scores"] == [("thong_bao", 0.75), ("bao_cao", 0.25)]
    assert (row["id"], row["path"], row["doc_type"], row["doc_type_score"]) == ("a.txt", "a.txt", "thong_bao", 0.75)
    assert str(table.schema.field("entities").type).startswith("list<element: struct<label: string, start: int64")


def test_values_and_records_are_text_in_json() -> None:
    text = "Ghi nhận hơn 46 ca mắc."
    found = with_values(Prediction(text, (Entity("COUNT", 13, 22, "46 ca mắc"),), "m"))
    (row,) = written(to_jsonl(Document("a", text, "a", "k", "a"), found).encode()).to_pylist()
    (entity,) = row["entities"]
    assert json.loads(entity["value"]) == {
        "number": "46", "noun": "ca mắc", "noun_class": "cases", "approximation": "over",
        "spans": {"number": [13, 15], "noun": [16, 22], "approximation": [9, 12]},
    }  # fmt: skip
    assert row["record"] == "{}"


def test_an_empty_run_has_the_columns_too() -> None:
    table = written(b"", with_types=True)
    assert (table.num_rows, table.column_names) == (
        0, ["id", "entities", "doc_type", "doc_type_score", "doc_type_scores", "record", "model"]
    )  # fmt: skip
    assert written(b"", with_entities=False).column_names == ["id", "model"]


@pytest.mark.parametrize(
    ("values", "kind", "kept"),
    [
        ([1, None, 3], pa.int64(), [1, None, 3]),
        ([1, 2.5], pa.float64(), [1.0, 2.5]),
        ([1, "a"], pa.string(), ["1", '"a"']),
        ([True, 0], pa.string(), ["true", "0"]),
        ([None, None], pa.string(), [None, None]),
        (["a", None], pa.string(), ["a", None]),
        ([1 << 70, 1], pa.string(), [str(1 << 70), "1"]),
        ([(1 << 60) + 1, 0.5], pa.string(), [str((1 << 60) + 1), "0.5"]),
        ([0.5, (1 << 60) + 1], pa.string(), ["0.5", str((1 << 60) + 1)]),
        ([{}, {"a": {}}], pa.string(), ["{}", '{"a": {}}']),
        (["\ud800", "a"], pa.string(), ['"\\ud800"', '"a"']),
        ([["Huế"], []], pa.list_(pa.string()), [["Huế"], []]),
        ([{"Huế": 1}, {"b": [2]}], None, [{"Huế": 1, "b": None}, {"Huế": None, "b": [2]}]),
        ([{"a": 1}, {"a": "x"}], pa.string(), ['{"a": 1}', '{"a": "x"}']),
        ([{str(n): n for n in range(200)}, None], pa.string(), [json.dumps({str(n): n for n in range(200)}), None]),
    ],
)
@pytest.mark.parametrize("rows_per_group", [1, 100])
def test_fields_have_the_type_of_their_values(
    monkeypatch: pytest.MonkeyPatch, rows_per_group: int, values: list[Any], kind: Any, kept: list[Any]
) -> None:
    monkeypatch.setattr(parquet_output, "ROWS_PER_ROW_GROUP", rows_per_group)
    table = written(lines(*({"id": i, "n": value} for i, value in enumerate(values))))
    assert table.column("n").to_pylist() == kept
    assert kind is None or table.schema.field("n").type in (kind, pa.list_(pa.field("element", pa.string())))


def test_fields_that_some_records_lack_and_ids_of_two_kinds() -> None:
    table = written(lines({"id": 1, "a": "x"}, {"id": "1-a"}, {"id": 0.5, "b": 2}))
    assert table.select(["id", "a", "b"]).to_pylist() == [
        {"id": "1", "a": "x", "b": None}, {"id": "1-a", "a": None, "b": None}, {"id": "0.5", "a": None, "b": 2}
    ]  # fmt: skip
    assert written(lines({"id": 1}, {"id": 2})).schema.field("id").type == pa.int64()


def test_names_that_are_the_user_s_when_they_are_not_ours() -> None:
    data = b'{"id": 1, "entities": ["gold"], "doc_type": 5, "model": "m"}\n'
    (row,) = written(data, with_entities=False).to_pylist()
    assert row == {"id": 1, "entities": ["gold"], "doc_type": 5, "model": "m"}


def test_row_groups_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_output, "BYTES_PER_ROW_GROUP", 1000)
    data = lines(*({"id": i, "text": "x" * 90} for i in range(100)))
    form, file = ParquetForm(True, False), io.BytesIO()
    form.learn(io.BytesIO(data))
    form.write(io.BytesIO(data), file)
    parquet = pq.ParquetFile(file)
    assert parquet.num_row_groups > 10
    assert parquet.read().column("id").to_pylist() == list(range(100))

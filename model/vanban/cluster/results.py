"""Tagged rows → the files of a results folder: lines as `tag` writes them, or Parquet."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Sequence
from typing import Any, Final, Literal, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
from ray.data.datasource import BlockBasedFileDatasink

from vanban.documents.document import Document
from vanban.documents.formats.json_values import to_json_line
from vanban.documents.formats.jsonl import to_jsonl, to_record
from vanban.documents.parquet_output import ParquetForm
from vanban.documents.records import USUAL_TEXT, Columns
from vanban.scale import columns_of, own_names
from vanban.schema import Entity, Prediction, Task
from vanban.values.form import Written

ResultFormat = Literal["jsonl", "parquet"]

PREFIX: Final = "tagged"  # of the names of files that are results
BYTES_PER_FILE: Final = 8 << 20  # of rows, texts with them; what a killed job has to do again


class Counts(NamedTuple):
    """Documents that were tagged, their entities, and documents that failed."""

    documents: int = 0
    entities: int = 0
    failed: int = 0


class Results(BlockBasedFileDatasink):  # type: ignore[misc]
    """Writes files `tagged_*` into a folder, and counts what they hold."""

    def __init__(
        self, folder: str, form: ResultFormat, filesystem: Any, tasks: Sequence[Task], columns: Columns
    ) -> None:
        super().__init__(folder, filesystem=filesystem, dataset_uuid=PREFIX, file_format=form)
        self._form = form
        self._tasks = tasks
        self._text_column = columns.text
        self.counts = Counts()

    @property
    def min_bytes_per_write(self) -> int:
        """Rows that wait for a file."""
        return BYTES_PER_FILE

    def write(self, blocks: Iterable[pa.Table], ctx: Any) -> Counts:
        """Write the blocks of one task into one file."""
        tables = list(blocks)
        super().write(iter(tables), ctx)
        return Counts(*map(sum, zip(*map(_counts, tables), strict=True))) if tables else Counts()

    def on_write_complete(self, write_result: Any) -> None:
        """Add up what the tasks wrote."""
        super().on_write_complete(write_result)
        self.counts = Counts(*map(sum, zip(Counts(), *write_result.write_returns, strict=True)))

    def write_block_to_file(self, block: Any, file: Any) -> None:
        """Write rows in the format."""
        rows = block.to_arrow().to_pylist()
        if self._form == "jsonl":
            file.write("".join(line_of(row, self._tasks, self._text_column) for row in rows).encode("utf-8"))
        else:
            write_parquet([record_of(row, self._tasks, self._text_column) for row in rows], file, self._tasks)


def _counts(table: pa.Table) -> Counts:
    whole = pc.and_(pc.is_null(table["error"]), pc.is_null(table["failure"]))
    documents = pc.sum(whole).as_py() or 0
    lengths = pc.list_value_length(table["entities"]) if "entities" in table.column_names else None
    entities = 0 if lengths is None else pc.sum(lengths).as_py() or 0
    return Counts(documents, entities, len(table) - documents)


def line_of(row: dict[str, Any], tasks: Sequence[Task], text_column: str = USUAL_TEXT) -> str:
    """Return the line that `tag` writes for a row; one that failed has its id, path, own fields and `error`."""
    document, prediction = _document(row, text_column), _prediction(row)
    if prediction is None:
        return to_json_line(record_of(row, tasks, text_column))
    return to_jsonl(document, prediction, with_entities="ner" in tasks)


def record_of(row: dict[str, Any], tasks: Sequence[Task], text_column: str = USUAL_TEXT) -> dict[str, Any]:
    """Return the record of `tag` for a row, with `error`; one that failed has nothing that was read."""
    document, prediction = _document(row, text_column), _prediction(row)
    if prediction is not None:
        return to_record(document, prediction, with_entities="ner" in tasks) | {"error": None}
    names = own_names(list(document.fields), columns_of(tasks))
    own = dict(zip(names, document.fields.values(), strict=True)) | {"id": document.id}
    path = {} if document.path is None else {"path": document.path}
    return {"id": document.id} | path | own | {"error": row["failure"] or row["error"]}


def write_parquet(records: list[dict[str, Any]], file: Any, tasks: Sequence[Task]) -> None:
    """Write records as `tag` does. Ids are strings in every file, whatever those in this one are."""
    lines = "".join(json.dumps(record | {"id": str(record["id"])}) + "\n" for record in records).encode("utf-8")
    form = ParquetForm(with_entities="ner" in tasks, with_types="doctype" in tasks)
    form.learn(io.BytesIO(lines))
    form.write(io.BytesIO(lines), file)


def _document(row: dict[str, Any], text_column: str) -> Document:
    fields: dict[str, Any] = json.loads(row["fields"]) if row["fields"] else {}
    # it says of a row that it failed
    fields = dict(zip(own_names(list(fields), ["error"]), fields.values(), strict=True))
    if text_column in fields:
        fields[text_column] = row["text"]
    return Document(json.loads(row["id"]), row["text"] or "", row["key"], row["key"], "", row["path"], fields)


def _prediction(row: dict[str, Any]) -> Prediction | None:
    if row["failure"] or row["error"]:
        return None
    entities = tuple(
        Entity(**entity | {"value": _meaning(entity.get("value"))}) for entity in row.get("entities") or ()
    )
    scores, record = dict(row.get("doc_type_scores") or ()), _meaning(row.get("record"))
    return Prediction(
        row["text"], entities, row["model"], row.get("doc_type"), row.get("doc_type_score"), scores, record
    )


def _meaning(text: str | None) -> Any:
    return None if text is None else Written(json.loads(text))

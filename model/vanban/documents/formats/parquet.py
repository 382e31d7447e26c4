"""Parquet: the records of JSON Lines in columns, with their texts."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, Final, cast

from vanban.documents.document import Document, Failure
from vanban.documents.formats.format import Format, Losses, Tagged
from vanban.documents.formats.jsonl import to_record
from vanban.documents.parquet_output import ParquetForm
from vanban.documents.parquet_rows import read_parquet
from vanban.documents.records import Columns
from vanban.documents.sources import Source
from vanban.documents.tagged import tagged


def write(documents: Iterable[Tagged], file: BinaryIO, losses: Losses) -> None:
    """Write the records. They wait in a temporary file: the types of columns are those of all rows."""
    has_types = False
    with tempfile.TemporaryFile() as waiting:
        for document, prediction in documents:
            record = to_record(document, prediction, with_text=True)
            has_types |= "doc_type" in record
            waiting.write(json.dumps(record).encode("ascii") + b"\n")
        form = ParquetForm(with_entities=True, with_types=has_types)
        waiting.seek(0)
        form.learn(cast(BinaryIO, waiting))
        waiting.seek(0)
        form.write(cast(BinaryIO, waiting), file)


def read(file: BinaryIO, name: str, losses: Losses) -> Iterator[Tagged | Failure]:
    """Yield the documents of rows as `tag` and `write` make them: what is text in JSON there is read as JSON."""
    for item in read_parquet(file, Source(name, "", "jsonl"), Columns(behind_path=True)):
        if isinstance(item, Document):
            fields = {key: value for key, value in item.fields.items() if value is not None}
            try:
                _read_json(fields)
            except (ValueError, TypeError, AttributeError) as error:
                yield Failure(item.where, f"found columns of another form than tag writes them: {error}")
                continue
            yield tagged(_with(item, fields))
        else:
            yield item


def _with(document: Document, fields: dict[str, Any]) -> Document:
    return Document(document.id, document.text, document.where, document.key, document.name, document.path, fields)


def _read_json(fields: dict[str, Any]) -> None:
    """Turn what Parquet holds in another form than JSON Lines, in place: values, the record, scores of types."""
    for entity in fields.get("entities") or ():
        if isinstance(entity.get("value"), str):
            entity["value"] = json.loads(entity["value"])
    if isinstance(fields.get("record"), str):
        fields["record"] = json.loads(fields["record"])
    if isinstance(fields.get("doc_type_scores"), list):
        scores = fields["doc_type_scores"]  # pairs of a map, or objects, as the format `datasets` has them
        fields["doc_type_scores"] = dict(
            (one["type"], one["score"]) if isinstance(one, dict) else one for one in scores
        )


FORMAT: Final = Format(
    "parquet",
    "the records of jsonl in columns",
    (".parquet",),
    write=write,
    read=read,
    needs=("pyarrow", "parquet", "Parquet"),
)

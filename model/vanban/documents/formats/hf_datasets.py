"""Hugging Face `datasets`: a Parquet file of columns that it knows, with entities as a list of structs.

`load_dataset("parquet", data_files=…)`, `Dataset.from_parquet` and the hub's viewer read it; `Dataset.to_parquet`
writes what is read here. It differs from the format `parquet` in `doc_type_scores`: `datasets` can't read Arrow's maps.
"""

from __future__ import annotations

import dataclasses
import json
import tempfile
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, Final

from vanban.documents.document import Document, Failure
from vanban.documents.formats.annotated import entities_of_spans
from vanban.documents.formats.format import Format, Losses, Tagged
from vanban.documents.formats.json_values import to_json
from vanban.documents.formats.jsonl import to_record
from vanban.documents.formats.origin import document_of
from vanban.documents.kept import with_values_of, written
from vanban.documents.parquet_output import ParquetForm
from vanban.documents.parquet_rows import pyarrow, read_parquet
from vanban.documents.records import Columns
from vanban.documents.sources import Source
from vanban.documents.tagged import entities_of
from vanban.errors import UserError
from vanban.schema import Prediction

_OWN: Final = frozenset({
    "id", "path", "text", "entities", "doc_type", "doc_type_score", "doc_type_scores", "model", "record",
})  # fmt: skip

Names = list[str]


def write(documents: Iterable[Tagged], file: BinaryIO, losses: Losses) -> None:
    """Write a row for each document; a field has the type of its values in all of them, as in the format `parquet`."""
    with tempfile.TemporaryFile() as lines:
        with_types = False
        for document, prediction in documents:
            with_types = with_types or bool(prediction.doc_type_scores)
            record = to_record(document, prediction)
            ids = {name: record.pop(name) for name in ("id", "path") if name in record}
            lines.write((to_json(ids | {"text": document.text} | record) + "\n").encode())
        form = ParquetForm(with_entities=True, with_types=with_types, maps=False)
        lines.seek(0)
        form.learn(lines)
        lines.seek(0)
        form.write(lines, file)


def read(file: BinaryIO, where: str, losses: Losses) -> Iterator[Tagged | Failure]:
    """Yield the documents of a Parquet file: `text`, `entities`, `doc_type` and its scores, `model`; others are fields.

    Labels and types may be names or numbers of a `ClassLabel`, entities a list of objects or an object of lists. A
    field that is null is none. Raises UserError for a file that has no entities.
    """
    schema, rows = _opened(file, where)
    if not rows:
        return
    labels, types = _class_labels(schema, where)
    for number, document in enumerate(read_parquet(file, Source(where, where, "jsonl"), Columns()), 1):
        if isinstance(document, Failure):
            yield document
            continue
        try:
            yield _tagged(document, labels, types, where, number, losses)
        except UserError as error:
            yield Failure(document.where, str(error))


def _opened(file: BinaryIO, where: str) -> tuple[Any, int]:
    """Return the schema of a Parquet file and the number of its rows."""
    arrow = pyarrow()
    try:
        opened = pyarrow("pyarrow.parquet").ParquetFile(file)
        return opened.schema_arrow, opened.metadata.num_rows
    except (arrow.ArrowException, OSError) as error:
        raise UserError(f"{where}: can't be read as Parquet: {str(error).splitlines()[0]}") from None
    finally:
        file.seek(0)


def _class_labels(schema: Any, where: str) -> tuple[Names, Names]:
    """Return the names of labels and of types, empty where the columns hold names."""
    if "entities" not in schema.names:
        raise UserError(f"{where}: found the columns {', '.join(schema.names)}, expected text and entities")
    described = (schema.metadata or {}).get(b"huggingface", b"{}")
    features = json.loads(described).get("info", {}).get("features", {})
    entities = features.get("entities", {})
    entity = entities[0] if isinstance(entities, list) else entities.get("feature", entities)
    return _names(entity.get("label")), _names(features.get("doc_type"))


def _names(feature: Any) -> Names:
    """Return the names of a feature that is a ClassLabel, bare or in a list."""
    while isinstance(feature, dict) and "feature" in feature:
        feature = feature["feature"]
    names = feature.get("names") if isinstance(feature, dict) else None
    return names if isinstance(names, list) else []


def _tagged(document: Document, labels: Names, types: Names, where: str, number: int, losses: Losses) -> Tagged:
    row = {name: value for name, value in document.fields.items() if value is not None}
    given = row.get("entities", [])
    if isinstance(given, dict):  # as older releases hold a sequence of objects
        given = [dict(zip(given, one, strict=True)) for one in zip(*given.values(), strict=True)]
    given = [_entity(one, labels) if isinstance(one, dict) else one for one in given]
    found = entities_of(dataclasses.replace(document, fields={"entities": given})) or ()
    entities = entities_of_spans(document.text, ((e.label, e.start, e.end, e.score) for e in found), losses)
    entities = with_values_of(entities, given)
    doc_type = _named(row.get("doc_type"), types)
    scores = {one["type"]: one["score"] for one in row.get("doc_type_scores", []) if isinstance(one, dict)}
    if isinstance(doc_type, str):
        scores = scores or {doc_type: 1.0}
    score = row.get("doc_type_score", next(iter(scores.values()), None))
    record = row.get("record")
    meant = written(json.loads(record) if isinstance(record, str) else record)
    prediction = Prediction(document.text, entities, str(row.get("model", "")), doc_type, score, scores, meant)
    origin = {"path": row.get("path"), "fields": {name: value for name, value in row.items() if name not in _OWN}}
    own = document_of(document.text, document.id, origin, where, number)
    return dataclasses.replace(own, where=document.where), prediction


def _entity(given: dict[str, Any], labels: Names) -> dict[str, Any]:
    entity = {name: value for name, value in given.items() if value is not None}
    return entity | {"label": _named(given.get("label"), labels)}


def _named(given: Any, names: Names) -> Any:
    """Return the name of a class by its number, what is none as it is; -1 says that there is none."""
    if not names or type(given) is not int:
        return given
    return names[given] if 0 <= given < len(names) else None


FORMAT: Final = Format(
    "datasets",
    "Parquet that Hugging Face datasets loads, with entities as a list of structs",
    write=write,
    read=read,
    needs=("pyarrow", "parquet", "Parquet"),
)

"""Records → Parquet: what was read in columns of known types, fields that pass through in those of their values."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, Final

from vanban.documents.formats.json_values import to_json
from vanban.documents.parquet_rows import pyarrow

BYTES_PER_ROW_GROUP: Final = 8 << 20  # of JSON
ROWS_PER_ROW_GROUP: Final = 20_000
MOST_FIELDS: Final = 100  # of a nested column; beyond, its keys are data

Row = dict[str, Any]


def entities_type() -> Any:
    """Return the Arrow type of the entities of a document. A value, of other fields for each label, is text."""
    arrow = pyarrow()
    number, text = arrow.int64(), arrow.string()
    fields = {"label": text, "start": number, "end": number, "text": text, "score": arrow.float64(), "value": text}
    return arrow.list_(arrow.struct(list(fields.items())))


def scores_type(as_map: bool = True) -> Any:
    """Return the Arrow type of the probabilities of types, whose order stays: a map, or a list of type and score."""
    arrow = pyarrow()
    if as_map:
        return arrow.map_(arrow.string(), arrow.float64())
    return arrow.list_(arrow.struct([("type", arrow.string()), ("score", arrow.float64())]))


def entities_row(entities: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return entities as `entities_type` takes them, from their form in JSON."""
    return [entity | {"value": to_json(entity["value"])} if "value" in entity else entity for entity in entities]


class ParquetForm:
    """Writes records of JSON Lines as Parquet.

    `entities` is a list of structs, `doc_type_scores` a map in its order, `record` text in JSON. A field that passes
    through has the type of its values in all documents; where these have none in common, it is text in JSON. An id that
    is not a whole number everywhere is text. Without `maps`, which not every reader knows, `doc_type_scores` is a list
    of structs.
    """

    def __init__(self, with_entities: bool, with_types: bool, maps: bool = True) -> None:
        """Raise UserError when the extra is not installed."""
        self._maps = maps
        self._arrow = arrow = pyarrow()
        self._parquet = pyarrow("pyarrow.parquet")
        types = {"doc_type": arrow.string(), "doc_type_score": arrow.float64(), "doc_type_scores": scores_type(maps)}
        self._ours: dict[str, Any] = {
            **({"entities": entities_type()} if with_entities else {}),
            **(types if with_types else {}),
            **({"record": arrow.string()} if with_entities else {}),
            "model": arrow.string(),
        }
        self._others: dict[str, Any] = {}  # types by name; None for text in JSON
        self._faults = (arrow.ArrowException, ValueError, TypeError, OverflowError)

    def learn(self, texts: BinaryIO) -> None:
        """Find a type for each field of the records."""
        self._others = {"id": self._arrow.null()}
        widened: set[str] = set()
        for rows in _groups(texts):
            for name in dict.fromkeys(name for row in rows for name in row if name not in self._ours):
                before = self._others.get(name, self._arrow.null())
                found = None if before is None else self._type_of([row[name] for row in rows if name in row])
                self._others[name] = kind = self._common_type(before, found)
                if not {before, found} <= {kind, self._arrow.null()}:
                    widened.add(name)
        if widened:  # not every whole number is one of double precision
            texts.seek(0)
            for rows in _groups(texts):
                for name in widened:
                    kind, values = self._others[name], [row[name] for row in rows if name in row]
                    self._others[name] = None if kind is None else self._type_of(values, kind)
        if self._others["id"] != self._arrow.int64():
            self._others["id"] = self._arrow.string()
        for name, kind in self._others.items():
            if kind is not None:
                kind = self._arrow.string() if kind == self._arrow.null() else kind
                self._others[name] = kind if self._can_be_written(kind) else None

    def _type_of(self, values: list[Any], kind: Any = None) -> Any:
        """Return the type of an array of `values`, None when they can't be one."""
        try:
            return self._arrow.array(values, kind).type
        except self._faults:
            return None

    def _common_type(self, before: Any, found: Any) -> Any:
        """Return the type that holds values of both types, None when there is none."""
        if before is None or found is None or found == before:
            return found
        try:
            schemas = [self._arrow.schema([("field", part)]) for part in (before, found)]
            return self._arrow.unify_schemas(schemas, promote_options="permissive").field(0).type
        except self._faults:
            return None

    def _can_be_written(self, kind: Any) -> bool:
        if _number_of_fields(kind) > MOST_FIELDS:
            return False
        try:
            self._parquet.ParquetWriter(self._arrow.BufferOutputStream(), self._arrow.schema([("field", kind)])).close()
        except self._faults:
            return False
        return True

    def write(self, texts: BinaryIO, file: BinaryIO) -> None:
        """Write a row group for each 8 MB of records."""
        fields = {name: self._arrow.string() if kind is None else kind for name, kind in self._others.items()}
        schema = self._arrow.schema([*fields.items(), *self._ours.items()])
        with self._parquet.ParquetWriter(file, schema, compression="zstd") as writer:
            for rows in _groups(texts):
                columns = [self._arrow.array(map(self._of(field.name), rows), field.type) for field in schema]
                writer.write_table(self._arrow.Table.from_arrays(columns, schema=schema))

    def _of(self, name: str) -> Callable[[Row], Any]:
        """Return what gives the value of a column for a row."""
        if name == "doc_type_scores" and name in self._ours:
            return self._scores
        if name == "entities" and name in self._ours:
            return lambda row: entities_row(row[name]) if name in row else None
        if name == "record" and name in self._ours:
            return lambda row: to_json(row[name]) if name in row else None
        if name in self._ours:
            return lambda row: row.get(name)
        if name == "id" and self._others[name] == self._arrow.string():
            return lambda row: str(row[name])
        if self._others[name] is None:
            return lambda row: to_json(row[name]) if row.get(name) is not None else None
        return lambda row: row.get(name)

    def _scores(self, row: Row) -> list[Any] | None:
        """Return the probabilities of types as Arrow takes them."""
        scores = row.get("doc_type_scores")
        if scores is None:
            return None
        return list(scores.items()) if self._maps else [{"type": name, "score": scores[name]} for name in scores]


def _groups(texts: BinaryIO) -> Iterator[list[Row]]:
    rows: list[Row] = []
    size = 0
    for line in texts:
        rows.append(json.loads(line))
        size += len(line)
        if size >= BYTES_PER_ROW_GROUP or len(rows) >= ROWS_PER_ROW_GROUP:
            yield rows
            rows, size = [], 0
    if rows:
        yield rows


def _number_of_fields(kind: Any) -> int:
    return sum(1 + _number_of_fields(kind.field(i).type) for i in range(kind.num_fields))

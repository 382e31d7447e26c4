"""Rows of Parquet → documents, a few rows at a time: no row group is held whole."""

from __future__ import annotations

import datetime
import decimal
import math
import uuid
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

from vanban.documents.document import Document, Failure
from vanban.documents.extras import optional
from vanban.documents.records import USUAL_ID, Columns, to_document
from vanban.documents.sources import Source

MAGIC: Final = b"PAR1"
ROWS_AT_A_TIME: Final = 64

_NO_JSON: Final = object()


def pyarrow(module: str = "pyarrow") -> Any:
    """Return the module. Raise UserError where the extra is not installed."""
    return optional(module, "parquet", "Parquet")


def read_parquet(file: BinaryIO, source: Source, columns: Columns) -> Iterator[Document | Failure]:
    """Yield the documents of a Parquet file, and a failure for each row without a text.

    Fields that JSON can't hold are turned into strings (dates, decimals) or left out (bytes). A file that can't be
    read, or has no such columns, is one failure; one that is damaged fails where it is.
    """
    arrow, parquet = pyarrow(), pyarrow("pyarrow.parquet")
    number = 0
    try:
        table = parquet.ParquetFile(file)
        problem = _columns_fault(table.schema_arrow, columns, arrow)
        if problem:
            yield Failure(source.path, problem)
            return
        for batch in table.iter_batches(ROWS_AT_A_TIME, use_threads=False):
            for row in _rows(batch):
                number += 1
                if row is None:
                    yield Failure(f"{source.path}:{number}", "found a string that is no UTF-8")
                else:
                    yield to_document(row, number, source, columns)
    except (arrow.ArrowException, OSError) as error:
        after = f" after row {number}" if number else ""
        yield Failure(source.path, f"can't be read as Parquet{after}: {str(error).splitlines()[0]}")


def _columns_fault(schema: Any, columns: Columns, arrow: Any) -> str | None:
    """Return what is wrong with the columns of a file, or None."""
    if columns.behind_path and "path" in schema.names and columns.text not in schema.names:
        return None
    for name, option in ((columns.text, "--text-column"), (columns.id, "--id-column")):
        if name not in schema.names and (option == "--text-column" or name != USUAL_ID):
            return f"found the columns {', '.join(schema.names)}, expected {name}; name the right one with {option}"
    kind = schema.field(columns.text).type
    if arrow.types.is_dictionary(kind):
        kind = kind.value_type
    if not (arrow.types.is_string(kind) or arrow.types.is_large_string(kind) or arrow.types.is_string_view(kind)):
        return f"found {kind} in the column {columns.text}, expected strings; name another with --text-column"
    return None


def _rows(batch: Any) -> Iterator[dict[str, Any] | None]:
    """Yield the rows as JSON can hold them, None for one with a string that is no UTF-8."""
    try:
        rows: list[Any] = batch.to_pylist()
    except UnicodeDecodeError:
        rows = []
        for i in range(batch.num_rows):
            try:
                rows += batch.slice(i, 1).to_pylist()
            except UnicodeDecodeError:
                rows.append(None)
    for row in rows:
        yield None if row is None else _as_json(row)


def _as_json(value: Any) -> Any:
    """Return a value of Arrow as one of JSON."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is None or isinstance(value, (str, int, float)):
        return value
    if isinstance(value, dict):
        return {str(name): held for name, item in value.items() if (held := _as_json(item)) is not _NO_JSON}
    if isinstance(value, (list, tuple)):
        return [held for item in value if (held := _as_json(item)) is not _NO_JSON]
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, (decimal.Decimal, datetime.timedelta, uuid.UUID)):
        return str(value)
    return _NO_JSON

"""Rows of values → CSV, Parquet or an Excel workbook."""

from __future__ import annotations

import csv
import datetime
import itertools
from collections.abc import Callable, Iterable, Iterator
from decimal import Context, Decimal
from pathlib import Path
from typing import Any, Final

from vanban.documents.extras import optional
from vanban.documents.names import suffix_of
from vanban.documents.parquet_rows import pyarrow
from vanban.errors import UserError

Row = dict[str, Any]
Columns = dict[str, type]
WriteTable = Callable[[Path, Columns, Iterable[Row]], int]
"""Writes rows into a file and returns how many there were."""

ROWS_AT_A_TIME: Final = 20_000
DIGITS: Final = 38  # of a number in Parquet: as many as all that read decimals hold
DIGITS_BEHIND: Final = 10
_EXACTLY: Final = Context(prec=DIGITS + 2)
EXACT_IN_EXCEL: Final = 15  # digits
LONGEST_CELL: Final = 32_767  # characters
LAST_ROW: Final = 1_048_576
FIRST_DAY: Final = datetime.date(1900, 3, 1)  # before it Excel counts a day that never was
_BEGIN_FORMULAS: Final = tuple("=+-@\t\r\n＝＋－＠")
_CONTROLS: Final = dict.fromkeys({*range(32), 0xFFFE, 0xFFFF, *range(0xD800, 0xE000)} - {9, 10})


def table_writer(name: str) -> WriteTable:
    """Return what writes a table in the form that a file's name says.

    Raises UserError for a name that says none, and for a form whose extra is not installed.
    """
    suffix = suffix_of(name)
    if suffix == ".csv":
        return write_csv
    if suffix == ".parquet":
        pyarrow()
        return write_parquet
    if suffix == ".xlsx":
        _openpyxl()
        return write_xlsx
    raise UserError(f"{name}: expected a name that ends in .csv or .xlsx or .parquet, for example -o counts.csv")


def _openpyxl() -> Any:
    return optional("openpyxl", "xlsx", ".xlsx")


def write_csv(path: Path, columns: Columns, rows: Iterable[Row]) -> int:
    """Write CSV in UTF-8 with a byte order mark, without which Excel takes it for another encoding.

    Text that a spreadsheet would run as a formula has an apostrophe before it, as OWASP advises ("CSV Injection").
    """
    number = 0
    with open(path, "w", encoding="utf-8-sig", errors="backslashreplace", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")  # as RFC 4180 has it: else \r in text ends a row
        writer.writerow(columns)
        for row in rows:
            writer.writerow([_plain(row[name]) for name in columns])
            number += 1
    return number


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_BEGIN_FORMULAS) else value
    if isinstance(value, bool):
        return str(value).lower()
    return format(value, "f") if isinstance(value, Decimal) else value


def write_parquet(path: Path, columns: Columns, rows: Iterable[Row]) -> int:
    """Write Parquet. Numbers are decimals of 28 digits and 10 behind the point; one that is longer is null."""
    arrow, parquet = pyarrow(), pyarrow("pyarrow.parquet")
    kinds = {
        str: arrow.string(), int: arrow.int64(), bool: arrow.bool_(), datetime.date: arrow.date32(),
        Decimal: arrow.decimal128(DIGITS, DIGITS_BEHIND),
    }  # fmt: skip
    schema = arrow.schema([(name, kinds[kind]) for name, kind in columns.items()])
    total = 0
    with parquet.ParquetWriter(path, schema) as writer:
        for part in _parts(rows):
            found = [{name: _fitting(row[name]) for name in columns} for row in part]
            writer.write_table(arrow.Table.from_pylist(found, schema=schema))
            total += len(part)
    return total


def _fitting(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if not isinstance(value, Decimal):
        return value
    if value.adjusted() >= DIGITS - DIGITS_BEHIND:
        return None
    exponent = value.as_tuple().exponent
    is_long = isinstance(exponent, int) and -exponent > DIGITS_BEHIND
    return value.quantize(Decimal(1).scaleb(-DIGITS_BEHIND), context=_EXACTLY) if is_long else value


def _parts(rows: Iterable[Row]) -> Iterator[list[Row]]:
    ahead = iter(rows)
    while part := list(itertools.islice(ahead, ROWS_AT_A_TIME)):
        yield part


def write_xlsx(path: Path, columns: Columns, rows: Iterable[Row]) -> int:
    """Write a workbook of one sheet. A number of more digits than Excel holds is text, and no text is a formula."""
    workbook = _openpyxl().Workbook(write_only=True)
    sheet = workbook.create_sheet("values")
    sheet.freeze_panes = "A2"
    cell = optional("openpyxl.cell", "xlsx", ".xlsx").WriteOnlyCell
    sheet.append(list(columns))
    number = 0
    for number, row in enumerate(rows, 1):
        if number >= LAST_ROW:
            raise UserError(f"{path.name}: more rows than a sheet of Excel has, {LAST_ROW}; write .csv or .parquet")
        sheet.append([_excel(row[name], sheet, cell) for name in columns])
    workbook.save(path)
    return number


def _excel(value: Any, sheet: Any, cell: Any) -> Any:
    if isinstance(value, Decimal) and len(value.as_tuple().digits) > EXACT_IN_EXCEL:
        value = format(value, "f")
    elif isinstance(value, datetime.date) and value < FIRST_DAY:
        value = value.isoformat()
    if not isinstance(value, str):
        return value
    made = cell(sheet, value=value.translate(_CONTROLS)[:LONGEST_CELL])
    made.data_type = "s"
    return made

"""The columns of a CoNLL file: how its rows are parted, that they agree in number, and which one holds the tags."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from vanban.documents.names import composed
from vanban.errors import SettingError, UserError

_SPACES: Final = re.compile(" +")


class Row(NamedTuple):
    """A row with a token: its number in the file, as it stands, and its columns."""

    number: int
    written: str
    columns: list[str]


def parted(rows: Sequence[tuple[int, str]], path: str) -> list[Row]:
    """Return the rows of a file, given by number, with their columns.

    Columns are parted by tabs in a file that has one, so that a token may hold spaces, else by runs of spaces. Last
    columns that are empty in every row are left out. Raises UserError for a row of one column or without a token, and
    for one that has not as many columns as the first.
    """
    tabbed = next(((number, row) for number, row in rows if "\t" in row), None)
    found: list[Row] = []
    for number, row in rows:
        columns = row.split("\t") if tabbed else _SPACES.split(row.strip(" "))
        where = f"{path}:{number}: found {row!r}"
        if tabbed and "\t" not in row:
            raise UserError(f"{where} without a tab, expected tabs between its columns as in line {_line(*tabbed)}")
        if len(columns) < 2 or not columns[0].strip():
            raise UserError(f"{where}, expected a token and its tag, parted by a tab or spaces")
        if found and len(columns) != len(found[0].columns):
            raise UserError(
                f"{where}, which has {len(columns)} columns, expected {len(found[0].columns)} as in line "
                f"{_line(found[0].number, found[0].written)}; "
                + ("give every row as many" if tabbed else "part columns by tabs: then a token may hold spaces")
            )
        found.append(Row(number, row, columns))
    filled = max((n for row in found for n, column in enumerate(row.columns, 1) if column.strip()), default=0)
    return [row._replace(columns=row.columns[: max(filled, 2)]) for row in found]


def tag_column(rows: Sequence[Row], labels: Sequence[str] | None, chosen: int | None, path: str) -> int:
    """Return the index of the column of tags: that of the number `chosen` (1 is the token), else the last one's, -1.

    Raises SettingError for a number beyond the columns, and where none is chosen although another column than the last
    holds tags of `labels`: with nested entities the last is not that of the outer ones. With any labels, None, it is
    the last: chunks and parts of speech have such tags, too.
    """
    count = len(rows[0].columns) if rows else 0
    if chosen is not None:
        if count and not 2 <= chosen <= count:
            raise SettingError(
                f"{path}:{rows[0].number}: has {count} columns, expected a column {chosen} with tags", "conll_column"
            )
        return chosen - 1
    if labels is None:
        return -1
    first_of = {
        index: next((row for row in rows if _is_tag_of(row.columns[index], labels)), None)
        for index in range(1, count - 1)
    }
    holding = {index: row for index, row in first_of.items() if row}
    if not holding:
        return -1
    example = min(holding.values(), key=lambda row: row.number)
    columns = [*holding, count - 1]
    values = " and ".join(f"{example.columns[index]!r} in column {index + 1}" for index in columns)
    raise SettingError(
        f"{path}:{example.number}: found {values} of {example.written!r}, expected tags in the last column alone; "
        f"choose {' or '.join(str(index + 1) for index in columns)} (1 is the token)",
        "conll_column",
    )


def _is_tag_of(value: str, labels: Sequence[str]) -> bool:
    return value[:2] in ("B-", "I-") and composed(value[2:].strip()) in labels


def _line(number: int, row: str) -> str:
    return f"{number}, {row!r}"

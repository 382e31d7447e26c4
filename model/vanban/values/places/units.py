"""Official units of administration as values, and what became of them."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

from vanban.values.form import Level, Meaning
from vanban.values.places.unit_table import ancestors, full_name, heirs, rows_at, sources, table


@dataclass(frozen=True, slots=True)
class Successor(Meaning):
    """Another unit that came of one, or of which one came; `how`: as a whole, or a part of it."""

    code: str
    name: str
    how: Literal["whole", "part"]
    on: datetime.date | None = None


@dataclass(frozen=True, slots=True)
class Unit(Meaning):
    """An official unit of administration: of its `code` only in its time, from `valid_from` up to, without, `valid_to`.

    `parents`: names, the nearest first. A country has the code of ISO 3166. A
    province that July 2025 left as it was is one unit, without a time. The changes of 2023 to 2025 came on many days:
    here all of them have the last, 1 January 2025.
    """

    code: str
    name: str
    level: Level
    parents: tuple[str, ...] = ()
    parent_codes: tuple[str, ...] = ()
    valid_from: datetime.date | None = None
    valid_to: datetime.date | None = None
    successors: tuple[Successor, ...] = ()
    predecessors: tuple[Successor, ...] = ()

    NOT_IN_JSON: ClassVar = frozenset(("successors", "predecessors"))  # a province has hundreds


@functools.lru_cache(maxsize=1 << 14)
def unit(row: int) -> Unit:
    """Return a row as the official unit that it is."""
    units = table()
    fields = units.rows[row]
    if len(fields) == 3:
        return Unit(fields[0], fields[1], units.level(row))
    above = ancestors(row)
    return Unit(
        code=fields[0],
        name=full_name(row),
        level=units.level(row),
        parents=tuple(full_name(one) for one in above),
        parent_codes=tuple(units.rows[one][0] for one in above),
        valid_from=_date(fields[4]),
        valid_to=_date(fields[5]),
        successors=tuple(_linked(heirs(row), fields[5])),
        predecessors=tuple(_linked(sources().get(row, ()), fields[4])),
    )


def _linked(links: Iterable[tuple[int, bool]], day: str) -> Iterator[Successor]:
    for row, is_whole in links:
        yield Successor(table().rows[row][0], full_name(row), "whole" if is_whole else "part", _date(day))


def _date(day: str) -> datetime.date | None:
    return datetime.date.fromisoformat(day) if day else None


def at(unit_then: Unit, date: datetime.date) -> tuple[Unit, ...]:
    """Return what a unit is on a day: itself, or the units that it became, or that it came of.

    Those of which the whole went over stand before those of which a part did, each in the order of codes. A unit that
    the table has not is nothing.
    """
    for row in table().by_code.get(unit_then.code, ()):
        if unit(row) == unit_then:
            return tuple(unit(other) for other in rows_at(row, date.isoformat()))
    return ()

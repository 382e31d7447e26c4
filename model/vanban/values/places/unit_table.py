"""The tables of the official units of Viet Nam and of States, read when first asked for: names, codes, times, heirs.

A unit is the number of its row here. A code names a unit only in its time: after 1 July 2025 codes were used again.
"""

from __future__ import annotations

import datetime
import functools
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import resources
from typing import Final, Literal

from vanban.reading.text import older_tone_style, unmarked
from vanban.values.form import Level

Rank = Literal["state", "province", "district", "commune"]

LEVELS: Final[dict[str, Level]] = {
    "Tỉnh": "province", "Thành phố": "city", "Huyện": "district", "Quận": "district", "Thị xã": "town",
    "Xã": "commune", "Phường": "ward", "Thị trấn": "township", "Đặc khu": "commune",
}  # fmt: skip
# other ways to write a name, which is a name of the table
OTHER_NAMES: Final = {
    "HCM": "Hồ Chí Minh", "Sài Gòn": "Hồ Chí Minh", "Đắc Lắc": "Đắk Lắk", "Đắc Nông": "Đắk Nông",
    "Bắc Cạn": "Bắc Kạn", "Bà Rịa": "Bà Rịa - Vũng Tàu", "Huế": "Thừa Thiên Huế", "HN": "Hà Nội",
    "TPHCM": "Hồ Chí Minh",
}  # fmt: skip
_RANKS: Final[dict[int, Rank]] = {2: "province", 3: "district", 5: "commune"}
_MARKS: Final = re.compile(r"[^\w\n]+|_+")
_ZEROS: Final = re.compile(r"\b0+(?=\d)")


@dataclass(frozen=True, slots=True)
class Table:
    """The rows, and where a name, a code and a district or province is found in them. Times are ISO 8601 or empty."""

    rows: list[tuple[str, ...]]  # tuples of strings, which the garbage collector need not look into
    by_name: dict[str, tuple[int, ...]] = field(repr=False)
    by_code: dict[str, tuple[int, ...]] = field(repr=False)
    ranks: list[Rank] = field(repr=False)

    def rank(self, row: int) -> Rank:
        """Return how high a unit stands: all that has two digits is a province, central cities too."""
        return self.ranks[row]

    def level(self, row: int) -> Level:
        """Return the level that the unit's own head noun says."""
        fields = self.rows[row]
        if len(fields) == 3:
            return "country" if fields[0].isalpha() and fields[0] != "EU" else "region"
        return LEVELS[fields[1]]

    def is_valid(self, row: int, day: str) -> bool:
        """True when the unit is there on a day in ISO 8601."""
        fields = self.rows[row]
        return len(fields) == 3 or (fields[4] <= day and (not fields[5] or day < fields[5]))

    def at(self, code: str, day: str) -> int | None:
        """Return the unit that has a code on a day."""
        for row in self.by_code.get(code, ()):
            if self.is_valid(row, day):
                return row
        return None


@functools.cache
def table() -> Table:
    """Return the units and then the States, read once a process."""
    data = resources.files("vanban.values") / "data"
    rows, states = (
        [tuple(line.split("\t")) for line in (data / name).read_text(encoding="utf-8").split("\n")[1:-1]]
        for name in ("units.tsv", "states.tsv")
    )
    by_name: dict[str, list[int]] = defaultdict(list)
    for row, key in enumerate(_keys([fields[2] for fields in rows])):
        by_name[key].append(row)
    others = [(row, fields[7]) for row, fields in enumerate(rows) if fields[7]]
    first = len(rows)
    rows += states
    for row, fields in enumerate(states, first):
        others += [(row, name) for name in (fields[1], *fields[2].split("|")) if name]
    for (row, _), key in zip(others, _keys([name for _, name in others]), strict=True):
        if row not in by_name[key]:
            by_name[key].append(row)
    for other, name in OTHER_NAMES.items():
        by_name[name_key(other)] += [
            row for row in by_name[name_key(name)] if _RANKS.get(len(rows[row][0])) == "province"
        ]
    by_code: dict[str, list[int]] = defaultdict(list)
    for row, fields in enumerate(rows):
        by_code[fields[0]].append(row)
    ranks = [_RANKS[len(fields[0])] if len(fields) > 3 else "state" for fields in rows]
    return Table(rows, _with_tuples(by_name), _with_tuples(by_code), ranks)


def _with_tuples(found: dict[str, list[int]]) -> dict[str, tuple[int, ...]]:
    return {key: tuple(rows) for key, rows in found.items()}


@functools.lru_cache(maxsize=1 << 13)
def name_key(name: str) -> str:
    """Return a name (NFC) as names are compared: without case, tone style, hyphens, and zeros before a number."""
    return _keys([name.replace("\n", " ")])[0]


def loose_key(name: str) -> str:
    """Return a name as it is compared where it is not found as written: without marks and spaces, and y is i."""
    return unmarked(name_key(name)).replace("y", "i").replace(" ", "")


def _keys(names: Sequence[str]) -> list[str]:
    text = _MARKS.sub(" ", older_tone_style("\n".join(names).lower()))
    return [key.strip() for key in _ZEROS.sub("", text).split("\n")]


@functools.cache
def _loosely() -> dict[str, tuple[int, ...]]:
    """Return the rows by the loose keys of their names."""
    by_name = table().by_name
    names = "\n".join(by_name)
    plain = {ord(c): unmarked(c).replace("y", "i") for c in set(names)} | {ord(" "): ""}
    found: dict[str, tuple[int, ...]] = {}
    for key, name in zip(names.translate(plain).split("\n"), by_name, strict=True):
        found[key] = (*found.get(key, ()), *by_name[name])
    return found


def named(name: str) -> tuple[int, ...]:
    """Return the units of a name, as written but for case, tone style and hyphens."""
    return table().by_name.get(name_key(name), ())


def named_loosely(name: str) -> tuple[int, ...]:
    """Return the units whose names are the same without marks and spaces: `Dak Lak`, `Đăk Lăk`, `Mĩ Đình`."""
    return _loosely().get(loose_key(name), ())


@functools.lru_cache(maxsize=1 << 14)
def ancestors(row: int) -> tuple[int, ...]:
    """Return the units in which a unit is, the nearest first."""
    units = table()
    found: list[int] = []
    fields = units.rows[row]
    while len(fields) > 3 and fields[3]:
        day = fields[4] or _day_before(fields[5])
        above = units.at(fields[3], day)
        if above is None:
            break
        found.append(above)
        fields = units.rows[above]
    return tuple(found)


@functools.lru_cache(maxsize=1 << 10)
def _day_before(day: str) -> str:
    """Return the day before one in ISO 8601, or a day of today's units."""
    return (datetime.date.fromisoformat(day) - datetime.timedelta(days=1)).isoformat() if day else "9999"


def full_name(row: int) -> str:
    """Return a unit's name with its head noun."""
    fields = table().rows[row]
    return fields[1] if len(fields) == 3 else f"{fields[1]} {fields[2]}"


def heirs(row: int) -> tuple[tuple[int, bool], ...]:
    """Return the units that a unit became when it ended, each with whether it went into it as a whole."""
    units = table()
    fields = units.rows[row]
    found = ((units.at(code.lstrip("~"), fields[5]), code[0] != "~") for code in fields[6].split())
    return tuple((heir, is_whole) for heir, is_whole in found if heir is not None)


@functools.cache
def sources() -> dict[int, list[tuple[int, bool]]]:
    """Return, by unit, the units that became it: communes of a commune, and a district where it had none."""
    found: dict[int, list[tuple[int, bool]]] = {}
    units = table()
    for row in range(len(units.rows) - 1, -1, -1):  # communes first
        if len(units.rows[row]) > 3:
            for heir, is_whole in heirs(row):
                links = found.setdefault(heir, [])
                if not links or units.rank(links[0][0]) == units.rank(row):
                    links.append((row, is_whole))
    return {heir: links[::-1] for heir, links in found.items()}


def rows_at(row: int, day: str) -> tuple[int, ...]:
    """Return the rows of what a unit is on a day in ISO 8601; see `units.at`."""
    units = table()
    ahead = {row: True}
    found: dict[int, bool] = {}
    seen: set[int] = set()
    while ahead:
        one, is_whole = ahead.popitem()
        if one in seen:
            continue
        seen.add(one)
        if units.is_valid(one, day):
            found[one] = is_whole
            continue
        fields = units.rows[one]
        links = heirs(one) if fields[5] and day >= fields[5] else sources().get(one, ())
        for other, is_its_whole in links:
            ahead[other] = is_whole and is_its_whole
    return tuple(sorted(found, key=lambda one: (not found[one], units.rows[one][0])))

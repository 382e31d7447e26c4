"""Places: level, name, and the official units that they may be, the likeliest first.

A unit is chosen by what is written: the head noun, the day of the document, the units around the name, the issuer's
province. What nothing tells apart stays apart, as several candidates.
"""

from __future__ import annotations

import datetime
import itertools
import re
from collections.abc import Sequence
from typing import Final

from vanban.reading.text import one_line
from vanban.values.form import Level
from vanban.values.meaning import Place
from vanban.values.places.context import AGREES, BARE, RANKS_OF, Mention, Surroundings, is_within
from vanban.values.places.mentions import BEFORE, REGIONS, mention_at, say_again
from vanban.values.places.unit_table import name_key, table
from vanban.values.places.units import unit
from vanban.values.view import View

MOST_CANDIDATES: Final = 10
_MARGIN: Final = 40  # a candidate that is so much less likely than the first is none
_TIME_GUESSED: Final = 10
_LAST_DAY_OF_DISTRICTS: Final = "2025-06-30"
_FEW: Final = 3
_SUPPORTED: Final = 5
_COMMITTEE_BEFORE: Final = re.compile(
    r"(?<!\w)(tỉnh|thành|quận|huyện|thị|đảng)\s(?:ủy|uỷ|đoàn|đội)\s{1,2}$", re.IGNORECASE
)
_COMMITTEE_OF: Final[dict[str, Level]] = {
    "tỉnh": "province", "thành": "city", "quận": "district", "huyện": "district", "thị": "town",
}  # fmt: skip
_LIST_LINKS: Final = frozenset((",", "và", "-", "–", "hoặc"))
_DATE: Final = re.compile(r"\b(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})\b|tháng (\d{1,2})(?: năm |/)(\d{4})", re.IGNORECASE)
_IN_BRACKETS: Final = re.compile(r"\s{0,3}\(\s{0,3}(?:thuộc\s{1,3})?")
_YEAR: Final = re.compile(r"\bnăm (20\d\d)\b", re.IGNORECASE)


def read_places(view: View, date: datetime.date | None = None, home: str | None = None) -> dict[int, Place]:
    """Return the places of a document by the numbers of their entities, labelled PLACE.

    `date` is the document's own: without it the time is guessed from the dates in the text, and units of other times
    stay candidates. `home` names the issuer's province, or place.
    """
    numbers = view.of("PLACE")
    if not numbers:
        return {}
    mentions = [mention_at(view.text, *view.spans[number]) for number in numbers]
    say_again(view.text, mentions, home)
    around = Surroundings(view.text, mentions, home)
    _heed_brackets(view.text, mentions)
    day = date.isoformat() if date else _day_of(view.text, mentions)
    time = AGREES if date else _TIME_GUESSED
    ranked = [_ranked(view.text, at, mention, around, day, time) for at, mention in enumerate(mentions)]
    _inherit(view.text, mentions, ranked)
    return {
        number: _place(view, mention, rows) for number, mention, rows in zip(numbers, mentions, ranked, strict=True)
    }


def _heed_brackets(text: str, mentions: Sequence[Mention]) -> None:
    """Leave the units out that are not where the bracket behind a name says: `xã Tân Lập (tỉnh Thái Nguyên)`."""
    for mention, behind in itertools.pairwise(mentions):
        if behind.scopes and _IN_BRACKETS.fullmatch(text, mention.end, behind.start):
            mention.options = tuple(row for row in mention.options if is_within(row, behind.scopes))


def _inherit(text: str, mentions: Sequence[Mention], ranked: Sequence[list[int]]) -> None:
    """Give members of a list that name no unit the level of the one before: `đường Lê Lợi, Trần Phú`.

    Behind a noun of several (`hai sân bay Nội Bài và Tân Sơn Nhất`) the name of a commune names no unit either.
    """
    for (before, mention), rows in zip(itertools.pairwise(mentions), ranked[1:], strict=True):
        if mention.chain != before.chain or mention.level is not None:
            continue
        is_commune = bool(rows) and table().rank(rows[0]) == "commune"
        if rows and not (before.is_one_of_many and is_commune):
            continue
        if before.level in ("street", "hamlet", "site") and text[before.end : mention.start].strip() in _LIST_LINKS:
            mention.level, mention.is_one_of_many = before.level, before.is_one_of_many
            rows.clear()


def _day_of(text: str, mentions: Sequence[Mention]) -> str:
    """Return a day at which the document may have been written: the last that it writes, or one before July 2025."""
    last = _LAST_DAY_OF_DISTRICTS[:4] + "-00-00"
    found = ""
    for match in _DATE.finditer(text):
        year, month = match[3] or match[5], match[2] or match[4]
        day = f"{year}-{int(month):02d}-{int(match[1] or 1):02d}"
        if "1990" < day < "2027" and int(month) <= 12:
            found = max(found, day)
    if not found:  # a year alone may be what is planned, but for lack of more
        found = max((f"{match[1]}-00-00" for match in _YEAR.finditer(text) if match[1] < "2027"), default="")
    if found > last and any(m.head and m.level in ("district", "town", "township") and not m.was for m in mentions):
        return min(found, _LAST_DAY_OF_DISTRICTS)
    return found or _LAST_DAY_OF_DISTRICTS


def _ranked(text: str, number: int, mention: Mention, around: Surroundings, day: str, time: int) -> list[int]:
    """Return the options of a mention that nothing rules out, the likeliest first."""
    if not mention.options or (len(mention.options) == 1 and not mention.is_institution):
        return list(mention.options)
    units = table()
    wanted = mention.level
    if mention.head is None and wanted is None:
        before = text[max(0, mention.start - BEFORE) : mention.start]
        is_of_one = before.rstrip().lower().endswith(("ủy", "uỷ", "đoàn", "đội"))
        committee = _COMMITTEE_BEFORE.search(before) if is_of_one else None
        wanted = _COMMITTEE_OF.get(committee[1].lower()) if committee else None
    supports = {row: around.support(number, mention, row) for row in mention.options}
    scores: dict[int, float] = {}
    for row, support in supports.items():
        score = support
        rank = units.rank(row)
        if wanted is not None:
            score += AGREES * (units.level(row) == wanted) + AGREES * (rank in RANKS_OF[wanted])
        if mention.level is None:
            score += BARE[rank]
        score += time * (units.is_valid(row, day) != mention.was)
        scores[row] = score
    best = max(scores.values())
    kept = sorted(
        (row for row, score in scores.items() if score > best - _MARGIN),
        key=lambda row: (-scores[row], units.rows[row][0], row),
    )
    # a name without a head noun that many communes have, and none of which is near, is not taken for a commune
    is_bare_commune = mention.level is None and wanted is None and units.rank(kept[0]) == "commune"
    is_unclear = len(kept) > _FEW or mention.is_institution
    if is_bare_commune and is_unclear and supports[kept[0]] < _SUPPORTED:
        return []
    return kept[:MOST_CANDIDATES]


def _place(view: View, mention: Mention, rows: Sequence[int]) -> Place:
    start, end = mention.name
    level = mention.level
    written = view.text[mention.start : mention.end]
    if level is None and rows:
        level = table().level(rows[0])
    elif level is None and name_key(written) in REGIONS:
        level = "region"
    elif level is None and written[:1].islower() and " " in written:
        level = "site"  # `nhà rông Kon Klor`: a noun of which no list has all
    spans = {"name": view.raw(start, end)}
    if mention.head is not None:
        spans["level"] = view.raw(mention.head.start, mention.head.end)
    name = one_line(view.text[start:end])
    return Place(name, level, tuple(unit(row) for row in rows), spans=spans)

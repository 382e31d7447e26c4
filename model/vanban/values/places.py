"""Places: level, name, and the official units that they may be, the likeliest first.

A unit is chosen by what is written: the head noun, the day of the document, the units around the name, the issuer's
province. What nothing tells apart stays apart, as several candidates.
"""

from __future__ import annotations

import datetime
import functools
import itertools
import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from vanban.reading.text import older_tone_style, unmarked
from vanban.values.form import Level
from vanban.values.meaning import Place
from vanban.values.place_context import AGREES, BARE, RANKS_OF, Mention, Surroundings
from vanban.values.place_heads import HAMLETS, HEADS, SITES, STREETS, UNIT_HEADS, read_head
from vanban.values.unit_table import Rank, name_key, named, named_loosely, table
from vanban.values.units import unit
from vanban.values.view import View

MOST_CANDIDATES: Final = 10
REGIONS: Final = frozenset(
    map(
        name_key,
        (
            "Tây Nguyên", "Tây Bắc", "Đông Bắc", "Bắc Bộ", "Trung Bộ", "Nam Bộ", "Nam Trung Bộ", "Bắc Trung Bộ",
            "Đông Nam Bộ", "Tây Nam Bộ", "Việt Bắc", "ĐBSCL", "ĐBSH", "Biển Đông", "Trung Đông", "Đông Dương",
            "Thái Bình Dương", "Ấn Độ Dương", "Đại Tây Dương", "Bắc Băng Dương", "Trung Âu", "Mỹ Latinh", "Mỹ La tinh",
            "Trung Trung Bộ", "Tây Nam", "Đông Nam", "Bắc Trung Nam", "Ấn Độ Dương - Thái Bình Dương", "ASEAN",
            "châu Á - Thái Bình Dương", "Bắc Tây Nguyên", "Nam Tây Nguyên", "Bắc Trung Bộ và Duyên hải miền Trung",
        ),
    )
)  # fmt: skip
_SAID_AGAIN: Final[frozenset[Level]] = frozenset(("city", "district", "town", "township", "ward", "commune", "hamlet"))
_MARGIN: Final = 40  # a candidate that is so much less likely than the first is none
_TIME_GUESSED: Final = 10
_LAST_DAY_OF_DISTRICTS: Final = "2025-06-30"
_FEW: Final = 3
_SUPPORTED: Final = 5
_LONGEST_NAME: Final = 80
_BEFORE: Final = 30
_HEAD_BEFORE: Final = re.compile(
    r"(?<!\w)(tỉnh|thành phố|tp\.?|quận|huyện|thị xã|thị trấn|phường|xã|đặc khu)(\scũ)?(?:\s{1,2}|\s?:\s?)$",
    re.IGNORECASE,
)
# a head noun of several places that is not of the first one's span (`hai sân bay Nội Bài và …`), or of a name that is
# an institution's (`Bệnh viện Bạch Mai`)
_NOUN_BEFORE: Final = re.compile(
    r"(?<!\w)(?P<many>(?:các|những|hai|ba|bốn|năm|\d{1,3})\s{1,2})?(?P<noun>"
    + "|".join(sorted(map(re.escape, (*SITES, *STREETS, *HAMLETS)), key=len, reverse=True))
    + r")\s{0,2}:?\s{1,2}$",
    re.IGNORECASE,
)
_HOUSE_BEFORE: Final = re.compile(r"(?<!\w)số\s{1,2}\d{1,4}[A-Za-z]?(?:[/-]\d{1,4}){0,3},?\s{1,2}$", re.IGNORECASE)
_COMMITTEE_BEFORE: Final = re.compile(
    r"(?<!\w)(tỉnh|thành|quận|huyện|thị|đảng)\s(?:ủy|uỷ|đoàn|đội)\s{1,2}$", re.IGNORECASE
)
_COMMITTEE_OF: Final[dict[str, Level]] = {
    "tỉnh": "province", "thành": "city", "quận": "district", "huyện": "district", "thị": "town",
}  # fmt: skip
_CAPITALS_MISREAD: Final = re.compile(r"[^\W\d_a-z][l0]|[l0][^\W\d_a-z]")
_LIST_LINKS: Final = frozenset((",", "và", "-", "–", "hoặc"))
_FORMERLY: Final = re.compile(r"\s{0,2}\(?\s?(?:cũ|trước đây|trước sáp nhập)\b", re.IGNORECASE)
_DATE: Final = re.compile(r"\b(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})\b|tháng (\d{1,2})(?: năm |/)(\d{4})")


def read_places(view: View, date: datetime.date | None = None, home: str | None = None) -> dict[int, Place]:
    """Return the places of a document by the numbers of their entities, labelled PLACE.

    `date` is the document's own: without it the time is guessed from the dates in the text, and units of other times
    stay candidates. `home` names the issuer's province, or place.
    """
    numbers = view.of("PLACE")
    if not numbers:
        return {}
    mentions = [_mention(view.text, *view.spans[number]) for number in numbers]
    _say_again(view.text, mentions, home)
    around = Surroundings(view.text, mentions, home)
    day = date.isoformat() if date else _day_of(view.text, mentions)
    time = AGREES if date else _TIME_GUESSED
    ranked = [_ranked(view.text, at, mention, around, day, time) for at, mention in enumerate(mentions)]
    _inherit(view.text, mentions, ranked)
    return {
        number: _place(view, mention, rows) for number, mention, rows in zip(numbers, mentions, ranked, strict=True)
    }


def _mention(text: str, start: int, end: int) -> Mention:
    """Return a place as its own words tell it."""
    head, name = read_head(text, start, end)
    mention = Mention(start, end, name, head, head.level if head else None)
    if head is None and name_key(text[start:end]) not in REGIONS:
        before = _HEAD_BEFORE.search(text[max(0, start - _BEFORE) : start])
        if before is not None:
            mention.level = UNIT_HEADS[before[1].lower().rstrip(".")]
            mention.was = bool(before[2])
        else:
            _read_before(text, mention)
    mention.was = mention.was or _FORMERLY.match(text, end) is not None
    mention.options = _options(text, mention)
    return mention


def _read_before(text: str, mention: Mention) -> None:
    """Read a site or a street from the words before the span of a bare name: a noun of several, a house's number."""
    words = older_tone_style(text[max(0, mention.start - _BEFORE) : mention.start])
    noun = _NOUN_BEFORE.search(words)
    if noun is not None:
        mention.is_institution = noun["many"] is None
        mention.is_one_of_many = noun["many"] is not None
        mention.level = HEADS.get(" ".join(noun["noun"].lower().split())) if noun["many"] else None
    elif _HOUSE_BEFORE.search(words):
        mention.level = "street"


def _say_again(text: str, mentions: Sequence[Mention], home: str | None) -> None:
    """Give bare names the level of the same name with its head noun: the issuer's, or where the document has but one.

    A name that is a province's or a State's stands for that.
    """
    levels: dict[str, set[Level]] = defaultdict(set)
    for mention in mentions:
        if mention.head is not None and mention.level in _SAID_AGAIN:
            levels[name_key(text[slice(*mention.name)])].add(mention.level)
    head, (start, end) = read_head(home, 0, len(home)) if home else (None, (0, 0))
    if home and head is not None and head.level in _SAID_AGAIN:
        levels[name_key(home[start:end])] = {head.level}
    units = table()
    for mention in mentions:
        said = levels.get(name_key(text[slice(*mention.name)]), set())
        if mention.level is not None or len(said) != 1:
            continue
        if not any(units.rank(row) in ("province", "state") for row in mention.options):
            mention.level = next(iter(said))
            mention.options = _options(text, mention)


def _options(text: str, mention: Mention) -> tuple[int, ...]:
    """Return the units of a mention's name whose rank its level allows."""
    start, end = mention.name
    if mention.level not in RANKS_OF or end - start > _LONGEST_NAME:
        return ()
    if mention.level == "region":  # a territory that has a code of its own; other regions have none
        rows = named(text[mention.start : mention.end])
        return tuple(row for row in rows if table().rows[row][0].isalpha())
    found = _units_of(text[start:end], mention.level)
    if mention.level == "country" and not found:
        found = _units_of(text[mention.start : mention.end], mention.level)
    return found


@functools.lru_cache(maxsize=1 << 12)
def _units_of(written: str, level: Level | None) -> tuple[int, ...]:
    """Return the units of a name and a level; those of another spelling where there are none as written."""
    name = _misread(written)
    units = table()
    allowed = RANKS_OF[level]
    found = tuple(row for row in named(name) if units.rank(row) in allowed)
    if found:
        return found
    if level is None:
        # of a name without a head noun, only what is well known is told by another spelling
        allowed = frozenset[Rank](
            ("state", "province", "district") if unmarked(name) == name else ("state", "province")
        )
        if name_key(name) in REGIONS:
            return ()
    return tuple(row for row in named_loosely(name) if units.rank(row) in allowed)


def _misread(name: str) -> str:
    """Return a name in capitals with the letters for which `l` and `0` were read: `NlNH`, `H0A`."""
    other = name.replace("l", "I").replace("0", "O")
    return other if (other.isupper() and not name.isupper()) or re.search(r"[^\W\d_]0", name) else name


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
    if found > last and any(m.head and m.level in ("district", "town", "township") and not m.was for m in mentions):
        return min(found, _LAST_DAY_OF_DISTRICTS)
    return found or _LAST_DAY_OF_DISTRICTS


def _ranked(text: str, number: int, mention: Mention, around: Surroundings, day: str, time: int) -> list[int]:
    """Return the options of a mention that nothing rules out, the likeliest first."""
    if not mention.options:
        return []
    units = table()
    wanted = mention.level
    if mention.head is None and wanted is None:
        committee = _COMMITTEE_BEFORE.search(text[max(0, mention.start - _BEFORE) : mention.start])
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
    name = " ".join(view.text[start:end].split())
    return Place(name, level, tuple(unit(row) for row in rows), spans=spans)

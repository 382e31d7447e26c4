"""How a place is named: its head noun, within its span or before it, and the units that have its name at its level."""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from vanban.reading.text import older_tone_style, one_line, unmarked
from vanban.values.form import Level
from vanban.values.places.context import RANKS_OF, Mention
from vanban.values.places.heads import HAMLETS, HEADS, SITES, STREETS, UNIT_HEADS, read_head
from vanban.values.places.unit_table import Rank, name_key, named, named_loosely, table

BEFORE: Final = 30  # characters before a place that are looked at
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
_LONGEST_NAME: Final = 80
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
_LAST_WORD: Final = re.compile(r"(\w+)\s{0,2}:?\s{1,2}$")
_LAST_WORDS: Final = frozenset(noun.rsplit(maxsplit=1)[-1] for noun in (*SITES, *STREETS, *HAMLETS))
_HOUSE_BEFORE: Final = re.compile(r"(?<!\w)số\s{1,2}\d{1,4}[A-Za-z]?(?:[/-]\d{1,4}){0,3},?\s{1,2}$", re.IGNORECASE)
_FORMERLY: Final = re.compile(r"\s{0,2}\(?\s?(?:cũ|trước đây|trước sáp nhập)\b", re.IGNORECASE)


def mention_at(text: str, start: int, end: int) -> Mention:
    """Return a place as its own words tell it."""
    head, name = read_head(text, start, end)
    mention = Mention(start, end, name, head, head.level if head else None)
    if head is None and name_key(text[start:end]) not in REGIONS:
        before = _HEAD_BEFORE.search(text[max(0, start - BEFORE) : start])
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
    first = max(0, mention.start - BEFORE)
    last = _LAST_WORD.search(text, first, mention.start)
    noun = None
    if last and older_tone_style(last[1].lower()) in _LAST_WORDS:
        noun = _NOUN_BEFORE.search(older_tone_style(text[first : mention.start]))
    if noun is not None:
        mention.is_institution = noun["many"] is None
        mention.is_one_of_many = noun["many"] is not None
        mention.level = HEADS.get(one_line(noun["noun"].lower())) if noun["many"] else None
    elif _HOUSE_BEFORE.search(text, first, mention.start):
        mention.level = "street"


def say_again(text: str, mentions: Sequence[Mention], home: str | None) -> None:
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

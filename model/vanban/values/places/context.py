"""What speaks for one of the units of a name: the places around it, the time, the province whose document it is."""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from vanban.schema import Span
from vanban.values.form import Level
from vanban.values.places.heads import Head, read_head
from vanban.values.places.unit_table import Rank, ancestors, full_name, named, table

RANKS_OF: Final[dict[Level | None, frozenset[Rank]]] = {
    None: frozenset(("state", "province", "district", "commune")),
    "country": frozenset(("state",)), "region": frozenset(("state",)), "province": frozenset(("province",)),
    "city": frozenset(("province", "district")), "district": frozenset(("district",)),
    "town": frozenset(("district",)), "commune": frozenset(("commune",)), "ward": frozenset(("commune",)),
    "township": frozenset(("commune",)),
}  # fmt: skip
# what joins the places of an address or of a list
_LINK: Final = re.compile(
    r"[\s,/–\-(:]{0,6}(?:(?:và|hay|hoặc|thuộc|của|ở|tại|trong|cùng|trên địa bàn)\s)?\s{0,3}(?:địa bàn\s|các\s)?\s{0,3}"
)
_LONGEST_LINK: Final = 30
_MOST_SHARED: Final = 12  # units of one name among which a mention's vote is divided

AGREES: Final = 50  # in level, or in time where that is known
BARE: Final[dict[Rank, int]] = {"province": 85, "state": 80, "district": 30, "commune": 0}
_NEXT: Final = {"district": 50, "province": 30}  # in an address or list, behind
_BEFORE: Final = {"district": 30, "province": 20}  # the same, before
_SAME_LINE: Final = {"district": 15, "province": 8}
_LAST: Final = {"district": 12, "province": 6}  # the last one named before
_HOME: Final = 15
_VOTES: Final = {"district": 10.0, "province": 8.0}


@dataclass(slots=True)
class Mention:
    """A place as it stands in the text: `options` are the rows of the units that have its name at its level."""

    start: int
    end: int
    name: Span
    head: Head | None
    level: Level | None
    options: tuple[int, ...] = ()
    line: int = 0
    chain: int = 0
    was: bool = False  # `(cũ)` behind it
    is_one_of_many: bool = False  # a noun of several sites or streets right before it: `hai sân bay [Nội Bài] và …`
    is_institution: bool = False  # a noun of sites right before it: `Bệnh viện [Bạch Mai]`
    scopes: dict[str, frozenset[str]] = field(default_factory=dict)  # of what it is itself, by rank


def scope(row: int) -> str:
    """Return by what a district or a province is the same over time: its code, or its name."""
    units = table()
    return units.rows[row][0] if units.rank(row) == "district" else full_name(row)


@functools.lru_cache(maxsize=1 << 12)
def scopes_of(rows: tuple[int, ...]) -> dict[str, frozenset[str]]:
    """Return the scopes that units are, by rank; where a province is among them, only provinces."""
    units = table()
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        found[units.rank(row)].add(scope(row))
    if "province" in found:
        return {"province": frozenset(found["province"])}
    return {"district": frozenset(found["district"])} if "district" in found else {}


@functools.lru_cache(maxsize=1 << 14)
def _lineage(row: int) -> tuple[tuple[str, str, bool], ...]:
    """Return rank and scope of the district and the province that a unit is in, or is; the last says which."""
    units = table()
    found = ((units.rank(above), above) for above in (row, *ancestors(row)))
    return tuple((rank, scope(above), above == row) for rank, above in found if rank in ("district", "province"))


def is_within(row: int, scopes: dict[str, frozenset[str]]) -> bool:
    """True of a unit in one of the provinces, or districts, of `scopes`."""
    return any(its in scopes.get(rank, ()) for rank, its, is_itself in _lineage(row) if not is_itself)


class Surroundings:
    """What the places of a document say of each other. Mentions are in the order of the text."""

    def __init__(self, text: str, mentions: Sequence[Mention], home: str | None) -> None:
        _lay_out(text, mentions)
        for mention in mentions:
            mention.scopes = scopes_of(mention.options)
        self._home = {scope(row) for row in _home_rows(home) if table().rank(row) in ("province", "district")}
        self._votes = self._count(mentions)
        self._next = [dict[str, frozenset[str]]() for _ in mentions]
        self._before = [dict[str, frozenset[str]]() for _ in mentions]
        self._last = [dict[str, frozenset[str]]() for _ in mentions]
        self._lines: dict[int, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        self._look(mentions)

    def _count(self, mentions: Sequence[Mention]) -> dict[str, float]:
        votes: dict[str, float] = defaultdict(float)
        for mention in mentions:
            if mention.scopes:
                for found in mention.scopes.values():
                    for one in found:
                        votes[one] += 2 / len(found)
            elif 0 < len(mention.options) <= _MOST_SHARED:
                for row in mention.options:
                    for _, its, _ in _lineage(row):
                        votes[its] += 1 / len(mention.options)
        return votes

    def _look(self, mentions: Sequence[Mention]) -> None:
        """Note for each mention the scopes of the nearest ones around it."""
        for numbers, notes in ((range(len(mentions) - 1, -1, -1), self._next), (range(len(mentions)), self._before)):
            near: dict[str, frozenset[str]] = {}
            chain = -1
            for number in numbers:
                mention = mentions[number]
                if mention.chain != chain:
                    near, chain = {}, mention.chain
                notes[number] = near
                if mention.scopes:
                    near = near | mention.scopes
        last: dict[str, frozenset[str]] = {}
        for number, mention in enumerate(mentions):
            self._last[number] = last
            if mention.scopes:
                last = last | mention.scopes
                for rank, found in mention.scopes.items():
                    if len(found) <= _MOST_SHARED:
                        self._lines[mention.line][rank] |= found

    def support(self, number: int, mention: Mention, row: int) -> float:
        """Return how much what is around a mention speaks for its being a unit."""
        score = 0.0
        line = self._lines[mention.line]
        behind, before, last = self._next[number], self._before[number], self._last[number]
        own_vote = 0.0 if mention.scopes or len(mention.options) > _MOST_SHARED else 1 / len(mention.options)
        for rank, its, is_itself in _lineage(row):
            if its in self._home:
                score += _HOME
            if is_itself:
                continue
            votes = self._votes.get(its, 0.0) - own_vote
            if votes <= 0.0:
                continue  # what is named nowhere else is near nowhere
            score += _VOTES[rank] * min(1.0, votes / 3)
            score += _NEXT[rank] * (its in behind.get(rank, ()))
            score += _BEFORE[rank] * (its in before.get(rank, ()))
            score += _LAST[rank] * (its in last.get(rank, ()))
            score += _SAME_LINE[rank] * (its in line.get(rank, ()))
        return score


def _home_rows(home: str | None) -> Iterable[int]:
    """Return the units that the issuer's place may be."""
    if not home:
        return ()
    head, (start, end) = read_head(home, 0, len(home))
    ranks = RANKS_OF.get(head.level if head else None, frozenset[Rank]())
    rows = [row for row in named(home[start:end]) if table().rank(row) in ranks]
    provinces = [row for row in rows if table().rank(row) == "province"]
    found = provinces or rows
    return (*found, *(above for row in found for above in ancestors(row)))


def _lay_out(text: str, mentions: Sequence[Mention]) -> None:
    """Number the lines and the chains of the mentions: addresses and lists, within a line."""
    line = chain = 0
    before: Mention | None = None
    for mention in mentions:
        if before is not None:
            line += text.count("\n", before.end, mention.start)
            gap = text[before.end : mention.start] if mention.start - before.end <= _LONGEST_LINK else None
            if gap is None or line != before.line or not _LINK.fullmatch(gap):
                chain += 1
        mention.line, mention.chain = line, chain
        before = mention

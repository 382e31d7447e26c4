"""The place of whose authority a document speaks, its level, and the places that it lies in or has in its head."""

from __future__ import annotations

import functools
import re
from typing import Final, NamedTuple

from vanban.values.acts.bodies import is_national, is_province, spelt_place
from vanban.values.acts.issue import LEVEL_OF_COMMITTEE, LEVELS, in_full
from vanban.values.letters import folded
from vanban.values.meaning import Record
from vanban.values.places.unit_table import OTHER_NAMES, ancestors, named, table
from vanban.values.view import View

PROVINCES: Final = frozenset({"tinh", "thanh pho"})
CITIES: Final = frozenset({"ha noi", "ho chi minh", "hai phong", "da nang", "can tho", "hue"})
SPELT: Final = {
    "tinh": "tỉnh", "thanh pho": "thành phố", "huyen": "huyện", "quan": "quận", "thi xa": "thị xã", "xa": "xã",
    "phuong": "phường", "thi tran": "thị trấn", "dac khu": "đặc khu",
}  # fmt: skip
_HEAD: Final = 900  # characters of a document that name its body and the one above
_LEVEL: Final = re.compile(rf"\s*(?P<level>{LEVELS})(?!\w)[\s.]*")
_COMMITTEE_OF: Final = re.compile(r"(?<!\w)(tinh|thanh|huyen|quan|thi)\s+uy\s+")
_HEAD_OF: Final = re.compile(rf"(?<!\w)(?:{LEVELS})\s+")
_BODY_OF: Final = re.compile(
    rf"(?:ubnd|uy\s+ban\s+nhan\s+dan|hdnd|hoi\s+dong\s+nhan\s+dan)\s+(?P<level>{LEVELS})(?!\w)"
)
_DEPARTMENT: Final = re.compile(r"\W*so\s+\w")
_BEFORE_PROVINCE: Final = re.compile(r"(?:ubnd|hdnd|tinh uy)\s+(?:tinh\s+)?$")
_FIRST_LINES: Final = 300  # characters with the headline and the lead of an article
_LETTER: Final = re.compile(r"\w")
_NO_HEADS: Final = frozenset({"tịnh", "quan", "xa"})  # Tịnh Biên, Quan Hóa: heads only of what has no marks at all


class Home(NamedTuple):
    """A place by its bare name, and its level in plain letters, None where that is open."""

    level: str | None
    name: str


@functools.lru_cache(maxsize=1 << 12)
def level_and_name(written: str) -> tuple[str | None, str]:
    """Return the level of a place, in plain letters, and its name without the head noun, not in capitals."""
    found = _LEVEL.match(folded(written))
    if found is None or found.end() >= len(written) or _is_of_name(written, found):
        return None, _not_in_capitals(written.strip())
    name = _not_in_capitals(written[found.end() :].strip())
    return in_full(found["level"]), OTHER_NAMES.get(name.upper(), name)


def _is_of_name(written: str, found: re.Match[str]) -> bool:
    """True where what looks like a head noun without its marks begins a name that has marks: `Tịnh Biên`."""
    head, name = written[: found.end()].strip().lower(), written[found.end() :].lower()
    return head in _NO_HEADS and (head == "tịnh" or name != folded(name))


def _not_in_capitals(name: str) -> str:
    return name.title() if (name.isupper() and len(name) > 3) or name.islower() else name


class Seat:
    """Where the issuer of a document sits. `place` is its bare name, None where the document names none."""

    def __init__(self, view: View, place: str | None, head: Record | None = None, *, is_press: bool = False) -> None:
        """`place` is the document's, with or without its head noun, `head` says who issued it."""
        if head and head.issuer and is_national(head.issuer):
            place = None  # a ministry sits there: the bodies of the place are not meant
        if is_press and place is None:
            place = _place_of_article(view)
        level, name = level_and_name(place) if place else (None, "")
        name = spelt_place(name) if name else ""
        self.place = name or None
        self._text = view.plain
        self._plain = folded(name)
        self.levels = {level} if level else set()
        self._above: dict[str, set[str]] = {}  # places of the head, by level
        named_places = (level_and_name(view.text[slice(*view.spans[number])]) for number in view.of("PLACE"))
        for number, (one, bare) in zip(view.of("PLACE"), named_places, strict=False):
            if view.spans[number][0] >= _HEAD:
                break
            if one:
                self._above.setdefault(one, set()).add(spelt_place(bare))
        if self._plain and not self.levels:
            self.levels = self._levels_in_head() or self._levels_of_name(view) or self._levels_of_issuer(head)

    @property
    def level(self) -> str | None:
        """The one level that the place can have."""
        return next(iter(self.levels)) if len(self.levels) == 1 else None

    @property
    def whole(self) -> str | None:
        """The place with its head noun, where its level is known."""
        spelt = SPELT.get(self.level or "")
        return f"{spelt} {self.place}" if spelt and self.place else self.place

    def of_level(self, level: str) -> str | None:
        """Return the place of a level that a body of that level alone is of: the document's, or what that lies in."""
        if level in self.levels:
            return self.place
        in_head = self._above.get(level, set())
        if len(in_head) == 1:
            return next(iter(in_head))
        found = self._lies_in()
        return found.name if found and found.level == level else None

    def province(self) -> Home | None:
        """Return the province, or the city of its rank, that the document's place is or lies in."""
        if self.place is None:
            return None
        if not self.levels or self.levels & PROVINCES:
            return Home(self.level, self.place)
        in_head = [Home(level, name) for level in sorted(PROVINCES) for name in self._above.get(level, ())]
        in_head = [home for home in in_head if is_province(home.name)]
        return in_head[0] if len(in_head) == 1 else self._lies_in()

    def _lies_in(self) -> Home | None:
        """Return the one province in which all units lie that the place can be; of several, one that the text names."""
        if self.place is None or self.level is None or self.level in PROVINCES:
            return None
        units = table()
        rows = [row for row in named(self.place) if folded(units.rows[row][1]) == self.level]
        found = {Home(folded(units.rows[up][1]), units.rows[up][2]) for row in rows for up in ancestors(row)[-1:]}
        if len(found) > 1:
            found = {home for home in found if re.search(rf"(?<!\w){re.escape(folded(home.name))}(?!\w)", self._text)}
        return next(iter(found)) if len(found) == 1 else None

    def _levels_in_head(self) -> set[str]:
        """Return the levels of the document's place, as its head says them, and its Party committees do."""
        plain = self._text[:_HEAD]
        for committee in _COMMITTEE_OF.finditer(plain):
            if self._is_place_at(plain, committee.end()):
                return {LEVEL_OF_COMMITTEE[committee[1]]}
        heads = (found for found in _HEAD_OF.finditer(plain) if self._is_place_at(plain, found.end()))
        return {level_and_name(found.group() + self._plain)[0] or "" for found in heads}

    def _levels_of_name(self, view: View) -> set[str]:
        """Return the levels that places of the same name have in the text."""
        named_places = (level_and_name(view.text[slice(*view.spans[number])]) for number in view.of("PLACE"))
        return {level for level, bare in named_places if level and folded(bare) == self._plain}

    def _is_place_at(self, plain: str, at: int) -> bool:
        """True where the name of the document's place stands, whole words of it."""
        return plain.startswith(self._plain, at) and not _LETTER.match(plain, at + len(self._plain))

    def _levels_of_issuer(self, head: Record | None) -> set[str]:
        """Return the level that the issuer has without its place, as where the other column stands between.

        A department above it is of a province.
        """
        names = [folded(name) for name in (head.issuer, head.issuer_above) if name] if head else []
        if len(names) > 1 and _DEPARTMENT.match(names[1]):
            return {"thanh pho" if self._plain in CITIES else "tinh"}
        return {in_full(found["level"]) for name in names if (found := _BODY_OF.search(name))}


def _place_of_article(view: View) -> str | None:
    """Return the province of whose committee, called `UBND tỉnh`, an article tells, if it is one.

    It is the one named right behind those words, else the one of the first lines, else the only one.
    """
    if "ubnd tinh" not in view.plain:
        return None
    provinces: list[tuple[int, str]] = []
    for number in view.of("PLACE"):
        start, end = view.spans[number]
        level, name = level_and_name(view.text[start:end])
        if level in (None, "tinh") and is_province(name) and folded(name) not in CITIES:
            provinces.append((start, spelt_place(name)))
    behind = {name for start, name in provinces if _BEFORE_PROVINCE.search(view.plain, max(0, start - 16), start)}
    first = {name for start, name in provinces if start < _FIRST_LINES}
    every = {name for _, name in provinces}
    found = next((names for names in (behind, first, every) if names), set())
    return f"tỉnh {next(iter(found))}" if len(found) == 1 else None

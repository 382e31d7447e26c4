"""A text with its names in order, as the grammar of offices asks for it."""

from __future__ import annotations

import bisect
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from vanban.reading.text import one_line
from vanban.schema import Span
from vanban.values.people.titles import (
    HONORIFIC,
    RANK,
    SHORT_TITLE,
    TITLE,
    UNMARKED_TITLE,
    fold,
    is_scanned_title,
)
from vanban.values.view import View

_KIN: Final = frozenset({"anh", "chị", "cô", "thầy", "em", "bác", "chú", "cụ", "bà"})
_MARK_BETWEEN: Final = r"[\s.,:(|-]*[–—]?\s*"
_HONORIFIC_BEFORE: Final = re.compile(rf"({HONORIFIC.pattern}){_MARK_BETWEEN}\Z")
_RANK_BEFORE: Final = re.compile(rf"({RANK.pattern}){_MARK_BETWEEN}\Z")
_LONGEST_ADDRESS: Final = 40


@dataclass(frozen=True)
class Page:
    """`folded` is the text in lower case; `names` and `places` are the spans of officials and places, in order."""

    view: View
    text: str
    folded: str
    names: Sequence[Span]
    places: Sequence[Span]

    @property
    def plain(self) -> str:
        """The folded text without marks: a scan loses some, a name in capitals often has none."""
        return self.view.plain

    @cached_property
    def _name_starts(self) -> list[int]:
        return [start for start, _ in self.names]

    @cached_property
    def _place_starts(self) -> list[int]:
        return [start for start, _ in self.places]

    def written(self, span: Span) -> str:
        """Return what stands in a span, on one line."""
        return one_line(self.text[slice(*span)])

    def begins_name(self, position: int) -> bool:
        """True where an official's name begins."""
        found = bisect.bisect_left(self._name_starts, position)
        return found < len(self.names) and self.names[found][0] == position

    def names_before(self, position: int, most: int) -> Sequence[Span]:
        """Return the last names that end at or before a position, `most` of them."""
        found = bisect.bisect_left(self._name_starts, position)
        return self.names[max(0, found - most) : found]

    def place_around(self, position: int) -> Span | None:
        """Return the place in which a character stands."""
        found = bisect.bisect_right(self._place_starts, position) - 1
        return self.places[found] if found >= 0 and position < self.places[found][1] else None

    def line_start(self, position: int, least: int) -> int:
        """Return where the line of a position starts, or `least` if that is behind it."""
        return self.text.rfind("\n", least, position) + 1 or least

    def line_end(self, position: int, most: int) -> int:
        """Return where the line of a position ends, or `most` if that is before it."""
        found = self.text.find("\n", position, most)
        return most if found < 0 else found

    def titles(self, start: int, end: int) -> list[Span]:
        """Return the spans of titles between two positions, in order; also of those that a scan left without marks."""
        found = {m.span() for m in TITLE.finditer(self.folded, start, end)}
        scanned = [m.span() for m in UNMARKED_TITLE.finditer(self.plain, start, end)]
        short = [m.span() for m in SHORT_TITLE.finditer(self.text, start, end)]
        for other in (*filter(lambda s: is_scanned_title(self.folded[slice(*s)]), scanned), *short):
            if not any(a < other[1] and other[0] < b for a, b in found):
                found.add(other)
        return sorted(found)

    def title_at(self, position: int, end: int) -> Span | None:
        """Return the span of the title that starts at a position."""
        found = TITLE.match(self.folded, position, end) or SHORT_TITLE.match(self.text, position, end)
        if found:
            return found.span()
        scanned = UNMARKED_TITLE.match(self.plain, position, end)
        return scanned.span() if scanned and is_scanned_title(self.folded[slice(*scanned.span())]) else None

    def address_before(self, left: int, position: int) -> tuple[list[Span], list[Span], int]:
        """Return the honorifics and the ranks that stand directly before a position, and where the first starts."""
        honorifics: list[Span] = []
        ranks: list[Span] = []
        while True:
            least = max(left, position - _LONGEST_ADDRESS)
            found = _RANK_BEFORE.search(self.folded, least, position)
            if found:
                ranks.insert(0, found.span(1))
            else:
                found = _HONORIFIC_BEFORE.search(self.folded, least, position)
                if not found or self._is_a_name(*found.span(1)):
                    return honorifics, ranks, position
                honorifics.insert(0, found.span(1))
            position = found.start(1)

    def address_at(self, position: int, end: int) -> tuple[list[Span], list[Span], int]:
        """Return the honorifics and the ranks that begin at a position, and where what follows them begins."""
        honorifics: list[Span] = []
        ranks: list[Span] = []
        while True:
            rank = RANK.match(self.folded, position, end)
            found = rank or HONORIFIC.match(self.folded, position, end)
            if not found:
                return honorifics, ranks, position
            (ranks if rank else honorifics).append(found.span())
            position = found.end()
            while position < end and self.text[position] in " .,-–—":
                position += 1

    def _is_a_name(self, start: int, end: int) -> bool:
        """True of `Anh` in `Thủ tướng Anh`: in capitals in the middle of a sentence."""
        if self.folded[start:end] not in _KIN or not self.text[start].isupper():
            return False
        before = self.text[max(0, start - 2) : start].rstrip()[-1:]
        return before.isalnum() and not self.text[start:end].isupper()


def page(view: View) -> Page:
    """Return a view as the grammar of offices reads it."""
    names = [view.spans[number] for number in view.of("OFFICIAL")]
    places = [view.spans[number] for number in view.of("PLACE")]
    return Page(view, view.text, fold(view.text), names, places)

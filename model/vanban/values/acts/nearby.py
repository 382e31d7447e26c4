"""What stands around the mention of an act and may speak of another one: years of its sentence, the nearest place."""

from __future__ import annotations

import bisect
import re
from collections.abc import Sequence
from typing import Final

from vanban.schema import Span
from vanban.values.acts.act import Act
from vanban.values.acts.bodies import is_province
from vanban.values.acts.seat import PROVINCES, level_and_name
from vanban.values.letters import slug
from vanban.values.view import View

_SENTENCE: Final = re.compile(r"[;\n]|(?<!tp)(?<!tx)[.!?]\s")
_REACH: Final = 400  # characters to either side that are looked at
_YEAR: Final = re.compile(r"(?:(?<!\w)nam\s+|(?<!\w)\d{1,2}[/.-](?:\d{1,2}[/.-])?)((?:19|20)\d\d)(?![\d/-])")
_REFERS_BACK: Final = re.compile(r"\s+(?:da\s+)?(?:neu|noi)\s+(?:tren|o\s+tren)(?!\w)")


class Nearby:
    """The surroundings of the acts of a document."""

    def __init__(self, view: View, acts: Sequence[Act]) -> None:
        self._view = view
        self._starts = [act.span[0] for act in acts]
        self._taken = [(act.span[0], max(act.span[1], act.issue.end)) for act in acts]
        self._places = [view.spans[number] for number in view.of("PLACE")]
        self._place_starts = [start for start, _ in self._places]

    def years_before(self, act: Act) -> set[int]:
        """Return the years that the sentence of an act says before it, but those of other acts."""
        if _REFERS_BACK.match(self._view.plain, act.span[1]):  # `Quyết định số 5/QĐ-UBND nêu trên`
            return set()
        first, start = self._first_of_sentence(act.span[0]), act.span[0]
        taken = self._taken[bisect.bisect_left(self._starts, first) : bisect.bisect_left(self._starts, start)]
        found = _YEAR.finditer(self._view.plain, first, start)
        return {int(year[1]) for year in found if not any(a <= year.start(1) < b for a, b in taken)}

    def place(self, act: Act, level: str | None) -> str | None:
        """Return the slug of the place of which an act may be, were it of a body of a level (in plain letters).

        It is the nearest before it in its paragraph, else the nearest behind it in its sentence; None without one.
        """
        start, end = act.span
        first = max(self._view.plain.rfind("\n", 0, start) + 1, start - _REACH)
        before = reversed(self._within(first, start))
        after = bisect.bisect_left(self._starts, end)
        last = min(self._last_of_sentence(end), *self._starts[after : after + 1], len(self._view.plain))
        for span in (*before, *self._within(end, last)):
            its, name = level_and_name(self._view.text[slice(*span)])
            is_alike = is_province(name) if its is None else its == level or (level in PROVINCES and its in PROVINCES)
            if is_alike and (level is None or level in PROVINCES or its == level):
                return slug(name)
        return None

    def _within(self, start: int, end: int) -> list[Span]:
        of = self._place_starts
        return self._places[bisect.bisect_left(of, start) : bisect.bisect_left(of, end)]

    def _first_of_sentence(self, at: int) -> int:
        first = max(0, at - _REACH)
        for found in _SENTENCE.finditer(self._view.plain, first, at):
            first = found.end()
        return first

    def _last_of_sentence(self, at: int) -> int:
        last = min(at + _REACH, len(self._view.plain))
        found = _SENTENCE.search(self._view.plain, at, last)
        return found.start() if found else last

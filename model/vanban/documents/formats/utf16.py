"""Offsets in UTF-16 units, in which JavaScript and Java count: a character beyond U+FFFF, as 😀, is two of them."""

from __future__ import annotations

import bisect
import re
from typing import Final

_TWO_UNITS: Final = re.compile(r"[\U00010000-\U0010ffff]")


class Units:
    """The offsets of one text in code points and in UTF-16 units."""

    def __init__(self, text: str) -> None:
        self._pairs = [match.start() for match in _TWO_UNITS.finditer(text)]
        self._starts = [place + i for i, place in enumerate(self._pairs)]  # in units
        self.length = len(text) + len(self._pairs)

    def units(self, offset: int) -> int:
        """Return the offset in units of one in code points."""
        return offset + bisect.bisect_left(self._pairs, offset)

    def code_points(self, unit: int) -> int | None:
        """Return the offset in code points of one in units, None inside a character."""
        before = bisect.bisect_left(self._starts, unit)
        return None if before and self._starts[before - 1] == unit - 1 else unit - before

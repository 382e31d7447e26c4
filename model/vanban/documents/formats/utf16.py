"""Offsets in code points and in the 16-bit units of UTF-16, in which Java and JavaScript count."""

from __future__ import annotations

import bisect

from vanban.errors import UserError


class Utf16:
    """The offsets of one text in both. They differ only behind a character beyond U+FFFF, which has two units."""

    def __init__(self, text: str) -> None:
        self._length = len(text)
        self._pairs = [] if text.isascii() else [i for i, c in enumerate(text) if c > "\uffff"]  # in code points
        self._pair_units = [place + before for before, place in enumerate(self._pairs)]

    def units(self, offset: int) -> int:
        """Return the offset in units of one in code points."""
        return offset + bisect.bisect_left(self._pairs, offset)

    def code_points(self, offset: int) -> int:
        """Return the offset in code points of one in units.

        Raises UserError for one inside a character or outside the text.
        """
        before = bisect.bisect_left(self._pair_units, offset)
        if before and self._pair_units[before - 1] + 1 == offset:
            raise UserError(f"found the offset {offset}, which is inside a character of two UTF-16 units")
        if not 0 <= offset - before <= self._length:
            raise UserError(
                f"found the offset {offset}, expected 0 to {self.units(self._length)} (the length in UTF-16 units)"
            )
        return offset - before

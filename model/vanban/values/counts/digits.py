"""Digit strings as Vietnamese texts write them: a point groups thousands, a comma begins a fraction.

Scans give l and I for 1 and O for 0, and stray spaces; English texts change the roles of point and comma.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final, NamedTuple

_MOST_PIECES: Final = 6  # between spaces: what has more is a row of a table

# a run of digits, as the scanner may have read them, that no letter goes on with; a number glued to a word has digits
# alone (`12người`)
_CHUNK: Final = re.compile(r"[\dlIO](?:[.,]?[\dlIO]){0,18}(?![^\W_]|[.,]\d)|\d(?:[.,]?\d){0,18}(?=[^\W\d_])")
_NEXT_CHUNK: Final = re.compile(r" (?=[\dlIO.,]{0,30}\d)")
_BROKEN_GROUP: Final = re.compile(r"(?<=\d)\. (?=\d{3}(?!\d))")  # `24. 973`
_AS_DIGITS: Final = str.maketrans("lIO", "110")
_LONGEST_OF_LETTERS: Final = 3  # `ll`, `Ol` for 11 and 01; what is longer is a word

_WHOLE: Final = re.compile(r"\d+")
_POINTS: Final = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?")
_COMMAS: Final = re.compile(r"[1-9]\d{0,2}(?:(?:,\d{3})+\.\d+|(?:,\d{3}){2,})")
_ONE_COMMA: Final = re.compile(r"[1-9]\d{0,2},\d{3}")
_FRACTION: Final = re.compile(r"\d+[.,]\d+")


class DigitString(NamedTuple):
    """A digit string that was found: `text` in digits, points and commas alone, up to `end`."""

    text: str
    end: int

    def value(self, whole: bool) -> Decimal | None:
        """Return the number, or None where the string is none; `whole` as in `decimal_of`."""
        return decimal_of(self.text, whole)


def digit_string(text: str, start: int, end: int) -> DigitString | None:
    """Return the digit string at `start`, which spaces may break (`24 973`, `1 63` of a scan), or None."""
    pieces: list[str] = []
    position = start
    while chunk := _CHUNK.match(text, position, end):
        if not pieces and chunk.group().isalpha() and len(chunk.group()) > _LONGEST_OF_LETTERS:
            return None
        pieces.append(chunk.group().translate(_AS_DIGITS))
        position = chunk.end()
        broken = _BROKEN_GROUP.match(text, position, end)
        following = broken or _NEXT_CHUNK.match(text, position, end)
        if following is None or len(pieces) > _MOST_PIECES:
            break
        pieces += ["."] if broken else []
        position = following.end()
    joined = _joined(pieces)
    return DigitString(joined, chunk.end()) if joined and chunk else None


def _joined(pieces: list[str]) -> str | None:
    """Return pieces between which there were spaces as one string, or None where that is not sure.

    Sure are groups of three digits, and what a scan split off in front: one digit alone counts nothing before a number.
    """
    if len(pieces) < 2:
        return "".join(pieces)
    first, rest = pieces[0], pieces[1:]
    if "." in rest:
        return "".join(pieces)
    if first.isdigit() and len(first) <= 3 and first[0] != "0" and all(re.match(r"\d{3}(?:,\d+)?$", p) for p in rest):
        return ".".join(pieces)
    return first + rest[0] if first.isdigit() and len(first) == 1 and len(rest) == 1 else None


def decimal_of(digits: str, whole: bool = True) -> Decimal | None:
    """Return the number of a string of digits, points and commas, or None where no reading is possible.

    `1,234` is a fraction in Vietnamese and a thousand in English. Where the thing comes in `whole` pieces, so that a
    fraction of three digits is not possible, it is the thousand; before `triệu`, and in a mean, it is the fraction.
    """
    if _WHOLE.fullmatch(digits):
        return Decimal(digits)
    if _POINTS.fullmatch(digits):
        return Decimal(digits.replace(".", "").replace(",", "."))
    if _COMMAS.fullmatch(digits) or (whole and _ONE_COMMA.fullmatch(digits)):
        return Decimal(digits.replace(",", ""))
    # a point before other than three digits can't group: `l.2 triệu` of a scan, `0.5`
    return Decimal(digits.replace(",", ".")) if _FRACTION.fullmatch(digits) else None

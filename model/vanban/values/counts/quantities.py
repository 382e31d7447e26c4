"""Quantities: a number, a range (`400 đến 600`, `hai ba`), or a part of a whole (`8.749/8.000`)."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final, NamedTuple

from vanban.schema import Span
from vanban.values.counts.numerals import Numeral, read_numeral, spelled_digit

_TO: Final = re.compile(r"\s{0,2}[-–—−‑÷~]\s{0,2}|\s{1,2}(?:đến|tới|hoặc|hay|den|toi|hoac)\s{1,2}", re.IGNORECASE)
_OF: Final = re.compile(r"\s{0,2}[/⁄∕]\s{0,2}")
_OR: Final = re.compile(r"\s{0,2},\s{0,2}|\s{1,2}")
_GOES_ON: Final = re.compile(r"\s{0,2}[/⁄∕]\s{0,2}\d")
_AGAIN: Final = re.compile(r"\s{0,2}\(([^()\n]{1,60})\)")  # `02 (hai)`
# `hai ba` is two or three; `bốn năm` before these is four years, `hai ba lô` two rucksacks
_IS_NOUN: Final = re.compile(r"\s{1,2}(?:học|trời|nay|qua|sau|trước|liền|tù|tuổi|liên|lô|gác|ba|rọi|tháng)(?![^\W_])")


class Quantity(NamedTuple):
    """One number under `number`, or two under `low` and `high`, or `numerator` and `denominator`; all end at `end`."""

    numbers: dict[str, Decimal]
    spans: dict[str, Span]
    end: int


def read_quantity(text: str, start: int, end: int, whole: bool = True) -> Quantity | None:
    """Return the quantity that begins at `start` and ends at or before `end`, or None.

    `text` is in NFC. `whole`: what is counted comes in whole pieces; see `digits.decimal_of`.
    """
    first = _numeral(text, start, end, whole)
    if first is None:
        return None
    for names, between in ((("numerator", "denominator"), _OF), (("low", "high"), _TO)):
        found = between.match(text, first.end, end)
        second = _numeral(text, found.end(), end, whole) if found else None
        if found is None or second is None:
            continue
        if between is _OF and (not second.in_digits or _GOES_ON.match(text, second.end, end)):
            return None  # a date
        return _pair(names, (start, first), (found.end(), second))
    return _neighbours(text, start, first, end) or Quantity(
        {"number": first.value}, {"number": (start, first.end)}, first.end
    )


def _numeral(text: str, start: int, end: int, whole: bool) -> Numeral | None:
    """Return the number at `start`, over what says it again in brackets; None where that is another number."""
    found = read_numeral(text, start, end, whole)
    again = _AGAIN.match(text, found.end, end) if found else None
    if found is None or again is None:
        return found
    same = read_numeral(text, *again.span(1), whole)
    if same is None or same.end != again.end(1):
        return found
    return found._replace(end=again.end()) if same.value == found.value else None


def _pair(names: tuple[str, str], first: tuple[int, Numeral], second: tuple[int, Numeral]) -> Quantity:
    """Return two numbers; the multiplier of the second is that of the first, too: `2 đến 3 triệu`."""
    (start, one), (start_of_other, other) = first, second
    shared = other.scale if one.scale == 1 and one.value <= other.value / other.scale else 1
    values = (one.value * shared, other.value)
    spans = ((start, one.end), (start_of_other, other.end))
    return Quantity(dict(zip(names, values, strict=True)), dict(zip(names, spans, strict=True)), other.end)


def _neighbours(text: str, start: int, first: Numeral, end: int) -> Quantity | None:
    """Return a range of two digits that follow each other: `hai ba trăm`, `hai, ba`, `năm bảy`."""
    digit = None if first.in_digits else spelled_digit(text, start, end)
    if digit is None or digit[1] != first.end:
        return None
    gap = _OR.match(text, first.end, end)
    following = spelled_digit(text, gap.end(), end) if gap else None
    if gap is None or following is None:
        return None
    if following[0] - digit[0] != 1 and (digit[0], following[0]) != (5, 7):
        return None
    second = read_numeral(text, gap.end(), end)
    if second is None or ("," not in gap.group() and _IS_NOUN.match(text, following[1], end)):
        return None
    return _pair(("low", "high"), (start, first), (gap.end(), second))

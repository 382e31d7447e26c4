"""Numerals of Vietnamese: in digits (`1,5 nghìn`), in words (`một trăm linh bốn`), with their multipliers.

Vague ones (`hơn chục`, `hàng trăm`, `vài nghìn`) are no numerals; where two numbers may be meant there is none.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final, NamedTuple

from vanban.reading.text import unmarked
from vanban.values.counts.digits import DigitString, digit_string
from vanban.values.counts.spelled import (
    DIGITS,
    HALF,
    LETTERS,
    NOUNS_OF,
    SCALES,
    SMALL_SCALES,
    SPACES,
    Spelled,
    words_at,
)

_MOST_WORDS: Final = 60
_MAY_MULTIPLY: Final = {*SCALES, *SMALL_SCALES, *map(unmarked, SCALES)}


class Numeral(NamedTuple):
    """A number up to `end`. `scale` is what its last word multiplies with: 10⁶ of `1,5 triệu`, 100 of `ba trăm`."""

    value: Decimal
    end: int
    scale: int = 1
    in_digits: bool = False


def read_numeral(text: str, start: int, end: int, whole: bool = True) -> Numeral | None:
    """Return the number that begins at `start` and ends at or before `end`, or None.

    `text` is in NFC. `whole`: what is counted comes in whole pieces; see `decimal_of`.
    """
    if digits := digit_string(text, start, end):
        found = _with_multipliers(text, digits, end, whole)
    else:
        words, has_no_marks = words_at(text, start, end, _MOST_WORDS)
        spelled = Spelled(words, has_no_marks).read() if words else None
        found = Numeral(*spelled) if spelled else None
    return Numeral(_plain(found.value), found.end, found.scale, found.in_digits) if found else None


def _plain(value: Decimal) -> Decimal:
    """Return the same number without noughts behind its fraction: 1500 for `1,5 nghìn`."""
    whole = value.to_integral_value()
    return whole if whole == value else value.normalize()


def spelled_digit(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Return the digit that the word at `start` spells, with the word's end, or None."""
    found = LETTERS.match(text, start, end)
    digit = DIGITS.get(found.group().lower(), 0) if found else 0
    return (digit, found.end()) if found and digit else None


def _with_multipliers(text: str, digits: DigitString, end: int, whole: bool) -> Numeral | None:
    """Return the number of digits with what multiplies it: `2 nghìn tỷ`, `2 triệu 300 nghìn`, `2 triệu rưỡi`."""
    total = Decimal(0)
    least = 0
    while True:
        scale, position = _multipliers(text, digits.end, end)
        value = digits.value(whole and scale == 1)
        if value is None or (least and scale >= least):
            return None
        total += value * scale
        if scale == 1:
            # behind `2 nghìn` three digits are its hundreds; 1 triệu 200 may be 1.200.000 or 1.000.200
            return Numeral(total, digits.end, 1, True) if least in (0, 1000) and (not least or value < 1000) else None
        half, after_half = _half(text, position, end)
        if half:
            return Numeral(total + Decimal(scale) / 2, after_half, scale, True)
        gap = SPACES.match(text, position, end)
        following = digit_string(text, gap.end(), end) if gap else None
        if following is None or not text[gap.end() if gap else 0].isdigit():
            return Numeral(total, position, scale, True)
        digits, least = following, scale


def _multipliers(text: str, position: int, end: int) -> tuple[int, int]:
    """Return the product of the multipliers behind `position`, 1 without any, and their end."""
    gap = SPACES.match(text, position, end)
    first = LETTERS.match(text, gap.end() if gap else position, end)
    if first is None or first.group().lower() not in _MAY_MULTIPLY:
        return 1, position
    words, _ = words_at(text, first.start(), end, 4)
    scale = 1
    for i, word in enumerate(words[:3]):
        factor = SCALES.get(word.text) or SMALL_SCALES.get(word.text)
        following = words[i + 1].text if i + 1 < len(words) else ""
        # a dozen is one of something
        if not factor or following in NOUNS_OF.get(word.text, ()) or (word.text == "tá" and not following):
            break
        scale, position = scale * factor, word.end
    return scale, position


def _half(text: str, position: int, end: int) -> tuple[bool, int]:
    gap = SPACES.match(text, position, end)
    found = LETTERS.match(text, gap.end(), end) if gap else None
    is_half = found is not None and found.group().lower() in HALF
    return is_half, found.end() if found and is_half else position

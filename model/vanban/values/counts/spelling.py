"""Numbers as Vietnamese writes them, in words and in digits: the inverse of what `numerals` reads."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

_DIGITS: Final = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_BILLION: Final = 10**9


def spell(number: Decimal | int) -> str:
    """Return a number in words: `hai mươi lăm`, `một nghìn không trăm linh bốn`, `một phẩy năm`.

    Raises ValueError for what is below zero or no number.
    """
    whole, fraction = _parts(number)
    words = _spell_whole(whole)
    return f"{words} phẩy {' '.join(_DIGITS[int(digit)] for digit in fraction)}" if fraction else words


def in_digits(number: Decimal | int) -> str:
    """Return a number in digits, thousands grouped by points, the fraction behind a comma: `1.234.567,5`.

    Raises ValueError for what is below zero or no number.
    """
    whole, fraction = _parts(number)
    grouped = f"{whole:,}".replace(",", ".")
    return f"{grouped},{fraction}" if fraction else grouped


def _parts(number: Decimal | int) -> tuple[int, str]:
    """Return the whole part, and the digits of the fraction."""
    exact = Decimal(number)
    if not exact.is_finite() or exact < 0:
        raise ValueError(f"{number} is below zero or no number: only what counts something is written")
    whole, _, fraction = format(exact, "f").partition(".")
    return int(whole), fraction


def _spell_whole(number: int) -> str:
    if number < _BILLION:
        return _spell_below_billion(number, leading=True)
    billions, rest = divmod(number, _BILLION)
    return f"{_spell_whole(billions)} tỷ" + (f" {_spell_below_billion(rest, leading=False)}" if rest else "")


def _spell_below_billion(number: int, leading: bool) -> str:
    """`leading` where nothing stands before: there `không trăm` is left out."""
    if not number:
        return _DIGITS[0]
    words: list[str] = []
    for unit, name in ((10**6, "triệu"), (1000, "nghìn"), (1, "")):
        group, number = divmod(number, unit)
        if group:
            words += [_spell_group(group, leading and not words), name]
    return " ".join(filter(None, words))


def _spell_group(group: int, leading: bool) -> str:
    """Return 1 to 999 in words; not leading, with its hundreds, so that `một tỷ năm` can't be one and a half."""
    hundreds, rest = divmod(group, 100)
    words = [] if leading and not hundreds else [_DIGITS[hundreds], "trăm"]
    tens, ones = divmod(rest, 10)
    if tens == 0:
        return " ".join([*words, *(["linh"] if words and ones else []), *([_DIGITS[ones]] if ones else [])])
    words += ["mười"] if tens == 1 else [_DIGITS[tens], "mươi"]
    if ones:
        words.append({1: "mốt" if tens > 1 else "một", 5: "lăm"}.get(ones, _DIGITS[ones]))
    return " ".join(words)

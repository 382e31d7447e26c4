"""Numbers in words, from the largest multiplier down: `hai triệu ba trăm nghìn`, `một trăm linh bốn`, `nửa triệu`."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final, NamedTuple

from vanban.reading.text import unmarked

DIGITS: Final = {
    "không": 0, "một": 1, "hai": 2, "ba": 3, "bốn": 4, "năm": 5, "sáu": 6, "bảy": 7, "bẩy": 7, "tám": 8, "chín": 9,
}  # fmt: skip
# what stands for a digit behind others alone: no number begins with it
_LATE: Final = {"mốt": 1, "tư": 4, "lăm": 5, "nhăm": 5}
SCALES: Final = {
    "nghìn": 10**3, "ngàn": 10**3, "vạn": 10**4, "triệu": 10**6, "tỷ": 10**9, "tỉ": 10**9,
}  # fmt: skip
SMALL_SCALES: Final = {"chục": 10, "tá": 12, "trăm": 100}
HALF: Final = frozenset({"rưỡi", "rưởi"})
_AND: Final = frozenset({"linh", "lẻ"})
# a multiplier before one of these is part of a noun: vạn chài, tỷ lệ, tỷ phú, triệu phú, tá điền
NOUNS_OF: Final = {
    "vạn": {"chài", "vật", "đò", "lý"}, "tỷ": {"lệ", "phú", "số", "trọng", "giá", "suất"}, "tỉ": {"lệ", "phú", "số"},
    "triệu": {"phú", "chứng"}, "tá": {"điền", "dược", "tràng"}, "tư": {"nhân", "thục", "thương", "lệnh", "liệu", "vấn"},
}  # fmt: skip
LETTERS: Final = re.compile(r"[^\W\d_]{1,12}(?![^\W_])")
SPACES: Final = re.compile(r"\s{1,3}")

# Without its marks `tram` is trăm or trạm, `van` vạn or văn, `ty` tỷ or ty: only what can be nothing else is read.
_UNMARKED: Final = {
    unmarked(word): word
    for word in ("một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín", "nghìn", "triệu", "rưỡi")
}
_UNMARKED_MULTIPLIERS: Final = frozenset({"tram", "muoi", "chuc", "van", "ngan", "ty", "ti", "linh", "le", "phay"})


class Word(NamedTuple):
    text: str
    end: int


def words_at(text: str, start: int, end: int, most: int) -> tuple[list[Word], bool]:
    """Return the words from `start` on, in small letters, as far as nothing but spaces is between them.

    Where none has a mark, the second is True, and numerals have got theirs.
    """
    words: list[Word] = []
    while len(words) < most and (found := LETTERS.match(text, start, end)):
        words.append(Word(found.group().lower(), found.end()))
        gap = SPACES.match(text, found.end(), end)
        if gap is None:
            break
        start = gap.end()
    if all(word.text.isascii() for word in words):
        return [Word(_UNMARKED.get(word.text, word.text), word.end) for word in words], True
    return words, False


class Ambiguous(Exception):
    """What was read may be two numbers."""


class Spelled:
    """Reads the number that words begin with, from the largest multiplier down."""

    def __init__(self, words: list[Word], unmarked: bool) -> None:
        self._words = words
        self._unmarked = unmarked
        self._at = 0
        self._scale = 1  # of the last word that was taken

    def read(self) -> tuple[Decimal, int, int] | None:
        """Return the number, its end, and what its last word multiplies with; None where there is no sure one."""
        try:
            value = self._half_of_scale() or self._number()
        except Ambiguous:
            return None
        return None if value is None else (value, self._words[self._at - 1].end, self._scale)

    def _word(self, ahead: int = 0) -> str:
        i = self._at + ahead
        return self._words[i].text if i < len(self._words) else ""

    def _take(self, scale: int = 1) -> None:
        self._at += 1
        self._scale = scale

    def _half_of_scale(self) -> Decimal | None:
        """`nửa triệu`"""
        scale = SCALES.get(self._word(1)) if self._word() == "nửa" else None
        if scale is None:
            return None
        self._take()
        self._take(scale)
        return Decimal(scale) / 2

    def _number(self) -> Decimal | None:
        total = self._below_billion()
        while total is not None and self._is_scale("tỷ", "tỉ"):
            self._take(10**9)
            total *= 10**9
            total += self._below_billion() or self._tail(10**9)
        if total is not None and self._word() == "phẩy":
            total = self._fraction(total)
        # multipliers in an order that no number has, or that may be nouns
        if self._is_scale(*SCALES) or (self._unmarked and self._word() in _UNMARKED_MULTIPLIERS):
            raise Ambiguous
        return total

    def _is_scale(self, *names: str) -> bool:
        return self._word() in names and self._word(1) not in NOUNS_OF.get(self._word(), ())

    def _fraction(self, whole: Decimal) -> Decimal | None:
        """`một phẩy năm triệu`"""
        self._take()
        digits = ""
        while self._word() in DIGITS:
            digits += str(DIGITS[self._word()])
            self._take()
        if not digits:
            return None
        value = whole + Decimal(f"0.{digits}")
        while self._is_scale(*SCALES):
            scale = SCALES[self._word()]
            self._take(scale)
            value *= scale
        return value

    def _below_billion(self) -> Decimal | None:
        total: Decimal | None = None
        above = 10**9
        while (group := self._group()) is not None:
            scale = SCALES[self._word()] if self._is_scale("nghìn", "ngàn", "vạn", "triệu") else 1
            if scale >= above:
                raise Ambiguous
            total = (total or 0) + Decimal(group) * scale
            if scale == 1:
                return total
            self._take(scale)
            above = scale
            if tail := self._tail(scale):
                return total + tail
        return total

    def _tail(self, scale: int) -> Decimal:
        """Return what stands behind a multiplier as a part of it: `rưỡi`, or a digit that only stands there."""
        if self._word() in HALF:
            self._take(scale)
            return Decimal(scale) / 2
        if self._is_late():
            digit = _LATE[self._word()]
            self._take(scale)
            return Decimal(digit) * scale / 10
        return Decimal(0)

    def _is_late(self) -> bool:
        return self._word() in _LATE and self._word(1) not in NOUNS_OF.get(self._word(), ())

    def _group(self) -> int | Decimal | None:
        """Return a number below a thousand, or dozens, or None where the words begin with none."""
        if self._at and self._word() in _AND:  # `một nghìn lẻ một`
            return self._ones_behind_and()
        if self._word() == "mười":
            return self._teens()
        if self._word() not in DIGITS:
            return None
        digit, unit = DIGITS[self._word()], self._word(1)
        if unit == "trăm":
            self._take()
            self._take(100)
            return digit * 100 + self._below_hundred()
        if unit == "mươi" or unit == "chục":
            return self._tens(digit)
        if unit == "tá" and self._word(2) and self._word(2) not in NOUNS_OF["tá"]:
            self._take()
            self._take(12)
            return digit * 12
        if self._at and self._scale > 1 and unit != "phẩy" and unit not in SCALES:
            # behind a multiplier a lone digit is a year or a tenth (`một nghìn hai`) or the ones, badly written
            if self._word() == "năm":
                return None
            raise Ambiguous
        self._take()
        if self._is_late() and digit > 1:
            ones = _LATE[self._word()]  # `hai lăm`: the tens' word left out
            self._take()
            return digit * 10 + ones
        return digit

    def _ones_behind_and(self) -> int | None:
        if self._word(1) not in DIGITS and self._word(1) != "tư":
            return None
        self._take()
        digit = DIGITS.get(self._word(), 4)
        self._take()
        return digit

    def _below_hundred(self) -> Decimal | int:
        """Return what follows `trăm`, 0 where nothing does."""
        if self._word() in _AND:
            return self._ones_behind_and() or 0
        if self._word() == "mười":
            return self._teens()
        if self._word() in DIGITS and self._word(1) in ("mươi", "chục"):
            return self._tens(DIGITS[self._word()])
        if self._word() in DIGITS and self._word() != "năm":
            raise Ambiguous  # một trăm hai: 120, or 102, badly written
        return self._tail(100)

    def _teens(self) -> int:
        self._take()
        ones = {**DIGITS, **_LATE}.get(self._word(), 0)
        if not ones or self._word() in ("năm", "mốt") or (self._word() == "tư" and not self._is_late()):
            return 10  # mười năm is ten years
        self._take()
        return 10 + ones

    def _tens(self, digit: int) -> int:
        self._take()
        self._take(10)
        if self._is_late() or (self._word() in DIGITS and self._word() not in ("năm", "không")):
            ones = {**DIGITS, **_LATE}[self._word()]
            self._take()
            return digit * 10 + ones
        return digit * 10

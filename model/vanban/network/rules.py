"""What the spans of a label must be made of, whatever a network says: rules with names, set by label in a config.

A span that breaks a rule of its label is left out. A label without rules, as those of one's own are, keeps all.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from vanban.reading.text import NUMBER_OR_WORD

Rules = Mapping[str, Sequence[str]]
"""Names of `RULES`, by label."""

_UNIT: Final = re.compile(NUMBER_OR_WORD)
# with and without diacritics, as scans have them
_NUMERALS: Final = frozenset({
    "một", "hai", "ba", "bốn", "tư", "năm", "lăm", "sáu", "bảy", "bẩy", "tám", "chín", "mười", "mươi", "trăm", "nghìn",
    "ngàn", "triệu", "nửa", "mot", "bon", "tu", "nam", "lam", "sau", "bay", "tam", "chin", "muoi", "tram", "nghin",
    "ngan", "trieu", "nua",
})  # fmt: skip
_MISREAD_DIGITS: Final = frozenset("lio")  # 17 that a scanner made l7, or 10 that became lo


def _holds_digit(text: str) -> bool:
    return any(character.isdigit() for character in text)


def _begins_with_numeral(text: str) -> bool:
    first = _UNIT.match(unicodedata.normalize("NFC", text))
    word = first.group().lower() if first else ""
    return _holds_digit(word) or word in _NUMERALS or (word != "" and _MISREAD_DIGITS.issuperset(word))


def _goes_on_with_word(text: str) -> bool:
    return any(unit.group()[0].isalpha() for unit in list(_UNIT.finditer(text))[1:])


RULES: Final[dict[str, Callable[[str], bool]]] = {
    "holds_digit": _holds_digit,
    "begins_with_numeral": _begins_with_numeral,
    "goes_on_with_word": _goes_on_with_word,
}


def keeps(rules: Rules, label: str, text: str) -> bool:
    """True of a span (NFC or NFD) that breaks none of its label's rules."""
    return all(RULES[name](text) for name in rules.get(label, ()))

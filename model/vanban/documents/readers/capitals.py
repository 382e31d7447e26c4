"""Capitals of words whose letters with marks are small, since TCVN3 has no others: `CộNG HòA` is `CỘNG HÒA`."""

from __future__ import annotations

import re
from typing import Final

from vanban.documents.readers.syllables import is_syllable

_PART: Final = re.compile(r"(?:[^\S\n\r\t\v\f]?[^\s\x00-\x1f])+")  # of a line, up to a tab, a cell or two spaces
_WORD: Final = re.compile(r"[^\W\d_]+")
_SMALL: Final = re.compile("[a-z]")


def with_capitals(text: str) -> str:
    """Return a text, of the same length, with the small letters that stand in the place of capitals as capitals.

    Such a word is a syllable that has no small letter of ASCII, and either two capitals or one behind a small letter
    (`BáO`, `ủY`). What also is a word as it stands (`Bộ`, `ở`) is one in a part of a line that holds a syllable in
    capitals and no small letter of ASCII; so `Số: 12/QĐ-UBND` stays.
    """
    return _PART.sub(_in_part, text)


def _in_part(match: re.Match[str]) -> str:
    part = match[0]
    if part.isascii():
        return part
    all_in_capitals = not _SMALL.search(part) and any(map(_is_in_capitals, _WORD.findall(part)))
    if all_in_capitals:
        return part.upper() if len(part.upper()) == len(part) else part
    return _WORD.sub(lambda word: word[0].upper() if _is_in_capitals(word[0]) else word[0], part)


def _is_in_capitals(word: str) -> bool:
    """True of a syllable in capitals, two of them or one at its end, whose letters with marks may be small."""
    if _SMALL.search(word) or not is_syllable(word):
        return False
    return sum(map(str.isupper, word)) >= 2 or (len(word) > 1 and word[0].islower() and word[-1].isupper())

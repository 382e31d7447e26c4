"""Bytes → text, in the encodings in which Vietnamese was written: which one it is the bytes say, else the words."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from typing import Final

from vanban.documents.readers.old_letters import NAMES, converted_lines, told_by_words
from vanban.documents.readers.reader import Encoding
from vanban.documents.readers.syllables import is_syllable

Text = tuple[str, str | None]
"""A text, and the encoding that it was in; None for UTF-8."""

WINDOWS_1258: Final = "windows-1258"
_UTF16: Final = "UTF-16"
_PROBE: Final = 1 << 12
_IN_ASCII: Final = 0.2  # of the characters of a text in UTF-16 at least: one of their two bytes is zero
WINDOWS_1252: Final = {
    byte: character for byte in range(0x80, 0xA0) if (character := bytes([byte]).decode("cp1252", "ignore"))
}
_WORD: Final = re.compile(r"[^\W\d_](?:[^\W\d_]|[\u0300-\u036f])*")
_LEAST_WORDS: Final = 3
_SHARE: Final = 0.75


def decoded(data: bytes, encoding: Encoding | None = None) -> Text | None:
    """Return the text of bytes; None where they are in no encoding that is known, or not in the one that is given.

    A byte order mark of UTF-8 stays as a character, that of UTF-16 is none. Letters of TCVN3 and VNI are left to
    `in_unicode`: their bytes become the Latin letters of windows-1252.
    """
    if encoding in ("utf-8", WINDOWS_1258):
        return _text(data, encoding)
    order = _utf16(data, encoding == "utf-16")
    if order or encoding == "utf-16":
        text = _text(data, order or "utf-16-le")
        return None if text is None else (text[0].removeprefix("\ufeff"), _UTF16)
    text = _text(data, "utf-8")
    if text is not None:
        return text
    as_latin = data.decode("latin-1").translate(WINDOWS_1252)
    if encoding or told_by_words(as_latin):
        return as_latin, None
    text = _text(data, WINDOWS_1258)
    return text if text is not None and _is_vietnamese(text[0]) else None


def in_unicode(pages: Sequence[str], encoding: Encoding | None = None) -> tuple[Sequence[str], str | None]:
    """Return the pages of a text with letters of TCVN3 or VNI turned into those of Unicode, and which these were."""
    letters = told_by_words("\n".join(pages)) if encoding is None else encoding
    if letters not in NAMES:
        return pages, None
    return [converted_lines(page, letters) for page in pages], NAMES[letters]


def _text(data: bytes, codec: str) -> Text | None:
    try:
        return data.decode(codec), None if codec == "utf-8" else codec
    except UnicodeDecodeError:
        return None


def _utf16(data: bytes, is_told: bool) -> str | None:
    """Return the codec of UTF-16 in which bytes are by their mark, else by where their zeros stand."""
    for mark, codec in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if data.startswith(mark):
            return codec
    probe = data[:_PROBE]
    zeros = [probe[i::2].count(0) for i in (0, 1)]
    if min(zeros) * 10 < max(zeros) and (is_told or max(zeros) >= _IN_ASCII * len(probe) / 2):
        return "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"
    return None


def _is_vietnamese(text: str) -> bool:
    """True when most words with a letter beyond ASCII are syllables of Vietnamese."""
    words = [word for word in _WORD.findall(text) if not word.isascii()]
    return len(words) >= _LEAST_WORDS and sum(map(is_syllable, words)) >= _SHARE * len(words)

"""A text in plain small letters, character for character: where marks and capitals say nothing, or a scanner lost them.

`Ð` (eth), which many keyboards and scanners write for `Đ`, becomes `d` too.
"""

from __future__ import annotations

import functools
import re
import sys
from typing import Final

import numpy as np

from vanban.reading.text import unmarked

_LAST_LETTER: Final = 0x1EF9  # ỹ: no Vietnamese letter stands behind it
_LONGEST_NAME: Final = 40
_NO_SLUG: Final = re.compile(r"[^a-z0-9]+")
_PLAIN: Final = {
    code: letter
    for code in range(0x41, _LAST_LETTER + 1)
    if chr(code).isalpha() and len(letter := unmarked(chr(code)).lower()) == 1 and ord(letter) != code
} | {ord("Ð"): "d", ord("ð"): "d"}


_UTF32: Final = f"utf-32-{sys.byteorder[0]}e"
_PLAIN_OF: Final = np.array([ord(_PLAIN.get(code, chr(code))) for code in range(_LAST_LETTER + 1)], np.uint32)


def folded(text: str) -> str:
    """Return `text` (NFC) in small letters without marks, of the same length: `QUYẾT ĐỊNH` is `quyet dinh`."""
    if len(text) <= _LONGEST_NAME:
        return _name_folded(text)
    codes = np.frombuffer(text.encode(_UTF32, "surrogatepass"), np.uint32)
    plain = np.where(codes <= _LAST_LETTER, _PLAIN_OF[np.minimum(codes, _LAST_LETTER)], codes)
    return plain.tobytes().decode(_UTF32, "surrogatepass")


@functools.lru_cache(maxsize=1 << 13)
def _name_folded(name: str) -> str:
    """Return a short text folded: names and codes come again and again."""
    return name.translate(_PLAIN)


def slug(name: str) -> str:
    """Return a name as ids hold it: `Hà Nội` is `ha-noi`."""
    return _NO_SLUG.sub("-", folded(name)).strip("-")

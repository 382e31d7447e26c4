"""A text in plain small letters, character for character: where marks and capitals say nothing, or a scanner lost them.

`Ð` (eth), which many keyboards and scanners write for `Đ`, becomes `d` too.
"""

from __future__ import annotations

import re
from typing import Final

from vanban.reading.text import unmarked

_LAST_LETTER: Final = 0x1EF9  # ỹ: no Vietnamese letter stands behind it
_NO_SLUG: Final = re.compile(r"[^a-z0-9]+")
_PLAIN: Final = {
    code: letter
    for code in range(0x41, _LAST_LETTER + 1)
    if chr(code).isalpha() and len(letter := unmarked(chr(code)).lower()) == 1 and ord(letter) != code
} | {ord("Ð"): "d", ord("ð"): "d"}


def folded(text: str) -> str:
    """Return `text` (NFC) in small letters without marks, of the same length: `QUYẾT ĐỊNH` is `quyet dinh`."""
    return text.translate(_PLAIN)


def slug(name: str) -> str:
    """Return a name as ids hold it: `Hà Nội` is `ha-noi`."""
    return _NO_SLUG.sub("-", folded(name)).strip("-")

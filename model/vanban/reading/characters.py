"""Questions about the characters of a text, answered for many offsets at once; each different one is asked once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from vanban.reading.text import INVISIBLE

BoolArray = npt.NDArray[np.bool_]


def code_points(text: str) -> npt.NDArray[np.uint32]:
    """Return (len(text),) code points, halves of characters among them."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")


def those_that(text: str, holds: Callable[[str], bool]) -> BoolArray:
    """Return a table by code point: True for the characters of `text` of which `holds` is true.

    It reaches to the greatest code point of the text, and has one row at least.
    """
    different = set(text)
    table = np.zeros(max(map(ord, different), default=0) + 1, dtype=np.bool_)
    table[[ord(character) for character in different if holds(character)]] = True
    return table


def is_blank(character: str) -> bool:
    """True of white space and of what shows nothing."""
    return character.isspace() or character in INVISIBLE

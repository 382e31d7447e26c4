"""Where entities may begin and end: at words and numbers, and at those marks alone at which annotated spans do.

No span of the guidelines begins or ends with a dash, a comma or a bracket. Labels of one's own may: `12 %`, `Ban (mở
rộng)`. So a model records the marks at the edges of the spans that it was trained on.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from vanban.reading.characters import BoolArray as BoolArray
from vanban.reading.characters import code_points, those_that
from vanban.reading.encoding import EncodedText
from vanban.schema import Entity, Span


@dataclass(frozen=True, slots=True)
class EdgeMarks:
    """The marks, one character each, at which spans may begin (`first`) and end (`last`)."""

    first: str = ""
    last: str = ""

    @classmethod
    def of(cls, entities: Iterable[Entity]) -> EdgeMarks:
        """Return the marks at which annotated spans begin and end."""
        texts = [entity.text for entity in entities]
        first, last = {text[0] for text in texts}, {text[-1] for text in texts}
        return cls(*("".join(sorted(filter(_is_mark, characters))) for characters in (first, last)))

    def edges(self, encoded: EncodedText) -> tuple[BoolArray, BoolArray]:
        """Return (tokens,) booleans twice: True for tokens at which a span may begin, and at which it may end.

        That is every token with a letter or a digit in it, and those marks.
        """
        text = encoded.text
        written = np.zeros(len(text) + 1, dtype=np.int32)  # characters of words before each
        np.cumsum(those_that(text, str.isalnum)[code_points(text)], out=written[1:])
        starts, ends = encoded.spans[:, 0], encoded.spans[:, 1]
        is_word = written[ends] > written[starts]
        opens, closes = is_word.copy(), is_word.copy()
        for edge, allowed in ((opens, frozenset(self.first)), (closes, frozenset(self.last))):
            # a token may hold several marks, as `).` does: `trim` leaves out those behind, or before
            for number in np.flatnonzero(~is_word) if allowed else ():
                edge[number] = not allowed.isdisjoint(text[starts[number] : ends[number]])
        return opens, closes

    def trim(self, text: str, start: int, end: int) -> Span:
        """Return the span without other marks at its ends: a token such as `/100` or `21-` joins one to a number."""
        while start < end - 1 and _is_mark(text[start]) and text[start] not in self.first:
            start += 1
        while end > start + 1 and _is_mark(text[end - 1]) and text[end - 1] not in self.last:
            end -= 1
        return start, end


def _is_mark(character: str) -> bool:
    """True of what is no letter, digit, or combining mark (of a text in NFD)."""
    return not character.isalnum() and unicodedata.category(character)[0] != "M"


# of a model that does not say so: opening and closing marks, and what belongs to the number before it
USUAL_MARKS: Final = EdgeMarks("\"'(<[{«‘“", "\"'%)>]}°»’”‰…")

"""A text as the grammars read it, with the way back to the raw string."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Final

from vanban.reading.breaks import soft_breaks
from vanban.reading.text import INVISIBLE, LINE_BREAK, NormalizedText, to_nfc
from vanban.schema import Entity, Span
from vanban.values.letters import folded

# white space, and at its edges what shows nothing
_SHOWS_NOTHING: Final = f"[{re.escape(''.join(sorted(INVISIBLE)))}]"
_SPACES: Final = "\\t\\x1f\\xa0\\u1680\\u2000-\\u200a\\u202f\\u205f\\u3000"
_BREAKS_NO_LINE: Final = re.compile(rf"[{_SPACES}]|(?<=\s){_SHOWS_NOTHING}|{_SHOWS_NOTHING}(?=\s)")
_MAY_BREAK_NO_LINE: Final = re.compile(rf"[{_SPACES}{_SHOWS_NOTHING[1:]}")  # most texts have none


@dataclass(frozen=True)
class View:
    """A text in NFC in which a soft line break, and every white space that breaks no line, is a plain space.

    Characters are as many as in NFC, so that `raw` leads back. `spans` are those of `entities`, which are offsets into
    the raw string, in `text`; both in order.
    """

    text: str
    entities: tuple[Entity, ...]
    spans: tuple[Span, ...]
    _normalized: NormalizedText

    def raw(self, start: int, end: int) -> Span:
        """Return the raw span of a span of `text`."""
        return (start, end) if self._normalized.starts is None else self._normalized.raw(start, end)

    def with_breaks(self, start: int, end: int) -> str:
        """Return a part of `text` in which every line break, soft ones too, is a newline, its last character."""
        parts: list[str] = []
        at = start
        for found in LINE_BREAK.finditer(self._normalized.text, start, min(end, len(self.text))):
            parts += (self.text[at : found.start()], "\n".rjust(len(found.group())))
            at = found.end()
        return "".join(parts) + self.text[at:end]

    def of(self, label: str) -> list[int]:
        """Return the numbers of the entities of a label, in order."""
        return self._numbers.get(label, [])

    @cached_property
    def plain(self) -> str:
        """`text` in small letters without marks, of the same length."""
        return folded(self.text)

    @cached_property
    def _numbers(self) -> dict[str, list[int]]:
        found: defaultdict[str, list[int]] = defaultdict(list)
        for number, entity in enumerate(self.entities):
            found[entity.label].append(number)
        return found


def view(text: str, entities: Sequence[Entity]) -> View:
    """Return a raw text and its entities as the grammars read them."""
    normalized = to_nfc(text)
    breaks = list(LINE_BREAK.finditer(normalized.text))
    starts = [0, *(found.end() for found in breaks)]
    ends = [*(found.start() for found in breaks), len(normalized.text)]
    lines = [normalized.text[start:end] for start, end in zip(starts, ends, strict=True)]
    soft = soft_breaks(lines)
    marks = [(" " if is_soft else "\n") * len(found.group()) for found, is_soft in zip(breaks, soft, strict=True)]
    joined = "".join(chain.from_iterable(zip(lines, [*marks, ""], strict=True)))
    if normalized.starts is None:
        spans = tuple((e.start, e.end) for e in entities)
    else:
        spans = tuple((normalized.from_raw(e.start), _end(normalized, e.end)) for e in entities)
    if _MAY_BREAK_NO_LINE.search(joined):
        joined = _BREAKS_NO_LINE.sub(" ", joined)
    return View(joined, tuple(entities), spans, normalized)


def overlap(one: Span, other: Span) -> bool:
    """True of spans that have a character in common."""
    return one[0] < other[1] and other[0] < one[1]


def _end(normalized: NormalizedText, end: int) -> int:
    """Return the offset of a raw end, rounded up to the end of its character."""
    found = normalized.from_raw(end)
    return found + (normalized.raw(found, found)[0] < end)

"""A text as the grammars read it, with the way back to the raw string."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vanban.reading.breaks import soft_breaks
from vanban.reading.text import LINE_BREAK, NormalizedText, to_nfc
from vanban.schema import Entity, Span


@dataclass(frozen=True, slots=True)
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
        return self._normalized.raw(start, end)

    def with_breaks(self, start: int, end: int) -> str:
        """Return a part of `text` in which every line break, soft ones too, is a newline, its last character."""
        part = list(self.text[start:end])
        for found in LINE_BREAK.finditer(self._normalized.text, start, min(end, len(self.text))):
            part[found.start() - start : found.end() - start] = [" "] * (len(found.group()) - 1) + ["\n"]
        return "".join(part)

    def of(self, label: str) -> list[int]:
        """Return the numbers of the entities of a label, in order."""
        return [number for number, entity in enumerate(self.entities) if entity.label == label]


def view(text: str, entities: Sequence[Entity]) -> View:
    """Return a raw text and its entities as the grammars read them."""
    normalized = to_nfc(text)
    breaks = list(LINE_BREAK.finditer(normalized.text))
    starts = [0, *(found.end() for found in breaks)]
    ends = [*(found.start() for found in breaks), len(normalized.text)]
    soft = soft_breaks([normalized.text[start:end] for start, end in zip(starts, ends, strict=True)])
    characters = [" " if c.isspace() and not LINE_BREAK.match(c) else c for c in normalized.text]
    for found, is_soft in zip(breaks, soft, strict=True):
        mark = " " if is_soft else "\n"
        characters[found.start() : found.end()] = mark * (found.end() - found.start())
    spans = tuple((normalized.from_raw(e.start), _end(normalized, e.end)) for e in entities)
    return View("".join(characters), tuple(entities), spans, normalized)


def _end(normalized: NormalizedText, end: int) -> int:
    """Return the offset of a raw end, rounded up to the end of its character."""
    found = normalized.from_raw(end)
    return found + (normalized.raw(found, found)[0] < end)

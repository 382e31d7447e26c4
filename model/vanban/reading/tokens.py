"""Segments of text → tokens with their spans: the two ways in which encoders read.

Most tokenizers read a segment as it stands (`SubwordReader`). PhoBERT's reads words (`WordReader`). Spans here are of
the NFC text; `encoding.py` takes them back to the raw text.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from vanban.reading.text import INVISIBLE, NUMBER_OR_WORD, newer_tone_style, without_surrogates
from vanban.reading.words import load_segmenter, words_of_sentence
from vanban.schema import Span

# What an entity boundary never cuts: a number with its separators, a word with its combining marks.
_UNIT: Final = re.compile(rf"{NUMBER_OR_WORD}|\S[\u0300-\u036f]*")

# a soft break is white space, which some tokenizers do not know of a line break
_BREAKS: Final = dict.fromkeys(map(ord, "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"), " ")

OPENING_MARKS: Final = frozenset("([{“‘«\"'*")
CLOSING_MARKS: Final = frozenset(")]}”’»\"'*.,;:!?…")


class Token(NamedTuple):
    """A token, the half-open span of the NFC text that it stands for, and whether an entity may begin with it."""

    id: int
    start: int
    end: int
    begins: bool


class SubwordReader:
    """Reads segments as they stand, with any fast tokenizer."""

    def __init__(self, backend: Any) -> None:
        """`backend` is a tokenizer of the `tokenizers` library."""
        self._backend = backend

    def read(
        self, texts: Sequence[str], segments: Sequence[Sequence[Span]], cuts: Sequence[Collection[int]]
    ) -> Iterator[list[list[Token]]]:
        """Yield the tokens of each segment of each text, all of them in one call of the tokenizer.

        `cuts` are for readers of words.
        """
        pieces = [
            without_surrogates(text[start:end].rstrip()).translate(_BREAKS)
            for text, spans in zip(texts, segments, strict=True)
            for start, end in spans
        ]
        encodings = iter(self._backend.encode_batch(pieces, add_special_tokens=False))
        for text, spans in zip(texts, segments, strict=True):
            units = unit_starts(text)
            yield [self._tokens(text, units, start, next(encodings)) for start, _ in spans]

    @staticmethod
    def _tokens(text: str, units: npt.NDArray[np.bool_], offset: int, encoding: Any) -> list[Token]:
        tokens = []
        for token_id, (first, last) in zip(encoding.ids, encoding.offsets, strict=True):
            start, end = without_marks(text, *strip(text, offset + first, offset + last), units)
            tokens.append(Token(token_id, start, end, bool(units[start])))
        return tokens


class WordReader:
    """Reads words in the tone style of PhoBERT's pre-training; their pieces stay together."""

    def __init__(self, tokenizer: Any) -> None:
        """`tokenizer` is a `PhobertTokenizerFast`. Raises UserError when underthesea is not installed."""
        load_segmenter()  # now, not at the first text
        self._tokenizer = tokenizer

    def read(
        self, texts: Sequence[str], segments: Sequence[Sequence[Span]], cuts: Sequence[Collection[int]]
    ) -> Iterator[list[list[Token]]]:
        """Yield the tokens of each segment of each text. No word goes on over one of the `cuts` of its text."""
        words = [_words(*text) for text in zip(texts, segments, cuts, strict=True)]
        pieces = iter(
            self._tokenizer.encode_words([word.written for text in words for segment in text for word in segment])
        )
        for text in words:
            yield [[token for word in segment for token in _tokens(word, *next(pieces))] for segment in text]


class _Word(NamedTuple):
    """A word as PhoBERT reads it, syllables joined by `_`, and the offsets in the text of its characters.

    `places` is None when they count on from `start`: always, but where white space runs on or something invisible is
    inside.
    """

    written: str
    start: int
    places: list[int] | None


def _words(text: str, segments: Sequence[Span], cuts: Collection[int]) -> list[list[_Word]]:
    styled = newer_tone_style(text)
    words = []
    for offset, segment_end in segments:
        spans = [(offset + start, offset + end) for start, end in words_of_sentence(text[offset:segment_end])]
        if cuts:
            spans = [part for span in spans for part in _cut(text, span, cuts)]
        words.append([_word(styled, start, end) for start, end in spans])
    return words


def _word(text: str, start: int, end: int) -> _Word:
    syllables = text[start:end].split(" ")
    if all(syllable.isalnum() for syllable in syllables):  # nearly always
        return _Word("_".join(syllables), start, None)
    places = [
        place
        for place in range(start, end)
        if text[place] not in INVISIBLE and not (text[place].isspace() and text[place - 1].isspace())
    ]
    written = "".join("_" if text[place].isspace() else text[place] for place in places)
    return _Word(without_surrogates(written), start, None if len(places) == end - start else places)


def _tokens(word: _Word, ids: Sequence[int], ends: Sequence[int]) -> Iterator[Token]:
    assert ids, f"the word {word.written!r} has no token"
    before = 0
    for token_id, end in zip(ids, ends, strict=True):
        if word.places is None:
            yield Token(token_id, word.start + before, word.start + end, before == 0)
        else:
            yield Token(token_id, word.places[before], word.places[end - 1] + 1, before == 0)
        before = end


def _cut(text: str, word: Span, cuts: Collection[int]) -> Iterator[Span]:
    start, end = word
    for position in (*(p for p in range(start + 1, end) if p in cuts), end):
        part = strip(text, start, position)
        if part[0] < part[1]:
            yield part
        start = position


def strip(text: str, start: int, end: int) -> Span:
    """Return the span without white space and invisible characters at its ends; empty spans collapse to `end`."""
    while start < end and (text[start].isspace() or text[start] in INVISIBLE):
        start += 1
    while start < end and (text[end - 1].isspace() or text[end - 1] in INVISIBLE):
        end -= 1
    return start, end


def without_marks(text: str, start: int, end: int, units: npt.NDArray[np.bool_]) -> Span:
    """Return the span without opening marks before its first word and closing marks after its last.

    A piece like `2.` or `(Th` joins a mark to a word; the mark is no part of an entity. Marks inside a unit (`24.`
    before `973`) and pieces of marks alone stay.
    """
    first, last = start, end
    while first < last and text[first] in OPENING_MARKS:
        first += 1
    while last > first and text[last - 1] in CLOSING_MARKS and units[last - 1]:
        last -= 1
    return (first, last) if first < last else (start, end)


def unit_starts(text: str) -> npt.NDArray[np.bool_]:
    """Return (len(text) + 1,) booleans: True where a unit (a word, a number, a mark) begins."""
    starts = np.zeros(len(text) + 1, dtype=np.bool_)
    starts[[match.start() for match in _UNIT.finditer(text)]] = True
    return starts

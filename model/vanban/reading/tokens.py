"""Segments of text → tokens with their spans: the two ways in which encoders read.

Most tokenizers read a segment as it stands (`SubwordReader`). PhoBERT's reads words (`WordReader`). Spans here are of
the NFC text; `encoding.py` takes them back to the raw text.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from vanban.reading.characters import BoolArray, code_points, is_blank, those_that
from vanban.reading.text import INVISIBLE, NUMBER_OR_WORD, newer_tone_style, without_surrogates
from vanban.reading.words import load_segmenter, words_of_sentence
from vanban.schema import Span

IntArray = npt.NDArray[np.int64]

# What an entity boundary never cuts: a number with its separators, a word with its combining marks.
_UNIT: Final = re.compile(rf"{NUMBER_OR_WORD}|\S[\u0300-\u036f]*")

# a soft break is white space, which some tokenizers do not know of a line break
_BREAK: Final = re.compile(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")

LONGEST_PIECE: Final = 10_000  # characters that a tokenizer reads at once where there is a space to cut at
_BETWEEN_WORDS: Final = re.compile(r"(?<=[^\W_]) (?=[^\W_])")
_CHARACTERS_PER_CALL: Final = 100_000  # of a tokenizer, whose encodings take 50 bytes and more for each of them

OPENING_MARKS: Final = frozenset("([{“‘«\"'*")
CLOSING_MARKS: Final = frozenset(")]}”’»\"'*.,;:!?…")


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of a text, segment by segment.

    `ids`: (tokens,). `starts`, `ends`: (tokens,) the half-open spans of the NFC text that they stand for. `begins`:
    (tokens,) True where an entity may begin with the token. `of_segments`: (segments,) how many tokens each has.
    """

    ids: IntArray
    starts: IntArray
    ends: IntArray
    begins: BoolArray
    of_segments: IntArray


_NOTHING: Final = (*(np.zeros(0, dtype=np.int64) for _ in "123"), np.zeros(0, np.bool_), np.zeros(0, dtype=np.int64))


class SubwordReader:
    """Reads segments as they stand, with any fast tokenizer."""

    def __init__(self, backend: Any) -> None:
        """`backend` is a tokenizer of the `tokenizers` library."""
        self._backend = backend
        # most read the words on both sides of a space as if the other was not there
        whole, left, right = (backend.encode(part, add_special_tokens=False).ids for part in ("a b", "a", " b"))
        self._longest_piece = LONGEST_PIECE if whole == left + right else None

    def read(
        self, texts: Sequence[str], segments: Sequence[Sequence[Span]], cuts: Sequence[Collection[int]]
    ) -> Iterator[Tokens]:
        """Yield the tokens of each text.

        The tokenizer is given some 100,000 characters a call, of as many texts as have them. `cuts` are for readers of
        words.
        """
        pieces = [
            [pieces_of(text, span, self._longest_piece) for span in spans]
            for text, spans in zip(texts, segments, strict=True)
        ]
        flat = [(text, *piece) for text, spans in zip(texts, pieces, strict=True) for span in spans for piece in span]
        kinds = list(zip(_NOTHING, *(self._read(batch) for batch in _by_length(flat)), strict=True))
        # one after the other, so that what is joined is let go
        ids, starts, ends, begins, counts = (np.concatenate(kinds.pop(0)) for _ in _NOTHING)
        token, piece = 0, 0
        for spans in pieces:
            of_segments = np.zeros(len(spans), dtype=np.int64)
            for number, span in enumerate(spans):
                of_segments[number] = counts[piece : piece + len(span)].sum()
                piece += len(span)
            of_text = slice(token, token + int(of_segments.sum()))
            yield Tokens(ids[of_text], starts[of_text], ends[of_text], begins[of_text], of_segments)
            token = of_text.stop

    def _read(self, pieces: Sequence[tuple[str, int, int]]) -> tuple[IntArray, IntArray, IntArray, BoolArray, IntArray]:
        """Return the ids, starts, ends and beginnings of the tokens of some pieces, and how many each piece has."""
        written = [text[start:end] for text, start, end in pieces]
        joined = "\n".join(written)
        places: IntArray = np.cumsum([0, *(len(piece) + 1 for piece in written[:-1])])
        shown = _BREAK.sub(" ", without_surrogates(joined))
        encodings = self._backend.encode_batch(
            [shown[at : at + len(piece)].rstrip() for at, piece in zip(places.tolist(), written, strict=True)],
            add_special_tokens=False,
        )
        counts = np.array([len(encoding) for encoding in encodings], dtype=np.int64)
        ids = np.fromiter(chain.from_iterable(e.ids for e in encodings), dtype=np.int64, count=counts.sum())
        numbers = chain.from_iterable(chain.from_iterable(e.offsets for e in encodings))
        offsets = np.fromiter(numbers, dtype=np.int64, count=2 * len(ids)).reshape(-1, 2)
        offsets += np.repeat(places, counts)[:, None]
        units = unit_starts(joined)
        starts, ends = strip_spans(joined, offsets[:, 0], offsets[:, 1])
        starts, ends = _without_marks(joined, starts, ends, units)
        back = np.repeat(np.array([start for _, start, _ in pieces], dtype=np.int64) - places, counts)
        return ids, starts + back, ends + back, units[starts], counts


def pieces_of(text: str, segment: Span, longest: int | None) -> list[Span]:
    """Cut a segment that is longer than `longest` characters before spaces between words, the space left to the second.

    Without such a space a piece may be as long as the segment.
    """
    start, end = segment
    pieces = []
    while longest is not None and end - start > longest:
        gap = _BETWEEN_WORDS.search(text, start + longest, end)
        if gap is None:
            break
        pieces.append((start, gap.start()))
        start = gap.start()
    return [*pieces, (start, end)]


def _by_length(pieces: Sequence[tuple[str, int, int]]) -> Iterator[Sequence[tuple[str, int, int]]]:
    """Yield runs of the pieces that have some 100,000 characters together."""
    first = characters = 0
    for number, (_, start, end) in enumerate(pieces):
        characters += end - start
        if characters >= _CHARACTERS_PER_CALL or number == len(pieces) - 1:
            yield pieces[first : number + 1]
            first, characters = number + 1, 0


class WordReader:
    """Reads words in the tone style of PhoBERT's pre-training; their pieces stay together."""

    def __init__(self, tokenizer: Any) -> None:
        """`tokenizer` is a `PhobertTokenizerFast`. Raises UserError when underthesea is not installed."""
        load_segmenter()  # now, not at the first text
        self._tokenizer = tokenizer

    def read(
        self, texts: Sequence[str], segments: Sequence[Sequence[Span]], cuts: Sequence[Collection[int]]
    ) -> Iterator[Tokens]:
        """Yield the tokens of each text. No word goes on over one of the `cuts` of its text."""
        words = [_words(*text) for text in zip(texts, segments, cuts, strict=True)]
        pieces = iter(
            self._tokenizer.encode_words([word.written for text in words for segment in text for word in segment])
        )
        for text in words:
            of_segments = [[token for word in segment for token in _tokens(word, *next(pieces))] for segment in text]
            flat = np.array(list(chain.from_iterable(of_segments)), dtype=np.int64).reshape(-1, 4)
            counts = np.array(list(map(len, of_segments)), dtype=np.int64)
            yield Tokens(flat[:, 0], flat[:, 1], flat[:, 2], flat[:, 3] > 0, counts)


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


def _tokens(word: _Word, ids: Sequence[int], ends: Sequence[int]) -> Iterator[tuple[int, int, int, bool]]:
    """Yield the id, the span and whether it begins the word of each token of a word."""
    assert ids, f"the word {word.written!r} has no token"
    before = 0
    for token_id, end in zip(ids, ends, strict=True):
        if word.places is None:
            yield token_id, word.start + before, word.start + end, before == 0
        else:
            yield token_id, word.places[before], word.places[end - 1] + 1, before == 0
        before = end


def _cut(text: str, word: Span, cuts: Collection[int]) -> Iterator[Span]:
    start, end = word
    for position in (*(p for p in range(start + 1, end) if p in cuts), end):
        part = strip(text, start, position)
        if part[0] < part[1]:
            yield part
        start = position


def strip_spans(text: str, starts: IntArray, ends: IntArray) -> tuple[IntArray, IntArray]:
    """Return what `strip` does of many spans: (spans,) starts and ends."""
    if not len(starts):
        return starts, ends
    codes, blank = code_points(text + " "), those_that(text + " ", is_blank)
    starts, ends = starts + ((starts < ends) & blank[codes[starts]]), ends.copy()  # the one space before a word
    odd = np.flatnonzero((starts < ends) & (blank[codes[starts]] | blank[codes[ends - 1]]))
    for number in odd.tolist():
        starts[number], ends[number] = strip(text, int(starts[number]), int(ends[number]))
    return starts, ends


def _without_marks(text: str, starts: IntArray, ends: IntArray, units: BoolArray) -> tuple[IntArray, IntArray]:
    """Return what `without_marks` does of many spans; it changes the arrays."""
    if not len(starts):
        return starts, ends
    codes = code_points(text + " ")
    opens, closes = (those_that(text + " ", marks.__contains__) for marks in (OPENING_MARKS, CLOSING_MARKS))
    joins = opens[codes[starts]] | (closes[codes[ends - 1]] & units[ends - 1])
    for number in np.flatnonzero(joins & (ends - starts > 1)).tolist():
        starts[number], ends[number] = without_marks(text, int(starts[number]), int(ends[number]), units)
    return starts, ends


def strip(text: str, start: int, end: int) -> Span:
    """Return the span without white space and invisible characters at its ends; empty spans collapse to `end`."""
    while start < end and is_blank(text[start]):
        start += 1
    while start < end and is_blank(text[end - 1]):
        end -= 1
    return start, end


def without_marks(text: str, start: int, end: int, units: BoolArray) -> Span:
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


def unit_starts(text: str) -> BoolArray:
    """Return (len(text) + 1,) booleans: True where a unit (a word, a number, a mark) begins."""
    starts = np.zeros(len(text) + 1, dtype=np.bool_)
    starts[np.fromiter((match.start() for match in _UNIT.finditer(text)), dtype=np.int64)] = True
    return starts

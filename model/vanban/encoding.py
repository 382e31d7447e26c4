"""Raw text → token ids, the raw-text span of every token, and windows that fit the encoder.

A document is tokenised once, segment by segment. Windows are cut at segment boundaries; only a segment that is
longer than a window is cut inside, with overlap. Every token is in at least one window.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from vanban.errors import UserError
from vanban.schema import Span
from vanban.text import INVISIBLE, LINE_BREAK, NUMBER_OR_WORD, NormalizedText, segments, to_nfc

IntArray = npt.NDArray[np.int64]

# What an entity boundary never cuts: a number with its separators, a word with its combining marks.
_UNIT: Final = re.compile(rf"{NUMBER_OR_WORD}|\S[\u0300-\u036f]*")

_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")  # half a character, left by surrogateescape: no tokenizer takes it

OPENING_MARKS: Final = frozenset("([{“‘«\"'*")
CLOSING_MARKS: Final = frozenset(")]}”’»\"'*.,;:!?…")


@dataclass(frozen=True, slots=True)
class Window:
    """A half-open range of a document's tokens that goes through the network together."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class EncodedText:
    """A tokenised document.

    `ids`: (tokens,) without special tokens. `spans`: (tokens, 2) raw-text spans, white space left out.
    `can_begin`: (tokens,) True where an entity may begin, which is where no unit (word, number) crosses into the token
    and no token before it reaches into its span. `line_starts`: (tokens,) True for the first token of a line: no
    entity crosses it.
    """

    text: str
    ids: IntArray
    spans: IntArray
    can_begin: npt.NDArray[np.bool_]
    line_starts: npt.NDArray[np.bool_]
    windows: tuple[Window, ...]


class TextEncoder:
    """Encodes texts for one tokenizer and one window length (tokens, special tokens included)."""

    def __init__(self, tokenizer: Any, window_tokens: int, overlap_tokens: int) -> None:
        """`tokenizer` is a fast tokenizer of transformers.

        Raises UserError for a tokenizer without offsets, and for windows too short to hold text.
        """
        backend = getattr(tokenizer, "backend_tokenizer", None)
        if backend is None:
            raise UserError(
                f"the tokenizer {type(tokenizer).__name__} gives no offsets. Use an encoder with a fast tokenizer "
                "(one that has a tokenizer.json), for example the bundled one: encoder.name: bundled"
            )
        backend.no_truncation()
        backend.no_padding()
        self._backend = backend
        self.prefix, self.suffix = _special_ids(backend)
        self.pad_id = int(tokenizer.pad_token_id or 0)
        # tokenizers read a line break as a space: the separator tells a heading from the sentence below it
        self._line_end: int | None = tokenizer.sep_token_id
        self.capacity = window_tokens - len(self.prefix) - len(self.suffix)
        if not 0 <= overlap_tokens < self.capacity:
            raise UserError(
                f"windows of {window_tokens} tokens with {overlap_tokens} of overlap hold no text: "
                f"expected an overlap below {self.capacity} (special tokens taken off)"
            )
        self.overlap = overlap_tokens

    def encode(self, text: str) -> EncodedText:
        """Tokenise `text` and cut it into windows."""
        return self.encode_batch([text])[0]

    def encode_batch(self, texts: Sequence[str]) -> list[EncodedText]:
        """Tokenise `texts` in one call of the tokenizer, which uses every core."""
        normalized = [to_nfc(text) for text in texts]
        segment_spans = [segments(n.text) for n in normalized]
        pieces = [
            _SURROGATE.sub("\ufffd", n.text[s:e].rstrip())
            for n, spans in zip(normalized, segment_spans, strict=True)
            for s, e in spans
        ]
        encodings = self._backend.encode_batch(pieces, add_special_tokens=False)
        out = []
        taken = 0
        for text, n, spans in zip(texts, normalized, segment_spans, strict=True):
            out.append(self._assemble(text, n, spans, encodings[taken : taken + len(spans)]))
            taken += len(spans)
        return out

    def _assemble(self, text: str, normalized: NormalizedText, spans: list[Span], encodings: list[Any]) -> EncodedText:
        units = unit_starts(normalized.text)
        ids: list[int] = []
        token_spans: list[Span] = []
        can_begin: list[bool] = []
        line_starts: list[bool] = []
        segment_edges = [0]
        after_break = True
        covered = 0
        for (offset, segment_end), encoding in zip(spans, encodings, strict=True):
            # stays True over segments without tokens, so that the first token of a line is always marked
            after_break = after_break or LINE_BREAK.match(normalized.text, offset - 1) is not None
            for token_id, (a, b) in zip(encoding.ids, encoding.offsets, strict=True):
                start, stop = strip(normalized.text, offset + a, offset + b)
                start, stop = without_marks(normalized.text, start, stop, units)
                # again in the raw text: a mark that opened the token may belong to the character before it there
                raw_start, raw_stop = strip(text, *normalized.raw(start, stop))
                ids.append(token_id)
                token_spans.append((raw_start, raw_stop))
                # one character may be several tokens (bytes, a lone "▁"): only the first of them begins anything
                can_begin.append(covered <= raw_start < raw_stop and bool(units[start]))
                if raw_start < raw_stop:
                    covered = max(covered, raw_stop)
                line_starts.append(after_break)
                after_break = False
            if len(ids) > segment_edges[-1]:
                if self._line_end is not None and LINE_BREAK.match(normalized.text, segment_end - 1):
                    ids.append(self._line_end)
                    token_spans.append((token_spans[-1][1], token_spans[-1][1]))
                    can_begin.append(False)
                    line_starts.append(False)
                segment_edges.append(len(ids))
        return EncodedText(
            text=text,
            ids=np.array(ids, dtype=np.int64),
            spans=np.array(token_spans, dtype=np.int64).reshape(-1, 2),
            can_begin=np.array(can_begin, dtype=np.bool_),
            line_starts=np.array(line_starts, dtype=np.bool_),
            windows=tuple(cut_windows(segment_edges, self.capacity, self.overlap)),
        )


def _special_ids(backend: Any) -> tuple[list[int], list[int]]:
    """Return the ids that the tokenizer puts before and after a text."""
    plain = backend.encode("a", add_special_tokens=False).ids
    whole = backend.encode("a", add_special_tokens=True).ids
    for before in range(len(whole) - len(plain) + 1):
        if whole[before : before + len(plain)] == plain:
            return list(whole[:before]), list(whole[before + len(plain) :])
    raise UserError("the tokenizer's special tokens stand inside the text, which vanban can't place")


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


def cut_windows(segment_edges: Sequence[int], capacity: int, overlap: int) -> list[Window]:
    """Cut tokens into windows of at most `capacity`.

    `segment_edges` are the token offsets of the segments, from 0 to the number of tokens. Whole segments are packed
    greedily; a segment longer than `capacity` is cut into windows that overlap by `overlap` tokens.
    """
    windows: list[Window] = []
    start = 0
    for previous, edge in pairwise(segment_edges):
        if edge - start <= capacity:
            continue
        if previous > start:
            windows.append(Window(start, previous))
            start = previous
        while edge - start > capacity:
            windows.append(Window(start, start + capacity))
            start += capacity - overlap
    if segment_edges[-1] > start:
        windows.append(Window(start, segment_edges[-1]))
    return windows


def batches_by_length(lengths: Sequence[int], budget: int, special: int = 0) -> Iterator[list[int]]:
    """Yield batches of indices, longest first, so that the padded tokens of each stay within `budget`.

    `special` is added to every length. What is longer than the budget goes alone.
    """
    order = sorted(range(len(lengths)), key=lambda i: -lengths[i])
    batch: list[int] = []
    for index in order:
        if batch and (len(batch) + 1) * (lengths[batch[0]] + special) > budget:
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch

"""Raw text → token ids, the raw-text span of every token, and windows that fit the encoder.

A document is tokenised once, segment by segment. Windows are cut at segment boundaries; only a segment that is
longer than a window is cut inside, with overlap. Every token is in at least one window.

Most tokenizers read a segment as it stands. PhoBERT's reads words (`words.py`), whose pieces stay together: the first
carries the label of the word, and windows are cut between words.
"""

from __future__ import annotations

import bisect
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from vanban.errors import UserError
from vanban.reading.characters import BoolArray
from vanban.reading.text import LINE_BREAK, NormalizedText, segments, to_nfc
from vanban.reading.tokens import SubwordReader, Tokens, WordReader, strip_spans
from vanban.schema import Span

IntArray = npt.NDArray[np.int64]

MOST_PADDING: Final = 0.05  # of the tokens of a batch


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
    and no token before it reaches into its span. `has_label`: (tokens,) True for the tokens that say what their text
    is: all that have text, or the first of each word where the encoder reads words. `line_starts`: (tokens,) True for
    the first token of a line, or of a sentence that begins behind a soft break (`breaks.py`): no entity crosses it.
    `segment_edges`: the token offsets of the segments, from 0 to the number of tokens.
    """

    text: str
    ids: IntArray
    spans: IntArray
    can_begin: BoolArray
    has_label: BoolArray
    line_starts: BoolArray
    segment_edges: tuple[int, ...]
    windows: tuple[Window, ...]


@dataclass(frozen=True, slots=True)
class SplitText:
    """A text in NFC, with the way back to the raw one, and its segments: what any tokenizer can read next."""

    text: str
    normalized: NormalizedText
    segment_spans: list[Span]


def split(texts: Iterable[str]) -> list[SplitText]:
    """Normalise each text and split it into segments."""
    normalized = [(text, to_nfc(text)) for text in texts]
    return [SplitText(text, n, segments(n.text)) for text, n in normalized]


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
        self.reads_words = bool(getattr(tokenizer, "reads_words", False))
        self._reader = WordReader(tokenizer) if self.reads_words else SubwordReader(backend)
        self.prefix, self.suffix = _special_ids(backend)
        self.pad_id = int(tokenizer.pad_token_id or 0)
        # tokenizers read a line break as a space: the separator tells a heading from the sentence below it
        self._line_end: int | None = tokenizer.sep_token_id
        self.window_tokens = window_tokens
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

    def encode_batch(self, texts: Sequence[str], cuts: Sequence[Collection[int]] | None = None) -> list[EncodedText]:
        """Tokenise `texts` together.

        `cuts`: raw offsets for each text at which no word may go on, such as the ends of annotated spans. Only encoders
        that read words look at them.
        """
        return self.encode_split(split(texts), cuts)

    def encode_split(
        self, texts: Sequence[SplitText], cuts: Sequence[Collection[int]] | None = None
    ) -> list[EncodedText]:
        """Tokenise texts that are split already."""
        pairs = zip(texts, cuts or [()] * len(texts), strict=True)
        inner = [{text.normalized.from_raw(cut) for cut in of_text} for text, of_text in pairs]
        tokens = self._reader.read([t.normalized.text for t in texts], [t.segment_spans for t in texts], inner)
        return [self._assemble(*document) for document in zip(texts, tokens, strict=True)]

    def with_special_tokens(self, ids: IntArray) -> list[int]:
        """Return a window's ids as the network takes them: its special tokens before and behind."""
        return [*self.prefix, *ids.tolist(), *self.suffix]

    def reads_like(self, other: TextEncoder) -> bool:
        """True when both make the same tokens of any text, so that one has only to cut the other's into windows."""
        if (self.reads_words, self._line_end) != (other.reads_words, other._line_end):
            return False
        return self._backend is other._backend or self._backend.to_str() == other._backend.to_str()

    def windows_of(self, document: EncodedText) -> tuple[Window, ...]:
        """Cut a document, whoever tokenised it, into windows of this encoder."""
        whole = np.flatnonzero(document.has_label).tolist() if self.reads_words else None
        return tuple(cut_windows(document.segment_edges, self.capacity, self.overlap, whole))

    def in_windows(self, document: EncodedText) -> EncodedText:
        """Return the document with the windows of this encoder in the place of its own."""
        return replace(document, windows=self.windows_of(document))

    def _assemble(self, split_text: SplitText, tokens: Tokens) -> EncodedText:
        text, normalized = split_text.text, split_text.normalized
        # again in the raw text: a mark that opened the token may belong to the character before it there
        starts, ends = strip_spans(text, *normalized.raw_spans(tokens.starts, tokens.ends))
        has_text = starts < ends
        covered = np.maximum.accumulate(np.concatenate([[0], np.where(has_text, ends, 0)]))[:-1]  # before each token
        # one character may be several tokens (bytes, a lone "▁"): only the first of them begins anything
        can_begin = has_text & (covered <= starts) & tokens.begins
        has_label = has_text & tokens.begins if self.reads_words else has_text

        begins_line, ends_line = _at_breaks(normalized.text, split_text.segment_spans)
        edges = np.concatenate([[0], np.cumsum(tokens.of_segments)])
        segments_with_tokens = np.flatnonzero(tokens.of_segments)
        # segments without tokens hand their break on, so that the first token of a line is always marked
        breaks = np.concatenate([[0], np.cumsum(begins_line)])[segments_with_tokens + 1]
        line_starts = np.zeros(len(starts), dtype=np.bool_)
        line_starts[edges[segments_with_tokens]] = np.diff(breaks, prepend=0) > 0
        segment_edges = np.concatenate([[0], edges[segments_with_tokens + 1]])
        ids = tokens.ids
        if self._line_end is not None:
            closed = ends_line[segments_with_tokens]
            at = segment_edges[1:][closed]
            segment_edges[1:] += np.cumsum(closed)
            ids = np.insert(ids, at, self._line_end)
            ends_before = ends[at - 1]
            starts, ends = np.insert(starts, at, ends_before), np.insert(ends, at, ends_before)
            can_begin, has_label, line_starts = (np.insert(a, at, False) for a in (can_begin, has_label, line_starts))
        document = EncodedText(
            text=text,
            ids=ids,
            spans=np.stack([starts, ends], axis=1),
            can_begin=can_begin,
            has_label=has_label,
            line_starts=line_starts,
            segment_edges=tuple(segment_edges.tolist()),
            windows=(),
        )
        return self.in_windows(document)


def _at_breaks(text: str, segment_spans: Sequence[Span]) -> tuple[BoolArray, BoolArray]:
    """Return (segments,) booleans twice: True for those before which a line break stands, or nothing, and behind whose
    text one does."""
    before = [start == 0 or LINE_BREAK.match(text, start - 1) is not None for start, _ in segment_spans]
    behind = [LINE_BREAK.match(text, end - 1) is not None for _, end in segment_spans]
    return np.array(before, dtype=np.bool_), np.array(behind, dtype=np.bool_)


def _special_ids(backend: Any) -> tuple[list[int], list[int]]:
    """Return the ids that the tokenizer puts before and after a text."""
    plain = backend.encode("a", add_special_tokens=False).ids
    whole = backend.encode("a", add_special_tokens=True).ids
    for before in range(len(whole) - len(plain) + 1):
        if whole[before : before + len(plain)] == plain:
            return list(whole[:before]), list(whole[before + len(plain) :])
    raise UserError("the tokenizer's special tokens stand inside the text, which vanban can't place")


def cut_windows(
    segment_edges: Sequence[int], capacity: int, overlap: int, word_starts: Sequence[int] | None = None
) -> list[Window]:
    """Cut tokens into windows of at most `capacity`.

    `segment_edges` are the token offsets of the segments, from 0 to the number of tokens. Whole segments are packed
    greedily; a segment longer than `capacity` is cut into windows that overlap by `overlap` tokens. With `word_starts`,
    token offsets in order, it is cut there alone, and windows overlap by whole words of `overlap` tokens at least. Only
    a word that is itself longer than a window is cut inside.
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
            end = _last_start(word_starts, start + 1, start + capacity) or start + capacity
            windows.append(Window(start, end))
            start = _last_start(word_starts, start + 1, end - overlap) or end
    if segment_edges[-1] > start:
        windows.append(Window(start, segment_edges[-1]))
    return windows


def _last_start(word_starts: Sequence[int] | None, first: int, last: int) -> int | None:
    """Return the last offset from `first` to `last` at which a word starts, None when there is none."""
    if word_starts is None:
        return last if first <= last else None
    index = bisect.bisect_right(word_starts, last) - 1
    return word_starts[index] if index >= 0 and word_starts[index] >= first else None


def batches_by_length(
    lengths: Sequence[int], budget: int, special: int = 0, most_padding: float = MOST_PADDING
) -> Iterator[list[int]]:
    """Yield batches of indices, longest first, so that the padded tokens of each stay within `budget`.

    `special` is added to every length. No more than the share `most_padding` of a batch is padding. What is longer than
    the budget goes alone.
    """
    order = sorted(range(len(lengths)), key=lambda i: -lengths[i])
    batch: list[int] = []
    tokens = 0
    for index in order:
        longest, length = lengths[batch[0] if batch else index] + special, lengths[index] + special
        padded = (len(batch) + 1) * longest
        if batch and (padded > budget or padded - (tokens + length) > most_padding * padded):
            yield batch
            batch, tokens = [], 0
        batch.append(index)
        tokens += length
    if batch:
        yield batch

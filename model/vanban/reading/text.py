"""Raw text and what is read of it: NFC with an index back to the raw string, segments that lose no character, and the
two styles of tone marks."""

from __future__ import annotations

import bisect
import hashlib
import itertools
import re
import unicodedata
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from vanban.reading.breaks import soft_breaks
from vanban.schema import Span

IntArray = npt.NDArray[np.int64]

# Python's str.splitlines breaks at these; a span crosses none but soft ones.
LINE_BREAK: Final = re.compile(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029](?:(?<=\r)\n)?")

# A pattern: a number with its separators (24.973), or a word with its combining marks.
NUMBER_OR_WORD: Final = r"\d+(?:[.,]\d+)*|[^\W\d_](?:[^\W_]|[\u0300-\u036f])*"

# Characters that show nothing. They may stand inside an entity but never at its edge.
INVISIBLE: Final = frozenset(
    "\u00ad\u034f\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufeff"
) | {chr(c) for c in (*range(0x20), *range(0x7F, 0xA0)) if not chr(c).isspace()}  # NUL and other controls

_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")
_UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")

# a stop with what closes after it, or a quote or bracket
_MARK: Final = re.compile(r"[.!?]+[”\"')\]»]*|[“”\"()\[\]«»]")
_GAP: Final = re.compile(r"\s+")
_CLOSER_OF: Final = {"(": ")", "[": "]", "“": "”", "«": "»", '"': '"'}
_LONGEST_WORD: Final = 40

# Where the tone mark of oa, oe and uy stands, in the older and in the newer style. RDRSegmenter, through which the
# pre-training text of PhoBERT went, writes the newer wherever it finds the older (VnCoreNLP, wordsegmenter/Utils.java:
# these pairs in lower case, and Ủy). Here capitals follow, so that both spellings of a word are one.
_OLDER: Final = "òa óa ỏa õa ọa òe óe ỏe õe ọe ùy úy ủy ũy ụy"
_NEWER: Final = "oà oá oả oã oạ oè oé oẻ oẽ oẹ uỳ uý uỷ uỹ uỵ"
# in all cases: òa, Òa, òA and ÒA
_PAIRS: Final = [
    (cases[0](older[0]) + cases[1](older[1]), cases[0](newer[0]) + cases[1](newer[1]))
    for older, newer in zip(_OLDER.split(), _NEWER.split(), strict=True)
    for cases in itertools.product((str.lower, str.upper), repeat=2)
]
_NEWER_OF: Final = dict(_PAIRS)
_OLDER_OF: Final = {newer: older for older, newer in _PAIRS}
# In both cases, and begun with a set of characters: this is searched several times as fast as a choice of pairs.
_OLDER_PAIR: Final = re.compile("[òóỏõọùúủũụÒÓỎÕỌÙÚỦŨỤ](?:(?<=[òóỏõọÒÓỎÕỌ])[aeAE]|(?<=[ùúủũụÙÚỦŨỤ])[yY])")
# only in an open syllable does the tone mark have two places: not in toàn, and not in quý, where u belongs to q
_OPEN_NEWER_PAIR: Final = re.compile(
    r"[ouOU](?:(?<=[oO])[àáảãạèéẻẽẹÀÁẢÃẠÈÉẺẼẸ]|(?<=[uU])[ỳýỷỹỵỲÝỶỸỴ])(?<![qQ]..)(?![^\W\d_])"
)
_ABBREVIATIONS: Final = frozenset(
    {"ths", "pgs", "gs", "ts", "bs", "tp", "tx", "tt", "v.v", "tr", "đ/c", "mr", "mrs", "dr", "st"}
)


@dataclass(frozen=True, slots=True)
class NormalizedText:
    """The NFC form of a raw text. `starts[i]` is the raw offset of character i of `text`; `starts[len(text)]` its end.

    `starts` is None when raw and NFC are the same string.
    """

    text: str
    starts: Sequence[int] | None

    def raw(self, start: int, end: int) -> Span:
        """Return the raw span of the half-open span of `text`. Combining marks stay with their base letter."""
        if self.starts is None:
            return start, end
        if start == end:
            return self.starts[start], self.starts[start]
        return self.starts[start], self.starts[end]

    def raw_spans(self, starts: IntArray, ends: IntArray) -> tuple[IntArray, IntArray]:
        """Return what `raw` does of many spans: (spans,) starts and ends."""
        if self.starts is None:
            return starts, ends
        places = np.asarray(self.starts, dtype=np.int64)
        return places[starts], places[ends]

    def from_raw(self, offset: int) -> int:
        """Return the offset in `text` of the raw offset, rounded down to the start of its character."""
        if self.starts is None:
            return offset
        return bisect.bisect_right(self.starts, offset) - 1 if offset < self.starts[-1] else len(self.text)


def to_nfc(raw: str) -> NormalizedText:
    """Compose `raw` and keep the way back. Composed input, the usual case, costs one check."""
    if unicodedata.is_normalized("NFC", raw):
        return NormalizedText(raw, None)
    pieces: list[str] = []
    starts = array("q")
    done = 0
    for start, end in _composition_blocks(raw):
        composed = unicodedata.normalize("NFC", raw[start:end])
        if len(composed) == end - start and composed == raw[start:end]:
            continue
        pieces += (raw[done:start], composed)
        starts.extend(range(done, start))
        done = end
        if len(composed) == end - start:
            starts.extend(range(start, end))
        else:
            # characters of a block that changed length cannot be told apart: the first carries the block
            starts.append(start)
            starts.extend([end] * (len(composed) - 1))
    starts.extend(range(done, len(raw) + 1))
    return NormalizedText("".join(pieces) + raw[done:], starts)


def _composition_blocks(raw: str) -> Iterator[Span]:
    """Yield the spans that normalise independently, but those that are the same in NFC: characters alone of one kind.

    Each begins with what composes with nothing before it.
    """
    characters = set(raw)
    riders = "".join(c for c in characters if c >= "\u0300" and _may_compose_backwards(c))
    alone = "".join(c for c in characters if not unicodedata.is_normalized("NFC", c))
    # a block of several characters, or of one that changes by itself
    block = "|".join(
        pattern
        for pattern, found in ((rf"[\s\S][{re.escape(riders)}]+", riders), (f"[{re.escape(alone)}]", alone))
        if found
    )
    yield from (match.span() for match in re.finditer(block, raw))


def _may_compose_backwards(character: str) -> bool:
    """True of marks of every kind, Hangul vowels and finals, and the vowel signs of Kirat Rai, which are letters.

    These hold every character with NFC_Quick_Check=Maybe (Unicode Standard Annex 15), and those that decompose into
    marks without being one by their combining class (U+0F73, U+0F75, U+0F81).
    """
    return (
        unicodedata.category(character)[0] == "M"
        or "\u1161" <= character <= "\u11c2"
        or "\U00016d63" <= character <= "\U00016d6a"
    )


def without_surrogates(text: str) -> str:
    """Return `text` with U+FFFD for every half of a character, which surrogateescape leaves and no tokenizer takes."""
    return _SURROGATE.sub("\ufffd", text)


def with_bytes_escaped(name: str) -> str:
    """Return the name of a file as UTF-8 can hold it: bytes of it that are not UTF-8 escaped as `printable` does."""
    return _SURROGATE.sub(_escaped, name)


def printable(name: str) -> str:
    """Return a name of a file, or another line to be shown, with what can't be printed escaped.

    That is halves of characters, as bytes that are not UTF-8 become in names (`\\xe9`), and controls, line breaks too.
    """
    return _UNPRINTABLE.sub(_escaped, name)


def _escaped(match: re.Match[str]) -> str:
    code = ord(match.group())
    if 0xDC80 <= code <= 0xDCFF:  # surrogateescape
        code -= 0xDC00
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def newer_tone_style(text: str) -> str:
    """Return `text` (NFC) with the tone mark of òa, òe, ùy on the second vowel (oà, oè, uỳ), as PhoBERT was trained.

    Every character keeps its offset.
    """
    return _OLDER_PAIR.sub(lambda match: _NEWER_OF[match.group()], text)


def older_tone_style(text: str) -> str:
    """Return `text` (NFC) with the tone mark of open oà, oè, uỳ on the first vowel: hòa, thủy, but toàn, quý.

    Every character keeps its offset.
    """
    return _OPEN_NEWER_PAIR.sub(lambda match: _OLDER_OF[match.group()], text)


def one_line(text: str) -> str:
    """Return `text` with one space for each run of white space, line breaks too, and none at its ends."""
    return " ".join(text.split())


def unmarked(text: str) -> str:
    """Return `text` in NFC without the marks of its letters, of the same length: `NGHỊ ĐỊNH` is `NGHI DINH`."""
    return without_marks(unicodedata.normalize("NFC", text))


def without_marks(text: str) -> str:
    """Return `text` character by character without marks. Small letters of a text in NFC need not be in it: `ǰ`."""
    return text.translate(_WITHOUT_MARKS)


class _WithoutMarks(dict[int, str]):
    """By code point, the character without its marks; filled as characters come."""

    def __missing__(self, code: int) -> str:
        self[code] = unicodedata.normalize("NFD", chr(code))[0]
        return self[code]


_WITHOUT_MARKS: Final = _WithoutMarks({ord("đ"): "d", ord("Đ"): "D"})


def checksum(content: str | bytes) -> str:
    """Return the sha256, in hexadecimal, of a file's bytes, or of the text that they are in UTF-8."""
    return hashlib.sha256(content.encode("utf-8") if isinstance(content, str) else content).hexdigest()


def lines(text: str) -> list[Span]:
    """Return the spans of the lines of `text`, line breaks left out; lines may be empty."""
    spans = []
    start = 0
    for match in LINE_BREAK.finditer(text):
        spans.append((start, match.start()))
        start = match.end()
    spans.append((start, len(text)))
    return spans


def sentences(text: str, line: Span) -> list[Span]:
    """Tile `line`, or a run of lines, with sentences; white space after a sentence belongs to it.

    A split comes after `.`, `!` or `?` before white space and a capital, a digit or an opening mark. Where it is
    doubtful there is none: after abbreviations and capitals (`TP.`, `QĐ-UBND.`), after short numbers (`1.`), inside
    quotes and brackets.
    """
    start, end = line
    cuts: list[int] = []
    open_marks: list[str] = []
    for match in _MARK.finditer(text, start, end):
        mark = match.group()
        for character in mark:
            _open_or_close(open_marks, character)
        if mark[0] not in ".!?" or open_marks:
            continue
        gap = _GAP.match(text, match.end(), end)
        if gap is None or gap.end() == end or not _may_begin_sentence(text[gap.end()]):
            continue
        if not _is_doubtful(_word_before(text, match.start(), start), mark):
            cuts.append(gap.end())
    return [(a, b) for a, b in pairwise([start, *cuts, end]) if a < b]


def _open_or_close(open_marks: list[str], character: str) -> None:
    if open_marks and character == open_marks[-1]:
        open_marks.pop()
    elif character in _CLOSER_OF:
        open_marks.append(_CLOSER_OF[character])


def _may_begin_sentence(character: str) -> bool:
    return character.isupper() or character.isdigit() or character in "“\"'‘(*-–+•"


def _word_before(text: str, position: int, start: int) -> str:
    first = position
    while first > start and not text[first - 1].isspace() and position - first < _LONGEST_WORD:
        first -= 1
    return text[first:position]


def _is_doubtful(word: str, stop: str) -> bool:
    """True when the stop after `word` may not end a sentence."""
    if stop.startswith(".."):
        return True
    if not stop.startswith("."):
        return False
    core = word.strip("“”\"'‘’([{*_")
    letters = [c for c in core if c.isalpha()]
    if not letters:
        return sum(c.isdigit() for c in core) < 4
    return all(c.isupper() for c in letters) or core.lower() in _ABBREVIATIONS


def runs(text: str) -> list[Span]:
    """Return the spans between the hard line breaks of `text`, in order: lines, joined over soft breaks (`breaks.py`).

    Spans may be empty. No entity goes from one into another.
    """
    line_spans = lines(text)
    soft = soft_breaks([text[start:end] for start, end in line_spans])
    hard = [i for i, is_soft in enumerate(soft) if not is_soft]
    firsts, lasts = [0, *(i + 1 for i in hard)], [*hard, len(line_spans) - 1]
    return [(line_spans[first][0], line_spans[last][1]) for first, last in zip(firsts, lasts, strict=True)]


def crosses_hard_break(raw: str, start: int, end: int) -> bool:
    """True when a hard line break is inside the half-open span of `raw`."""
    if not LINE_BREAK.search(raw, start, end):
        return False
    normalized = to_nfc(raw)
    first, last = normalized.from_raw(start), normalized.from_raw(end - 1)
    return not any(run_start <= first and last < run_end for run_start, run_end in runs(normalized.text))


def segments(text: str) -> list[Span]:
    """Tile `text` with segments, sentences of its runs: `"".join(text[s:e] for s, e in segments(text)) == text`.

    A line break between two segments belongs to the first; inside a segment there are soft ones alone.
    """
    spans: list[Span] = []
    run_spans = runs(text)
    for i, run in enumerate(run_spans):
        after = run_spans[i + 1][0] if i + 1 < len(run_spans) else len(text)
        parts = sentences(text, run) or [run]
        parts[-1] = (parts[-1][0], after)
        spans.extend((start, end) for start, end in parts if start < end)
    return spans

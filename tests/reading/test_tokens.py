"""Readers of segments, and what of a token's text an entity may begin and end with."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import numpy as np
import pytest

from vanban.errors import UserError
from vanban.reading.text import newer_tone_style, segments
from vanban.reading.tokens import SubwordReader, Tokens, WordReader, pieces_of, strip, unit_starts, without_marks
from vanban.reading.words import load_segmenter


class Letters:
    """A tokenizer of words with a token for each letter; it notes what it is asked for."""

    def __init__(self) -> None:
        self.words: list[str] = []

    def encode_words(self, words: Sequence[str]) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
        self.words += words
        return [(tuple(map(ord, word)), tuple(range(1, len(word) + 1))) for word in words]


class Token(NamedTuple):
    id: int
    start: int
    end: int
    begins: bool


def listed(tokens: Tokens) -> list[Token]:
    columns = (tokens.ids, tokens.starts, tokens.ends, tokens.begins)
    return [Token(*row) for row in zip(*(column.tolist() for column in columns), strict=True)]


def read(text: str, cuts: Collection[int] = ()) -> tuple[list[str], list[Token]]:
    """Return the words of `text` as a tokenizer is given them, and its tokens."""
    letters = Letters()
    (found,) = WordReader(letters).read([text], [segments(text)], [cuts])
    assert found.of_segments.sum() == len(found.ids) and len(found.of_segments) == len(segments(text))
    return letters.words, listed(found)


# ---- readers


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Chủ tịch ở Hà Nội, 17/CT-UBND.", ["Chủ_tịch", "ở", "Hà_Nội", ",", "17/CT-UBND", "."]),
        ("Hà\u00a0Nội Hà \t\u00a0 Nội", ["Hà_Nội", "Hà_Nội"]),
        ("\ufeffHà Nội\u200b", ["Hà_Nội"]),
        ("Hà\u200b N\u00adội\u00ad", ["Hà_Nội"]),
        ("a_b __", ["a", "_", "b", "__"]),
        ("tỉnh Hòa Bình, THỦY", ["tỉnh", "Hoà_Bình", ",", "THUỶ"]),
        ("Hà\nNội", ["Hà", "Nội"]),
        ("a \ud83d b", ["a", "\ufffd", "b"]),
        ("\u0301a", ["\u0301", "a"]),
        (" \u200b\r\n", []),
        ("", []),
    ],
)
def test_words_are_written_as_phobert_knows_them(text: str, expected: list[str]) -> None:
    words, tokens = read(text)
    assert words == expected
    # each letter stands for its place in the text, `_` for white space or for itself
    styled = newer_tone_style(text).replace("\ud83d", "\ufffd")
    for token in tokens:
        assert token.end == token.start + 1
        assert chr(token.id) == styled[token.start] or (chr(token.id) == "_" and styled[token.start].isspace())
    assert [t.start for t in tokens] == sorted({t.start for t in tokens})
    assert [i for i, t in enumerate(tokens) if t.begins] == [len("".join(words[:i])) for i in range(len(words))]


def test_a_word_begins_with_its_first_piece(phobert: Any) -> None:
    text = "ở Hà  Nội, Khuynh\u200bThuận"
    (found,) = WordReader(phobert).read([text], [segments(text)], [()])
    tokens = [(text[t.start : t.end], t.begins) for t in listed(found)]
    assert [piece for piece, begins in tokens if begins][:3] == ["ở", "Hà  Nội", ","]
    assert "".join(piece for piece, _ in tokens) == "ởHà  Nội,KhuynhThuận"
    later = [t for t in listed(found) if not t.begins]
    assert later and all(t.start > 11 for t in later)


def test_a_reader_of_words_needs_the_segmenter_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    load_segmenter.cache_clear()
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"which needs underthesea: pip install underthesea$"):
        WordReader(Letters())


def test_no_word_goes_on_over_a_cut() -> None:
    text = "ở Hà Nội, chủ tịch"
    assert read(text)[0] == ["ở", "Hà_Nội", ",", "chủ_tịch"]
    assert read(text, {4})[0] == ["ở", "Hà", "Nội", ",", "chủ_tịch"]  # after Hà
    assert read(text, {5})[0] == ["ở", "Hà", "Nội", ",", "chủ_tịch"]  # before Nội
    assert read(text, {4, 5, 7})[0] == ["ở", "Hà", "Nộ", "i", ",", "chủ_tịch"]
    assert read(text, {0, 2, 8, 9, 10, 18, 99})[0] == ["ở", "Hà_Nội", ",", "chủ_tịch"]  # where words end anyway
    begins = [(t.start, t.end) for t in read(text, {5})[1] if t.begins]
    assert begins == [(0, 1), (2, 3), (5, 6), (8, 9), (10, 11)]


def test_subwords_have_no_words_to_cut(unigram: Any) -> None:
    text = "có Hà Nội."
    reader = SubwordReader(unigram.backend_tokenizer)
    with_cuts, without = (listed(*reader.read([text], [segments(text)], [cuts])) for cuts in ({4, 5}, ()))
    assert with_cuts == without
    assert [(text[t.start : t.end], t.begins) for t in without] == [
        ("có", True), ("Hà", True), ("Nội", True), (".", True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "longest", "expected"),
    [
        ("Hà Nội có 9 ca", 4, ["Hà Nội", " có 9", " ca"]),
        ("Hà Nội có 9 ca", 14, ["Hà Nội có 9 ca"]),
        ("Hà Nội có 9 ca", None, ["Hà Nội có 9 ca"]),
        ("Hà, Nội  có (9) ca", 1, ["Hà, Nội  có (9) ca"]),  # beside a mark or another space there is no cut
        ("a b c d", 1, ["a", " b", " c", " d"]),
        ("x" * 50, 4, ["x" * 50]),
        ("", 4, [""]),
    ],
)
def test_long_segments_are_cut_between_words(text: str, longest: int | None, expected: list[str]) -> None:
    assert [text[start:end] for start, end in pieces_of(text, (0, len(text)), longest)] == expected


def test_a_tokenizer_that_joins_words_is_given_whole_segments(unigram: Any) -> None:
    from tokenizers import Tokenizer, models

    joins = Tokenizer(models.Unigram([("<unk>", 0.0), ("a", -1.0), ("b", -1.0), (" ", -1.0), ("a b", -1.0)], unk_id=0))
    assert SubwordReader(joins)._longest_piece is None
    assert SubwordReader(unigram.backend_tokenizer)._longest_piece == 10_000


# ---- what entities begin and end with


def beginnings(text: str) -> list[int]:
    return np.flatnonzero(unit_starts(text)).tolist()


def test_numbers_and_words_are_not_cut() -> None:
    assert beginnings("24.973 ca") == [0, 7]
    assert beginnings("1.234.567,89%") == [0, 12]
    assert beginnings("17/CT-UBND") == [0, 2, 3, 5, 6]
    assert beginnings("COVID19, Hà Nội.") == [0, 7, 9, 12, 15]
    assert beginnings("10. Ông") == [0, 2, 4]
    assert beginnings("a\u0331b\u0331 \u0331") == [0, 5]  # marks that don't compose stay inside their word
    assert beginnings(" \t") == beginnings("") == []


def test_without_marks() -> None:
    def inside(text: str, start: int = 0, end: int | None = None) -> str:
        a, b = without_marks(text, start, len(text) if end is None else end, unit_starts(text))
        return text[a:b]

    assert [inside(t) for t in ("2.", "(18", "5)", "“TP.”", "[1]", "(2018).", "-50", "5%")] == [
        "2", "18", "5", "TP", "1", "2018", "-50", "5%",
    ]  # fmt: skip
    assert [inside(t) for t in (").", "...", "", ".", "Hà")] == [").", "...", "", ".", "Hà"]
    assert inside("24.973", 0, 3) == "24."


def test_strip() -> None:
    text = " \u200bHà Nội\u00a0\ufeff "
    assert strip(text, 0, len(text)) == (2, 8)
    assert strip(text, 8, len(text)) == (11, 11)
    assert strip(text, 3, 3) == (3, 3)

from __future__ import annotations

import json
import time
import unicodedata
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from transformers import AutoTokenizer

from plain_reading import plainly_encoded
from project import ROOT
from vanban.errors import UserError
from vanban.network.weights import load_tokenizer, position_limit
from vanban.reading.encoding import EncodedText, TextEncoder, Window, batches_by_length, cut_windows, split
from vanban.reading.text import INVISIBLE, LINE_BREAK, newer_tone_style, older_tone_style
from vanban.reading.words import word_spans

NFD = unicodedata.normalize("NFD", "Chủ tịch tỉnh Thừa Thiên Huế")
ODD_TEXTS = [
    "",
    " \t\n",
    "Tại Hà Nội , có 24.973 ca.\r\nÔng\tNguyễn Văn A\u00a0ký.",
    NFD + "\n" + NFD,
    "\ufeffHà\u200bNội\u200b\u200b\nĐà Nẵng\u00ad",
    "👨\u200d👩\u200d👧 Hà Nội 🇻🇳… ½ №7 ㎏",
    "\u0301Hà\n\u0344Nội \u0344",
    "0\u0344\t\x1b",  # one <unk> over the marks, the tab and the control character
    "x" * 300,
    "lone \ud83d half",
]
ANY_TEXT = st.text(st.characters()) | st.text(
    st.sampled_from("aà1.,… ½\n\r\t\u00a0\u200b\ufeff\u0301\u0323\u0344👨\u200d“▁HN\ud800")
)


def spans_of(encoded: EncodedText) -> list[tuple[int, int]]:
    return [(start, end) for start, end in encoded.spans.tolist()]


def texts_of(encoded: EncodedText) -> list[str]:
    return [encoded.text[start:end] for start, end in spans_of(encoded)]


def check(encoded: EncodedText, capacity: int) -> None:
    """Assert what holds of every encoded text."""
    text, n = encoded.text, len(encoded.ids)
    assert encoded.spans.shape == (n, 2)
    assert len(encoded.can_begin) == len(encoded.has_label) == len(encoded.line_starts) == n
    covered = np.zeros(n, dtype=bool)
    for window in encoded.windows:
        assert 0 < window.end - window.start <= capacity
        covered[window.start : window.end] = True
    assert covered.all()
    spans = spans_of(encoded)
    assert [start for start, _ in spans] == sorted(start for start, _ in spans)
    reached = 0
    for (start, end), can_begin in zip(spans, encoded.can_begin.tolist(), strict=True):
        assert 0 <= start <= end <= len(text)
        token = text[start:end]
        assert not LINE_BREAK.search(token)
        if token:
            assert not token[0].isspace() and not token[-1].isspace() and not {token[0], token[-1]} & INVISIBLE
        assert not can_begin or (token and start >= reached)
        reached = max(reached, end)
    assert all(token or not label for token, label in zip(texts_of(encoded), encoded.has_label.tolist(), strict=True))
    for i in range(n):
        between = text[spans[i - 1][1] : spans[i][0]] if i else ""
        assert encoded.line_starts[i] == (i == 0 or LINE_BREAK.search(between) is not None)


# ---- what holds of every text


@pytest.mark.parametrize("text", ODD_TEXTS)
def test_odd_texts_with_every_tokenizer(any_tokenizer: Any, text: str) -> None:
    encoder = TextEncoder(any_tokenizer, 16, 4)
    encoded = encoder.encode(text)
    assert encoded.text == text
    check(encoded, capacity=14)


@given(text=ANY_TEXT)
def test_any_text_with_every_tokenizer(unigram: Any, wordpiece: Any, byte_bpe: Any, phobert: Any, text: str) -> None:
    for tokenizer in (unigram, wordpiece, byte_bpe, phobert):
        check(TextEncoder(tokenizer, 8, 2).encode(text), capacity=6)


def visible(text: str) -> set[int]:
    return {i for i, c in enumerate(text) if not c.isspace() and c not in INVISIBLE}


def covered(encoded: EncodedText) -> set[int]:
    return {i for start, end in spans_of(encoded) for i in range(start, end)}


def test_nothing_visible_is_lost(unigram: Any, byte_bpe: Any) -> None:
    text = f"Tại {NFD} , có 24.973 ca…\r\n\u200bÔng\tA.\u00a0"
    for tokenizer in (unigram, byte_bpe):
        assert covered(TextEncoder(tokenizer, 32, 4).encode(text)) == visible(text)


# ---- spans


def test_spans_of_composed_and_decomposed_text(unigram: Any) -> None:
    encoder = TextEncoder(unigram, 32, 4)
    composed = encoder.encode("Hà Nội , Đà Nẵng\nông.")
    # "" is the ▁ before the comma, and the separator at the end of the first line
    assert texts_of(composed) == ["Hà", "Nội", "", ",", "Đà", "Nẵng", "", "ông", "."]
    assert spans_of(composed) == [(0, 2), (3, 6), (7, 7), (7, 8), (9, 11), (12, 16), (16, 16), (17, 20), (20, 21)]
    assert np.flatnonzero(composed.line_starts).tolist() == [0, 7]
    assert np.flatnonzero(~composed.can_begin).tolist() == [2, 6]
    decomposed = encoder.encode(unicodedata.normalize("NFD", composed.text))
    assert decomposed.ids.tolist() == composed.ids.tolist()
    assert [unicodedata.normalize("NFC", t) for t in texts_of(decomposed)] == texts_of(composed)
    assert decomposed.can_begin.tolist() == composed.can_begin.tolist()


def test_white_space_and_invisible_characters_are_at_no_end(unigram: Any, wordpiece: Any) -> None:
    text = "\ufeffHà\u00a0\tNội\u200b\r\n\u202aông\u202c"
    found = TextEncoder(unigram, 32, 4).encode(text)
    assert [t for t in texts_of(found) if t] == ["H", "à", "N", "ộ", "i", "ô", "n", "g"]
    assert np.flatnonzero(found.line_starts).tolist() == [0, 11]
    assert texts_of(found)[11] == ""  # the second line opens with U+202A
    assert texts_of(TextEncoder(wordpiece, 32, 4).encode("Hà\u200b Nội\u00ad")) == ["Hà", "Nội"]
    for blank in ("", " \u00a0\t\r\n"):
        assert TextEncoder(unigram, 32, 4).encode(blank).windows == ()
        assert TextEncoder(unigram, 32, 4).encode(blank).spans.shape == (0, 2)


def test_a_line_ends_with_the_separator(unigram: Any, wordpiece: Any) -> None:
    for tokenizer in (unigram, wordpiece):
        encoder = TextEncoder(tokenizer, 32, 4)
        one, two, three = (encoder.encode(text) for text in ("Hà Nội", "Hà Nội\r\n", "Hà Nội\n\nhà\u2028"))
        sep = tokenizer.sep_token_id
        assert two.ids.tolist() == [*one.ids.tolist(), sep]
        assert np.flatnonzero(three.ids == sep).tolist() == [len(one.ids), len(three.ids) - 1]  # none for empty lines
        assert three.spans[three.ids == sep].tolist() == [[6, 6], [10, 10]]
        assert not three.can_begin[three.ids == sep].any() and not three.line_starts[three.ids == sep].any()
    assert encoder.encode("\n\n").ids.tolist() == []


def test_marks_at_the_side_of_a_number_are_in_no_span(unigram: Any) -> None:
    encoder = TextEncoder(unigram, 32, 4)
    assert unigram.tokenize("có 24.") == ["▁có", "▁24."]
    assert texts_of(encoder.encode("có 24.")) == ["có", "24"]
    assert texts_of(encoder.encode("có 24.9")) == ["có", "24.", "9"]  # inside a number the point stays
    found = encoder.encode("(18 có 46)")
    assert [t for t in texts_of(found) if t] == ["18", "có", "46"]
    assert found.can_begin[0]


def test_one_character_in_several_tokens_begins_once(byte_bpe: Any, unigram: Any) -> None:
    encoded = TextEncoder(byte_bpe, 32, 4).encode("ộ 👧")
    assert spans_of(encoded) == [(0, 1), (0, 1), (0, 1), (2, 2), (2, 3), (2, 3), (2, 3), (2, 3)]
    assert encoded.can_begin.tolist() == [True, False, False, False, True, False, False, False]
    half = TextEncoder(unigram, 32, 4).encode("½")
    assert spans_of(half) == [(0, 1)] * 4  # ▁ 1 ⁄ 2
    assert half.can_begin.tolist() == [True, False, False, False]


def test_a_line_that_opens_without_tokens_is_still_a_line(wordpiece: Any) -> None:
    from tokenizers import normalizers

    # a normaliser that drops the whole first sentence of the second line
    backend = type(wordpiece.backend_tokenizer).from_str(wordpiece.backend_tokenizer.to_str())
    backend.normalizer = normalizers.Sequence([normalizers.Replace("year.", ""), backend.normalizer])
    encoder = TextEncoder(SimpleNamespace(backend_tokenizer=backend, pad_token_id=1, sep_token_id=None), 32, 4)
    encoded = encoder.encode("Hà\nyear. Nội")
    assert texts_of(encoded) == ["Hà", "Nội"]
    assert encoded.line_starts.tolist() == [True, True]


def test_lone_surrogates_do_not_stop_the_tokenizer(any_tokenizer: Any) -> None:
    encoded = TextEncoder(any_tokenizer, 32, 4).encode("Hà \udcff Nội")
    assert encoded.text == "Hà \udcff Nội"
    assert encoded.spans[-1].tolist()[1] == 8


# ---- units


def test_no_entity_begins_inside_a_number_or_a_word(any_tokenizer: Any) -> None:
    encoded = TextEncoder(any_tokenizer, 62, 4).encode("có 24.973 ca ở Quảngninh, 3,5%")
    begin_at = {start for (start, _), ok in zip(spans_of(encoded), encoded.can_begin.tolist(), strict=True) if ok}
    assert begin_at == {0, 3, 10, 13, 15, 24, 26} | ({29} if not hasattr(any_tokenizer, "reads_words") else set())


# ---- whole arrays give what plain loops do


def assert_plain(tokenizer: Any, text: str) -> None:
    encoder = TextEncoder(tokenizer, 16, 4)
    encoded = encoder.encode(text)
    for name, expected in plainly_encoded(encoder, tokenizer, text).items():
        assert np.asarray(getattr(encoded, name)).tolist() == expected, name
    types = {name: getattr(encoded, name).dtype for name in ("ids", "spans", "can_begin", "has_label", "line_starts")}
    assert {*types.values()} == {np.dtype("int64"), np.dtype("bool")}, types


def test_the_arrays_of_documents_are_those_of_plain_loops(any_tokenizer: Any, seeds: dict[str, str]) -> None:
    authored = sorted((ROOT / "annotations/authored").glob("*/*.txt"))[::40]
    for text in (*ODD_TEXTS, *seeds.values(), *(path.read_text(encoding="utf-8") for path in authored)):
        assert_plain(any_tokenizer, text)
        assert_plain(any_tokenizer, unicodedata.normalize("NFD", text))


@given(text=ANY_TEXT)
def test_the_arrays_of_any_text_are_those_of_plain_loops(
    unigram: Any, wordpiece: Any, byte_bpe: Any, phobert: Any, text: str
) -> None:
    for tokenizer in (unigram, wordpiece, byte_bpe, phobert):
        assert_plain(tokenizer, text)


@given(texts=st.lists(ANY_TEXT, max_size=5))
def test_texts_that_are_read_together_are_read_as_alone(unigram: Any, texts: list[str]) -> None:
    encoder = TextEncoder(unigram, 16, 4)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("vanban.reading.tokens._CHARACTERS_PER_CALL", 7)
        for text, together in zip(texts, encoder.encode_batch(texts), strict=True):
            assert_same(together, encoder.encode(text))


@pytest.mark.parametrize("kind", ["unigram", "wordpiece", "byte_bpe"])
def test_a_long_segment_is_read_in_pieces_as_it_is_read_whole(
    request: pytest.FixtureRequest, kind: str, seeds: dict[str, str]
) -> None:
    tokenizer = request.getfixturevalue(kind)
    one_line = " ".join(" ".join(seeds.values()).split()).replace(". ", ", ")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("vanban.reading.tokens.LONGEST_PIECE", 90)
        for text in (one_line, unicodedata.normalize("NFD", one_line)):
            assert_plain(tokenizer, text)


# ---- windows


def test_windows_are_packed_with_whole_segments() -> None:
    assert cut_windows([0], 10, 2) == []
    assert cut_windows([0, 4, 8, 12], 10, 2) == [Window(0, 8), Window(8, 12)]
    assert cut_windows([0, 10, 20], 10, 2) == [Window(0, 10), Window(10, 20)]
    # the long segment 3..28 alone is cut inside; what is left of it shares a window with the next segment
    assert cut_windows([0, 3, 28, 30], 10, 2) == [
        Window(0, 3), Window(3, 13), Window(11, 21), Window(19, 28), Window(28, 30),
    ]  # fmt: skip
    assert cut_windows([0, 12, 14], 10, 2) == [Window(0, 10), Window(8, 14)]


@given(lengths=st.lists(st.integers(1, 40), max_size=30), capacity=st.integers(2, 12), data=st.data())
def test_windows_cover_every_token_and_overlap_only_inside_long_segments(
    lengths: list[int], capacity: int, data: st.DataObject
) -> None:
    overlap = data.draw(st.integers(0, capacity - 1))
    edges = [0, *np.cumsum(lengths).tolist()]
    windows = cut_windows(edges, capacity, overlap)
    assert all(0 < w.end - w.start <= capacity for w in windows)
    assert [*(w.start for w in windows)] == sorted({w.start for w in windows})
    assert {i for w in windows for i in range(w.start, w.end)} == set(range(edges[-1]))
    long_segments = [(a, b) for a, b in pairwise(edges) if b - a > capacity]
    for left, right in pairwise(windows):
        assert left.end - right.start in (0, overlap)
        if left.end != right.start or left.end not in edges:
            assert any(a <= right.start and left.end <= b for a, b in long_segments)


def test_a_text_of_5_000_words_is_read_to_its_end(any_tokenizer: Any) -> None:
    text = "Chủ tịch Hà Nội có 24.973 ca. " * 714 + "Đà Nẵng"
    # settings that cut every text to 16 tokens, and fill it up: tokenizer.json may carry them
    any_tokenizer.backend_tokenizer.enable_truncation(max_length=16)
    any_tokenizer.backend_tokenizer.enable_padding(length=16)
    encoded = TextEncoder(any_tokenizer, 32, 8).encode(text)
    assert len(text.split()) == 5_000
    assert encoded.spans[-1, 1] == len(text)
    assert texts_of(encoded)[0] in ("Chủ", "C", "Chủ tịch")
    # sentences are shorter than a window or are cut inside; either way no token is lost
    check(encoded, capacity=30)
    assert len(encoded.windows) >= len(encoded.ids) / 30


def test_tokens_of_a_text_do_not_depend_on_truncation_and_padding(unigram: Any) -> None:
    expected = TextEncoder(unigram, 32, 8).encode("Hà Nội có 24.973 ca.").ids.tolist()
    unigram.backend_tokenizer.enable_truncation(max_length=3)
    unigram.backend_tokenizer.enable_padding(length=50)
    encoder = TextEncoder(unigram, 32, 8)
    assert encoder.encode("Hà Nội có 24.973 ca.").ids.tolist() == expected
    assert (encoder.prefix, encoder.suffix, encoder.capacity) == ([0], [2], 30)


@pytest.mark.parametrize("unit", ["Hà Nội, ", "x", "“Hà Nội. ", "à. "])
def test_a_line_of_200_000_characters(unigram: Any, unit: str) -> None:
    text = unit * (200_000 // len(unit))
    begin = time.process_time()
    encoded = TextEncoder(unigram, 64, 16).encode(text)
    assert time.process_time() - begin < 10
    assert encoded.spans[0, 0] == 0
    assert encoded.spans[-1, 1] == len(text.rstrip())
    assert encoded.windows[-1].end == len(encoded.ids)
    check(encoded, capacity=62)


def test_a_batch_is_encoded_as_its_texts_are(unigram: Any) -> None:
    encoder = TextEncoder(unigram, 16, 4)
    for one, many in zip(map(encoder.encode, ODD_TEXTS), encoder.encode_batch(ODD_TEXTS), strict=True):
        assert one.text == many.text
        assert one.ids.tolist() == many.ids.tolist()
        assert one.spans.tolist() == many.spans.tolist()
        assert one.windows == many.windows
    assert encoder.encode_batch([]) == []


# ---- one reading for two encoders


def assert_same(one: EncodedText, other: EncodedText) -> None:
    assert (one.text, one.segment_edges, one.windows) == (other.text, other.segment_edges, other.windows)
    for name in ("ids", "spans", "can_begin", "has_label", "line_starts"):
        assert getattr(one, name).tolist() == getattr(other, name).tolist(), name


def test_a_text_that_is_split() -> None:
    (found,) = split(["Ha\u0300 No\u0323\u0302i.\r\nHọp"])
    assert found.text == "Ha\u0300 No\u0323\u0302i.\r\nHọp"
    assert found.normalized.text == "Hà Nội.\r\nHọp"
    assert [found.normalized.text[a:b] for a, b in found.segment_spans] == ["Hà Nội.\r\n", "Họp"]
    assert found.normalized.raw(3, 6) == (4, 9)
    assert split([]) == []


def test_texts_that_are_split_once_serve_every_tokenizer(
    unigram: Any, wordpiece: Any, byte_bpe: Any, phobert: Any
) -> None:
    """Nothing that one tokenizer reads of them changes what the next one does."""
    texts = [*ODD_TEXTS, "Chủ tịch Hà Nội.\nÔng Khuynh họp " * 9]
    once = split(texts)
    for tokenizer in (unigram, wordpiece, byte_bpe, phobert):
        encoder = TextEncoder(tokenizer, 16, 4)
        for one, other in zip(encoder.encode_split(once), encoder.encode_batch(texts), strict=True):
            assert_same(one, other)


def test_segment_edges_are_where_sentences_and_lines_end(unigram: Any) -> None:
    encoded = TextEncoder(unigram, 32, 4).encode("Hà Nội. Ông\n\nHà")
    pairs = pairwise(encoded.segment_edges)
    assert [texts_of(encoded)[first:last] for first, last in pairs] == [["Hà", "Nội", "."], ["Ông", ""], ["Hà"]]
    assert TextEncoder(unigram, 32, 4).encode(" \n").segment_edges == (0,)


def test_windows_of_another_length(any_tokenizer: Any) -> None:
    """A document takes on another encoder's windows as if that one had read it."""
    wide, narrow = TextEncoder(any_tokenizer, 32, 8), TextEncoder(any_tokenizer, 12, 3)
    for text in (*ODD_TEXTS, "Chủ tịch Hà Nội, ông Khuynh Thuận họp. Rồi có 24.973 ca\n" * 6):
        by_wide, by_narrow = wide.encode(text), narrow.encode(text)
        assert narrow.windows_of(by_wide) == by_narrow.windows
        assert_same(narrow.in_windows(by_wide), by_narrow)
        assert_same(wide.in_windows(by_narrow), by_wide)
        check(narrow.in_windows(by_wide), capacity=10)
    assert wide.windows_of(by_narrow) != by_narrow.windows


def test_encoders_that_read_alike(any_tokenizer: Any, unigram: Any, tmp_path: Path) -> None:
    encoder = TextEncoder(any_tokenizer, 32, 8)
    assert encoder.reads_like(TextEncoder(any_tokenizer, 12, 3))
    any_tokenizer.save_pretrained(tmp_path)
    again = TextEncoder(load_tokenizer(tmp_path), 12, 3)
    assert encoder.reads_like(again) and again.reads_like(encoder)
    assert encoder.reads_like(TextEncoder(unigram, 32, 8)) == (any_tokenizer is unigram)


def test_encoders_that_read_otherwise(unigram: Any, phobert: Any, tmp_path: Path) -> None:
    encoder = TextEncoder(unigram, 32, 8)
    unigram.save_pretrained(tmp_path / "other")
    tokenizer = json.loads((tmp_path / "other/tokenizer.json").read_text(encoding="utf-8"))
    piece = next(piece for piece in tokenizer["model"]["vocab"] if piece[0] == "▁hà")
    piece[1] = -99.0  # too costly to be used
    (tmp_path / "other/tokenizer.json").write_text(json.dumps(tokenizer), encoding="utf-8")
    other = TextEncoder(load_tokenizer(tmp_path / "other"), 32, 8)
    assert not encoder.reads_like(other) and not other.reads_like(encoder)
    assert encoder.encode("hà").ids.tolist() != other.encode("hà").ids.tolist()
    # the same pieces, read without word boundaries
    phobert.save_pretrained(tmp_path / "phobert")
    plain = TextEncoder(AutoTokenizer.from_pretrained(tmp_path / "phobert"), 32, 8)
    assert plain.reads_words is False and not plain.reads_like(TextEncoder(phobert, 32, 8))


def test_another_end_of_a_line_is_another_reading(unigram: Any, tmp_path: Path) -> None:
    unigram.save_pretrained(tmp_path)
    silent = load_tokenizer(tmp_path)
    silent.sep_token = None
    encoder, without = TextEncoder(unigram, 32, 8), TextEncoder(silent, 32, 8)
    assert len(encoder.encode("hà\nnội").ids) == len(without.encode("hà\nnội").ids) + 1
    assert not encoder.reads_like(without) and not without.reads_like(encoder)


def test_special_tokens_are_put_around_a_window(unigram: Any, phobert: Any) -> None:
    for tokenizer in (unigram, phobert):
        encoder = TextEncoder(tokenizer, 32, 8)
        ids = encoder.encode("Hà Nội").ids
        assert encoder.with_special_tokens(ids) == [tokenizer.cls_token_id, *ids.tolist(), tokenizer.sep_token_id]
        assert encoder.with_special_tokens(ids[:0]) == [tokenizer.cls_token_id, tokenizer.sep_token_id]


def test_batches_of_like_length_stay_within_the_budget() -> None:
    lengths = [3, 90, 5, 4, 30, 5, 0]
    batches = list(batches_by_length(lengths, budget=34, special=2, most_padding=1))
    assert batches == [[1], [4], [2, 5, 3, 0], [6]]  # 90 is over the budget alone; four times 5 + 2 is within
    assert list(batches_by_length(lengths, budget=34, most_padding=1)) == [[1], [4], [2, 5, 3, 0, 6]]
    assert list(batches_by_length([], 40)) == []


def test_batches_are_cut_where_more_would_be_padding() -> None:
    # 40 + 38 of 2 x 40 tokens is 2.5 % of padding, 40 + 38 + 37 of 120 is 4.2 %; 36 more is 5.6 %
    assert list(batches_by_length([36, 37, 38, 40], budget=999)) == [[3, 2, 1], [0]]
    assert list(batches_by_length([36, 37, 38, 40], budget=999, most_padding=0)) == [[3], [2], [1], [0]]
    assert list(batches_by_length([1, 2], budget=999, special=60)) == [[1, 0]]


@given(lengths=st.lists(st.integers(0, 70), max_size=60), budget=st.integers(1, 400), special=st.integers(0, 3))
def test_no_batch_is_over_the_budget_or_wastes_more_than_5_percent(
    lengths: list[int], budget: int, special: int
) -> None:
    batches = list(batches_by_length(lengths, budget, special))
    assert sorted(index for batch in batches for index in batch) == list(range(len(lengths)))
    for batch in batches:
        tokens = [lengths[index] + special for index in batch]
        padded = len(batch) * max(tokens)
        assert padded <= budget or len(batch) == 1
        assert padded - sum(tokens) <= 0.05 * padded
    for one, after in pairwise(batches):  # and none is cut without need
        tokens = [lengths[index] + special for index in (*one, after[0])]
        padded = len(tokens) * tokens[0]
        assert padded > budget or padded - sum(tokens) > 0.05 * padded


# ---- words


def words_and_pieces(encoded: EncodedText) -> list[tuple[str, int]]:
    """Return the text of each word, from its first piece to its last, and its number of pieces."""
    starts, spans = [*np.flatnonzero(encoded.has_label).tolist(), len(encoded.ids)], spans_of(encoded)
    found = []
    for first, last in pairwise(starts):
        pieces = [span for span in spans[first:last] if span[0] < span[1]]
        found.append((encoded.text[pieces[0][0] : pieces[-1][1]], len(pieces)))
    return found


def test_pieces_of_words_by_hand(phobert: Any) -> None:
    encoded = TextEncoder(phobert, 32, 4).encode("Chủ tịch Khuynh ở Hà\tNội.\r\nHọp")
    assert [word for word, _ in words_and_pieces(encoded)] == ["Chủ tịch", "Khuynh", "ở", "Hà\tNội", ".", "Họp"]
    assert encoded.can_begin.tolist() == encoded.has_label.tolist()  # an entity begins where a word does
    pieces = dict(words_and_pieces(encoded))
    assert (pieces["Chủ tịch"], pieces["Hà\tNội"]) == (1, 1)
    assert pieces["Khuynh"] > 1
    # the separator at the end of the line is neither a word nor a piece of one
    at = encoded.ids.tolist().index(phobert.sep_token_id)
    assert (spans_of(encoded)[at], encoded.has_label[at], encoded.can_begin[at]) == ((25, 25), False, False)
    expected = phobert("Chủ_tịch Khuynh ở Hà_Nội .", add_special_tokens=False).input_ids
    assert encoded.ids[:at].tolist() == expected


def test_ids_are_those_of_the_segmented_text(phobert: Any, seeds: dict[str, str]) -> None:
    encoder = TextEncoder(phobert, 256, 64)
    for text in seeds.values():
        for raw in (text, unicodedata.normalize("NFD", text), older_tone_style(text), newer_tone_style(text)):
            encoded = encoder.encode(raw)
            check(encoded, capacity=254)
            assert covered(encoded) == visible(raw) | inner_spaces(encoded)
            segmented = " ".join("_".join(newer_tone_style(text[a:b]).split()) for a, b in word_spans(text))
            own = encoded.ids[encoded.ids != phobert.sep_token_id].tolist()
            assert own == phobert(segmented, add_special_tokens=False).input_ids


@given(text=ANY_TEXT)
def test_words_lose_nothing_visible_of_any_text(phobert: Any, text: str) -> None:
    text = text.replace("\u0344", "")  # in NFC it is two marks, of which a word may have the second alone
    encoded = TextEncoder(phobert, 16, 4).encode(text)
    marks = {i for i, c in enumerate(text) if unicodedata.combining(c)}
    assert visible(text) - marks <= covered(encoded) <= visible(text) | marks | inner_spaces(encoded)


def inner_spaces(encoded: EncodedText) -> set[int]:
    """Return the offsets of white space and invisible characters inside pieces: `Hà Nội` is one."""
    return {
        i
        for start, end in spans_of(encoded)
        for i in range(start + 1, end - 1)
        if encoded.text[i].isspace() or encoded.text[i] in INVISIBLE
    }


SYLLABLES = "hòa hóa tỏa đõa họa chòe khóe khỏe xõe lọe thùy thúy thủy lũy lụy"


@pytest.mark.parametrize("older", SYLLABLES.split())
def test_both_spellings_of_a_tone_have_the_same_ids(phobert: Any, older: str) -> None:
    encoder = TextEncoder(phobert, 64, 8)
    newer = newer_tone_style(older)
    assert newer != older
    for change in (str, str.capitalize, str.upper):
        for sentence in ("{}", "ông {} ở tỉnh", "UBND huyện Thanh {}, 24 ca", "“{}”"):
            texts = [sentence.format(change(spelling)) for spelling in (older, newer)]
            texts += [unicodedata.normalize("NFD", text) for text in texts]
            composed, other, *decomposed = (encoder.encode(text) for text in texts)
            assert spans_of(other) == spans_of(composed)
            for encoded in (other, *decomposed):
                assert encoded.ids.tolist() == composed.ids.tolist()
            for encoded, text in zip(decomposed, texts[:2], strict=True):
                assert [unicodedata.normalize("NFC", t) for t in texts_of(encoded)] == texts_of(encoder.encode(text))


def test_no_word_goes_on_over_a_cut(phobert: Any) -> None:
    encoder = TextEncoder(phobert, 32, 4)
    texts = ["ở Hà Nội, Đà Nẵng", unicodedata.normalize("NFD", "ở Hà Nội"), ""]
    whole = [[word for word, _ in words_and_pieces(encoded)] for encoded in encoder.encode_batch(texts)]
    nfd = texts[1].split()
    assert whole == [["ở", "Hà Nội", ",", "Đà Nẵng"], [nfd[0], f"{nfd[1]} {nfd[2]}"], []]
    cuts = [{4}, {texts[1].index(nfd[2])}, {0}]
    cut = [[word for word, _ in words_and_pieces(encoded)] for encoded in encoder.encode_batch(texts, cuts)]
    assert cut == [["ở", "Hà", "Nội", ",", "Đà Nẵng"], nfd, []]
    # each part is read as a word of its own
    assert encoder.encode_batch(["Hà Nội"], [{2}])[0].ids.tolist() == phobert("Hà Nội").input_ids[1:-1]


def test_subwords_take_no_notice_of_cuts(unigram: Any, byte_bpe: Any) -> None:
    for tokenizer in (unigram, byte_bpe):
        encoder = TextEncoder(tokenizer, 32, 4)
        plain, with_cuts = encoder.encode("ở Hà Nội"), encoder.encode_batch(["ở Hà Nội"], [{3, 5, 6}])[0]
        assert with_cuts.ids.tolist() == plain.ids.tolist()
        assert plain.has_label.tolist() == [start < end for start, end in spans_of(plain)]


def test_windows_are_cut_between_words() -> None:
    assert cut_windows([0, 12], 10, 2, [0, 3, 6, 9, 11]) == [Window(0, 9), Window(6, 12)]
    assert cut_windows([0, 12], 10, 4, [0, 3, 6, 9, 11]) == [Window(0, 9), Window(3, 12)]
    assert cut_windows([0, 12], 10, 0, [0, 3, 6, 9, 11]) == [Window(0, 9), Window(9, 12)]
    # whole segments are packed as they are
    assert cut_windows([0, 4, 8, 12], 10, 2, [0, 4, 5, 8]) == [Window(0, 8), Window(8, 12)]
    # the word 3..27 is longer than a window: it alone is cut inside, without overlap
    assert cut_windows([0, 30], 10, 2, [0, 3, 27, 28]) == [
        Window(0, 3), Window(3, 13), Window(13, 23), Window(23, 30),
    ]  # fmt: skip
    # a word as long as a window, and one longer by a token
    assert cut_windows([0, 20], 10, 2, [0, 10]) == [Window(0, 10), Window(10, 20)]
    assert cut_windows([0, 21], 10, 2, [0, 10]) == [Window(0, 10), Window(10, 20), Window(20, 21)]


@given(
    words=st.lists(st.lists(st.integers(1, 14), min_size=1, max_size=12), max_size=8),
    capacity=st.integers(2, 12),
    data=st.data(),
)
def test_windows_of_words_cover_every_token_and_cut_no_word(
    words: list[list[int]], capacity: int, data: st.DataObject
) -> None:
    overlap = data.draw(st.integers(0, capacity - 1))
    starts = np.cumsum([0, *(length for segment in words for length in segment)]).tolist()
    edges = [0, *np.cumsum([sum(segment) for segment in words]).tolist()]
    windows = cut_windows(edges, capacity, overlap, starts[:-1])
    assert all(0 < w.end - w.start <= capacity for w in windows)
    assert {i for w in windows for i in range(w.start, w.end)} == set(range(edges[-1]))
    assert [w.start for w in windows] == sorted({w.start for w in windows})
    for first, last in pairwise(starts):  # a word that fits is whole in a window, and no window has a part of it
        if last - first <= capacity:
            assert any(w.start <= first and last <= w.end for w in windows)
            assert not any(first < border < last for w in windows for border in (w.start, w.end))
    for left, right in pairwise(windows):
        shared = left.end - right.start
        assert shared == 0 or (shared >= overlap and not any(right.start < edge < left.end for edge in edges))
        if shared == 0 and left.end not in edges:  # there is no word to begin with, or none that leaves enough
            assert not any(left.start < start <= left.end - overlap for start in starts) or overlap == 0


@pytest.mark.parametrize("unit", ["Hà Nội, ", "Chủ tịch UBND Khuynh Thuận ", "Sáng nay, ông Khuynh họp. ", "à "])
@pytest.mark.parametrize(("window", "overlap"), [(256, 64), (32, 8), (12, 9)])
def test_windows_of_phobert_cut_no_word(phobert: Any, unit: str, window: int, overlap: int) -> None:
    encoded = TextEncoder(phobert, window, overlap).encode(unit * (4_000 // len(unit)))
    assert max(pieces for _, pieces in words_and_pieces(encoded)) < window - 2
    borders = {border for w in encoded.windows for border in (w.start, w.end)} - {len(encoded.ids)}
    assert len(borders) > 5
    assert encoded.has_label[sorted(borders)].all()
    assert max(w.end - w.start for w in encoded.windows) <= window - 2
    check(encoded, capacity=window - 2)


def test_a_word_longer_than_a_window(phobert: Any) -> None:
    long = "".join(chr(0x4E00 + i) for i in range(50))  # a token for each character
    encoded = TextEncoder(phobert, 22, 5).encode(f"ở {long} họp")
    assert words_and_pieces(encoded) == [("ở", 1), (long, 50), ("họp", words_and_pieces(encoded)[-1][1])]
    assert encoded.windows[:4] == (Window(0, 1), Window(1, 21), Window(21, 41), Window(41, len(encoded.ids)))
    assert len(encoded.windows) == 4


def test_the_positions_of_roberta_are_never_passed(phobert: Any, phobert_directory: Path) -> None:
    from transformers import AutoConfig

    limit = position_limit(AutoConfig.from_pretrained(phobert_directory), phobert)
    assert limit == 256  # of 258 embeddings: positions are counted from the padding id on
    encoded = TextEncoder(phobert, limit, 64).encode("Chủ tịch Khuynh Thuận ở Hà Nội có 24.973 ca " * 555)
    assert len(encoded.text.split()) == 5_550
    lengths = [w.end - w.start + 2 for w in encoded.windows]
    assert 240 < max(lengths) <= 256
    assert covered(encoded) >= visible(encoded.text)


# ---- errors


def test_a_slow_tokenizer_is_refused(tmp_path: Any) -> None:
    from transformers import PhobertTokenizer

    (tmp_path / "vocab.txt").write_text("Hà 9\n", encoding="utf-8")
    (tmp_path / "bpe.codes").write_text("", encoding="utf-8")
    tokenizer = PhobertTokenizer(str(tmp_path / "vocab.txt"), str(tmp_path / "bpe.codes"))
    with pytest.raises(UserError, match=r"PhobertTokenizer gives no offsets.*encoder\.name: bundled"):
        TextEncoder(tokenizer, 32, 4)


@pytest.mark.parametrize(("window", "overlap"), [(2, 0), (10, 8), (10, -1)])
def test_windows_that_hold_no_text_are_refused(unigram: Any, window: int, overlap: int) -> None:
    with pytest.raises(UserError, match=f"windows of {window} tokens with {overlap} of overlap"):
        TextEncoder(unigram, window, overlap)


# ---- soft line breaks


@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
def test_a_soft_break_is_white_space(any_tokenizer: Any, line_break: str) -> None:
    rows = ["Chủ tịch ủy ban nhân dân tỉnh Đà Nẵng có số trường hợp ở thành", "phố Hà Nội là 46 ca mắc.", "Ngày"]
    encoder = TextEncoder(any_tokenizer, 64, 8)
    broken, whole = encoder.encode(line_break.join(rows)), encoder.encode(f"{rows[0]} {rows[1]}{line_break}{rows[2]}")
    # to a tokenizer of bytes `\r\n` is one space more, a token without text
    for name in ("ids", "can_begin", "line_starts"):
        assert getattr(broken, name)[broken.has_label].tolist() == getattr(whole, name)[whole.has_label].tolist()
    starts = [texts_of(broken)[i] for i in np.flatnonzero(broken.line_starts)]
    assert len(starts) == 2 and starts[1].startswith("N")
    left, right = broken.spans[broken.has_label], whole.spans[whole.has_label]
    assert (left - right == (len(line_break) - 1) * (right > len(rows[0]))).all()

from __future__ import annotations

import time
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from vanban.reading.text import (
    INVISIBLE,
    LINE_BREAK,
    _may_compose_backwards,
    lines,
    newer_tone_style,
    older_tone_style,
    segments,
    sentences,
    to_nfc,
    without_surrogates,
)

ANY_TEXT = st.text(st.characters())  # lone surrogates too
# close to what meets in documents: line breaks of every kind, stops, quotes, marks, zero-width characters
ODD_TEXT = st.text(
    st.sampled_from(
        "aàÀ1. !?“”\"'()«»[]\n\r\t\v\f\x1c\x85\u2028\u2029\u00a0\u200b\ufeff\u0301\u0323\u0344\u1100\u1161\u11a8\ud800"
    )
)
NFD = unicodedata.normalize("NFD", "Thừa Thiên Huế, Ủy ban, đường Trần Hưng Đạo")


def parts(text: str) -> list[str]:
    return [text[start:end] for start, end in segments(text)]


# ---- segments


@given(ANY_TEXT | ODD_TEXT)
@example("")
@example("\r\n")
@example("a\r\n\r\nb\x85\u2028c\n\u200b")
def test_segments_tile_every_text(text: str) -> None:
    spans = segments(text)
    assert "".join(text[start:end] for start, end in spans) == text
    assert all(start < end for start, end in spans)
    assert [end for _, end in spans[:-1]] == [start for start, _ in spans[1:]]
    for start, end in spans:
        breaks = list(LINE_BREAK.finditer(text, start, end))
        assert all(not text[match.end() : end] for match in breaks), "text from both sides of a line break"


@given(ANY_TEXT | ODD_TEXT)
def test_lines_are_those_of_splitlines(text: str) -> None:
    found = [text[start:end] for start, end in lines(text)]
    # splitlines leaves out an empty last line; `lines` has one after every line break
    assert found[:-1] + ([found[-1]] if found[-1] else []) == text.splitlines()


def test_segments_of_a_notice() -> None:
    text = "Số: 17/CT-UBND\r\n\r\n1. Toàn thành phố có 24.973 ca. Ngày 10/5 thêm 46 ca.\r\nKT. CHỦ TỊCH\r\n"
    assert parts(text) == [
        "Số: 17/CT-UBND\r\n",
        "\r\n",
        "1. Toàn thành phố có 24.973 ca. ",
        "Ngày 10/5 thêm 46 ca.\r\n",
        "KT. CHỦ TỊCH\r\n",
    ]
    assert parts("") == []


@pytest.mark.parametrize(
    "text",
    [
        "Chủ tịch UBND TP. Hà Nội chủ trì.",
        "Bí thư Tp. Thủ Đức dự họp.",
        "Có 24.973 ca, tăng 109,4% so với 1.234.567,89.",
        "Quyết định số 05/QĐ-UBND. Thông báo gửi các Sở.",
        "1. Toàn thành phố",
        "12. Các Sở, ban, ngành",
        "I. Kết quả",
        "PGS.TS. Nguyễn Văn A và ThS. Trần Thị B",
        "Ông nói: “Phải làm ngay. Không chờ đợi.”",
        'Ông nói: "Phải làm ngay. Không chờ đợi."',
        "Ông nói: «Làm ngay. Không chờ.»",
        "Các quận (Ba Đình. Đống Đa. Hà Đông) báo cáo",
        "Các quận [Ba Đình. Đống Đa] báo cáo",
        "Các huyện, thị xã... Trong đó",
        "dịch. tiếp theo",
    ],
)
def test_sentences_are_not_split_where_it_is_doubtful(text: str) -> None:
    assert sentences(text, (0, len(text))) == [(0, len(text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Họp tại Hà Nội. Sau đó đi Huế! Đến nơi? Rồi.", ["Họp tại Hà Nội. ", "Sau đó đi Huế! ", "Đến nơi? ", "Rồi."]),
        ("Ông nói “Làm ngay.” Sau đó ông về.", ["Ông nói “Làm ngay.” ", "Sau đó ông về."]),
        ("Năm 2021. Có 46 ca.", ["Năm 2021. ", "Có 46 ca."]),
        ("Có dịch (46 ca). Theo Sở Y tế.", ["Có dịch (46 ca). ", "Theo Sở Y tế."]),
        ("Hết dịch. 46 ca khỏi.\u00a0“Tốt” là tốt.", ["Hết dịch. ", "46 ca khỏi.\u00a0", "“Tốt” là tốt."]),
    ],
)
def test_plain_sentences_are_split(text: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in sentences(text, (0, len(text)))] == expected


def test_sentences_of_a_line_inside_a_text() -> None:
    text = "A. B\nHọp xong. Sau đó về.\nC"
    assert sentences(text, (5, 26)) == [(5, 15), (15, 26)]
    assert sentences(text, (5, 5)) == []


@pytest.mark.parametrize(
    "unit", ["Họp xong. Sau đó. ", "“", "(", ".", "a" * 39 + ".", '" ', "... ", ". ", "« “ ( ", "\u00a0"]
)
def test_a_line_of_200_000_characters_is_split_in_linear_time(unit: str) -> None:
    text = unit * (200_000 // len(unit))
    begin = time.process_time()
    spans = segments(text)
    seconds = time.process_time() - begin
    assert spans[0][0] == 0
    assert spans[-1][1] == len(text)
    assert seconds < 2.0  # 0.2 s at most on an idle core; anything quadratic takes minutes


def test_thousands_of_sentences_are_found() -> None:
    assert len(segments("Họp xong. " * 5_000)) == 5_000


# ---- NFC and back


@given(ANY_TEXT | ODD_TEXT)
@example("")
@example("\u0f40\u0f72\u0f73")  # U+0F73 has combining class 0 and decomposes into marks that are reordered
@example("\u1100\u1161\u11a8x")
@example("a\u0323\u0301\u0344\n\u0344")
def test_to_nfc_is_nfc_with_a_way_back(raw: str) -> None:
    normalized = to_nfc(raw)
    n = len(normalized.text)
    assert normalized.text == unicodedata.normalize("NFC", raw)
    if normalized.starts is None:
        assert normalized.text == raw
    else:
        assert len(normalized.starts) == n + 1
        assert (normalized.starts[0], normalized.starts[-1]) == (0, len(raw))
        assert all(a <= b for a, b in zip(normalized.starts, normalized.starts[1:], strict=False))
    assert normalized.raw(0, n) == (0, len(raw))
    back = [normalized.from_raw(offset) for offset in range(len(raw) + 1)]
    assert back == sorted(back)
    assert (back[0] == 0 or not raw) and back[-1] == n


def plain_starts(raw: str) -> list[int]:
    """Return the raw offset of each character of the NFC text, block by block: what `to_nfc` must give."""
    edges = [i for i in range(1, len(raw)) if raw[i] < "\u0300" or not _may_compose_backwards(raw[i])]
    starts = []
    for start, end in pairwise([0, *edges, len(raw)]):
        length = len(unicodedata.normalize("NFC", raw[start:end]))
        starts += range(start, end) if length == end - start else [start, *[end] * (length - 1)]
    return [*starts, len(raw)]


@given(ANY_TEXT | ODD_TEXT | st.text(st.sampled_from(NFD + "\u0301\u0300\u0344\u212b\u0f73 ")))
@example("\u0344a\u0344\u0344\u212b\u0301\u212b")
def test_offsets_are_those_of_every_block(raw: str) -> None:
    found = to_nfc(raw).starts
    assert found is None or list(found) == plain_starts(raw)
    if found is None:
        assert unicodedata.is_normalized("NFC", raw)


@given(st.text(st.sampled_from(NFD + "\u0301\u0300\n ")), st.data())
def test_a_span_of_nfc_covers_the_same_text_in_the_raw_string(raw: str, data: st.DataObject) -> None:
    normalized = to_nfc(raw)
    # character by character, between blocks: what a raw span holds composes to the span of the NFC text
    start = data.draw(st.integers(0, len(normalized.text)))
    end = data.draw(st.integers(start, len(normalized.text)))
    a, b = normalized.raw(start, end)
    at_blocks = all(i == len(normalized.text) or not _may_compose_backwards(normalized.text[i]) for i in (start, end))
    if at_blocks and start < end:
        assert unicodedata.normalize("NFC", raw[a:b]) == normalized.text[start:end]


def test_decomposed_vietnamese_maps_back_exactly() -> None:
    raw = f"Tại {NFD}."
    normalized = to_nfc(raw)
    for name in ("Thừa Thiên Huế", "Ủy ban", "Trần Hưng Đạo"):
        start = normalized.text.index(name)
        a, b = normalized.raw(start, start + len(name))
        assert raw[a:b] == unicodedata.normalize("NFD", name)
        assert normalized.from_raw(a) == start
    assert normalized.raw(5, 5) == (5, 5)


def test_composed_text_is_its_own_nfc() -> None:
    text = "Thừa Thiên Huế"
    assert to_nfc(text).starts is None
    assert to_nfc(text).raw(5, 10) == (5, 10)
    assert to_nfc(text).from_raw(7) == 7


def test_hangul_and_offsets_inside_a_block() -> None:
    normalized = to_nfc("a\u1112\u1161\u11ab\u1100\u1173b")
    assert normalized.text == "a한그b"
    assert list(normalized.starts or ()) == [0, 1, 4, 6, 7]
    assert [normalized.from_raw(i) for i in range(8)] == [0, 1, 1, 1, 2, 2, 3, 4]


def test_every_character_that_may_compose_with_what_is_before_it_is_known() -> None:
    """Seconds of the canonical compositions, and what begins with a mark when decomposed (Unicode Annex 15)."""
    missed = []
    for code in range(0x110000):
        character = chr(code)
        decomposition = unicodedata.decomposition(character)
        if decomposition and decomposition[0] != "<":
            fields = [chr(int(field, 16)) for field in decomposition.split()]
            missed += [c for c in fields[1:] if not _may_compose_backwards(c)]
            if unicodedata.combining(unicodedata.normalize("NFD", character)[0]):
                missed += [] if _may_compose_backwards(character) else [character]
        if unicodedata.combining(character) and not _may_compose_backwards(character):
            missed.append(character)
    assert missed == []


def test_invisible_characters_are_format_characters_and_joiners() -> None:
    assert {unicodedata.category(c) for c in INVISIBLE} == {"Cc", "Cf", "Mn"}
    # what Word and browsers leave in copied text: bidirectional marks, zero-width space and joiners, soft hyphen, BOM
    assert set("\u202a\u202c\u2066\u2069\u200b\u200d\u00ad\ufeff") <= INVISIBLE


def test_normalising_a_long_decomposed_text_is_quick() -> None:
    raw = NFD * 4_000
    begin = time.process_time()
    normalized = to_nfc(raw)
    assert time.process_time() - begin < 5.0
    assert len(raw) > 200_000 and len(normalized.text) == len(unicodedata.normalize("NFC", NFD)) * 4_000


# ---- tone styles


OPEN = [  # an open syllable in the older and in the newer style, for each vowel pair and each tone
    ("hòa", "hoà"), ("hóa", "hoá"), ("tỏa", "toả"), ("đõa", "đoã"), ("họa", "hoạ"),
    ("chòe", "choè"), ("khóe", "khoé"), ("khỏe", "khoẻ"), ("xõe", "xoẽ"), ("lọe", "loẹ"),
    ("thùy", "thuỳ"), ("thúy", "thuý"), ("thủy", "thuỷ"), ("lũy", "luỹ"), ("lụy", "luỵ"),
]  # fmt: skip
VOWELS = "aàáảãạoòóỏõọeèéẻẽẹuùúủũụyỳýỷỹỵ"
TONED = st.text(st.sampled_from(VOWELS + VOWELS.upper() + "qQhnNt 1.\n"), max_size=12)


@pytest.mark.parametrize(("older", "newer"), OPEN)
def test_tone_styles_of_open_syllables(older: str, newer: str) -> None:
    for change in (str, str.capitalize, str.upper):
        for before, after in (("", ""), ("ở ", ", 2 ca"), ("“", "."), ("1", "2"), ("_", "_")):
            in_older, in_newer = (f"{before}{change(word)}{after}" for word in (older, newer))
            assert [newer_tone_style(text) for text in (in_older, in_newer)] == [in_newer, in_newer]
            assert [older_tone_style(text) for text in (in_older, in_newer)] == [in_older, in_older]


def test_every_pair_has_both_styles() -> None:
    tones = {unicodedata.normalize("NFD", word)[-1] for _, word in OPEN}
    assert tones == {"\u0300", "\u0301", "\u0309", "\u0303", "\u0323"}
    assert len({(word[-2:]) for word, _ in OPEN}) == len({(word[-2:]) for _, word in OPEN}) == 15


@pytest.mark.parametrize(
    "text",
    [
        *("quý", "quỳ", "Quỳnh", "QUÝ", "quả", "quẻ", "toàn", "hoàng", "khoản", "huỳnh", "loét", "HOÀN THÀNH"),
        *("của", "mùa", "tỉnh", "Thừa Thiên Huế", "ngoại", "khuỷu", "thuyền", "", "24.973"),
    ],
)
def test_syllables_that_have_one_style(text: str) -> None:
    assert newer_tone_style(text) == text
    assert older_tone_style(text) == text


def test_a_sentence_in_both_styles() -> None:
    older = "Chủ tịch Ủy ban tỉnh Hòa Bình, bà Thúy, toàn quyền; quý hóa, LŨY KẾ"
    newer = "Chủ tịch Uỷ ban tỉnh Hoà Bình, bà Thuý, toàn quyền; quý hoá, LUỸ KẾ"
    assert newer_tone_style(older) == newer
    assert older_tone_style(newer) == older
    # misspelled, as RDRSegmenter reads it: the newer style is written wherever the older is found
    assert newer_tone_style("hòan qúy") == "hoàn quý"
    assert older_tone_style("hòan qúy") == "hòan qúy"


@given(ANY_TEXT | TONED)
@example("òoà")
@example("uỷu ủy")
def test_tone_styles_of_any_text(text: str) -> None:
    newer, older = newer_tone_style(text), older_tone_style(text)
    assert len(newer) == len(older) == len(text)
    assert newer_tone_style(newer) == newer
    assert older_tone_style(older) == older
    assert newer_tone_style(older) == newer
    for changed in (newer, older):  # tones move from one letter to its neighbour: bare letters and case stay
        bare = [unicodedata.normalize("NFD", c)[0] for c in text]
        assert [unicodedata.normalize("NFD", c)[0] for c in changed] == bare


def test_halves_of_characters_are_replaced() -> None:
    assert without_surrogates("Hà \ud83d\udc67 \udcff Nội 👧") == "Hà \ufffd\ufffd \ufffd Nội 👧"

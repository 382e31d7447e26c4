"""Words as spans of the raw text: what holds of any text, and which words the segmenter finds."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import unicodedata
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from project import ROOT
from vanban.errors import UserError
from vanban.reading import words
from vanban.reading.text import INVISIBLE, crosses_hard_break, newer_tone_style, older_tone_style, to_nfc
from vanban.reading.words import word_spans, words_of_sentence

SEED_TEXT = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "seeds").glob("*.txt")))
PARTS = [
    *("Hà Nội", "chủ tịch", "Hoà Bình", "Hòa Bình", "Thuỷ", "toàn quốc", "ông", "A", "b", "Đ", "ủ"),
    *("17/CT-UBND", "30/2020/NĐ-CP", "109,4%", "24.973", "3.000-5.000", "Covid-19", "TP.HCM", "1", "½", "TT&TT"),
    *(".", ",", "-", "–", "/", "&", "'", "’", "“", "(", "_", "__", "...", "%", "👧", "👨\u200d👩\u200d👧"),
    *(" ", "  ", "\t", "\u00a0", "\n", "\r\n", "\x1c", "\x85", "\u2028", "\u3000"),
    *("\u200b", "\ufeff", "\u00ad", "\x00", "\u0301", "\u0323", "\u1100\u1161", "\ud800"),
]
ANY_TEXT = (
    st.text(st.characters(), max_size=60)
    | st.text(st.sampled_from(sorted({*SEED_TEXT, *unicodedata.normalize("NFD", SEED_TEXT)})), max_size=60)
    | st.lists(st.sampled_from(PARTS), max_size=30).map("".join)
    | st.lists(st.sampled_from([unicodedata.normalize("NFD", part) for part in PARTS]), max_size=30).map("".join)
)


def words_of(text: str) -> list[str]:
    return [text[start:end] for start, end in word_spans(text)]


def check(text: str) -> None:
    """Assert what holds of the words of every text."""
    reached = 0
    spans = word_spans(text)
    for start, end in [*spans, (len(text), len(text))]:
        assert reached <= start <= end <= len(text)
        between = text[reached:start]
        assert all(c.isspace() or c in INVISIBLE or len(unicodedata.normalize("NFC", c)) > 1 for c in between)
        reached = end
    for start, end in spans:
        word = text[start:end]
        assert word and not word[0].isspace() and not word[-1].isspace()
        assert not crosses_hard_break(text, start, end)
        syllables = word.split()
        assert len(syllables) <= 4
        if len(syllables) > 1:  # neither marks nor numbers are in words with white space
            assert not any(c.isdecimal() or c in '.,;:/%&()“”"-–_' for c in word)
            for before, after in pairwise(syllables):
                assert not (before.islower() and to_nfc(after).text[0].isupper())


# ---- any text


@settings(max_examples=300)
@given(text=ANY_TEXT)
@example("")
@example("\ufeff \u200b\r\n")
@example("0\u0344")  # in NFC the mark is two, of which the raw text has one: no word is empty
@example("\r\u0344\x1b")
@example("\ufb1d\x1b")  # in NFC its point is a character of its own
@example("Hà\r\nNội\u2028chủ\ntịch")
@example("0" * 38 + ":A\ra")  # a soft break: a word goes over it
def test_words_of_any_text(text: str) -> None:
    check(text)
    if all(len(unicodedata.normalize("NFC", c)) == 1 for c in text):
        assert all(set(word) - INVISIBLE for word in words_of(text))


def forms(text: str) -> dict[str, str]:
    """Return the ways in which a text may come: each has the words of the others."""
    return {
        "as it is": text,
        "decomposed": unicodedata.normalize("NFD", text),
        "older style": older_tone_style(text),
        "newer style": newer_tone_style(text),
        "CRLF": text.replace("\r\n", "\n").replace("\n", "\r\n"),
        "decomposed, newer style": unicodedata.normalize("NFD", newer_tone_style(text)),
    }


@pytest.mark.parametrize("form", forms(""))
def test_words_of_the_seeds_in_every_form(seeds: dict[str, str], form: str) -> None:
    found = []
    for text in seeds.values():
        check(forms(text)[form])
        as_it_is = [older_tone_style(word) for word in words_of(text)]
        assert [older_tone_style(to_nfc(word).text) for word in words_of(forms(text)[form])] == as_it_is
        found += as_it_is
    assert sum(" " in word for word in found) > 1_500 and len(found) > 7_000


# ---- words by hand


@pytest.mark.parametrize(
    "word",
    [
        *("30/2020/NĐ-CP", "17/CT-UBND", "05-CT/TU", "12-QyĐ/TW", "128-NQ/CP", "45/2021/TT-BNN&PTNT", "05/QĐ-TTg"),
        *("24.973", "8.749/8.000", "109,4%", "3.000-5.000", "1.234.567,89", "23/7/2021", "26/4-2/5", "12:30", "10h30"),
        *("SARS-CoV-2", "Covid-19", "F1", "TP.HCM", "CT-UBND", "QĐ-TTg", "TT&TT", "m2"),
        *("Hà Nội", "Hà\u00a0Nội", "Hà \t Nội", "Nguyễn Văn A", "HÀ NỘI"),
        *("H\u00e0\u200b", "...", "“", "\ud800", unicodedata.normalize("NFD", "Thủy"), "d’Ivoire", "200.000.000đ"),
    ],
)
def test_one_word(word: str) -> None:
    assert words_of(word) == [word]
    assert words_of(f"ở ( {word} ), tại") == ["ở", "(", word, ")", ",", "tại"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Số: 17/CT-UBND.", ["Số", ":", "17/CT-UBND", "."]),
        ("(17/CT-UBND)”;", ["(", "17/CT-UBND", ")", "”", ";"]),
        ("KT. CHỦ TỊCH", ["KT", ".", "CHỦ TỊCH"]),
        ("TP. Hà Nội Chu Ngọc Anh", ["TP", ".", "Hà Nội", "Chu Ngọc Anh"]),
        ("Bí thư Thành ủy Đinh Tiến Dũng", ["Bí thư", "Thành ủy", "Đinh Tiến Dũng"]),
        ("chủ tịch Hà Nội", ["chủ tịch", "Hà Nội"]),
        ("UBND Hà Nội", ["UBND", "Hà Nội"]),
        ("Hà\nNội", ["Hà", "Nội"]),
        ("Hà\r\nNội", ["Hà", "Nội"]),
        ("Hà \u200bNội", ["Hà", "Nội"]),
        ("Hà, Nội", ["Hà", ",", "Nội"]),
        ("thành_phố __", ["thành", "_", "phố", "__"]),
        ("tăng 10%-20%", ["tăng", "10%", "-", "20%"]),
        ("17 /CT-UBND", ["17", "/", "CT-UBND"]),
        ("từ 2 - 5 ca", ["từ", "2", "-", "5", "ca"]),
        ("", []),
        (" \u00a0\ufeff\r\n", []),
    ],
)
def test_words_by_hand(text: str, expected: list[str]) -> None:
    assert words_of(text) == expected


def test_both_tone_styles_have_the_same_spans() -> None:
    for older in ("Ông ở tỉnh Hòa Bình, khỏe mạnh.", "Ủy ban huyện Thanh Thủy có hóa đơn.", "TÒA ÁN TỈNH HÒA BÌNH"):
        newer = newer_tone_style(older)
        assert newer != older
        assert word_spans(newer) == word_spans(older)
    assert words_of("tỉnh Hoà Bình") == ["tỉnh", "Hoà Bình"]


def test_names_run_together_fall_apart() -> None:
    """The segmenter takes names without commas between them for one word of many syllables."""
    assert words_of("quận Hà Đông Cấn Thị Việt Hà;") == ["quận", "Hà", "Đông", "Cấn", "Thị", "Việt", "Hà", ";"]


def test_what_the_segmenter_can_not_join(monkeypatch: pytest.MonkeyPatch) -> None:
    words._remembered.cache_clear()
    monkeypatch.setattr(words, "_tags", lambda tokens: [True] * len(tokens))  # it would join everything
    text = "một hai ba bốn, Năm Sáu bảy Tám 24 chín\u200b mười - mười \u200bmột\nHai Ba bốn năm sáu"
    assert words_of(text) == [
        *("một hai ba bốn", ",", "Năm Sáu bảy", "Tám", "24", "chín\u200b mười", "-", "mười", "một"),
        *("Hai", "Ba", "bốn", "năm", "sáu"),
    ]
    words._remembered.cache_clear()


def test_the_words_of_ordinary_sentences_are_those_of_underthesea() -> None:
    from underthesea import word_tokenize

    for sentence in (
        "Chủ tịch Ủy ban nhân dân thành phố Hà Nội chủ trì cuộc họp.",
        "Bệnh nhân được chuyển đến bệnh viện Bạch Mai để điều trị.",
        "Học sinh lớp mười hai tiếp tục học trực tuyến tại nhà.",
        "Bộ Y tế đề nghị các địa phương tăng cường xét nghiệm.",
        "Công an tỉnh Quảng Ninh kiểm tra giấy tờ của người dân.",
        "Giá xăng dầu trong nước giảm nhẹ vào chiều nay.",
        "Các doanh nghiệp xuất khẩu gạo gặp nhiều khó khăn.",
        "Thủ tướng Phạm Minh Chính yêu cầu các bộ báo cáo kết quả.",
        "Ông Nguyễn Văn Nam là giám đốc công ty.",
    ):
        assert words_of(sentence) == word_tokenize(sentence)


def test_annotated_spans_begin_and_end_with_words() -> None:
    """All of the seeds, whose words were looked at, and nearly all of the others."""
    from vanban_training.corpus.annotated import load_documents

    fits: dict[bool, list[bool]] = {True: [], False: []}
    for document in load_documents([ROOT / "annotations/documents.jsonl"]):
        spans = word_spans(document.text)
        starts, ends = {start for start, _ in spans}, {end for _, end in spans}
        is_seed = (ROOT / "seeds" / f"{document.id}.txt").is_file()
        fits[is_seed] += [entity.start in starts and entity.end in ends for entity in document.entities]
    assert (sum(fits[True]), len(fits[True])) == (307, 307)
    assert len(fits[False]) > 7_000 and sum(fits[False]) / len(fits[False]) > 0.98


# ---- long texts


@pytest.mark.parametrize(
    ("unit", "length", "count"),
    [
        ("Hà Nội, ", 200_000, 50_000),  # the segmenter is called 76 times
        ("x", 200_000, 1),
        ("x\u200b", 200_000, 1),
        ("1/", 200_000, 2),
        ("AB-", 200_001, 2),
        ("A-", 50_000, 50_000),  # every letter could be the beginning of Covid-19
        ("\u00a0", 200_000, 0),
    ],
)
def test_a_very_long_line(unit: str, length: int, count: int) -> None:
    text = unit * (length // len(unit))
    spans = word_spans(text)
    assert len(spans) == count
    assert not count or (spans[0][0], spans[-1][1]) == (0, len(text.rstrip()))


def test_words_do_not_depend_on_how_many_are_read_at_a_time(
    seeds: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = min(seeds.values(), key=len)
    expected = words_of(text)
    words._remembered.cache_clear()
    monkeypatch.setattr(words, "_TOKENS_PER_CALL", 100_000)
    assert words_of(text) == expected


# ---- what is remembered


def test_sentences_are_remembered_unless_they_are_long(monkeypatch: pytest.MonkeyPatch) -> None:
    words._remembered.cache_clear()
    sentence = "Sáng nay, chủ tịch họp."
    first = words_of_sentence(sentence)
    long = "họp " * 300
    assert len(words_of_sentence(long)) == 300
    assert words._remembered.cache_info().currsize == 1
    monkeypatch.setattr(words, "_tags", lambda tokens: pytest.fail("the segmenter was asked again"))
    assert words_of_sentence(sentence) is first
    assert words_of_sentence("".join(sentence)) == ((0, 4), (5, 8), (8, 9), (10, 18), (19, 22), (22, 23))


# ---- underthesea


@pytest.fixture
def no_segmenter_yet() -> None:
    """A process that has not loaded the segmenter."""
    words.load_segmenter.cache_clear()
    words._remembered.cache_clear()


@pytest.mark.usefixtures("no_segmenter_yet")
def test_without_underthesea(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UserError) as error:
        word_spans("Hà Nội")
    assert str(error.value) == "PhoBERT reads segmented words, which needs underthesea: pip install underthesea"
    monkeypatch.undo()
    assert words_of("Hà Nội") == ["Hà Nội"]  # what is missing is not remembered


@pytest.mark.usefixtures("no_segmenter_yet")
def test_an_underthesea_without_its_segmenter(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    found = SimpleNamespace(origin=str(tmp_path / "underthesea/__init__.py"))
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: found)
    with pytest.raises(UserError) as error:
        word_spans("Hà Nội")
    assert str(error.value) == (
        f"{tmp_path}/underthesea/pipeline/word_tokenize/models/ws_crf_vlsp2013_20230727: the word segmenter of "
        "underthesea is not there; vanban was tested with underthesea 9.5.0: pip install underthesea==9.5.0"
    )


def test_words_load_neither_underthesea_nor_torch() -> None:
    code = (
        "import sys; from vanban.reading.words import word_spans; print(word_spans('Hà Nội'), "
        "*[m for m in ('underthesea', 'torch', 'transformers', 'sklearn') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert run.stdout == "[(0, 6)]\n"

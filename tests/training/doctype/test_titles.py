"""Heads of documents: what is masked, where they end, and how they are given another type."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from project import ROOT
from vanban.reading.text import unmarked
from vanban.schema import DOCUMENT_TYPES
from vanban_training.corpus.typed import load_typed_documents
from vanban_training.doctype.titles import CODES, mask_head, retitle, split_head

REPORT = """\
UBND TỈNH NAM ĐỊNH                    CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
SỞ Y TẾ                               Độc lập - Tự do - Hạnh phúc

Số: 17/BC-SYT                         Nam Định, ngày 3 tháng 5 năm 2021

                BÁO CÁO
Kết quả tiêm chủng quý I
năm 2021

Theo Công văn số 12/BYT-DP, báo cáo số 17/BC-SYT nêu rõ.
"""
HEADS = {
    "party": "TỈNH ỦY BẾN TRE\n*\nSố 88-HD/BTGTU\n\nHƯỚNG DẪN\ntuyên truyền\n\nNội dung.",
    "draft": "UBND XÃ MỸ LỘC\nSố:       /KH-UBND\n\nKẾ HOẠCH\ntrồng cây\n\nNội dung.",
    "dots": "UBND XÃ MỸ LỘC\nSố: …/KH-UBND\n\nKẾ HOẠCH\ntrồng cây\n\nNội dung.",
    "noise": "BỘ GIAO THÔNG\nSo: O7/CT-BGTVT\n\n* CHI THỊ *\nvề an toàn\n\nNội dung.",
    "scanned": "SỞ Y TÊ\nSố: 4l2/HD-BVĐK\n\n   HƯỚNG DÂN   \nThưc hiên\n\nNội dung.",
    "one line": "Số: 5/2020/TT-BTC\nTHÔNG TƯ QUY ĐỊNH MỨC THU\n\nNội dung.",
}


def test_letters_lose_their_marks_and_texts_keep_their_length():
    assert unmarked("NGHỊ ĐỊNH về đường ở Hà Nội") == "NGHI DINH ve duong o Ha Noi"
    assert unmarked(unicodedata.normalize("NFD", "Quyết định")) == "Quyet dinh"


@given(st.text())
def test_unmarked_is_as_long_as_the_composed_text(text):
    assert len(unmarked(text)) == len(unicodedata.normalize("NFC", text))


# ---- masking


def test_type_line_number_and_symbol_are_masked():
    assert mask_head(REPORT) == (
        "UBND TỈNH NAM ĐỊNH                    CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\n"
        "SỞ Y TẾ                               Độc lập - Tự do - Hạnh phúc\n"
        "\n"
        "                         Nam Định, ngày 3 tháng 5 năm 2021\n"  # the other column stays
        "\n"
        "Kết quả tiêm chủng quý I\n"
        "năm 2021\n"
        "\n"
        "Theo Công văn số 12/BYT-DP, báo cáo số  nêu rõ.\n"  # its own symbol in the body, too
    )


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("party", "TỈNH ỦY BẾN TRE\n*\n\n\ntuyên truyền\n\nNội dung."),
        ("draft", "UBND XÃ MỸ LỘC\n\n\ntrồng cây\n\nNội dung."),
        ("dots", "UBND XÃ MỸ LỘC\n\n\ntrồng cây\n\nNội dung."),
        ("noise", "BỘ GIAO THÔNG\n\n\nvề an toàn\n\nNội dung."),
        ("scanned", "SỞ Y TÊ\n\n\nThưc hiên\n\nNội dung."),
        ("one line", "\n QUY ĐỊNH MỨC THU\n\nNội dung."),
    ],
)
def test_heads_of_every_kind_are_masked(name, masked):
    assert mask_head(HEADS[name]) == masked
    assert mask_head(unicodedata.normalize("NFD", HEADS[name])) == masked


def test_the_title_in_the_other_column():
    text = "SỞ Y TẾ          BÁO CÁO\nSố: 3/BC-SYT     về tiêm chủng\n"
    assert mask_head(text) == "SỞ Y TẾ          \n     về tiêm chủng\n"


def test_below_the_head_only_type_lines_go():
    lines = [f"Dòng {i}" for i in range(15)]
    body = ["theo BÁO CÁO này", "Số: 9/BC-SYT", "BÁO CÁO"]
    assert mask_head("\n\n".join([*lines, *body])) == "\n\n".join([*lines, *body[:2]]) + "\n"
    # one line higher, they are of the head
    assert mask_head("\n".join([*lines[:13], *body[:2]])) == "\n".join([*lines[:13], "theo  này", ""])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Sáng 5/7, Chủ tịch UBND tỉnh ký Quyết định số 12/QĐ-UBND, yêu cầu báo cáo.\nSố ca mắc là 5-7 người một ngày.",
        "Thông báo khẩn của CDC\nSở Y tế vừa có thông báo số 15/TB-SYT tìm người.",
        "BÁO CÁOVIÊN",  # inside a longer word
    ],
)
def test_what_has_no_head_stays_as_it_is(text):
    assert mask_head(text) == text
    assert split_head(text) is None


def test_press_articles_of_the_project_stay_as_they_are():
    documents = load_typed_documents([ROOT / "annotations/documents.jsonl"], tuple(DOCUMENT_TYPES))
    press = [d for d in documents if d.type == "tin_bao_chi"]
    assert len(press) == 121
    quotes_a_title_line = "tin_bao_chi/r3g-15-cong-dien-ngo-doc"  # the whole head of a telegram, in the middle
    for document in press:
        if document.id == quotes_a_title_line:
            continue
        assert mask_head(document.text) == unicodedata.normalize("NFC", document.text), document.id
        assert split_head(document.text) is None, document.id


def test_heads_of_the_project_name_their_type_and_can_name_every_other():
    documents = load_typed_documents([ROOT / "annotations/documents.jsonl"], tuple(DOCUMENT_TYPES))
    found = {d.id: (d, split_head(d.text)) for d in documents if d.type in CODES}
    heads = {id: (d, halves) for id, (d, halves) in found.items() if halves}
    assert len(heads) > 100  # the others are pieces from the middle, or have no title in capitals
    for document, (head, body) in heads.values():
        assert f"{head}\n{body}".rstrip("\n") == unicodedata.normalize("NFC", document.text).rstrip("\n")
        title = unmarked(DOCUMENT_TYPES[document.type].upper())
        assert title in " ".join(unmarked(head).split()), document.id
        assert split_head(mask_head(head)) is None, document.id  # behind it `QUYẾT ĐỊNH:` may stand on its own
        for other in CODES:
            assert DOCUMENT_TYPES[other].upper() in retitle(head, other), (document.id, other)


# ---- another title


def test_the_head_ends_after_the_subject():
    head, body = split_head(REPORT)
    assert head.endswith("BÁO CÁO\nKết quả tiêm chủng quý I\nnăm 2021")
    assert body == "\nTheo Công văn số 12/BYT-DP, báo cáo số 17/BC-SYT nêu rõ.\n"


def test_blank_lines_below_the_title_belong_to_the_head():
    assert split_head("QUYẾT ĐỊNH\n\n\nVề việc\nnghỉ lễ\n \nĐiều 1.") == (
        "QUYẾT ĐỊNH\n\n\nVề việc\nnghỉ lễ",
        " \nĐiều 1.",
    )
    assert split_head("QUYẾT ĐỊNH") == ("QUYẾT ĐỊNH", "")


def test_a_head_in_which_the_title_comes_too_late():
    lines = [f"Dòng {i}" for i in range(14)]
    assert split_head("\n".join([*lines, "KẾ HOẠCH"])) == ("\n".join([*lines, "KẾ HOẠCH"]), "")
    assert split_head("\n".join([*lines, "thêm", "KẾ HOẠCH"])) is None


def test_another_type_line_and_code():
    head, _ = split_head(REPORT)
    assert retitle(head, "ke_hoach") == head.replace("BÁO CÁO", "KẾ HOẠCH").replace("17/BC-SYT", "17/KH-SYT")
    assert retitle(head, "bao_cao") == head


@pytest.mark.parametrize(
    ("name", "number", "title"),
    [
        ("party", "Số 88-QĐ/BTGTU", "QUYẾT ĐỊNH"),
        ("draft", "Số:       /QĐ-UBND", "QUYẾT ĐỊNH"),
        ("dots", "Số: …/QĐ-UBND", "QUYẾT ĐỊNH"),
        ("noise", "So: O7/QĐ-BGTVT", "* QUYẾT ĐỊNH *"),
        ("scanned", "Số: 4l2/QĐ-BVĐK", "   QUYẾT ĐỊNH   "),
        ("one line", "Số: 5/2020/QĐ-BTC", "QUYẾT ĐỊNH QUY ĐỊNH MỨC THU"),
    ],
)
def test_heads_of_every_kind_are_retitled(name, number, title):
    for text in (HEADS[name], unicodedata.normalize("NFD", HEADS[name])):
        lines = retitle(split_head(text)[0], "quyet_dinh").split("\n")
        assert number in lines
        assert title in lines


@pytest.mark.parametrize(
    "authority",
    ["BỘ KẾ HOẠCH VÀ ĐẦU TƯ", "SO KE HOACH VA DAU TU", "PHÒNG TÀI CHÍNH - KẾ HOẠCH", "DÂN SỐ - KẾ HOẠCH HÓA GIA ĐÌNH"],
)
def test_an_authority_for_plans_is_no_title(authority):
    text = f"{authority}\nSố: 8124/TTr-BKH\n\nTỜ TRÌNH\nVề vốn\n\nNội dung."
    assert split_head(text) == (f"{authority}\nSố: 8124/TTr-BKH\n\nTỜ TRÌNH\nVề vốn", "\nNội dung.")
    assert mask_head(text) == f"{authority}\n\n\nVề vốn\n\nNội dung."
    assert retitle(text, "ke_hoach").startswith(f"{authority}\nSố: 8124/KH-BKH\n\nKẾ HOẠCH\nVề vốn")


def test_only_the_code_of_the_number_changes():
    head = "HĐND TỈNH KH\nSố: 21/NQ-HĐND   V/v KH-KT\n\nNGHỊ QUYẾT\nvề NGHỊ QUYẾT số 3/NQ-HĐND"
    assert retitle(head, "to_trinh") == (
        "HĐND TỈNH KH\nSố: 21/TTr-HĐND   V/v KH-KT\n\nTỜ TRÌNH\nvề NGHỊ QUYẾT số 3/NQ-HĐND"
    )


def test_an_official_letter_has_neither_title_nor_code():
    letter = "SỞ Y TẾ\nSố: 12/SYT-NVY\nV/v tiêm chủng\n\nKính gửi: Các trung tâm y tế\n\nNội dung."
    assert split_head(letter) is None
    assert mask_head(letter) == letter.replace("Số: 12/SYT-NVY", "")
    assert set(CODES) == set(DOCUMENT_TYPES) - {"cong_van", "tin_bao_chi"}

"""Whose an act is that no words behind it and no code of its own tell."""

from __future__ import annotations

import pytest

from marked import marked
from vanban.values.document import read_values
from vanban.values.meaning import Directive

HEAD = (
    "UBND ⟦P:TỈNH LÀO CAI⟧\nSỞ Y TẾ\n\nSố: ⟦D:12/BC-SYT⟧\n⟦P:Lào Cai⟧, ngày 05 tháng 9 năm 2022\n\nBÁO CÁO\nQuý III\n\n"
)
DISTRICT = (
    "ỦY BAN NHÂN DÂN\n⟦P:HUYỆN ĐẠI LỘC⟧\n\nSố: ⟦D:02/BC-UBND⟧\n"
    "⟦P:Đại Lộc⟧, ngày 24 tháng 3 năm 2020\n\nBÁO CÁO\nCháy rừng\n\n"
)


def last(text: str, doc_type: str | None = "bao_cao") -> Directive:
    valued, _ = read_values(*marked(text), doc_type)
    return [e.value for e in valued if isinstance(e.value, Directive)][-1]


@pytest.mark.parametrize(
    ("text", "issuer"),
    [
        ("UBND ⟦P:tỉnh Quảng Nam⟧ vừa ban hành ⟦D:Công điện số 03/CĐ-UBND⟧", "UBND tỉnh Quảng Nam"),
        ("UBND tỉnh ban hành ⟦D:Công điện số 03/CĐ-UBND⟧", "UBND tỉnh Quảng Nam"),  # in which the district lies
        ("Chủ tịch UBND ⟦P:thị xã Điện Bàn⟧ ⟦O:Lê Văn Mít⟧ ký ⟦D:Công văn 7/UBND-VX⟧", "UBND thị xã Điện Bàn"),
        ("ý kiến của Phó Chủ tịch UBND huyện ⟦O:Y Mía⟧ tại ⟦D:Thông báo số 7/TB-UBND⟧", "UBND huyện Đại Lộc"),
        ("⟦P:Huyện Nông Sơn⟧ góp ý tại ⟦D:Công văn số 7/UBND-KT⟧", "UBND huyện Nông Sơn"),
        ("làm ở ⟦P:huyện Nông Sơn⟧ (⟦D:Công văn số 7/UBND-KT⟧)", "UBND huyện Đại Lộc"),
        ("Ủy ban Quốc gia Tìm kiếm Cứu nạn có ⟦D:Công điện số 7/CĐ-UB⟧", "Ủy ban Quốc gia Tìm kiếm Cứu nạn"),
        ("Theo ⟦D:Kế hoạch 7-KH/TU⟧", "Tỉnh ủy Quảng Nam"),
        ("⟦D:Công văn 7/SYT-NVY⟧ của Sở Y tế", "Sở Y tế tỉnh Quảng Nam"),
        ("⟦D:Báo cáo 7/BC-HHDL⟧ của Hiệp hội Du lịch tỉnh", "Hiệp hội Du lịch tỉnh Quảng Nam"),
        ("⟦D:Quyết định 7/QĐ-CTUBND⟧", "Chủ tịch UBND huyện Đại Lộc"),
        ("Báo cáo này thay thế ⟦D:Báo cáo số 9⟧", "UBND huyện Đại Lộc"),
        ("Sau ⟦D:Báo cáo số 9⟧", None),
        ("Công ty Hoa Ban xuất trình ⟦D:Quyết định số 7/QĐ-XYZ⟧", None),
        ("Theo ⟦D:Công văn số 7/XYZ-KT⟧", None),
    ],
)
def test_in_a_document_of_a_district(text: str, issuer: str | None) -> None:
    assert last(f"{DISTRICT}{text}, các xã họp.").issuer == issuer


@pytest.mark.parametrize(
    ("text", "issuer"),
    [
        ("Cảng vụ Hàng hải ⟦P:Hải Phòng⟧ kiểm tra. Theo ⟦D:Báo cáo số 7/BC-CVHH⟧", "Cảng vụ Hàng hải Hải Phòng"),
        ("Tổng cục Đường bộ Việt Nam họp; có ⟦D:Công văn số 7/TCĐBVN-AT⟧", "Tổng cục Đường bộ Việt Nam"),
        ("Ban An toàn giao thông tỉnh họp, sau ⟦D:Kế hoạch 7/KH-BATGT⟧", "Ban An toàn giao thông tỉnh Lào Cai"),
        ("Ban Chỉ đạo 389 và Ban Chỉ đạo 138 họp, sau ⟦D:Kế hoạch 7/KH-BCĐ⟧", None),  # there are many
        ("⟦D:Báo cáo số 7/BC-UBQPAN15⟧", "Ủy ban Quốc phòng và An ninh"),
        ("⟦D:Hướng dẫn 1/HDLN-SYT-STC⟧", "Sở Y tế tỉnh Lào Cai, Sở Tài chính tỉnh Lào Cai"),
        (
            "⟦D:Tờ trình 7/TTr-ABC⟧ của Ủy ban Thanh niên, Gia đình và Trẻ em; họp",
            "Ủy ban Thanh niên, Gia đình và Trẻ em",
        ),
        ("⟦D:Tờ trình 7/TTr-ABC⟧ của Ủy ban Thanh niên, Sở Y tế và Công an", "Ủy ban Thanh niên"),
    ],
)
def test_by_initials_and_lists(text: str, issuer: str | None) -> None:
    assert last(HEAD + text).issuer == issuer


def test_an_act_keeps_the_place_that_words_gave_it() -> None:
    again = "UBND ⟦P:tỉnh Quảng Nam⟧ ban hành ⟦D:Công điện số 03/CĐ-UBND⟧. Theo ⟦D:Công điện số 03/CĐ-UBND⟧, xã họp."
    act = last(DISTRICT + again)
    assert (act.issuer, act.id) == ("UBND tỉnh Quảng Nam", "cong_dien:03/CĐ-UBND::quang-nam")


def test_a_part_without_a_head_has_the_place_of_who_signs() -> None:
    body = "Theo ⟦D:Chỉ thị số 02/CT-UBND⟧, các xã họp.\n\n"
    assert last(body).issuer is None
    foot = "TM. ỦY BAN NHÂN DÂN ⟦P:TỈNH LÀO CAI⟧\nKT. CHỦ TỊCH\nPHÓ CHỦ TỊCH\n\nTrần Văn Na"
    assert last(body + foot, None).issuer == "UBND tỉnh Lào Cai"


def test_places_of_the_press() -> None:
    text = "UBND tỉnh lo rừng\n\nTheo ⟦D:Kế hoạch số 7/KH-UBND⟧, ⟦P:tỉnh Lào Cai⟧ và ⟦P:tỉnh Sơn La⟧ cùng làm."
    assert last(text, "tin_bao_chi").issuer is None  # of two, who knows
    assert last(text.replace("UBND tỉnh", "UBND ⟦P:tỉnh Sơn La⟧"), "tin_bao_chi").issuer == "UBND tỉnh Sơn La"
    text = "Tin ⟦P:Kon Tum⟧ và nơi khác: UBND tỉnh họp. Ở ⟦P:Bình Dương⟧, Tỉnh ủy có ⟦D:Quyết định 7-QĐ/TU⟧."
    assert last(text, "tin_bao_chi").issuer == "Tỉnh ủy Bình Dương"


def test_names_that_begin_like_a_level() -> None:
    head = DISTRICT.replace("HUYỆN ĐẠI LỘC", "HUYỆN QUAN HÓA").replace("Đại Lộc", "Quan Hóa")
    assert last(head + "Theo ⟦D:Kế hoạch 7/KH-UBND⟧, họp.").issuer == "UBND huyện Quan Hóa"

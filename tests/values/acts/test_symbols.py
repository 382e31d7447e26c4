from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vanban.values.acts.symbols import kind_of, national_issuer, split


@pytest.mark.parametrize(
    ("text", "number", "year", "type_code", "body_code", "unit_code"),
    [
        ("17/CT-UBND", "17", None, "CT", "UBND", None),
        ("30/2020/NĐ-CP", "30", 2020, "NĐ", "CP", None),
        ("05-CT/TU", "05", None, "CT", "TU", None),
        ("3364/UBND-NC", "3364", None, None, "UBND", "NC"),
        ("202-KL/TW", "202", None, "KL", "TW", None),
        ("31/2024/QH15", "31", 2024, None, "QH15", None),
        ("326/2016/UBTVQH14", "326", 2016, None, "UBTVQH14", None),
        ("10/2009/PL-UBTVQH12", "10", 2009, "PL", "UBTVQH12", None),
        ("34/2009/TTLT-BGDĐT-BCA", "34", 2009, "TTLT", "BGDĐT-BCA", None),
        ("476/QĐ-BNN-TY", "476", None, "QĐ", "BNN", "TY"),
        ("141-CV/VPTW/nb", "141", None, "CV", "VPTW", "nb"),
        ("30a/2008/NQ-CP", "30a", 2008, "NQ", "CP", None),
        ("215 NN-TCCB/QĐ", "215", None, "QĐ", "NN", "TCCB"),
        ("12/TTr.UBND", "12", None, "TTr", "UBND", None),
        ("04/HD-MTTQ-BTT", "04", None, "HD", "MTTQ", "BTT"),
        ("05/HĐ-STC", "05", None, "HĐ", "STC", None),
        ("41/2019/HS-PT", "41", 2019, "HS-PT", None, None),
        ("21", "21", None, None, None, None),
        ("103/2010", "103", 2010, None, None, None),
        # scanned
        ("1 7/CT-UBND", "17", None, "CT", "UBND", None),
        ("l7/TTr-UBND", "17", None, "TTr", "UBND", None),
        ("O4/2012/TT-BNV", "04", 2012, "TT", "BNV", None),
        ("23/2OO6/NĐ-CP", "23", 2006, "NĐ", "CP", None),
        ("49/2006/QÐ- BGTVT", "49", 2006, "QĐ", "BGTVT", None),
        ("95/CD-TTg", "95", None, "CD", "TTg", None),  # codes are as written
        ("25/2004/CT- BGDDT", "25", 2004, "CT", "BGDDT", None),
        ("1684/NQ-UBTVQHI5", "1684", None, "NQ", "UBTVQH15", None),
    ],
)
def test_pieces(
    text: str, number: str, year: int | None, type_code: str | None, body_code: str | None, unit_code: str | None
) -> None:
    symbol = split(text, None if type_code else "quyet_dinh" if text[0] == "2" else None)
    if text.startswith("215"):
        symbol = split(text, "quyet_dinh")
    assert symbol is not None
    found = symbol.number, symbol.year, symbol.type_code, symbol.body_code, symbol.unit_code
    assert found == (number, year, type_code, body_code, unit_code)


def test_the_letter_of_a_tax_office_is_no_directive() -> None:
    letter, directive = split("1906/CT-TTHT", "cong_van"), split("1906/CT-TTHT", None)
    assert letter is not None and directive is not None
    assert (letter.type_code, letter.body_code, letter.unit_code) == (None, "CT", "TTHT")
    assert directive.type_code == "CT"


@pytest.mark.parametrize(
    "ways",
    [
        ["17/CT-UBND", "17/ CT-UBND", "17/CT - UBND", "17 /CT-UBND", "l7/CT-UBND", "017/CT-UBND"],
        ["3642/QĐ-UBND", "3642/QÐ-UBND", "3642/QD-UBND", "3642/qđ-ubnd"],
        ["128/NQ-CP", "128-NQ/CP"],
        ["428-TB/TU", "428/TB-TU", "428 -TB/TU", "428- TB/TU"],
        ["5-CT/TU", "05-CT/TU"],
        ["25/2004/CT-BGD&ĐT", "25/2004/CT-BGDĐT", "25/2004/CT-BGDDT"],
        ["12/TTr-UBND", "12/TTR-UBND", "12/TTr.UBND"],
        ["12/BC-BCĐ", "12/BC-BCD"],
    ],
)
def test_ways_to_write_one_symbol_meet(ways: list[str]) -> None:
    symbols = [split(way, None) for way in ways]
    assert len({symbol.canonical for symbol in symbols if symbol}) == 1


def test_other_symbols_do_not_meet() -> None:
    ways = [
        "17/CT-UBND",
        "17/CT-TTg",
        "17/QĐ-UBND",
        "17/2021/CT-UBND",
        "170/CT-UBND",
        "17-CT/TU",
        "17/HD-SYT",
        "17/HĐ-SYT",
    ]
    assert len({symbol.canonical for way in ways if (symbol := split(way, None))}) == len(ways)


@pytest.mark.parametrize(
    ("text", "kind", "issuer"),
    [
        ("30/2020/NĐ-CP", "nghi_dinh", "Chính phủ"),
        ("16/CT-TTg", "chi_thi", "Thủ tướng Chính phủ"),
        ("31/2024/QH15", None, "Quốc hội"),
        ("3364/UBND-NC", "cong_van", None),
        ("34/2009/TTLT-BGDĐT-BCA", "thong_tu_lien_tich", "Bộ Giáo dục và Đào tạo, Bộ Công an"),
        ("06-TT/TU", "thong_tri", None),
        ("12/TT-BYT", "thong_tu", "Bộ Y tế"),
        ("58/CT-VKS", "cao_trang", None),
        ("41/2019/HS-PT", "ban_an", None),
        ("118/TTg", None, "Thủ tướng Chính phủ"),
        ("6126/VPCP-KTTH", "cong_van", "Văn phòng Chính phủ"),
    ],
)
def test_what_codes_alone_say(text: str, kind: str | None, issuer: str | None) -> None:
    symbol = split(text, None)
    assert symbol is not None
    assert (kind_of(symbol), national_issuer(symbol)) == (kind, issuer)


@given(st.text(alphabet=st.sampled_from("0123456789lOoiI/-–. &abCĐdđÐQHUBNDTWU\n")))
def test_any_string(text: str) -> None:
    symbol = split(text, None)
    if symbol is None:
        return
    for start, end in symbol.spans.values():
        assert 0 <= start < end <= len(text)
    json.dumps([symbol.number, symbol.canonical, kind_of(symbol), national_issuer(symbol)])

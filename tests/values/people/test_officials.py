"""Officials: sentences with their names marked `⟦…⟧` (and places `⟨…⟩`), and what is read around each name."""

from __future__ import annotations

import json
import re
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vanban.schema import Entity
from vanban.values.meaning import Official
from vanban.values.people.officials import read_officials
from vanban.values.view import view

MARK = re.compile(r"[⟦⟨]([^⟧⟩]*)[⟧⟩]")


def marked(text: str) -> tuple[str, list[Entity]]:
    """Return a text without its marks, and its entities."""
    raw, entities, done = "", [], 0
    for found in MARK.finditer(text):
        raw += text[done : found.start()]
        label = "OFFICIAL" if found.group().startswith("⟦") else "PLACE"
        entities.append(Entity(label, len(raw), len(raw) + len(found.group(1)), found.group(1)))
        raw += found.group(1)
        done = found.end()
    return raw + text[done:], entities


def read(text: str) -> list[Official]:
    """Return the officials of a marked text in order, and check that every span shows what was read."""
    raw, entities = marked(text)
    officials = list(read_officials(view(raw, entities)).values())
    for official in officials:
        start, end = official.spans["name"]
        assert raw[start:end] == official.name
        for office in official.offices:
            for field, (start, end) in office.spans.items():
                if field != "acting":
                    assert " ".join(raw[start:end].split()) == getattr(office, field)
    return officials


def offices(official: Official) -> list[tuple[str, str | None]]:
    return [(office.title, office.organisation) for office in official.offices]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Ủy viên Bộ Chính trị, Bí thư Thành ủy, Trưởng đoàn đại biểu Quốc hội thành phố ⟨Hà Nội⟩"
            " ⟦Mai Đức Thọ⟧ kết luận.",
            [
                ("Ủy viên", "Bộ Chính trị"),
                ("Bí thư", "Thành ủy"),
                ("Trưởng đoàn", "đại biểu Quốc hội thành phố Hà Nội"),
            ],
        ),
        ("⟦Mai Đức Thọ⟧, Bí thư Thành ủy, phát biểu.", [("Bí thư", "Thành ủy")]),
        ("Đồng chí ⟦Lò Thị Yến⟧ - Chủ tịch UBND huyện trả lời cử tri.", [("Chủ tịch", "UBND huyện")]),
        ("Chủ tịch UBND ⟨huyện Mê Linh⟩ ⟦Lò Thị Yến⟧ nói.", [("Chủ tịch", "UBND huyện Mê Linh")]),
        ("Bộ trưởng Bộ Y tế ⟦Tạ Văn Hiếu⟧ dự.", [("Bộ trưởng", "Bộ Y tế")]),
        ("Bộ trưởng Y tế ⟦Tạ Văn Hiếu⟧ dự.", [("Bộ trưởng", "Y tế")]),
        ("Thủ tướng ⟦Tạ Văn Hiếu⟧ tiếp đoàn.", [("Thủ tướng", None)]),
        ("Thủ tướng Chính phủ ⟦Tạ Văn Hiếu⟧ tiếp đoàn.", [("Thủ tướng", "Chính phủ")]),
        ("Phó Bí thư Thường trực Thành ủy ⟦Ngô Thị Lan⟧ chủ trì.", [("Phó Bí thư Thường trực", "Thành ủy")]),
        (
            "Dự họp có Thứ trưởng Bộ Văn hóa, Thể thao và Du lịch ⟦Vi Văn Sáng⟧.",
            [("Thứ trưởng", "Bộ Văn hóa, Thể thao và Du lịch")],
        ),
        (
            "Ông ⟦Vi Văn Sáng⟧, Giám đốc Sở Lao động - Thương binh và Xã hội cho biết thêm.",
            [("Giám đốc", "Sở Lao động - Thương binh và Xã hội")],
        ),
        (
            "Tổ phó là ông ⟦Vi Văn Sáng⟧, Trưởng phòng Văn hóa - Xã hội.",
            [("Tổ phó", None), ("Trưởng phòng", "Văn hóa - Xã hội")],
        ),
        (
            "Đoàn do ông ⟦Kiều Bá Tân⟧, Phó Chủ tịch UBND tỉnh làm Trưởng đoàn.",
            [("Phó Chủ tịch", "UBND tỉnh")],
        ),
        ("Thường trực Ban Bí thư ⟦Kiều Bá Tân⟧ ký.", [("Thường trực", "Ban Bí thư")]),
        (
            "Chánh Văn phòng Đoàn ĐBQH và HĐND tỉnh ⟦Kiều Bá Tân⟧ báo cáo.",
            [("Chánh Văn phòng", "Đoàn ĐBQH và HĐND tỉnh")],
        ),
        ("Đại sứ ⟨Iran⟩ tại ⟨Việt Nam⟩ ⟦Reza Karimi⟧ chào từ biệt.", [("Đại sứ", "Iran tại Việt Nam")]),
        ("Bà ⟦Kim Thị Sa⟧, nguyên Phó Chủ tịch UBND xã, kể.", [("nguyên Phó Chủ tịch", "UBND xã")]),
        ("UBND huyện (ông ⟦Kim Sa Rên⟧ - Phó Chủ tịch) theo dõi.", [("Phó Chủ tịch", None)]),
        ("Giám đốc Sở Nội vụ (đồng chí ⟦Kim Sa Rên⟧) chủ trì.", [("Giám đốc", "Sở Nội vụ")]),
        (
            "05 Ông ⟦LÝ VĂN TÀI⟧ Phó Giám đốc Công an tỉnh Thành viên",
            [("Phó Giám đốc", "Công an tỉnh"), ("Thành viên", None)],
        ),
        ("Bà ⟦Lý Thị Mỹ⟧ được bầu làm Chủ tịch Hội Nông dân xã.", []),
        ("1. SỞ XÂY DỰNG (Giám đốc ⟦Lý Thị Mỹ⟧): đầu mối.", [("Giám đốc", "SỞ XÂY DỰNG")]),
        (
            "Miễn nhiệm:\n1. Ủy viên UBND ⟨huyện Mê Linh⟩ đối với ông ⟦Vi Văn Sáng⟧.",
            [("Ủy viên", "UBND huyện Mê Linh")],
        ),
        ("Trách nhiệm của Giám đốc đối với bà ⟦Lý Thị Mỹ⟧ là rõ.", []),
        (
            "Chủ tịch UBND ⟨xã Yên Sơn⟩, ⟨huyện Mê Linh⟩, ông ⟦Vi Văn Sáng⟧ nói.",
            [("Chủ tịch", "UBND xã Yên Sơn, huyện Mê Linh")],
        ),
        ("Bị cáo ⟦Vi Văn Sáng⟧, cựu Trưởng phòng Kế hoạch của Sở, khai.", [("cựu Trưởng phòng", "Kế hoạch của Sở")]),
        ("Giám đốc Văn phòng Đăng ký đất đai ⟦Vi Văn Sáng⟧.", [("Giám đốc", "Văn phòng Đăng ký đất đai")]),
        ("Tùy viên văn hóa Đại sứ quán ⟨Lào⟩ ⟦Kham Sing⟧.", [("Tùy viên văn hóa", "Đại sứ quán Lào")]),
        ("Chủ tich UBND tinh ⟦Vi Văn Sáng⟧ ký.", [("Chủ tich", "UBND tinh")]),
        (
            "4. Bà ⟦Lý Thị Mỹ⟧ (Chi cục trưởng Chi cục Thủy sản): Ủy viên;",
            [("Chi cục trưởng", "Chi cục Thủy sản"), ("Ủy viên", None)],
        ),
        ("- PCT UBND tỉnh ⟦Lý Thị Mỹ⟧ (b/c);", [("PCT", "UBND tỉnh")]),
        ("Giám đôc Sở Y tế ⟦Lý Thị Mỹ⟧ báo cáo.", [("Giám đôc", "Sở Y tế")]),
        ("Theo ý kiến của Thủ tướng, đồng chí ⟦Lý Thị Mỹ⟧ sẽ đi.", []),
        ("Chủ tịch UBND tỉnh giao ông ⟦Lý Văn Mười⟧ báo cáo.", []),
        ("Ông ⟦Lý Văn Mười⟧, 54 tuổi, ở xã này.", []),
    ],
)
def test_offices_before_and_behind_a_name(text: str, expected: list[tuple[str, str | None]]) -> None:
    [official] = read(text)
    assert offices(official) == expected


def test_between_two_names_each_office_has_one_holder() -> None:
    first, second, third = read(
        "Có Phó Thủ tướng ⟦Vũ Bá Lâm⟧ - Trưởng Ban Chỉ đạo, Bộ trưởng Bộ Xây dựng ⟦Đỗ Huy Tập⟧ - Phó Trưởng Ban;"
        " Giám đốc Sở Y tế ⟦Ma Thị Hạ⟧."
    )
    assert offices(first) == [("Phó Thủ tướng", None), ("Trưởng Ban", "Chỉ đạo")]
    assert offices(second) == [("Bộ trưởng", "Bộ Xây dựng"), ("Phó Trưởng Ban", None)]
    assert offices(third) == [("Giám đốc", "Sở Y tế")]


def test_behind_names_of_a_list() -> None:
    found = read(
        "Các đồng chí: ⟦Vũ Bá Lâm⟧, Ủy viên Trung ương Đảng, Chủ tịch UBND tỉnh; ⟦Ma Thị Hạ⟧, Phó Chủ tịch UBND tỉnh"
        " và ⟦Đỗ Huy Tập⟧ cùng dự."
    )
    assert [offices(o) for o in found] == [
        [("Ủy viên", "Trung ương Đảng"), ("Chủ tịch", "UBND tỉnh")],
        [("Phó Chủ tịch", "UBND tỉnh")],
        [],
    ]
    assert [o.honorifics for o in found] == [("đồng chí",)] * 3


def test_honorific_of_a_list_ends_with_its_sentence() -> None:
    found = read("Dự có các đồng chí: ⟦Vũ Bá Lâm⟧, ⟦Ma Thị Hạ⟧. Nhạc sĩ ⟦Đỗ Huy Tập⟧, ⟦Vi Văn Sáng⟧ cũng đến.")
    assert [o.honorifics for o in found] == [("đồng chí",), ("đồng chí",), ("Nhạc sĩ",), ()]


@pytest.mark.parametrize(
    "text",
    [
        "Dự có các đồng chí Phó Chủ tịch UBND thành phố: ⟦Vũ Bá Lâm⟧, ⟦Ma Thị Hạ⟧ và ⟦Đỗ Huy Tập⟧.",
        "Các Phó Chủ tịch UBND thành phố ⟦Vũ Bá Lâm⟧, ⟦Ma Thị Hạ⟧, bà ⟦Đỗ Thị Tập⟧ cùng dự.",
        "Ông ⟦Vũ Bá Lâm⟧, bà ⟦Ma Thị Hạ⟧ và ông ⟦Đỗ Huy Tập⟧ đều là Phó Chủ tịch UBND thành phố.",
    ],
)
def test_an_office_is_carried_over_a_list(text: str) -> None:
    found = read(text)
    assert [offices(o) for o in found] == [[("Phó Chủ tịch", "UBND thành phố")]] * 3
    assert len({o.offices[0].spans["title"] for o in found}) == 1


def test_one_office_is_not_carried() -> None:
    first, second = read("Chủ tịch UBND xã ⟦Vũ Bá Lâm⟧ và ông ⟦Đỗ Huy Tập⟧ đi trước.")
    assert offices(first) == [("Chủ tịch", "UBND xã")]
    assert offices(second) == []


def test_ranks_and_honorifics_stand_apart() -> None:
    first, second, third = read(
        "Trung tướng - Giám đốc Công an thành phố ⟦Tô Bá Hiệp⟧; PGS.TS. ⟦Hà Thị Đào⟧, Thứ trưởng Bộ Y tế;"
        " đồng chí Đại tá ⟦Cao Văn Ký⟧."
    )
    assert (first.ranks, offices(first)) == (("Trung tướng",), [("Giám đốc", "Công an thành phố")])
    assert (second.honorifics, second.ranks) == (("PGS.", "TS."), ())
    assert (third.honorifics, third.ranks, third.offices) == (("đồng chí",), ("Đại tá",), ())


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Quyền Giám đốc Sở Công Thương ⟦Hà Thị Đào⟧ cho biết.", "Giám đốc"),
        ("Bà ⟦Hà Thị Đào⟧, Phó Giám đốc phụ trách Sở Công Thương.", "Phó Giám đốc"),
        ("Q. Giám đốc Sở Công Thương ⟦Hà Thị Đào⟧.", "Giám đốc"),
    ],
)
def test_acting(text: str, title: str) -> None:
    [official] = read(text)
    assert offices(official) == [(title, "Sở Công Thương")]
    assert official.offices[0].acting
    assert "acting" in official.offices[0].spans


@pytest.mark.parametrize(
    ("block", "title", "organisation", "on_behalf_of"),
    [
        ("KT. CHỦ TỊCH\nPHÓ CHỦ TỊCH\n\n⟦Hồ Viết An⟧\n", "PHÓ CHỦ TỊCH", None, "KT. CHỦ TỊCH"),
        ("KT. CHỦ TỊCH PHÓ CHỦ TỊCH\n(đã ký)\n⟦Hồ Viết An⟧", "PHÓ CHỦ TỊCH", None, "KT. CHỦ TỊCH"),
        (
            "TM. ỦY BAN NHÂN DÂN\nKT. CHỦ TỊCH\nPHÓ CHỦ TỊCH\n⟦HỒ VIẾT AN⟧",
            "PHÓ CHỦ TỊCH",
            "ỦY BAN NHÂN DÂN",
            "KT. CHỦ TỊCH",
        ),
        ("TM. ỦY BAN NHÂN DÂN\nCHỦ TỊCH\n\n⟦HO VIET AN⟧", "CHỦ TỊCH", "ỦY BAN NHÂN DÂN", "TM. ỦY BAN NHÂN DÂN"),
        ("T/M BAN THƯỜNG VỤ\nPHÓ BÍ THƯ\n\n⟦Hồ Viết An⟧", "PHÓ BÍ THƯ", "BAN THƯỜNG VỤ", "T/M BAN THƯỜNG VỤ"),
        ("TL. BỘ TRƯỞNG\nCHÁNH VĂN PHÒNG\n⟦Hồ Viết An⟧", "CHÁNH VĂN PHÒNG", None, "TL. BỘ TRƯỞNG"),
        ("TUQ. GIÁM ĐỐC\nTRƯỞNG PHÒNG TỔ CHỨC\n⟦Hồ Viết An⟧", "TRƯỞNG PHÒNG", "TỔ CHỨC", "TUQ. GIÁM ĐỐC"),
        (
            "Nơi nhận: KT. BỘ TRƯỞNG\n- Như trên; THỨ TRƯỞNG\n- Bộ trưởng (b/c);\n- Lưu: VT, PC (Hà). ⟦Hồ Viết An⟧\n",
            "THỨ TRƯỞNG",
            None,
            "KT. BỘ TRƯỞNG",
        ),
        ("KT. GIAM DOC\nPHO GIAM DOC\n⟦Hồ Viết An⟧", "PHO GIAM DOC", None, "KT. GIAM DOC"),
        ("Chủ tịch UBND xã\n\n⟦Hồ Viết An⟧", "Chủ tịch", "UBND xã", None),
        ("GIÁM ĐỐC\n\nĐại tá ⟦Hồ Viết An⟧", "GIÁM ĐỐC", None, None),
    ],
)
def test_signature_block(block: str, title: str, organisation: str | None, on_behalf_of: str | None) -> None:
    [official] = read("Yêu cầu các đơn vị thực hiện nghiêm.\n" + block)
    assert official.signs
    [office] = official.offices
    assert (office.title, office.organisation, office.on_behalf_of) == (title, organisation, on_behalf_of)


def test_acting_head_signs() -> None:
    [official] = read("Lưu: VT.\nQ. GIÁM ĐỐC\n\n⟦Hồ Viết An⟧")
    assert offices(official) == [("GIÁM ĐỐC", None)]
    assert official.offices[0].acting


def test_two_sign_side_by_side() -> None:
    first, second = read("GIÁM ĐỐC SỞ Y TẾ          CHỦ TỊCH HỘI NÔNG DÂN\n\n⟦Hồ Viết An⟧          ⟦Tạ Thị Bé⟧\n")
    assert offices(first) == [("GIÁM ĐỐC", "SỞ Y TẾ")]
    assert offices(second) == [("CHỦ TỊCH", "HỘI NÔNG DÂN")]


def test_a_sentence_that_ends_with_a_name_is_no_signature() -> None:
    [official] = read("CHỦ TỊCH UBND XÃ NÓI GÌ?\nNgười dân đã gặp ông ⟦Hồ Viết An⟧\n")
    assert not official.signs
    assert official.offices == ()


def test_given_names_lead_to_the_full_name() -> None:
    found = read(
        "Chủ tịch UBND xã ⟦Trịnh Bá Dũng⟧ và bà ⟦Cao Thị Dũng⟧, Bí thư Đảng ủy. Ông ⟦Dũng⟧ nói. Bà ⟦Dũng⟧ đáp."
        " Bà ⟦H'Linh Niê⟧ đi, ⟦H’Linh⟧ về. Ông ⟦Sáng⟧ ở lại. Rồi ⟦TRỊNH BÁ DŨNG⟧ và ⟦TRINH BA DUNG⟧ ký."
    )
    assert [o.key for o in found] == [
        "trinh-ba-dung",
        "cao-thi-dung",
        "trinh-ba-dung",
        "cao-thi-dung",
        "hlinh-nie",
        "hlinh-nie",
        "sang",
        "trinh-ba-dung",
        "trinh-ba-dung",
    ]
    assert [o.full_name for o in found[2:7]] == ["Trịnh Bá Dũng", "Cao Thị Dũng", "H'Linh Niê", "H'Linh Niê", None]


def test_names_that_a_scan_spoiled_are_one_person() -> None:
    first, second = read("Ông ⟦Lường Văn Hùng⟧ họp.\nGIÁM ĐỐC\n⟦Luờng Văn Hung⟧")
    assert first.key == second.key == "luong-van-hung"
    assert second.full_name == "Lường Văn Hùng"


def test_given_names_are_told_apart_by_their_marks() -> None:
    *_, third = read("Ông ⟦Lê Văn Hùng⟧ và ông ⟦Ngô Bá Hưng⟧ họp với ông ⟦Tạ Hùng⟧. Ông ⟦Hưng⟧ nói.")
    assert third.full_name == "Ngô Bá Hưng"


def test_cells_below_a_name() -> None:
    first, second = read("1\n⟦Đặng Bé Ba⟧\nTrưởng Công an thị xã\n2\n⟦Mai Thị Diễm⟧\nTrưởng phòng Nội vụ\n30\n")
    assert offices(first) == [("Trưởng", "Công an thị xã")]
    assert offices(second) == [("Trưởng phòng", "Nội vụ")]
    assert not first.signs and not second.signs


def test_spans_lead_into_raw_text_in_nfd() -> None:
    raw, _ = marked("Bí thư Thành ủy ⟦Mai Đức Thọ⟧ dự.")
    raw = unicodedata.normalize("NFD", raw)
    name = unicodedata.normalize("NFD", "Mai Đức Thọ")
    start = raw.index(name)
    [official] = read_officials(view(raw, [Entity("OFFICIAL", start, start + len(name), name)])).values()
    begin, end = official.offices[0].spans["organisation"]
    assert raw[begin:end] == unicodedata.normalize("NFD", "Thành ủy")


def test_nothing_is_read_without_officials() -> None:
    assert read_officials(view("", [])) == {}
    assert read("Bí thư Thành ủy yêu cầu, Chủ tịch UBND tỉnh ký.") == []


WORDS = """Chủ tịch|PHÓ CHỦ TỊCH|KT.|TM.|Bí thư|Trưởng|ban|UBND|tỉnh|Sở|Y tế|và|các đồng chí|đồng chí|ông|bà|,|;|:|-
|–|(|)|   |\t|1.|là|làm|Q.|Quyền|nguyên|phụ trách|đều là|TS.|Đại tá|Nguyễn Văn A|Dũng|İ|ﬁ|'|’|/|của|Bộ|PCT"""


@given(st.lists(st.sampled_from(WORDS.split("|")), max_size=40), st.data())
def test_whatever_stands_around_nothing_raises(words: list[str], data: st.DataObject) -> None:
    _holds(data.draw(st.sampled_from([" ", ""])).join(words), data)


@given(st.text(max_size=80), st.data())
def test_no_string_raises(text: str, data: st.DataObject) -> None:
    _holds(text, data)


def _holds(text: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=12, unique=True)))
    labels = data.draw(st.lists(st.sampled_from(["OFFICIAL", "OFFICIAL", "PLACE"]), min_size=6, max_size=6))
    entities = [
        Entity(label, start, end, text[start:end])
        for label, start, end in zip(labels, cuts[::2], cuts[1::2], strict=False)
    ]
    seen = view(text, entities)
    found = read_officials(seen)
    assert list(found) == seen.of("OFFICIAL")
    for official in found.values():
        json.dumps(official.to_dict())
        for office in official.offices:
            assert all(0 <= start < end <= len(text) for start, end in office.spans.values())


@pytest.mark.parametrize("between", ["\n- ", " (a) ", " ", ", ", "  \n", "Chủ tịch ", "\n\n", "phó "])
def test_long_texts_take_linear_time(between: str) -> None:
    text = between * 30_000
    names = [Entity("OFFICIAL", at, at + 1, text[at]) for at in range(0, len(text) - 1, len(text) // 300)]
    began = time.perf_counter()
    read_officials(view(text, names))
    assert time.perf_counter() - began < 10

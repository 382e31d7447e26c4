from __future__ import annotations

import pytest

from marked import view_of
from vanban.values.directives import read_directives


def relations(text: str) -> list[str]:
    return [act.relation for act in read_directives(view_of(text)).values()]


@pytest.mark.parametrize(
    ("text", "relation"),
    [
        ("Căn cứ ⟦D:Luật Thư viện số 46/2019/QH14⟧;", "basis"),
        ("căn cứ khoản 2 Điều 5 ⟦D:Nghị định số 9/2020/NĐ-CP⟧, Sở đề nghị", "basis"),
        ("Căn cứ Luật Đầu tư; ⟦D:Nghị định số 9/2020/NĐ-CP⟧; Sở đề nghị", "basis"),
        ("Thực hiện nghiêm ⟦D:Chỉ thị 5⟧ của tỉnh", "implements"),
        ("Kế hoạch triển khai thực hiện ⟦D:Nghị quyết số 5-NQ/TU⟧", "implements"),
        ("phạt 3 cơ sở theo quy định tại khoản 1, 2 Điều 9 ⟦D:Nghị định số 9/2020/NĐ-CP⟧", "implements"),
        ("Thực hiện ý kiến chỉ đạo của Thủ tướng Chính phủ tại ⟦D:Công văn số 9/TTg-KTN⟧", "implements"),
        ("Sửa đổi, bổ sung một số điều của ⟦D:Thông tư số 9/2020/TT-BYT⟧ như sau", "amends"),
        ("Bộ trưởng ban hành Thông tư sửa đổi ⟦D:Thông tư số 9/2020/TT-BYT⟧.", "amends"),
        ("Thay thế cụm từ “xã” tại Điều 3 ⟦D:Thông tư số 9/2020/TT-BYT⟧", "amends"),
        ("Quyết định này thay thế ⟦D:Quyết định số 9/QĐ-UBND⟧.", "replaces"),
        ("⟦D:Quyết định số 9/QĐ-UBND⟧ ngày 1/2/2020 của UBND tỉnh được thay thế bằng Quyết định này", "replaces"),
        ("Bãi bỏ khoản 3 Điều 2 ⟦D:Quyết định số 9/QĐ-UBND⟧", "repeals"),
        ("⟦D:Quyết định số 9/QĐ-UBND⟧ hết hiệu lực kể từ ngày 1/1/2021", "repeals"),
        ("Thông tư này hướng dẫn thực hiện một số điều của ⟦D:Nghị định số 9/2020/NĐ-CP⟧.", "guides"),
        ("Quy định chi tiết và hướng dẫn thi hành ⟦D:Nghị định số 9/2020/NĐ-CP⟧", "guides"),
        ("Sở đã nhận ⟦D:Công văn số 9/UBND-TH⟧.", "mentions"),
        ("(Ban hành kèm theo ⟦D:Quyết định số 9/QĐ-UBND⟧)", "mentions"),
        ("Theo đề nghị của Giám đốc Sở Y tế tại ⟦D:Tờ trình số 9/TTr-SYT⟧", "mentions"),
        ("Theo ⟦D:Báo cáo số 9/BC-SYT⟧, dịch đã lui.", "mentions"),
        ("phạm vi điều chỉnh của ⟦D:Luật Thư viện số 46/2019/QH14⟧", "mentions"),
        ("chưa theo dõi ⟦D:Kế hoạch số 9/KH-UBND⟧", "mentions"),
        ("Ban Chấp hành ra ⟦D:Nghị quyết số 5-NQ/TU⟧", "mentions"),
        ("dự án Luật Thư viện (sửa đổi) như sau:\n1. ⟦D:Luật Thư viện số 46/2019/QH14⟧ có hiệu lực", "mentions"),
    ],
)
def test_one_act(text: str, relation: str) -> None:
    assert relations(text) == [relation]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        # what another act does is not done by the document
        (
            "Căn cứ ⟦D:Nghị định số 9/2020/NĐ-CP⟧ ngày 1/2/2020 của Chính phủ quy định chi tiết "
            "⟦D:Luật số 8/2019/QH14⟧; ⟦D:Quyết định số 7/QĐ-TTg⟧;",
            ["basis", "mentions", "basis"],
        ),
        ("Có ⟦D:Nghị định số 9/2020/NĐ-CP⟧ sửa đổi ⟦D:Nghị định số 8/2019/NĐ-CP⟧.", ["mentions", "mentions"]),
        # as it is in force
        (
            "Căn cứ ⟦D:Luật số 8/2019/QH14⟧ đã được sửa đổi, bổ sung một số điều theo ⟦D:Luật số 9/2020/QH14⟧;",
            ["basis", "basis"],
        ),
        ("Sửa đổi ⟦D:Nghị định số 8/2019/NĐ-CP⟧ (được sửa đổi bởi ⟦D:Nghị định 9/2020⟧)", ["amends", "mentions"]),
        # lists
        ("Bãi bỏ ⟦D:Quyết định 4/QĐ-UB⟧ ngày 1/2/2020, ⟦D:Quyết định 5/QĐ-UB⟧ và Điều 2 ⟦D:QĐ 6⟧.", ["repeals"] * 3),
        ("Căn cứ các nghị định:\n- ⟦D:Nghị định số 4/2020/NĐ-CP⟧;\n- ⟦D:Nghị định số 5/2020/NĐ-CP⟧;\n", ["basis"] * 2),
        ("Điều 2. Bãi bỏ các văn bản sau:\n1. ⟦D:Quyết định 4/QĐ-UB⟧;\n2. ⟦D:Quyết định 5/QĐ-UB⟧.", ["repeals"] * 2),
        ("⟦D:Quyết định 4/QĐ-UB⟧ và ⟦D:Quyết định 5/QĐ-UB⟧ hết hiệu lực.", ["repeals"] * 2),
        # one sentence, two deeds
        (
            "thay thế ⟦D:Quyết định 4/QĐ-UB⟧; bãi bỏ ⟦D:Quyết định 5/QĐ-UB⟧. Nay có ⟦D:Kế hoạch 6⟧.",
            ["replaces", "repeals", "mentions"],
        ),
        (
            "Căn cứ ⟦D:Luật số 8/2019/QH14⟧, UBND xã xây dựng kế hoạch thực hiện ⟦D:Kế hoạch số 7/KH-UBND⟧",
            ["basis", "implements"],
        ),
        (
            "Thực hiện ⟦D:Kế hoạch số 7/KH-UBND⟧ ngày 1/2/2020 của UBND tỉnh về phòng dịch và ⟦D:Công văn 6/SYT⟧",
            ["implements", "implements"],
        ),
    ],
)  # fmt: skip
def test_acts_together(text: str, found: list[str]) -> None:
    assert relations(text) == found

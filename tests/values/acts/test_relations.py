from __future__ import annotations

import pytest

from marked import view_of
from vanban.values.acts.directives import read_directives


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
        ("phạt 3 cơ sở theo quy định tại khoản 1, 2 Điều 9 ⟦D:Nghị định số 9/2020/NĐ-CP⟧", "mentions"),
        ("Các thôn thực hiện theo đúng tinh thần ⟦D:Chỉ thị số 9/CT-UBND⟧.", "mentions"),
        ("Khoản chi này áp dụng ⟦D:Thông tư số 9/2020/TT-BTC⟧.", "mentions"),
        ("cụ thể hóa 3 chính sách đã được thông qua tại ⟦D:Nghị quyết số 9/NQ-CP⟧", "mentions"),
        ("Thể chế hóa ⟦D:Nghị quyết số 9-NQ/TW⟧ về đất đai", "implements"),
        # who goes by it is another than the document
        ("Giao Sở Y tế căn cứ Điều 4 ⟦D:Nghị định số 9/2020/NĐ-CP⟧ xem xét, xử phạt.", "mentions"),
        ("Sau khi xem xét ⟦D:Tờ trình số 9/TTr-UBND⟧ của UBND tỉnh", "mentions"),
        # what somebody is asked to do, what was done or is not yet done
        ("Đề nghị UBND tỉnh sớm thay ⟦D:Công điện 9⟧ bằng văn bản mới.", "mentions"),
        ("1. Với UBND tỉnh: thu hồi 4 xe; sửa đổi ⟦D:Quyết định 9/2017/QĐ-UBND⟧ trong quý II.", "mentions"),
        ("Nghị định này đã thay thế ⟦D:Nghị định số 9/2013/NĐ-CP⟧.", "mentions"),
        ("Việc sửa đổi ⟦D:Nghị định 9⟧ còn chờ ý kiến.", "mentions"),
        ("Các văn bản chưa bãi bỏ: ⟦D:Nghị định số 9/2006/NĐ-CP⟧.", "mentions"),
        # what stands before it has no number
        ("thực hiện Công văn của Hội đồng bầu cử và ⟦D:Kế hoạch số 9/KH-UBBC⟧", "implements"),
        (
            "thực hiện Lời kêu gọi của Chủ tịch nước, các văn bản của Trung ương, đặc biệt là ⟦D:Chỉ thị 9⟧",
            "implements",
        ),
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
        ("THÔNG TƯ\nHƯỚNG DẪN THI HÀNH ⟦D:NGHỊ ĐỊNH SỐ 9/2020/NĐ-CP⟧", "guides"),
        ("HUONG DAN THUC HIEN ⟦D:NGHI DINH SO 9/2020/ND-CP⟧", "implements"),  # its own type
        ("HUONG DAN\nTHUC HIEN ⟦D:NGHI DINH SO 9/2020/ND-CP⟧", "implements"),
        ("HUONG DAN VE ⟦D:NGHI DINH SO 9/2020/ND-CP⟧", "mentions"),
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
            ["basis", "mentions"],
        ),
        ("Sửa đổi ⟦D:Nghị định số 8/2019/NĐ-CP⟧ (được sửa đổi bởi ⟦D:Nghị định 9/2020⟧)", ["amends", "mentions"]),
        # lists
        ("Bãi bỏ ⟦D:Quyết định 4/QĐ-UB⟧ ngày 1/2/2020, ⟦D:Quyết định 5/QĐ-UB⟧ và Điều 2 ⟦D:QĐ 6⟧.", ["repeals"] * 3),
        ("Căn cứ các nghị định:\n- ⟦D:Nghị định số 4/2020/NĐ-CP⟧;\n- ⟦D:Nghị định số 5/2020/NĐ-CP⟧;\n", ["basis"] * 2),
        ("Điều 2. Bãi bỏ các văn bản sau:\n1. ⟦D:Quyết định 4/QĐ-UB⟧;\n2. ⟦D:Quyết định 5/QĐ-UB⟧.", ["repeals"] * 2),
        ("⟦D:Quyết định 4/QĐ-UB⟧ và ⟦D:Quyết định 5/QĐ-UB⟧ hết hiệu lực.", ["repeals"] * 2),
        (
            "Căn cứ các Nghị định: ⟦D:số 4/2014/NĐ-CP⟧ quy định chi tiết một số điều của Luật Đất đai, "
            "số ⟦D:5/2014/NĐ-CP⟧ về bồi thường;",
            ["basis", "basis"],
        ),
        ("Thực hiện ⟦D:Công văn 4/BYT⟧ và các kế hoạch: số ⟦D:5/KH-BCĐ⟧, số ⟦D:6/KH-BCĐ⟧", ["implements"] * 3),
        (
            "Căn cứ ⟦D:Kế hoạch 4/KH-SYT⟧ và đề nghị của Công ty cổ phần Hoa Ban tại ⟦D:Công văn số 5/CV-HB⟧, Sở báo:",
            ["basis", "basis"],
        ),
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


def test_an_article_has_no_basis_and_changes_nothing() -> None:
    text = (
        "Quyết định này thay thế ⟦D:Quyết định số 9/QĐ-UBND⟧. Căn cứ ⟦D:Luật số 8/2019/QH14⟧; "
        "thực hiện ⟦D:Công điện 9⟧, xã đã họp."
    )
    acts = read_directives(view_of(text), is_press=True).values()
    assert [act.relation for act in acts] == ["mentions", "mentions", "implements"]
    assert relations(text) == ["replaces", "basis", "implements"]


def test_what_another_act_does_to_one_is_no_relation() -> None:
    found = relations(
        "⟦D:Thông tư 5/2024/TT-BYT⟧ bị bãi bỏ bởi ⟦D:Thông tư 6/2025/TT-BYT⟧. "
        "⟦D:Thông tư 7/2024/TT-BYT⟧ được thay thế bằng Thông tư này."
    )
    assert found == ["mentions", "mentions", "replaces"]

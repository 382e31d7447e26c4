from __future__ import annotations

import datetime
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marked import marked, view_of
from vanban.schema import Entity
from vanban.values.acts.bodies import joined
from vanban.values.acts.directives import read_directives
from vanban.values.document import read_values
from vanban.values.meaning import Directive
from vanban.values.view import view

DAY = datetime.date(2022, 9, 5)


def read(text: str, place: str | None = None) -> list[Directive]:
    return list(read_directives(view_of(text), place).values())


def test_all_that_stands_behind_an_act() -> None:
    text = (
        "Các xã thực hiện ⟦D:Chỉ thị số 12/CT-UBND⟧ ngày 05 tháng 9 năm 2022 của Chủ tịch UBND ⟦P:tỉnh Lào Cai⟧ "
        "về “Tăng cường phòng cháy rừng”; hằng tuần báo cáo."
    )
    raw, _ = marked(text)
    (act,) = read(text)
    assert (act.kind, act.number, act.year, act.symbol) == ("chi_thi", "12", 2022, "12/CT-UBND")
    assert (act.type_code, act.body_code, act.unit_code) == ("CT", "UBND", None)
    assert (act.date, act.issuer, act.title) == (DAY, "Chủ tịch UBND tỉnh Lào Cai", "Tăng cường phòng cháy rừng")
    assert (act.id, act.relation) == ("chi_thi:12/CT-UBND:2022:lao-cai", "implements")
    written = {name: raw[slice(*span)] for name, span in act.spans.items()}
    assert written == {
        "kind": "Chỉ thị",
        "number": "12",
        "symbol": "12/CT-UBND",
        "type_code": "CT",
        "body_code": "UBND",
        "date": "05 tháng 9 năm 2022",
        "issuer": "Chủ tịch UBND tỉnh Lào Cai",
        "title": "Tăng cường phòng cháy rừng",
        "relation": "thực hiện",
    }


@pytest.mark.parametrize(
    ("behind", "date", "year"),
    [
        ("ngày 5/9/2022", DAY, 2022),
        ("ngày 05-9-2022", DAY, 2022),
        (", ngày 05.9.2022", DAY, 2022),
        ("(ngày 05 tháng 9 năm 2022)", DAY, 2022),
        ("ngày 05\n tháng 9 năm 2022", DAY, 2022),
        ("ban hành ngày O5/9/2022", DAY, 2022),
        ("của UBND tỉnh ngày 05/9/2022", DAY, 2022),
        ("năm 2022", None, 2022),
        ("ngày 05/9", None, None),
        ("ngày 31/02/2022", None, None),
        ("và họp ngày 05/9/2022", None, None),
    ],
)
def test_dates(behind: str, date: datetime.date | None, year: int | None) -> None:
    (act,) = read(f"Có ⟦D:Kế hoạch số 8/KH-UBND⟧ {behind} về trồng rừng.")
    assert (act.date, act.year) == (date, year)


@pytest.mark.parametrize(
    ("text", "issuer", "id"),
    [
        ("⟦D:Nghị định số 7/2023/NĐ-CP⟧ của Chính phủ", "Chính phủ", "nghi_dinh:07/2023/NĐ-CP:2023:chinh-phu"),
        ("⟦D:Nghị định số 7/2023/NĐ-CP⟧", "Chính phủ", "nghi_dinh:07/2023/NĐ-CP:2023:chinh-phu"),
        (
            "⟦D:Thông tư 9/2023/TT-BYT⟧ của Bộ trưởng Bộ Y tế",
            "Bộ trưởng Bộ Y tế",
            "thong_tu:09/2023/TT-BYT:2023:bo-y-te",
        ),
        ("⟦D:Kết luận số 88-KL/TW⟧", "Ban Chấp hành Trung ương", "ket_luan:88-KL/TW::trung-uong-dang"),
        (
            "⟦D:Kế hoạch 9/KH-UBND⟧ của Ủy ban nhân dân TP. Thái Nguyên về hè",
            "UBND thành phố Thái Nguyên",
            "ke_hoach:09/KH-UBND::thai-nguyen",
        ),
        ("⟦D:Kết luận số 88-KL/TW⟧ của Ban Bí thư về báo chí", "Ban Bí thư", "ket_luan:88-KL/TW::trung-uong-dang"),
        ("⟦D:Chỉ thị 9/CT-UBND⟧ của Chủ tịch UBND tỉnh ⟦O:Vũ Tô Ba⟧", "Chủ tịch UBND tỉnh", "chi_thi:09/CT-UBND::"),
        ("⟦D:Kế hoạch 9/KH-BCĐ⟧ của Ban Chỉ đạo liên ngành ban hành", "Ban Chỉ đạo liên ngành", "ke_hoach:09/KH-BCĐ::"),
        ("⟦D:Công văn 9/CV-ABC⟧ của Sở về thuốc", None, "cong_van:09/CV-ABC::"),
        ("⟦D:Luật Thư viện số 46/2019/QH14⟧", "Quốc hội", "luat:46/2019/QH14:2019:quoc-hoi"),
        ("⟦D:Nghị quyết 53⟧ của HĐND tỉnh Sơn La khóa XV", "HĐND tỉnh Sơn La", "nghi_quyet:53::son-la"),
        ("⟦D:Chỉ thị 9⟧ của Thủ tướng Chính phủ", "Thủ tướng Chính phủ", "chi_thi:09::thu-tuong-chinh-phu"),
        ("⟦D:Công văn số 77/SXD-QLN⟧", "Sở Xây dựng", "cong_van:77/SXD-QLN::"),
        ("⟦D:Quyết định số 77/QĐ-UBND⟧ phê duyệt giá đất", None, "quyet_dinh:77/QĐ-UBND::"),
        ("⟦D:Quyết định số 77/QĐ-UBND⟧ của tỉnh", None, "quyet_dinh:77/QĐ-UBND::"),
        (
            "⟦D:Văn bản số 5/TTYT-KSBT⟧ của Trung tâm Y tế ⟦P:huyện Si Ma Cai⟧ gửi các xã",
            "Trung tâm Y tế huyện Si Ma Cai",
            "cong_van:05/TTYT-KSBT::si-ma-cai",
        ),
    ],
)
def test_issuers(text: str, issuer: str | None, id: str) -> None:
    (act,) = read(f"Sở đã nhận {text}.")
    assert (act.issuer, act.id) == (issuer, id)


def test_a_body_without_a_place_is_of_the_documents_place() -> None:
    head = "ỦY BAN NHÂN DÂN\n⟦P:TỈNH LÀO CAI⟧\n\nTheo "
    for text, issuer in [
        ("⟦D:Quyết định số 77/QĐ-UBND⟧", "UBND tỉnh Lào Cai"),
        ("⟦D:Quyết định số 77/QĐ-UBND⟧ của UBND tỉnh", "UBND tỉnh Lào Cai"),
        ("⟦D:Kế hoạch số 77-KH/TU⟧", "Tỉnh ủy Lào Cai"),
    ]:
        (act,) = read(head + text, "Lào Cai")
        assert (act.issuer, act.id.rpartition(":")[2]) == (issuer, "lao-cai")
    (district,) = read(head + "⟦D:Quyết định số 77/QĐ-UBND⟧ của UBND huyện", "Lào Cai")
    assert (district.issuer, district.id) == ("UBND huyện", "quyet_dinh:77/QĐ-UBND::")
    (commune,) = read("UBND ⟦P:xã Y Tý⟧\n\nTheo ⟦D:Kế hoạch số 77-KH/TU⟧", "Y Tý")
    assert (commune.issuer, commune.id) == ("Tỉnh ủy Lào Cai", "ke_hoach:77-KH/TU::lao-cai")  # there alone is a Y Tý


def test_the_documents_own_act_has_its_date_and_place() -> None:
    seen = view_of(
        "UBND ⟦P:TỈNH LÀO CAI⟧\nSố: ⟦D:12/CT-UBND⟧\nLào Cai, ngày 05 tháng 9 năm 2022\n\nCHỈ THỊ\nVề phòng cháy rừng"
    )
    (act,) = read_directives(seen, "Lào Cai", DAY, (seen.entities[1].start, seen.entities[1].end)).values()
    assert (act.id, act.date, act.relation) == ("chi_thi:12/CT-UBND:2022:lao-cai", DAY, "mentions")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Số: ⟦D:31/2024/QH15⟧\n\nLUẬT\nĐẤT ĐAI", "luat"),
        ("Số: ⟦D:31/2024/QH15⟧\n\nNGHỊ QUYẾT\nVề dự toán", "nghi_quyet"),
        ("Số: ⟦D:3364/UBND-NC⟧\nV/v trực lễ", "cong_van"),
        ("Số: ⟦D:1906/CT-TTHT⟧\nV/v hóa đơn\nKính gửi: Công ty A", "cong_van"),
        ("Số: ⟦D:19/CT-SGTVT⟧\n\nCHỈ THỊ\nVề mùa lễ hội", "chi_thi"),
        ("Số: ⟦D:88-HD/BTGTU⟧", "huong_dan"),
        ("các ⟦D:Văn bản số 118/TTr-SNV⟧", "to_trinh"),
        ("⟦D:Thông tư số 34/2009/TTLT-BGDĐT-BCA⟧", "thong_tu_lien_tich"),
        ("⟦D:Quy định số 22-QĐ/TW⟧", "quy_dinh"),
        ("⟦D:Đề án 06⟧", "de_an"),
        ("⟦D:Hướng dẫn thi hành Luật Đất đai số 31/2024/QH15⟧", "luat"),  # whose number it is
        ("⟦D:Hướng dẫn thực hiện Nghị quyết số 15-HD/BTCTW⟧", "huong_dan"),
        ("⟦D:thong bao so 96/tb-ubnd⟧", "thong_bao"),
        ("⟦D:NQ 15/2013/NQ-HĐND⟧", "nghi_quyet"),
        ("⟦D:Luật sửa đổi, bổ sung một số điều của 37 luật có liên quan đến quy hoạch số 35/2018/QH14⟧", "luat"),
    ],
)
def test_kinds(text: str, kind: str) -> None:
    (act,) = read(text)
    assert act.kind == kind


def test_lists_share_kind_and_issuer() -> None:
    acts = read("Các Luật: số ⟦D:31/2024/QH15⟧, số ⟦D:27/2023/QH15⟧ và số ⟦D:29/2023/QH15⟧ cùng có hiệu lực.")
    assert [act.kind for act in acts] == ["luat"] * 3
    acts = read("Các công văn số ⟦D:1906/CT-TTHT⟧ ngày 11/7/2014, số ⟦D:2054/CT-TTHT⟧ hỏi về thuế.")
    assert [(act.kind, act.type_code) for act in acts] == [("cong_van", None)] * 2
    acts = read("Theo ⟦D:Quyết định số 4/QĐ-UBND⟧ và ⟦D:Quyết định số 6/QĐ-UBND⟧ của UBND tỉnh Sơn La.")
    assert [act.id for act in acts] == ["quyet_dinh:04/QĐ-UBND::son-la", "quyet_dinh:06/QĐ-UBND::son-la"]


def test_a_short_form_is_of_the_one_full_form() -> None:
    text = "⟦D:Chỉ thị số 12/CT-UBND⟧ ngày 05/9/2022 của UBND tỉnh Sơn La. Sau ⟦D:Chỉ thị 12⟧, các xã họp."
    raw, _ = marked(text)
    full, short = read(text)
    assert short.id == full.id == "chi_thi:12/CT-UBND:2022:son-la"
    # but for the issuer, its fields are what it writes itself
    assert (short.symbol, short.body_code, short.year, short.date) == (None, None, None, None)
    assert (short.issuer, raw[slice(*short.spans["number"])]) == ("UBND tỉnh Sơn La", "12")
    *_, open_one = read("⟦D:Chỉ thị số 12/CT-UBND⟧, ⟦D:Chỉ thị số 12/CT-TTg⟧. Sau ⟦D:Chỉ thị 12⟧, các xã họp.")
    assert (open_one.id, open_one.symbol) == ("chi_thi:12::", None)
    *_, other_body = read("⟦D:Nghị quyết số 21/NQ-CP⟧. Theo ⟦D:Nghị quyết 21⟧ của HĐND tỉnh Sơn La.")
    assert other_body.id == "nghi_quyet:21::son-la"
    *_, other_year = read("⟦D:Nghị quyết số 21/2013/NQ-HĐND⟧. Theo ⟦D:Nghị quyết 21⟧ năm 2019.")
    assert other_year.id == "nghi_quyet:21:2019:"


def test_all_ways_to_write_an_act_in_a_document_have_its_year_and_place() -> None:
    acts = read("⟦D:Kế hoạch số 8/KH-UBND⟧ ngày 05/9/2022 của UBND tỉnh Sơn La; ⟦D:Kế hoạch 08/ KH - UBND⟧ đã xong.")
    assert {act.id for act in acts} == {"ke_hoach:08/KH-UBND:2022:son-la"}


def read_in(text: str, doc_type: str) -> list[Directive]:
    raw, entities = marked(text)
    valued, _ = read_values(raw, entities, doc_type)
    return [e.value for e in valued if isinstance(e.value, Directive)]


def test_a_code_of_the_documents_own_symbol_is_of_its_body() -> None:
    head = (
        "UBND ⟦P:TỈNH LÀO CAI⟧\nBAN CHỈ ĐẠO 138\n\nSố: ⟦D:12/BC-BCĐ138⟧\n"
        "⟦P:Lào Cai⟧, ngày 05 tháng 9 năm 2022\n\nBÁO CÁO\nKết quả quý III\n\n"
    )
    acts = read_in(head + "Thực hiện ⟦D:Kế hoạch số 9/KH-BCĐ138⟧, Ban Chỉ đạo 138 tỉnh báo cáo.", "bao_cao")
    assert [act.issuer for act in acts] == ["Ban Chỉ đạo 138 tỉnh Lào Cai"] * 2
    # a committee of the Council has the Council's name
    head = (
        "HỘI ĐỒNG NHÂN DÂN\n⟦P:TỈNH LÀO CAI⟧\nBAN PHÁP CHẾ\n\nSố: ⟦D:12/BC-BPC⟧\n"
        "⟦P:Lào Cai⟧, ngày 05 tháng 9 năm 2022\n\nBÁO CÁO\nThẩm tra\n\n"
    )
    acts = read_in(head + "Sau ⟦D:Báo cáo số 9/BC-BPC⟧, tỉnh đã sửa.", "bao_cao")
    assert acts[-1].issuer == "Ban pháp chế HĐND tỉnh Lào Cai"


def test_a_body_before_an_act_that_it_wrote() -> None:
    (act,) = read("theo đề nghị của Công ty cổ phần Hoa Ban tại ⟦D:Công văn số 9/CV-HB⟧")
    assert act.issuer == "Công ty cổ phần Hoa Ban"
    (act,) = read("Xét báo cáo của Bộ Lao động - Thương binh và Xã hội (⟦D:Văn bản số 9/LĐTBXH-TL⟧)")
    assert act.issuer == "Bộ Lao động - Thương binh và Xã hội"
    (act,) = read("xét đề nghị của Chủ tịch Ủy ban nhân dân ⟦P:tỉnh Sơn La⟧ tại ⟦D:Tờ trình số 9/TTr-UBND⟧")
    assert (act.issuer, act.id) == ("UBND tỉnh Sơn La", "to_trinh:09/TTR-UBND::son-la")
    for text in (
        "đề nghị của Công ty Hoa Ban (⟦D:Giấy phép số 9/GP-XYZ⟧)",  # who has it did not issue it
        "Bộ tư lệnh phản ánh (⟦D:Công văn 9/BTL-TM⟧)",
    ):
        assert read(text)[0].issuer is None


def test_a_ministry_is_of_no_place() -> None:
    head = "BỘ NỘI VỤ\n\nSố: ⟦D:12/TTr-BNV⟧\n⟦P:Hà Nội⟧, ngày 05 tháng 9 năm 2022\n\nTỜ TRÌNH\nVề dự án Luật\n\n"
    *_, act = read_in(head + "Có ⟦D:Công văn số 9/UBND-NC⟧ góp ý.", "to_trinh")
    assert act.issuer is None


def test_party_committees_have_the_place_of_the_head() -> None:
    head = "ĐẢNG BỘ ⟦P:TỈNH NGHE AN⟧\nHUYỆN ỦY ⟦P:QUỲ CHÂU⟧\n\n"
    text = "Thực hiện ⟦D:Chương trình số 9-CTr/TU⟧ của Ban Chấp hành Đảng bộ tỉnh, ⟦D:Kế hoạch 8-KH/HU⟧"
    acts = read(head + text, "Quỳ Châu")
    assert [act.issuer for act in acts] == ["Ban Chấp hành Đảng bộ tỉnh Nghệ An", "Huyện ủy Quỳ Châu"]
    (act,) = read("ĐẢNG ỦY ⟦P:PHƯỜNG CÁI RĂNG⟧\n\nTheo ⟦D:Kế hoạch 8-KH/ĐU⟧", "PHƯỜNG CÁI RĂNG")
    assert act.issuer == "Đảng ủy phường Cái Răng"
    (act,) = read("TỈNH ỦY BẮC GIANG\n\nTheo ⟦D:Kế hoạch 8-KH/TU⟧, ⟦P:thành phố Bắc Giang⟧ họp.", "Bắc Giang")
    assert act.issuer == "Tỉnh ủy Bắc Giang"
    (act,) = read("ý kiến của Tỉnh ủy (⟦D:Thông báo số 9-TB/VPTU⟧)")
    assert act.issuer == "Văn phòng Tỉnh ủy"


def test_courts_name_no_type() -> None:
    (act,) = read("theo ⟦D:Bản án số 9/2020/HS-PT⟧")
    assert (act.kind, act.symbol, act.type_code, act.body_code) == ("ban_an", "9/2020/HS-PT", None, None)


@pytest.mark.parametrize("cell", [" | Quyết định | 05/9/2022 | Giá đất", "\n05/9/2022\nGiá đất", " | 05/9/2022 |"])
def test_the_date_in_the_cell_behind(cell: str) -> None:
    assert read(f"1 | ⟦D:77/QĐ-UBND⟧{cell}")[0].date == DAY


def test_a_decree_of_a_year_is_of_the_government() -> None:
    assert read("theo ⟦D:Nghị định 44/2016⟧")[0].id.startswith("nghi_dinh:44/2016/NĐ-CP:2016:")


def test_what_is_not_written_is_none() -> None:
    (act,) = read("Sau ⟦D:Nghị quyết 21⟧, các xã họp.")
    assert act.to_dict().keys() == {"id", "kind", "number", "relation", "spans"}
    (quoted,) = read('Theo ⟦D:Nghị định số 9/2020/NĐ-CP⟧ "chưa đủ để ai sợ".')
    assert quoted.title is None


def test_what_names_no_act_has_no_value() -> None:
    assert read("⟦D:UBND tỉnh⟧ họp.") == []


LETTERS = st.text(alphabet="Cănứ 17/CT-UBND2021QĐ.,;:()\n\t“”số ngày của về Chỉ thị\u0301l0đ̃", max_size=120)


@given(
    st.one_of(st.text(max_size=80), LETTERS), st.lists(st.tuples(st.integers(0, 120), st.integers(1, 60)), max_size=6)
)
def test_any_string_and_any_spans(text: str, places: list[tuple[int, int]]) -> None:
    spans = sorted((start, min(start + length, len(text))) for start, length in places if start < len(text))
    entities = [
        Entity("PLACE" if number % 3 == 2 else "DIRECTIVE", start, end, text[start:end])
        for number, (start, end) in enumerate(spans)
    ]
    found = read_directives(view(text, entities), "Hà Nội", DAY, spans[0] if spans else None)
    assert set(found) <= {number for number, entity in enumerate(entities) if entity.label == "DIRECTIVE"}
    assert all(act.kind or act.number for act in found.values())
    for act in found.values():
        json.dumps(act.to_dict())
        assert all(0 <= start <= end <= len(text) for start, end in act.spans.values())


@pytest.mark.parametrize(
    ("name", "place", "whole"),
    [("UBND tỉnh", "tỉnh Lào Cai", "UBND tỉnh Lào Cai"), ("UBND thành phố", "thành phố Huế", "UBND thành phố Huế"),
     ("Sở Y tế", "tỉnh Lào Cai", "Sở Y tế tỉnh Lào Cai"), ("UBND tỉnh", "Lào Cai", "UBND tỉnh Lào Cai"),
     ("Sở", "", "Sở")],
)  # fmt: skip
def test_a_head_noun_stands_once(name: str, place: str, whole: str) -> None:
    assert joined(name, place) == whole

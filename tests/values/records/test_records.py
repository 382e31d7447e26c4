"""Records of heads, feet and articles in the layouts that documents have: every document here is made for its test."""

from __future__ import annotations

import datetime
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vanban.schema import DOCUMENT_TYPES, Entity
from vanban.values.meaning import Directive, Official, Record
from vanban.values.records.records import read_head, read_record
from vanban.values.view import view

ONE_BELOW_THE_OTHER = """ỦY BAN NHÂN DÂN
HUYỆN TÂN SƠN
-------
Số: 17/CT-UBND

CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc
---------------

Tân Sơn, ngày 23 tháng 7 năm 2021

CHỈ THỊ
Về việc giữ gìn vệ sinh nơi công cộng
trên địa bàn huyện

Thời gian qua, việc thu gom rác ở các xã đã có nhiều tiến bộ.
Nơi nhận:
- Như trên;
- UBND tỉnh (b/c);
- Các xã, thị trấn;
- Lưu: VT, TNMT.
KT. CHỦ TỊCH
PHÓ CHỦ TỊCH
Lê Văn Bình
"""


def head(text: str, doc_type: str | None = None, entities: tuple[Entity, ...] = ()) -> Record:
    """Return the record of a text's head, whose spans hold what the fields say."""
    record = read_head(view(text, entities), doc_type)
    for field in ("symbol", "place", "type"):
        if getattr(record, field) is not None:
            assert " ".join(text[slice(*record.spans[field])].split()) == getattr(record, field)
    for i, name in enumerate(record.recipients):
        assert " ".join(text[slice(*record.spans[f"recipients.{i}"])].split()) == name
    assert json.dumps(record.to_dict())
    return record


def entity(text: str, label: str, word: str, at: int = 0) -> Entity:
    start = text.index(word, at)
    return Entity(label, start, start + len(word), word)


def test_columns_one_below_the_other():
    record = head(ONE_BELOW_THE_OTHER, "chi_thi")
    assert record.issuer == "ỦY BAN NHÂN DÂN HUYỆN TÂN SƠN"
    assert record.issuer_above is None
    assert record.symbol == "17/CT-UBND"
    assert (record.place, record.date) == ("Tân Sơn", datetime.date(2021, 7, 23))
    assert record.type == "CHỈ THỊ"
    assert record.subject == "Về việc giữ gìn vệ sinh nơi công cộng trên địa bàn huyện"
    assert record.recipients == ("Như trên", "UBND tỉnh (b/c)", "Các xã, thị trấn", "Lưu: VT, TNMT")
    span = record.spans["issuer"]
    assert ONE_BELOW_THE_OTHER[slice(*span)] == "ỦY BAN NHÂN DÂN\nHUYỆN TÂN SƠN"


@pytest.mark.parametrize("gap", ["          ", " ", "\t"])
def test_columns_side_by_side(gap):
    text = (
        f"UBND TỈNH PHÚ LƯƠNG{gap}CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\n"
        f"SỞ Y TẾ{gap}Độc lập - Tự do - Hạnh phúc\n"
        f"Số: 204/TB-SYT{gap}Phú Lương, ngày 05 tháng 3 năm 2019\n"
        "THÔNG BÁO\nLịch tiêm chủng tháng 3\nKính gửi: Các trạm y tế\nSở Y tế thông báo như sau.\n"
    )
    record = head(text, "thong_bao")
    assert (record.issuer_above, record.issuer) == ("UBND TỈNH PHÚ LƯƠNG", "SỞ Y TẾ")
    assert (record.symbol, record.place) == ("204/TB-SYT", "Phú Lương")
    assert record.date == datetime.date(2019, 3, 5)
    assert record.subject == "Lịch tiêm chủng tháng 3"
    assert record.recipients == ("Các trạm y tế",)


def test_letter_with_its_subject_in_the_left_column():
    text = (
        "BỘ XÂY DỰNG CỤC NHÀ Ở\n-------\nCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM Độc lập - Tự do - Hạnh phúc\n"
        "Số: 55/CNO-QL V/v trả lời về cải tạo nhà tập thể\nHà Nội, ngày 03 tháng 12 năm 2012Kính gửi:\n"
        "- Sở Xây dựng tỉnh Phú Lương; - Công ty An Khê.\nTrả lời công văn của Sở, Cục có ý kiến như sau:\n"
        "Nơi nhận: - Như trên; - Bộ trưởng (để b/c); - Lưu: VT.\nCỤC TRƯỞNG Trần Văn Hòa\n"
    )
    record = head(text, "cong_van")
    assert (record.issuer_above, record.issuer) == ("BỘ XÂY DỰNG", "CỤC NHÀ Ở")
    assert record.symbol == "55/CNO-QL"
    assert record.type is None
    assert record.subject == "trả lời về cải tạo nhà tập thể"
    assert record.date == datetime.date(2012, 12, 3)
    addressed = ("Sở Xây dựng tỉnh Phú Lương", "Công ty An Khê")
    assert record.recipients == (*addressed, "Như trên", "Bộ trưởng (để b/c)", "Lưu: VT")


def test_subject_of_a_letter_beside_the_other_column():
    text = (
        "SỞ NỘI VỤ CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nSố: 8/SNV-CC Độc lập - Tự do - Hạnh phúc\n"
        "V/v đăng ký thi   Phú Lương, ngày 9 tháng 5 năm 2018\nnâng ngạch năm 2018\nKính gửi: Các phòng, ban.\n"
    )
    assert head(text, "cong_van").subject == "đăng ký thi nâng ngạch năm 2018"


@pytest.mark.parametrize("mark", ["V/v", "V/V:", "v/v "])
def test_subject_is_without_its_mark(mark):
    text = f"UBND XÃ ĐÔNG LÂM\nSố: 9/QĐ-UBND\nQUYẾT ĐỊNH\n({mark} lập tổ\ncứu hộ)\nCăn cứ Luật;\n"
    assert head(text.replace("(", "").replace(")", ""), "quyet_dinh").subject == "lập tổ cứu hộ"
    text = f"UBND XÃ ĐÔNG LÂM\nSố: 9/QĐ-UBND\nQUYẾT ĐỊNH\n({mark} lập tổ cứu hộ)\nCăn cứ Luật;\n"
    record = head(text, "quyet_dinh")
    assert record.subject == "lập tổ cứu hộ"
    assert text[slice(*record.spans["subject"])] == "lập tổ cứu hộ"


def test_party_document():
    text = (
        "TỈNH ỦY PHÚ LƯƠNG\nHUYỆN ỦY TÂN SƠN\n*\nSố 05-NQ/HU\nĐẢNG CỘNG SẢN VIỆT NAM\n\n"
        "Tân Sơn, ngày 2 tháng 9 năm 2015\nNGHỊ QUYẾT\nCỦA BAN CHẤP HÀNH ĐẢNG BỘ HUYỆN\n"
        "về phát triển cây chè\n-----\nI- TÌNH HÌNH\nNơi nhận: T/M BAN THƯỜNG VỤ\n- Tỉnh ủy (báo cáo), BÍ THƯ\n"
        "- Các chi bộ,\n- Lưu Văn phòng. Lê Thị Hoa\n"
    )
    record = head(text, "nghi_quyet")
    assert (record.issuer_above, record.issuer) == ("TỈNH ỦY PHÚ LƯƠNG", "HUYỆN ỦY TÂN SƠN")
    assert record.symbol == "05-NQ/HU"
    assert record.subject == "về phát triển cây chè"
    assert record.recipients == ("Tỉnh ủy (báo cáo)", "Các chi bộ", "Lưu Văn phòng")


def test_joint_authorities():
    text = (
        "BỘ TÀI CHÍNH\nBỘ Y TẾ\nSố: 12/2010/TTLT-BTC-BYT\nCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\n"
        "Độc lập - Tự do - Hạnh phúc\nHà Nội, ngày 1 tháng 2 năm 2010\nTHÔNG TƯ LIÊN TỊCH\nHướng dẫn thu viện phí\n"
        "Căn cứ Luật Giá;\n"
    )
    record = head(text, "thong_tu")
    assert (record.issuer, record.issuer_above) == ("BỘ TÀI CHÍNH BỘ Y TẾ", None)
    assert record.type == "THÔNG TƯ LIÊN TỊCH"


def test_authority_before_the_basis_is_no_subject():
    text = (
        "QUYẾT ĐỊNH\nVỀ VIỆC GIAO BIÊN CHẾ CHO\nỦY BAN NHÂN DÂN HUYỆN TÂN SƠN\nCHỦ TỊCH ỦY BAN NHÂN DÂN TỈNH\n"
        "Căn cứ Luật Tổ chức chính quyền địa phương;\nQUYẾT ĐỊNH:\nĐiều 1. Giao 12 biên chế.\n"
    )
    record = head(text, "quyet_dinh")
    assert record.subject == "VỀ VIỆC GIAO BIÊN CHẾ CHO ỦY BAN NHÂN DÂN HUYỆN TÂN SƠN"
    assert record.issuer == "CHỦ TỊCH ỦY BAN NHÂN DÂN TỈNH"


def test_title_in_small_letters():
    text = "Nghị quyết về việc đặt tên đường \nHội đồng nhân dân tỉnh phú lương \nKhoá v, kỳ họp thứ 3 \nCăn cứ Luật;\n"
    record = head(text, "nghi_quyet")
    assert (record.type, record.subject) == ("Nghị quyết", "về việc đặt tên đường")
    assert record.issuer == "Hội đồng nhân dân tỉnh phú lương"


def test_scan_errors():
    text = (
        "UỶ BAN NHÂN DÂN CONG HOÀ XÃ HỘl CHỦ NGHĨA VlỆT NAM\nXÃ ĐÔNG LÂM Đôc Iập - Tự do - Hanh phúc\n"
        "S ố : l7/TB-UBND Đông Lâm, ngày l6 tháng O7 năm 2O10\nTHÔNG BÁ0\nLịch bơm nước vụ mùa\n1. Trạm số 2\n"
    )
    record = head(text, "thong_bao")
    assert record.issuer == "UỶ BAN NHÂN DÂN XÃ ĐÔNG LÂM"
    assert record.symbol == "l7/TB-UBND"
    assert (record.place, record.date) == ("Đông Lâm", datetime.date(2010, 7, 16))
    assert (record.type, record.subject) == ("THÔNG BÁ0", "Lịch bơm nước vụ mùa")


def test_no_marks_and_small_letters():
    text = (
        "uy ban nhan dan\nxa dong lam\nso: 18/tb-ubnd\ncong hoa xa hoi chu nghia viet nam\n"
        "doc lap - tu do - hanh phuc\ndong lam, ngay 4 thang 5 nam 2022\nthong bao\nve viec don ve sinh\n1. thoi gian\n"
    )
    record = head(text, "thong_bao")
    assert record.issuer == "uy ban nhan dan xa dong lam"
    assert (record.symbol, record.place) == ("18/tb-ubnd", "dong lam")
    assert record.date == datetime.date(2022, 5, 4)


def test_spaces_between_letters():
    nation = "C Ộ N G H Ò A X Ã H Ộ I C H Ủ N G H Ĩ A V I Ệ T N A M"
    text = f"B Ộ Y T Ế\n{nation}\nT H Ô N G T Ư\nQuy định về nhà thuốc\nĐiều 1.\n"
    record = head(text, "thong_tu")
    assert record.type == "T H Ô N G T Ư"
    assert record.subject == "Quy định về nhà thuốc"


def test_blank_number_and_date_say_nothing():
    text = (
        "BỘ Y TẾ\nSố:       /TTr-BYT\nCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nHà Nội, ngày     tháng     năm 2023\n"
        "TỜ TRÌNH\nVề dự án Luật Dược\nKính gửi: Chính phủ\nCăn cứ Luật;\n"
    )
    record = head(text, "to_trinh")
    assert (record.symbol, record.date) == (None, None)
    assert record.place == "Hà Nội"
    assert record.recipients == ("Chính phủ",)


def test_marked_symbol_and_place_are_believed():
    text = "SỞ Y TẾ\nSố: 56/B C-SYT Tân Sơn Thượng, ngày 1 tháng 2 năm 2020\nBÁO CÁO\nKết quả quý I\n1. Chung\n"
    marked = (entity(text, "DIRECTIVE", "56/B C-SYT"), entity(text, "PLACE", "Tân Sơn Thượng"))
    record = head(text, "bao_cao", marked)
    assert (record.symbol, record.place) == ("56/B C-SYT", "Tân Sơn Thượng")


def test_whom_a_telegram_names_is_no_recipient():
    text = (
        "THỦ TƯỚNG CHÍNH PHỦ\nSố: 9/CĐ-TTg\nCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\n"
        "Hà Nội, hồi 17 giờ 30, ngày 6 tháng 8 năm 2020\nCÔNG ĐIỆN KHẨN\nVề việc ứng phó mưa lớn\n"
        "THỦ TƯỚNG CHÍNH PHỦ điện:\n- Bộ trưởng các Bộ: Y tế, Công an;\n- Chủ tịch Ủy ban nhân dân tỉnh Phú Lương.\n"
        "Từ đêm qua, mưa rất to ở vùng núi.\n- Không là nơi nhận;\n"
        "Nơi nhận:\n- Như trên;\n- Bộ Y tế (để phối hợp);\n- Lưu: VT, NN (2).\nKT. THỦ TƯỚNG\n"
    )
    record = head(text, "cong_dien")
    assert (record.type, record.subject) == ("CÔNG ĐIỆN KHẨN", "Về việc ứng phó mưa lớn")
    assert (record.place, record.date) == ("Hà Nội", datetime.date(2020, 8, 6))
    assert record.recipients == ("Như trên", "Bộ Y tế (để phối hợp)", "Lưu: VT, NN (2)")


def test_markup_around_a_head():
    text = (
        "\n*Hà Nội, ngày 2 tháng 7 năm 2021***THÔNG BÁO****Kết luận của Thường trực  \nvề thu phí**\n\n"
        "-----\n\nNgày 1/7.\n"
    )
    record = head(text, "thong_bao")
    assert (record.type, record.place, record.date) == ("THÔNG BÁO", "Hà Nội", datetime.date(2021, 7, 2))
    assert record.subject == "Kết luận của Thường trực về thu phí"


def test_menu_above_a_head():
    text = "Trang chủ | Văn bản | Nghị định | Chi tiết\nLượt xem: 12\n" + ONE_BELOW_THE_OTHER.split("Nơi nhận")[0]
    record = head(text, "chi_thi")
    assert (record.type, record.issuer) == ("CHỈ THỊ", "ỦY BAN NHÂN DÂN HUYỆN TÂN SƠN")


def test_windows_line_breaks():
    record = head(ONE_BELOW_THE_OTHER.replace("\n", "\r\n"), "chi_thi")
    assert record.issuer == "ỦY BAN NHÂN DÂN HUYỆN TÂN SƠN"
    assert record.subject == "Về việc giữ gìn vệ sinh nơi công cộng trên địa bàn huyện"


def test_middle_of_a_document_has_no_head():
    text = (
        "Điều 4. Trách nhiệm\n1. Sở Y tế chủ trì theo Nghị định\nsố 15/2013/NĐ-CP của Chính phủ.\n"
        "2. Công an tỉnh phối hợp.\n"
    )
    record = head(text, "nghi_dinh")
    assert (record.issuer, record.symbol, record.type, record.subject) == (None, None, None, None)


@pytest.mark.parametrize(
    ("text", "headline", "byline", "day"),
    [
        (
            "Du lịch\nĐảo Ngọc đón mười nghìn khách\nThứ Hai, 12/06/2023, 08:15 (GMT+7)\n"
            "(Bờ Biển) - Sáng nay, bến phà đông kín người từ lúc mặt trời chưa mọc.\n",
            "Đảo Ngọc đón mười nghìn khách",
            "Bờ Biển",
            datetime.date(2023, 6, 12),
        ),
        (
            "Trang chủ > Xã hội\n5-7-2019 | 06:30\nMưa lớn đã làm hỏng\nhai cây cầu ở Tân Sơn\n"
            "Tân Sơn (TTXVN) - Hai cây cầu treo bị nước cuốn trôi trong đêm mồng bốn.\n",
            "Mưa lớn đã làm hỏng hai cây cầu ở Tân Sơn",
            "TTXVN",
            datetime.date(2019, 7, 5),
        ),
        (
            "Huyện Tân Sơn trồng thêm rừng\nTTO - Chiều 4-5, huyện Tân Sơn phát động trồng cây ở các xã vùng cao.\n",
            "Huyện Tân Sơn trồng thêm rừng",
            "TTO",
            None,
        ),
        (
            "Cũng theo ông Bình, năm nay các xã sẽ trồng thêm một trăm ha rừng phòng hộ ven sông.\nBà con đồng tình.\n",
            None,
            None,
            None,
        ),
    ],
)
def test_articles(text, headline, byline, day):
    record = head(text, "tin_bao_chi")
    assert (record.subject, record.byline, record.date) == (headline, byline, day)
    assert record.issuer is None


def test_type_of_a_document_follows_from_its_head():
    assert head(ONE_BELOW_THE_OTHER).type == "CHỈ THỊ"
    assert (
        head("Huyện Tân Sơn trồng thêm rừng\nTTO - Chiều qua, huyện phát động trồng cây ở vùng cao.\n").byline == "TTO"
    )


def test_acts_and_signers():
    text = ONE_BELOW_THE_OTHER
    entities = (
        entity(text, "DIRECTIVE", "17/CT-UBND"),
        entity(text, "PLACE", "Tân Sơn,"),
        entity(text, "OFFICIAL", "Lê Văn Bình"),
    )
    seen = view(text, entities)
    record = read_head(seen, "chi_thi")
    own = Directive("chi_thi:17/CT-UBND:2021", symbol="17/CT-UBND")
    signer = Official("le van binh", "Lê Văn Bình", signs=True)
    full = read_record(seen, record, {0: own}, {2: signer})
    assert (full.cites, full.basis, full.signers) == ((), (), (signer,))
    assert full.issuer == record.issuer
    law, plan = Directive("luat:1", relation="basis"), Directive("ke_hoach:2")
    others = {1: plan, 0: law, 2: law}
    cited = read_record(
        view("a b c", [Entity("DIRECTIVE", i, i + 1, "abc"[i // 2]) for i in (0, 2, 4)]), Record(), others, {}
    )
    assert (cited.basis, cited.cites) == (("luat:1",), ("luat:1", "ke_hoach:2"))


WORDS = st.sampled_from(
    ["ỦY BAN NHÂN DÂN", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", "Số: ", "12/CT-UBND",
     "Số:  /BC", "CHỈ THỊ", "V/v ", "Hà Nội, ngày 3 tháng 2 năm 2020", "Kính gửi: ", "- Sở Y tế;", "Nơi nhận:",
     "KT. CHỦ TỊCH", "Lưu: VT.", "\n", "\r\n", "   ", "\t", "Căn cứ ", "Điều 1. ", "QUYẾT ĐỊNH", "của ", "về ", "***",
     "(TTXVN) - ", "12/3/2020", "THỦ TƯỚNG điện:", "e\u0301", "\u0130", "\ud800", "ngày ", "tháng ", "năm ", "1", "A"]
)  # fmt: skip


@settings(max_examples=150)
@given(st.one_of(st.text(max_size=200), st.lists(WORDS, max_size=25).map(" ".join)), st.data())
def test_no_text_raises(text, data):
    bounds = st.tuples(st.integers(0, len(text)), st.integers(0, len(text))).map(sorted)
    entities = []
    for label in ("DIRECTIVE", "PLACE", "OFFICIAL"):
        start, end = data.draw(bounds)
        if start < end:
            entities.append(Entity(label, start, end, text[start:end]))
    entities.sort(key=lambda e: e.start)
    doc_type = data.draw(st.sampled_from([None, *DOCUMENT_TYPES]))
    record = read_head(view(text, entities), doc_type)
    json.dumps(record.to_dict())
    assert all(0 <= start <= end <= len(text) for start, end in record.spans.values())

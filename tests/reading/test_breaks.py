"""Soft and hard line breaks, on texts in which each soft one is marked by hand with `~` at the end of its line."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vanban.reading.breaks import soft_breaks
from vanban.reading.text import crosses_hard_break, lines, runs, segments

DECREE = """\
CHÍNH PHỦ CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Số: /2024/NĐ-CP Độc lập - Tự do - Hạnh phúc
Hà Nội, ngày tháng năm 2024

NGHỊ ĐỊNH
Quy định về quản lý hồ chứa nước ở vùng núi

Căn cứ Luật Tổ chức Chính phủ ngày 19 tháng 6 năm 2015; Luật sửa đổi, bổ~
sung một số điều của Luật Tổ chức Chính phủ và Luật Tổ chức chính quyền địa~
phương ngày 22 tháng 11 năm 2019;
Căn cứ Luật Thủy lợi ngày 19 tháng 6 năm 2017;
Theo đề nghị của Bộ trưởng Bộ Nông nghiệp và Phát triển nông thôn.
Điều 1. Phạm vi điều chỉnh
Nghị định này quy định việc đăng ký, kê khai và theo dõi các hồ chứa ở Việt~
Nam có dung tích từ 50.000 m3 trở lên, trừ những hồ đã giao cho tập đoàn điện~
lực quản lý theo quy định của Luật số~
08/2017/QH14.
Điều 2. Trách nhiệm của Ủy ban nhân dân cấp tỉnh
1. Lập danh mục hồ chứa trên địa bàn và gửi Bộ trước ngày 31 tháng 12 hằng~
năm; đối với 12 huyện ở vùng cao của tỉnh Hà Giang thì thời hạn này được kéo~
dài thêm một quý.
a) Tên hồ, vị trí, dung tích;
b) Đơn vị đang khai thác.
2. Bố trí kinh phí cho việc kiểm định theo Thông tư của Bộ trưởng Bộ Tài~
chính.

3
"""

LETTER = """\
ỦY BAN NHÂN DÂN
HUYỆN BẮC YÊN
Số: 214/UBND-KT

Kính gửi: Sở Công Thương tỉnh Sơn La

Thực hiện văn bản của quý Sở về việc rà soát các chợ ở vùng cao, Ủy ban nhân~
dân huyện Bắc Yên báo cáo như sau: toàn huyện có 9 chợ, trong đó chợ trung tâm~
do ông Đinh Văn Khoa, Phó Chủ tịch, trực tiếp chỉ đạo việc sắp xếp.
Chợ xã Tạ Khoa họp năm ngày một phiên.
Nơi nhận:
- Như trên;
- Lưu: VT.
KT. CHỦ TỊCH
PHÓ CHỦ TỊCH
Đinh Văn Khoa
"""

ARTICLE = """\
Sơn La mở thêm ba chợ phiên ở vùng cao

Sáng 12/3, Ủy ban nhân dân huyện Bắc Yên khai trương ba chợ phiên ở các xã Tạ Khoa, Hang Chú, với 140 gian hàng.
Theo Phó Chủ tịch huyện Đinh Văn Khoa, mỗi chợ họp năm ngày một phiên, giúp bà con bán nông sản mà không phải đi xa.
Ảnh: Minh Tú
"""

TABLE = """\
STT\tTên chợ\tSố gian hàng
1\tChợ xã Tạ Khoa huyện Bắc Yên\t46 gian
2\tChợ xã Hang Chú huyện Bắc Yên\t52 gian
Chợ trung tâm thị trấn Bắc Yên, tỉnh Sơn La
Chợ trung tâm thị trấn Phù Yên, tỉnh Sơn La
Chợ trung tâm thị trấn Ít Ong, tỉnh Sơn La
Chợ trung tâm thị trấn Mộc Châu, tỉnh Sơn La
"""

HEADINGS = """\
KẾ HOẠCH PHÒNG CHỐNG HẠN HÁN VÀ XÂM NHẬP MẶN
TRÊN ĐỊA BÀN HUYỆN BA TRI NĂM 2020
I. MỤC ĐÍCH, YÊU CẦU
Chủ động ứng phó với hạn hán, bảo đảm nước ngọt cho sinh hoạt của 46 nghìn~
hộ dân ở các xã ven biển trong suốt mùa khô.
"""


@pytest.mark.parametrize("marked", [DECREE, LETTER, ARTICLE, TABLE, HEADINGS, "", "\n", "một dòng"])
@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
def test_each_break_is_told(marked: str, line_break: str) -> None:
    rows = marked.split("\n")
    text = line_break.join(row.removesuffix("~") for row in rows)
    found = soft_breaks([text[start:end] for start, end in lines(text)])
    assert [rows[i] for i, soft in enumerate(found) if soft] == [row for row in rows if row.endswith("~")]


def test_a_sentence_goes_on_over_a_soft_break() -> None:
    text = DECREE.replace("~", "")
    within = [text[start:end] for start, end in segments(text)]
    assert (
        "Nghị định này quy định việc đăng ký, kê khai và theo dõi các hồ chứa ở Việt\nNam có dung tích từ 50.000 m3 "
        "trở lên, trừ những hồ đã giao cho tập đoàn điện\nlực quản lý theo quy định của Luật số\n08/2017/QH14.\n"
    ) in within
    assert "Điều 1. Phạm vi điều chỉnh\n" in within


@given(st.text(st.sampled_from("aA1 .,;-\n\r\t\u2028")) | st.text())
def test_runs_are_the_lines_between_hard_breaks(text: str) -> None:
    spans = runs(text)
    assert [start for start, _ in spans] == sorted(start for start, _ in spans)
    edges = {edge for line in lines(text) for edge in line}
    assert all(start in edges and end in edges for start, end in spans)
    assert (spans[0][0], spans[-1][1]) == (0, len(text))
    assert "".join(text[start:end] for start, end in segments(text)) == text


def test_what_crosses_a_hard_break_in_any_form() -> None:
    for form in ("NFC", "NFD"):
        text = unicodedata.normalize(form, DECREE.replace("~", ""))
        name = unicodedata.normalize(form, "Việt\nNam")
        start = text.index(name)
        assert not crosses_hard_break(text, start, start + len(name))
        wall = unicodedata.normalize(form, "chỉnh\nNghị định")
        start = text.index(wall)
        assert crosses_hard_break(text, start, start + len(wall))
        assert not crosses_hard_break(text, start, start + 3)

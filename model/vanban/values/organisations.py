"""How far the name of an organisation reaches: `UBND huyện Chương Mỹ`, `Sở Lao động - Thương binh và Xã hội`."""

from __future__ import annotations

import re
from typing import Final

from vanban.values.page import Page
from vanban.values.titles import HONORIFIC, RANK, fold

# syllables that stand in lower case in the names of bodies
_WORDS: Final = frozenset(
    fold(
        """tỉnh huyện xã phố thành thị trấn quận phường thôn ấp bản khu vực khóm xóm buôn làng tổ dân cư ủy ban nhân hội
        đồng trường vụ cục chi tổng bộ sở phòng đảng đoàn viện trung tâm trạm đội đồn hạt kho bạc ngân hàng nhà nước
        chính phủ quốc gia ương địa phương nhiệm kỳ khóa công an quân sự biên cảnh sát hình giao thông vận tải kinh tế y
        giáo dục đào tạo khoa học nghệ văn hóa thể thao du lịch tin truyền lao động thương binh nông nghiệp phát triển
        môi tài nguyên tư pháp nội ngoại xây dựng kế hoạch đầu thanh tra kiểm lâm soát tòa án thống kê thuế hải quan bảo
        hiểm điện lực bưu tộc tôn mặt trận tổ phụ nữ cựu chiến niên liên hiệp chức cán tuyên hành lý trật tự thủy sản lợi
        chăn nuôi thú trồng trọt bệnh đa đại tiểu mầm non phổ thông cơ dự quản bắt buộc nghề chuyên trách cấp ngành khối
        điều phối hợp tác vùng duyên cảng cửa khẩu hàng không đường sắt bộ thương nghiệp cháy chữa cứu nạn hộ chấp hạ tầng
        đô thị đất đai hòa giải bình dịch bệnh tật kiểm định kỹ thuật số liệu lưu trữ sư lữ trung hậu cần tham mưu chỉ huy
        thường trực trực thuộc thuộc phối thẩm xét xử phúc hình luật ninh giới tác đối vật tư năng lượng mỏ địa chất khí
        tượng thiên tai ngư lao phổ cập từ thiện chữ thập đỏ khuyến nông khuyến người cao tuổi mồ côi nạn nhân chất độc
        da cam học sinh viên đặc khu tập sự dân quân phòng vệ thực phẩm an toàn thị trường giá đo đạc bản đồ nghiên nhóm
        """
    ).split()
)
# those that join words, and end no name
_JOINING: Final = frozenset({"và", "các", "về", "cũ", "mới", "&", "tại"})
# two syllables that name what is done: part of a body's name behind its head, else the verb of the sentence
_DEEDS: Final = frozenset(
    fold(
        """chỉ đạo|kiểm tra|tổ chức|báo cáo|thông tin|xây dựng|phát triển|tuyên truyền|bảo vệ|quản lý|điều tra|chủ trì
        điều hành|phối hợp|thông báo|giải quyết|giám sát|thẩm định|thường trực|tham mưu|bảo đảm|quyết định|phòng chống
        đầu tư|hợp tác|đào tạo|thi hành|đối ngoại|điều phối|chỉ huy|trực tiếp|thông qua|chấp hành|trực thuộc
        thực hiện"""
    ).replace("\n", "|").split("|")
)  # fmt: skip
_HEADS: Final = frozenset(
    fold("ban phòng đoàn tổ sở cục vụ viện tâm sát đồng đội bộ nhóm hội khoa công và phận cán đạo học án").split()
)
_WORD: Final = re.compile(r"[^\W_](?:[\w'’./&-]*\w)?")
_GAP: Final = re.compile(r"[ ]{1,2}")
_DASH: Final = re.compile(r" ?[-–] ?")
_ABBREVIATION: Final = frozenset({"tp", "tx", "tt", "p", "q", "h", "x", "t"})
# `, Thể thao và Du lịch`, `, Trẻ em và …`: the rest of a list that ends with its last member
_REST_OF_LIST: Final = re.compile(
    r", ?[^\W\d_]+(?: [^\W\d_]+){0,3}(?:, ?[^\W\d_]+(?: [^\W\d_]+){0,3})?(?: và | [-–] )(?=[^\W\d_])"
)
_IN_PREVENTION: Final = re.compile(r", ?chống ")
_LONGEST: Final = 140


def organisation_end(page: Page, start: int, limit: int) -> tuple[int, int]:
    """Return where the organisation that starts behind a title ends, and how far words were read that may belong to it.

    Both are `start` where there is none. What ends in `và` was read further than the organisation goes.
    """
    limit = min(limit, start + _LONGEST)
    in_capitals = page.text[max(0, start - 8) : start].isupper()
    end = read = position = start
    list_end = start
    before = ""
    while position < limit:
        place = _place_at(page, position, limit)
        if place:
            end = read = place
            before = ""
        else:
            word = _WORD.match(page.text, position, limit)
            if not word or not (_is_of_name(page, word, before, in_capitals, limit) or position < list_end):
                break
            before = page.folded[word.start() : word.end()]
            read = word.end()
            if before in _ABBREVIATION and page.text[read : read + 1] == ".":
                read += 1
            if before not in _JOINING:
                end = read
        gap = _GAP.match(page.text, read, limit)
        if not gap or _begins_another(page, gap.end(), limit):
            gap = _dash(page, read, limit)
            rest = _REST_OF_LIST.match(page.text, read, limit)
            if not gap and rest and not _holds_another(page, rest, limit):
                list_end = rest.end()
                gap = re.compile(", ?").match(page.text, read, limit)
            if not gap and before.endswith("phòng"):
                gap = _IN_PREVENTION.match(page.folded, read, limit)
                list_end = gap.end() if gap else list_end
        if not gap:
            break
        position = gap.end()
        while position < limit and page.text[position] == " ":
            position += 1
    return end, read


def _place_at(page: Page, position: int, limit: int) -> int | None:
    """Return the end of the place in which a position is."""
    place = page.place_around(position)
    return min(place[1], limit) if place else None


def _is_of_name(page: Page, word: re.Match[str], before: str, in_capitals: bool, limit: int) -> bool:
    written, folded = word.group(), page.folded[word.start() : word.end()]
    if page.begins_name(word.start()):
        return False
    after = _WORD.match(page.folded, word.end() + 1, limit)
    if after and f"{folded} {after.group()}" in _DEEDS and not (written[0].isupper() and not in_capitals):
        return not before or before in _HEADS or before.endswith("trưởng")
    if folded in _JOINING:
        follows = after is not None and not _begins_another(page, after.start(), limit)
        return bool(before) and (follows or word.end() >= limit)
    if folded in _WORDS:
        return True
    if in_capitals:
        return written.isupper() and folded not in _NOT_IN_NAMES
    return written[0].isupper() or written.isdigit()


_NOT_IN_NAMES: Final = frozenset(
    fold("tại của trong với cho đã đang sẽ là do theo từ trên khi được bị về yêu giao ký làm gặp thăm phát").split()
)


def _begins_another(page: Page, position: int, limit: int) -> bool:
    """True where a name begins, or a person is addressed."""
    if page.begins_name(position):
        return True
    addressed = RANK.match(page.folded, position, limit) or HONORIFIC.match(page.folded, position, limit)
    return addressed is not None and page.text[position].islower()


def _dash(page: Page, position: int, limit: int) -> re.Match[str] | None:
    """Return the dash that joins two parts of a name: behind it comes neither a title nor a person."""
    dash = _DASH.match(page.text, position, limit)
    if not dash or page.title_at(dash.end(), limit) or _begins_another(page, dash.end(), limit):
        return None
    if page.text[dash.end() : dash.end() + 1].islower() and len(dash.group()) == 1:
        return None
    return None if RANK.match(page.folded, dash.end(), limit) else dash


def _holds_another(page: Page, rest: re.Match[str], limit: int) -> bool:
    """True where the members of a list are persons, offices or places, and not subjects of one body."""
    starts = [m.end() for m in re.finditer(r", ?| và | [-–] ", rest.group())]
    return any(
        page.title_at(rest.start() + at, limit)
        or page.begins_name(rest.start() + at)
        or page.place_around(rest.start() + at)
        or HONORIFIC.match(page.folded, rest.start() + at, limit)
        or RANK.match(page.folded, rest.start() + at, limit)
        for at in starts
    )

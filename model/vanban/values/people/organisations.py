"""How far the name of an organisation reaches: `UBND huyện Chương Mỹ`, `Sở Lao động - Thương binh và Xã hội`."""

from __future__ import annotations

import re
from typing import Final

from vanban.values.people.page import Page
from vanban.values.people.titles import HONORIFIC, RANK, TITLE, fold

# syllables that stand in lower case in the names of bodies
_WORDS: Final = frozenset(
    fold(
        """biểu
        tỉnh huyện xã phố thành thị trấn quận phường thôn ấp bản khu vực khóm xóm buôn làng tổ dân cư ủy ban nhân
        hội đồng trường vụ cục chi tổng bộ sở phòng đảng đoàn viện trung tâm trạm đội đồn hạt kho bạc ngân hàng nhà
        nước chính phủ quốc gia ương địa phương nhiệm kỳ khóa công an quân sự biên cảnh sát hình giao thông vận tải
        kinh tế y giáo dục đào tạo khoa học nghệ văn hóa thể thao du lịch tin truyền lao động thương binh nông
        nghiệp phát triển môi tài nguyên tư pháp nội ngoại xây dựng kế hoạch đầu thanh tra kiểm lâm soát tòa án
        thống kê thuế hải quan bảo hiểm điện lực bưu tộc tôn mặt trận phụ nữ cựu chiến niên liên hiệp chức cán tuyên
        hành lý trật tự thủy sản lợi chăn nuôi thú trồng trọt bệnh đa đại tiểu mầm non phổ cơ dự quản bắt buộc nghề
        chuyên trách cấp ngành khối điều phối hợp tác vùng duyên cảng cửa khẩu không đường sắt cháy chữa cứu nạn hộ
        chấp hạ tầng đô đất đai hòa giải bình dịch tật định kỹ thuật số liệu lưu trữ sư lữ hậu cần tham mưu chỉ huy
        thường trực thuộc thẩm xét xử phúc luật ninh giới đối vật năng lượng mỏ chất khí tượng thiên tai ngư cập từ
        thiện chữ thập đỏ khuyến người cao tuổi mồ côi độc da cam trị đạo tập khoán chứng cạnh tranh thư sứ quán
        nhánh tùng trợ ảnh rừng nguồn vốn chế bang thủ dưỡng giai đoạn chương trình mục tiêu thẳm rầy mạng viễn báo
        xuất in tàng di tích nhạc kịch múa tịch minh bạch sinh trẻ em đình đẳng sĩ kiều bào đàm phán lãnh lễ tân mật
        mã yếu tử vũ trụ hữu trí tuệ chuẩn đo nhập tín dụng giám bầu cử nhi lão thần phổi mắt răng hàm sử toán viên
        đặc vệ thực phẩm toàn giá đạc đồ nghiên nhóm
        """
    ).split()
)
# those that join words, and end no name
_JOINING: Final = frozenset({"và", "các", "cũ", "mới", "tại", "của"})
_OF_THESE: Final = frozenset({"quốc", "chính", "trung"})  # Ủy ban … của Quốc hội
_OF_ITS_WHOLE: Final = frozenset({"Sở", "Bộ", "Cục"})  # Phòng Kế hoạch của Sở
_COMMITTEES: Final = frozenset({"ubnd", "hđnd", "hdnd"})
_UNMARKED_LEVELS: Final = frozenset({"tinh", "huyen", "phuong", "quan", "xa"})  # as a scan has them
# two syllables that name what is done: part of a body's name, but the verb of the sentence where a name may end
_DEEDS: Final = frozenset(
    fold(
        "chỉ đạo|kiểm tra|tổ chức|thông tin|xây dựng|phát triển|tuyên truyền|bảo vệ|quản lý|điều tra|điều hành|phối hợp"
        "|giám sát|thẩm định|tham mưu|bảo đảm|phòng chống|đầu tư|hợp tác|đào tạo|thi hành|đối ngoại|điều phối|chỉ huy"
        "|chấp hành|hòa giải|cứu hộ|nghiên cứu|vận động"
    ).split("|")
)
_VERBS: Final = frozenset(
    fold(
        "trực tiếp|chủ trì|thông báo|thực hiện|giải quyết|báo cáo|quyết định|thông qua|trực thuộc|"
        "hiện nay|hiện là|đã đi|công bố|công tác|chủ tọa|hiện đang|giao cho|giao nhiệm|hợp đồng|"
        "đồng ý|đồng tình|giải thích|giải trình|tin rằng|quyết tâm|phát biểu|phát động|chia sẻ|"
        "thăm hỏi|động viên|tặng quà|đầu năm|trung thực|thể hiện|đại diện|liên hệ|vào cuộc|năm nay|"
        "sản xuất|hành lễ|phụ trách|tham dự|tham gia|tham quan|điều động|tổng hợp|tổng kết|"
        "tổng duyệt|kỳ cựu|dự họp|dự lễ|dự hội|dự buổi|dự phiên|dự khai|trực chỉ|trực tại|vào hồi|"
        "quản giáo|chuyển giao|kiểm điểm|hướng dẫn|cơ bản|sinh năm|sinh ngày|thống nhất"
    ).split("|")
)
# syllables that are of a name in these pairs alone, else verbs
_PAIRS: Final = frozenset(
    fold(
        "giao thông|giao dịch|ngoại giao|bàn giao|dự án|dự báo|dự trữ|dự phòng|chỉ huy|chỉ đạo|kiểm tra|kiểm lâm"
        "|kiểm sát|kiểm soát|kiểm toán|kiểm định|kiểm dịch|kiểm ngư|đầu tư|xét xử|cao tuổi|từ thiện|trong nước|đăng ký"
    ).split("|")
)
_IN_PAIRS: Final = frozenset({"giao", "dự", "chỉ", "kiểm", "đầu", "xét", "tuổi", "từ", "trong", "ký"})
# with these a name may be complete
_COMPLETE: Final = frozenset(
    fold("tỉnh huyện xã phố trấn quận phường sở uỷ phủ nước trị hội an ban cục vụ viện bộ ubnd hđnd mttq").split()
)
_TITLES_OF_DEEDS: Final = re.compile(r"(?:ban|phòng|đoàn|tổ|đội|nhóm|khoa|viên|thường trực|thư ký|trưởng)\s*\Z")
_PLACE: Final = "\n"  # stands for the word before, where that is a place
_WORD: Final = re.compile(r"[^\W_](?:[\w'’./&-]*\w)?")
_GAP: Final = re.compile(r"[ ]{1,2}")
_DASH: Final = re.compile(r"[ ]{0,2}[-–][ ]{0,2}")
_ABBREVIATION: Final = frozenset({"tp", "tx", "tt", "p", "q", "h", "x", "t"})
# `, Thể thao và Du lịch`, `, Trẻ em và …`: the rest of a list that ends with its last member
_REST_OF_LIST: Final = re.compile(
    r", ?[^\W\d_]+(?: [^\W\d_]+){0,3}(?:, ?[^\W\d_]+(?: [^\W\d_]+){0,3})?(?: và | [-–] )(?=[^\W\d_])"
)
# `Vụ Pháp chế, Bộ Y tế`: a body, and the one of which it is part
_PART: Final = re.compile(r"(?:vụ|phòng|đội|trung tâm|khoa|cục|viện|chi cục|ban)(?![^\W_])")
_ITS_WHOLE: Final = re.compile(
    r", (?=(?:Bộ|Sở|Công an|Tổng cục|Trường|Đại học|Học viện|Bệnh viện|Ban Tổ chức Trung)\b)"
)
_COMMA: Final = re.compile(", ?")
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
            before = _PLACE
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
        gap = _dash(page, read, limit)
        if not gap:
            gap = _GAP.match(page.text, read, limit)
            gap = None if gap and _begins_another(page, gap.end(), limit) else gap
        if not gap:
            rest = _rest_of_list(page, read, limit)
            prevention = _IN_PREVENTION.match(page.folded, read, limit) if before.endswith("phòng") else None
            if prevention or (rest and before != _PLACE):
                list_end = prevention.end() if prevention else rest.end() if rest else 0
                gap = _COMMA.match(page.text, read, limit)
            elif before == _PLACE and _place_at(page, read + 2, limit) == limit:  # `xã A, huyện B, ông C`
                gap = _COMMA.match(page.text, read, limit)
            elif _PART.match(page.folded, start, limit):
                gap = _ITS_WHOLE.match(page.text, read, limit)
        if not gap and page.text[read - 1 : read] == "." and page.text[read : read + 1].isalnum() and read < limit:
            position = read
            continue
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
    """True of a word that may belong to the name of a body; `before` is the one before it, folded."""
    written, folded = word.group(), page.folded[word.start() : word.end()]
    if page.begins_name(word.start()):
        return False
    after = _WORD.match(page.folded, word.end() + 1, limit)
    pair = f"{folded} {after.group()}" if after else ""
    if folded in _JOINING:
        return _joins(page, folded, before, after, limit)
    if written[0].islower() or in_capitals:
        if pair in _VERBS:
            return False
        if pair in _DEEDS and not before:
            return _TITLES_OF_DEEDS.search(page.folded, max(0, word.start() - 16), word.start()) is not None
        if pair in _DEEDS and not in_capitals:
            return before != _PLACE and before not in _COMPLETE
    if folded in _IN_PAIRS:
        return pair in _PAIRS or f"{before} {folded}" in _PAIRS
    if folded in _WORDS or (before in _COMMITTEES and folded in _UNMARKED_LEVELS):
        return True
    if in_capitals:
        return written.isupper() and folded not in _NOT_IN_NAMES
    return written[0].isupper() or (written.isdigit() and not pair.endswith(" tuổi"))


def _joins(page: Page, folded: str, before: str, after: re.Match[str] | None, limit: int) -> bool:
    if folded == "tại":
        # Đại sứ Lào tại Việt Nam
        return before in (_PLACE, "quán") and after is not None and page.place_around(after.start()) is not None
    if not before:
        return folded == "các"
    if after is None:
        return folded in ("cũ", "mới")
    if folded == "của":
        whole = page.text[after.start() : after.end()]
        return after.group() in _OF_THESE or (whole in _OF_ITS_WHOLE and before != _PLACE)
    return not _begins_another(page, after.start(), limit) and page.title_at(after.start(), limit) is None


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


def _rest_of_list(page: Page, position: int, limit: int) -> re.Match[str] | None:
    """Return the rest of a list of the subjects of one body; none of persons, offices or places."""
    rest = _REST_OF_LIST.match(page.folded, position, limit)
    if not rest or not page.text[position + 1 : position + 3].strip()[:1].isupper():
        return None
    starts = [rest.start() + m.end() for m in re.finditer(r", ?| và | [-–] ", rest.group())]
    foreign = any(
        page.begins_name(at)
        or page.place_around(at)
        or TITLE.match(page.folded, at, limit)
        or HONORIFIC.match(page.folded, at, limit)
        or RANK.match(page.folded, at, limit)
        for at in starts
    )
    return None if foreign else rest

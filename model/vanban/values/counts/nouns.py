"""The class of what is counted, by the head noun that a count's noun begins with. What is not listed is `other`."""

from __future__ import annotations

import functools
import itertools
import re
from typing import Final

from vanban.reading.text import older_tone_style, unmarked
from vanban.values.meaning import NounClass

_WORD: Final = re.compile(r"[^\W_]+")
_MOST_WORDS: Final = 4

# A longer head wins over a shorter one, so that exceptions stand under `other`: `ca nô` is no `ca`.
_HEADS: Final[dict[NounClass, str]] = {
    "people": """
        người, nguời, lượt người, lượt khách, lượt hành khách, lượt cán bộ, lượt công dân, lượt học sinh,
        lượt dân, lượt nông dân, lượt bệnh nhân, lượt công nhân, lượt chị, lượt đoàn viên, lượt hội viên,
        lượt lao động, lượt thí sinh, lượt trẻ, cán bộ, học sinh, đại biểu, đai biểu, thành viên, thí sinh,
        lao động, em, đồng chí, đối tượng, đối tuợng, cử tri, nhân khẩu, khẩu, công nhân, khách, hành khách,
        du khách, lữ khách, bị cáo, bị can, bị hại, bác sĩ, y sĩ, trẻ, chiến sĩ, bà mẹ, mẹ, thanh niên,
        thiếu niên, nhi đồng, thiếu nhi, chuyên gia, công dân, người dân, dân, cư dân, nghệ nhân, nghệ sĩ,
        bệnh nhân, bệnh nhi, nạn nhân, cá nhân, phụ nữ, sản phụ, thẩm phán, bí thư, phó bí thư, chủ tịch,
        phó chủ tịch, cháu, dân quân, kỹ sư, luật sư, giáo sư, tiến sĩ, thạc sĩ, võ sĩ, nhạc sĩ, ca sĩ, họa
        sĩ, y tá, điều dưỡng, dược sĩ, hộ sinh, cầu thủ, vận động viên, đứa, chị, chị em, anh, anh em, ông,
        bà, cô, chú, bác, cậu, bạn, thầy, thầy cô, mẹ con, cha con, bố con, vợ chồng, cặp vợ chồng, hội
        thẩm, thư ký, nhân chứng, công chức, viên chức, công chứng viên, lưu học sinh, nghiên cứu sinh, giáo
        sinh, phiên dịch, quân nhân, sĩ quan, hạ sĩ quan, binh sĩ, kế toán, giám khảo, giám thị, trưởng
        thôn, tổ trưởng, đội trưởng, nhóm trưởng, trưởng phòng, phó trưởng phòng, trưởng ban, phó trưởng
        ban, phó phòng, phó trưởng điểm, giám đốc, phó giám đốc, hiệu trưởng, phó hiệu trưởng, thuyền
        trưởng, máy trưởng, bộ trưởng, thứ trưởng, quan chức, nghị sĩ, ngư dân, nông dân, thủy thủ, doanh
        nhân, nghi phạm, đồng phạm, phạm nhân, học trò, khán giả, phụ huynh, đồng nghiệp, tài xế, lái xe,
        phụ xe, chủ xe, chủ tàu, chủ đò, chủ nhà, chủ hộ, chủ cơ sở, chủ nhà vườn, chủ doanh nghiệp, nhà
        báo, nhà thơ, nhà văn, nhà giáo, nhà khoa học, nhà lãnh đạo, nguyên thủ, tổng thống, thủ tướng, đại
        sứ, cựu binh, cựu chiến binh, thương binh, bệnh binh, liệt sĩ, tử sĩ, cụ, cụ bà, cụ ông, bé, trẻ em,
        thân nhân, nhân lực, người hoạt động, hướng dẫn viên, thợ, thợ lặn, tình nguyện viên, y bác sĩ, tiểu
        thương, con người, con trai, con gái, vị, già làng, trưởng bản, lái buôn, nài voi, bảo vệ, công an,
        cảnh sát, trinh sát, bộ đội, tù nhân, can phạm, cổ đông, nghệ nhân nhân dân, khách hàng, nam sinh,
        nữ sinh, tân sinh viên, thanh tra, kiểm lâm, trợ lý, trợ giảng, cô giáo, thầy giáo, cô dâu, chú rể,
        ứng viên, trọng tài, hậu vệ, tiền đạo, tiền vệ, thủ môn, cố vấn, chuyên trách, đạo diễn, tác giả,
        đương sự, bị đơn, nguyên đơn, phó chánh văn phòng, chánh văn phòng, liền anh, liền chị, mạnh thường
        quân, hội thẩm nhân dân, ngoại trưởng, tên cướp, tên trộm, miệng ăn, f0, f1, f2, f3, nhân sự, cấp
        phó, con nghiện, thằng, ông già, người có công, đoàn viên thanh niên, nữ, tân binh, đại
        diện, nhà đầu tư, đoàn viên, đảng viên, hội viên, nhân viên, sinh viên, giáo viên
    """,
    "cases": """
        ca, trường hợp, vụ, vụ việc, vụ án, sự cố, sự việc, tai nạn, vụ tai nạn, án mạng, lượt ca, ca mắc,
        ca nhiễm, ca bệnh, ca dương tính, ca tử vong, ca khỏi bệnh, lượt trường hợp
    """,
    "households": "hộ, gia đình, lượt hộ, hộ dân, hộ gia đình, nóc nhà, căn hộ gia đình",
    "establishments": """
        cơ sở, doanh nghiệp, công ty, tổng công ty, tập đoàn, hợp tác xã, htx, cửa hàng, cửa hiệu, siêu thị,
        chợ, nhà hàng, quán, quán ăn, quán bar, khách sạn, nhà nghỉ, nhà máy, xí nghiệp, xưởng, phân xưởng,
        nhà xưởng, ngân hàng, đại lý, trang trại, lò mổ, nhà thuốc, quầy thuốc, hiệu thuốc, trường, điểm
        trường, trường học, bệnh viện, trạm y tế, trung tâm y tế, phòng khám, phòng giao dịch, trung tâm,
        thư viện, bảo tàng, rạp, nhà trẻ, trại, trại giam, trại tạm giam, bệnh xá, trung tâm thương mại,
        công xưởng, nhà xe, garage, lò gạch, quỹ tín dụng, chi nhánh, nhà hát, viện, viện nghiên cứu, học
        viện, thẩm mỹ viện, vựa, tiệm, ki ốt, ki-ốt, văn phòng đại diện, công ty con, nhà xuất bản, trang
        trại lợn, tiệm vàng, sàn giao dịch, gara, bến bãi, bãi xe, bãi đỗ xe
    """,
    "documents": """
        văn bản, quyết định, nghị quyết, nghị định, thông tư, chỉ thị, công văn, công điện, kế hoạch, báo
        cáo, tờ trình, thông báo, hướng dẫn, biên bản, hồ sơ, bộ hồ sơ, giấy, giấy phép, giấy chứng nhận,
        giấy tờ, loại giấy tờ, đơn, đơn thư, hợp đồng, biểu mẫu, tờ khai, bản khai, luật, dự án
        luật, dự thảo, pháp lệnh, bộ luật, đạo luật, bản án, bản sao, bản chính, bản chụp, bản photo, bản
        vẽ, bản cam kết, bản báo cáo, bản tin, bản đồ, bản ghi nhớ, bản thỏa thuận, bản thuyết minh, bản kê,
        bản kết luận, bản kiến nghị, bản gốc, bản giấy, bản hợp đồng, bảng kê, hóa đơn, chứng từ, chứng chỉ,
        chứng thư, văn bằng, bằng khen, giấy khen, sổ, cuốn sổ, phiếu thu, phiếu chi, phiếu đăng ký, phiếu
        khảo sát, phiếu xuất kho, phiếu nhập kho, danh sách, danh mục, đề án, báo giá, tài liệu, hộ chiếu,
        công hàm, lệnh, vận đơn, hiệp định, nghị định thư, thỏa thuận, điều ước, kết luận, bút lục, quyển,
        văn kiện, trát, đề cương, tờ đơn, thư, lá thư, lá đơn, sổ tiết kiệm, giấy ủy quyền, di chúc, án lệ,
        quy chế, mẫu đơn, mẫu biểu, công ước, sắc lệnh, hiệp ước, tập hồ sơ, thẻ cử tri, bản dự thảo, bản kế
        hoạch, quy hoạch, bản quy hoạch, tờ giấy
    """,
    "units": """
        tỉnh, thành phố, tp, huyện, quận, thị xã, tx, xã, phường, thị trấn, đặc khu, thôn, ấp, khóm, khu
        phố, tổ dân phố, tổ nhân dân, buôn, làng, xóm, bon, plei, bản làng, phum, sóc, địa
        phương, đơn vị hành chính, đơn vị cấp xã, đơn vị cấp huyện, đơn vị cấp
        tỉnh, huyện đảo, xã đảo, châu, khu dân cư, tỉnh thành, quận huyện, xã phường, lãnh thổ
    """,
    "other": """
        ca nô, ca trực, ca làm việc, ca sản xuất, ca khúc, ca học, ca máy, ca ngày, ca đêm, ca kíp, vụ lúa,
        vụ mùa, vụ màu, vụ đông, vụ xuân, vụ hè, khẩu súng, khẩu pháo, khẩu đội, khẩu phần, khẩu trang, khẩu
        hiệu, trường bắn, bạn hàng, luật lệ, đơn hàng, đơn giá, đơn nguyên, đơn vị, hạt giống, nước cờ, viện
        trợ, viện phí, bảo vệ thực vật, khách thể, dân tộc, vị trí, bản sắc, bản lề, bản năng, bản quyền,
        bản sách, bản nhạc, bản dân ca, bản mã, anh văn, ca mê ra, chú chó, chú mèo, tỉnh ủy, thành ủy,
        huyện ủy, quận ủy, thị ủy, tỉnh đoàn, huyện đoàn, xã đội, phường đội, làng nghề, viện kiểm sát
    """,
}
# names of persons end in these (hòa giải viên, võ sĩ); what is before one of two syllables is a thing (thẻ hội viên)
_PERSONS: Final = frozenset({"viên", "sĩ", "sư", "thủ", "tướng", "trưởng"})
_NO_PERSONS: Final = frozenset({"công viên", "khuôn viên", "động viên", "tăng trưởng", "sinh trưởng", "hiện trưởng"})
_OF_TWO: Final = frozenset(
    {"hội", "sinh", "nhân", "giáo", "đảng", "đoàn", "thành", "học", "ủy", "công", "chuyên", "giảng"}
)
# `bản` alone is a copy where the line before speaks of what has copies, else a village of the mountains
_HAS_COPIES: Final = re.compile(
    r"(?<![^\W_])(?:lưu|lập|thành|gửi|giữ|in|nộp|sao|mẫu|loại|biên bản|đơn|hồ sơ|hợp đồng|danh sách|giấy|kèm|mang theo"
    r"|báo cáo|chứng chỉ|phát hành|bằng|số lượng)(?![^\W_])",
    re.IGNORECASE,
)


# `ca` alone is a shift where the words before it say that one works, or that something is divided
_HAS_SHIFTS: Final = re.compile(
    r"(?<![^\W_])(?:chia|làm|làm việc|trực|luân phiên|thay phiên|sản xuất|vận hành|hoạt động|tuần tra|canh gác)"
    r"(?:\s+(?:làm|thành|theo|mỗi ngày))?\s*$",
    re.IGNORECASE,
)


def _table() -> dict[str, NounClass]:
    return {
        " ".join(older_tone_style(head).split()): name for name, heads in _HEADS.items() for head in heads.split(",")
    }


def _without_marks(table: dict[str, NounClass]) -> dict[str, NounClass]:
    """Return the table for text that lost its marks, without heads that are of two classes without theirs."""
    classes: dict[str, set[NounClass]] = {}
    for head, name in table.items():
        classes.setdefault(unmarked(head), set()).add(name)
    return {head: names.pop() for head, names in classes.items() if len(names) == 1}


_MARKED: Final = _table()
_UNMARKED: Final = _without_marks(_MARKED)


def noun_class(noun: str, before: str = "") -> NounClass:
    """Return the class of a noun as written, in NFC; `before` is the text of its line before the count.

    The longest of its first words that is a head decides; then what ends in `viên`, `sĩ` and the like are people.
    """
    words = _first_words(noun)
    if words == ("bản",) or (words and words[0] == "bản" and "," in noun):
        return "documents" if _HAS_COPIES.search(before) and "," not in noun else "units"
    if words == ("ca",) and _HAS_SHIFTS.search(before):
        return "other"
    # `dang vien` has lost its marks; one syllable may have none (`ban`) unless all of its line has none
    return _class_of(words, before.isascii() and noun.isascii())


@functools.lru_cache(maxsize=1 << 12)
def _first_words(noun: str) -> tuple[str, ...]:
    found = itertools.islice(_WORD.finditer(noun), _MOST_WORDS)
    return tuple(older_tone_style(word.group().lower()) for word in found)


@functools.lru_cache(maxsize=1 << 12)
def _class_of(words: tuple[str, ...], is_unmarked: bool) -> NounClass:
    heads = [" ".join(words[:most]) for most in range(len(words), 0, -1)]
    for head in heads:
        if found := _MARKED.get(head):
            return found
    for head in heads:
        if head.isascii() and (" " in head or is_unmarked) and (found := _UNMARKED.get(head)):
            return found
    return "people" if _names_persons(words) else "other"


def _names_persons(words: tuple[str, ...]) -> bool:
    """True where the first two words, or three, are a name of persons by their ending."""
    if len(words) > 1 and words[1] in _PERSONS:
        return " ".join(words[:2]) not in _NO_PERSONS
    return len(words) > 2 and words[2] == "viên" and words[1] not in _OF_TWO

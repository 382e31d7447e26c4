"""What stands around an official's name: titles of offices, honorifics, ranks.

Patterns match in folded text: lower case, tone marks in the newer style, every character at its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from vanban.reading.text import newer_tone_style, unmarked

_WORD_END: Final = r"(?![^\W_])"


def fold(text: str) -> str:
    """Return `text` (NFC) in lower case with tone marks in the newer style (uỷ, hoà). Every character keeps its offset.

    An accent that a typewriter sets apart (U+2019 in `H’Linh`) becomes the plain apostrophe.
    """
    newer = newer_tone_style(text).replace("’", "'")
    lower = newer.lower()
    # one letter, İ, has two in lower case
    return lower if len(lower) == len(text) else "".join(c.lower() if len(c.lower()) == 1 else c for c in newer)


def one_of(phrases: str) -> str:
    """Return a pattern of phrases, which `|` or line breaks part, in folded form and the longest first."""
    return _tree({fold(phrase.strip()) for phrase in re.split(r"[|\n]", phrases)} - {""})


def _tree(phrases: Iterable[str]) -> str:
    """Return a pattern of phrases, the longest first, in which a common beginning is matched once: `cô(?:ng an)?`."""
    ends: dict[str, set[str]] = {}
    for phrase in sorted(phrases):
        ends.setdefault(phrase[0], set()).add(phrase[1:])
    branches = []
    for first, rest in ends.items():
        behind = _tree(rest - {""})
        if behind and len(rest) > 1:
            behind = f"(?:{behind})" + "?" * ("" in rest)
        branches.append(("[ ]+" if first == " " else first) + behind)
    return "|".join(branches)


# `trưởng` stands behind these: Cục trưởng, Tỉnh trưởng
_BODIES_BEFORE: Final = """
bộ|thứ|cục|chi cục|tổng cục|vụ|viện|hiệu|tổ|đội|tỉnh|thị|quận|huyện|xã|phường|bang|thôn|ấp|bản|trạm|đồn|hạt|khoa|ngoại
ban|chỉ huy|tham mưu|tổng tham mưu|đại đội|tiểu đoàn|trung đoàn|lữ đoàn|sư đoàn|hải đoàn|hải đội|biên đội|phân đội|kíp
trung đội|tiểu đội|khối|nhóm|đoàn|cảnh sát|thuyền|hạm|hạm đội|kế toán|hội|liên đoàn|trại|công tố|đặc khu|cụm|khóm|xóm
buôn|làng|phum|sóc|phòng|bộ môn|kiểm toán
"""
# `Trưởng` stands before these: Trưởng ban, Trưởng đoàn
_BODIES_BEHIND: Final = """
ban|tiểu ban|phòng|đoàn|phái đoàn|khoa|bộ môn|trạm|thôn|ấp|bản|buôn|làng|khu phố|khu|khóm|xóm|nhóm|tổ|chi nhánh|đại diện
văn phòng|điểm|đội|kho|đài|cụm|tiểu khu|phân hiệu|bon|phum|sóc|bộ phận|khối|ty
"""
_POSTS: Final = """
chủ tịch|chủ tịch nước|bí thư|bí thư thứ nhất|giám đốc|chủ nhiệm|thư ký|tổng biên tập|thủ tướng|tổng thống|quốc vương
nhà vua|hoàng hậu|thái tử|hoàng tử|công chúa|đại sứ|tổng lãnh sự|lãnh sự|tham tán|công sứ|đại biện
tùy viên|tùy viên văn hóa|tùy viên quân sự|tùy viên quốc phòng|tùy viên báo chí|tùy viên thương mại
tùy viên kinh tế|tham tán văn hóa|tham tán kinh tế
tư lệnh|chính ủy|chính trị viên|ủy viên|cao ủy|nghị sĩ|thượng nghị sĩ|hạ nghị sĩ|nghị viên|dân biểu|thị trưởng
thẩm phán|kiểm sát viên|điều tra viên|kiểm lâm viên|kiểm toán viên|thanh tra viên|chấp hành viên
hội thẩm|hội thẩm nhân dân
thống đốc|kiểm toán nhà nước|thanh tra chính phủ|phát ngôn viên|người phát ngôn|trợ lý|cố vấn|đặc phái viên|đặc sứ
điều phối viên|chánh văn phòng|chánh thanh tra|chánh án|chánh tòa|toàn quyền|kiểm ngư viên|thành viên
tỉnh ủy viên|thành ủy viên|huyện ủy viên|quận ủy viên|thị ủy viên|đảng ủy viên|tỉnh đội trưởng|huyện đội trưởng
cán bộ|công chức|chuyên viên|chủ tọa|chủ tọa phiên tòa|đội viên|trực ban|công tố viên|thanh tra|tổng thanh tra
tham tán thương mại|tham tán lao động|xã đội trưởng|phường đội trưởng|đô trưởng|quốc vụ khanh|cục phó|vụ phó
tổ phó|nhóm phó|đội phó|hiệu phó|thôn phó|khối phó|tổng kiểm toán|tổng tham mưu trưởng|tổng tư lệnh|tổng ủy viên
"""
# what tells one post from another of its name
_KINDS: Final = """
thường trực|thứ nhất|thứ hai|thứ ba|chuyên trách|không chuyên trách|dự khuyết|danh dự|lâm thời|kiêm nhiệm|thường vụ
đặc mệnh toàn quyền|cao cấp|trung cấp|sơ cấp|điều hành
"""


def _kind(kinds: str) -> str:
    return rf"(?:[ ]+(?:{one_of(kinds)}){_WORD_END})?"


def _post(before: str, behind: str, posts: str) -> str:
    return (
        rf"(?!(?<=ban )b[íi]\b)"  # Ban Bí thư is a body
        rf"(?:(?:{one_of(before)})[ ]+trưởng|trưởng[ ]+(?:{one_of(behind)}){_WORD_END}|{one_of(posts)})"
    )


_KIND: Final = _kind(_KINDS)
_DEPUTY: Final = r"(?:(?:phó|tổng)[ ]+){0,2}"
_POST: Final = _post(_BODIES_BEFORE, _BODIES_BEHIND, _POSTS)
_SHORT_DEPUTY: Final = rf"phó[ ]+(?:{one_of(_BODIES_BEHIND)}|công an|viện){_WORD_END}{_KIND}"
_BARE_HEAD: Final = r"(?:phó[ ]+)?trưởng(?=[ ]+(?:công|thống|thuế|bộ|hải|ca|quân)\b)"  # Trưởng Công an phường
_STANDING: Final = r"thường[ ]+trực(?=[ ]+(?:ban|tỉnh|thành|huyện|quận|thị|đảng|hội)\b)"
# where it does not name a body: Đoàn đại biểu Quốc hội, Tổ đại biểu
_DELEGATE: Final = r"(?<!đoàn )(?<!tổ )(?<!hội )(?:đại[ ]+biểu|đbqh)"

TITLE: Final = re.compile(
    rf"(?<![^\W_])(?:{_DEPUTY}{_POST}{_KIND}|{_SHORT_DEPUTY}|{_BARE_HEAD}|{_STANDING}|{_DELEGATE}){_WORD_END}"
)
# what a scan leaves of one; a lone `Trưởng` would be `Trường`
_UNMARKED_POST: Final = unmarked(_post(unmarked(_BODIES_BEFORE), unmarked(_BODIES_BEHIND), unmarked(_POSTS)))
_UNMARKED_KIND: Final = unmarked(_kind(unmarked(_KINDS)))
UNMARKED_TITLE: Final = re.compile(rf"(?<![^\W_])(?:{unmarked(_DEPUTY)}{_UNMARKED_POST}{_UNMARKED_KIND}){_WORD_END}")
_OTHER_WORD: Final = re.compile(r"trường|trương")  # which a scan did not make of trưởng
# in the text as written; some carry the body: PTTgCP
SHORT_TITLE: Final = re.compile(
    r"(?<![^\W_])(?:PTTgCP|TTgCP|PTTg|TTg|BTCN|PCT|CT|PGĐ|GĐ|TGĐ|PTGĐ|PBT|BT|PCVP|CVP|PCN|P?TCTr?|PTCTr|Phó TCTr"
    r"|ĐBQH|UVBTV|UVTV|UV|TBT|PTB|PTP|CN|PVP|PTCT|Phó TCT|TTr?)(?![^\W_])"
)

_HONORIFICS: Final = """
đồng chí|đ/c|đ.c|đc|ông|bà|anh|chị|cô|thầy|cụ|em|ngài|bác|chú|mr.|ms.|mrs.
tiến sĩ|tiến sỹ|ts.|ts|tskh.|tskh|thạc sĩ|thạc sỹ|ths.|ths|gs.|gs|pgs.|pgs|giáo sư|phó giáo sư|viện sĩ|cử nhân
bác sĩ|bác sỹ|bác sĩ chuyên khoa|bs.|bs|bsck|bs.ck|bscki|bsckii|bs.cki|bs.ckii|cki|ckii|chuyên khoa i|chuyên khoa ii
dược sĩ|dược sỹ|ds.|y sĩ|kỹ sư|kĩ sư|ks.|kiến trúc sư|kts.|luật sư|nhà giáo|nhà báo|nghệ sĩ|họa sĩ|nhạc sĩ|nhà văn
nhà giáo nhân dân|nhà giáo ưu tú|ngnd|ngưt|thầy thuốc nhân dân|thầy thuốc ưu tú|ttnd|ttưt|nghệ sĩ nhân dân|nghệ sĩ ưu tú
nsnd|nsưt|anh hùng|anh hùng lao động|anh hùng lực lượng vũ trang nhân dân|linh mục|hòa thượng|thượng tọa|đại đức|mục sư
ni sư|nhà sư|già làng|hoàng thân
"""
_RANKS: Final = """
đại tướng|thượng tướng|trung tướng|thiếu tướng|chuẩn tướng|đô đốc|phó đô đốc|chuẩn đô đốc|đại tá|thượng tá|trung tá
thiếu tá|đại úy|thượng úy|trung úy|thiếu úy|chuẩn úy|thượng sĩ|trung sĩ|hạ sĩ
"""
HONORIFIC: Final = re.compile(
    rf"(?<![^\W_])(?:{one_of(_HONORIFICS).replace('.', '[.]')})(?:[ ]+(?:ii|i|2|1))?{_WORD_END}"
)
RANK: Final = re.compile(rf"(?<![^\W_])(?:{one_of(_RANKS)})(?:[ ]+qncn)?{_WORD_END}")


def is_scanned_title(folded: str) -> bool:
    """True where what `UNMARKED_TITLE` found may be a title that lost marks, and is no other word: thị trường."""
    return not _OTHER_WORD.search(folded)

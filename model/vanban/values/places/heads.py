"""The head noun of a place's name, which says its level: `huyện` in `huyện Gia Lâm`, `TP.` in `TP.HCM`.

A word that is a head noun elsewhere may begin a name of its own: `Cầu Giấy`, `Bến Tre`, `Sông Mã`. In capitals at its
beginning it counts as the name when an official unit has that name.
"""

from __future__ import annotations

import functools
import itertools
import re
from dataclasses import dataclass
from typing import Final

from vanban.reading.text import older_tone_style, one_line, unmarked
from vanban.schema import Span
from vanban.values.form import Level
from vanban.values.places.unit_table import named

UNIT_HEADS: Final[dict[str, Level]] = {
    "tỉnh": "province", "thành phố": "city", "tp": "city", "thủ đô": "city", "cố đô": "city", "đô thành": "city",
    "thành phố trực thuộc trung ương": "city", "thành phố cảng": "city", "t": "province",
    "quận": "district", "q": "district", "huyện": "district", "h": "district", "huyện đảo": "district",
    "huyện miền núi": "district", "huyện biên giới": "district", "huyện ngoại thành": "district",
    "thị xã": "town", "tx": "town", "thị trấn": "township", "tt": "township", "phường": "ward", "p": "ward",
    "xã": "commune", "x": "commune", "xã đảo": "commune", "xã biên giới": "commune", "xã miền núi": "commune",
    "đặc khu": "commune", "đặc khu kinh tế": "region",
}  # fmt: skip
STATE_HEADS: Final = (
    "nước", "quốc gia", "cộng hòa", "cộng hòa xã hội chủ nghĩa", "cộng hòa dân chủ nhân dân", "cộng hòa nhân dân",
    "cộng hòa liên bang", "cộng hòa hồi giáo", "cộng hòa dân chủ", "cộng hòa liên bang dân chủ", "cộng hòa ả rập",
    "vương quốc", "liên bang", "đại công quốc", "công quốc", "nhà nước", "chxhcn", "chdcnd", "chnd", "chlb", "lb",
    "cộng hòa thống nhất", "cộng hòa bolivar", "cộng hòa đa dân tộc", "cộng hòa hợp tác", "đảo quốc", "quốc đảo",
    "hợp chúng quốc", "hợp chủng quốc",
)  # fmt: skip
HAMLETS: Final = (
    "thôn", "tổ", "tổ dân phố", "tdp", "tổ dân cư", "bản", "ấp", "khu phố", "kp", "khối phố", "khối", "khóm", "xóm",
    "làng", "buôn", "sóc", "phum", "plei", "làng nghề", "xóm đạo", "tiểu khu", "khu dân cư", "kdc", "cụm dân cư",
    "đội", "bon", "điểm dân cư", "tổ nhân dân", "giáp", "phum sóc", "khu tập thể", "thôn bản", "buôn làng", "làng bè",
    "làng chài", "ấp chiến lược", "bản tái định cư", "tổ dân phố số", "tổ số", "khu phố số", "khu vực số",
)  # fmt: skip
STREETS: Final = (
    "đường", "phố", "ngõ", "ngách", "hẻm", "kiệt", "quốc lộ", "ql", "tỉnh lộ", "tl", "đường tỉnh", "đt", "hương lộ",
    "huyện lộ", "đường huyện", "đh", "đại lộ", "cao tốc", "đường cao tốc", "xa lộ", "đường vành đai", "vành đai",
    "đường liên xã", "đường liên thôn", "tuyến đường", "tuyến phố", "tuyến", "phố cổ", "phố đi bộ", "đường sắt",
    "tuyến cao tốc", "tuyến đường sắt", "đường tránh", "đường ven biển", "đường hồ chí minh", "tuyến quốc lộ",
    "tuyến tỉnh lộ", "đường số", "đường dẫn", "đường gom", "dốc", "liên tỉnh lộ", "đường đê", "đường tuần tra",
    "tuyến metro", "đường xã", "đx", "phố chợ", "lộ", "trục đường", "đường quốc lộ", "đường tỉnh lộ", "đường nối",
    "tuyến đường tỉnh", "tuyến đường huyện", "tuyến tránh", "cao tốc bắc nam",
)  # fmt: skip
REGIONS: Final = (
    "miền", "vùng", "khu vực", "đồng bằng", "vùng đồng bằng", "châu", "cao nguyên", "lưu vực", "bán đảo", "biển",
    "vùng biển", "vùng núi", "duyên hải", "tiểu vùng", "miền núi", "vùng trung du", "trung du", "hành lang",
    "vùng kinh tế trọng điểm", "vùng thủ đô", "quần đảo", "tứ giác", "tam giác", "vùng đất", "xứ", "địa khu", "bang",
    "hạt", "lãnh thổ", "tiểu bang", "dải", "vùng ven biển", "vùng tây", "vùng rốn lũ", "khu tự trị", "đại dương",
    "khu tây", "liên khu", "quân khu", "chiến khu", "vùng duyên hải", "vùng tứ giác", "đặc khu hành chính",
    "tỉnh tự trị", "châu thổ", "thung lũng", "vùng lõi", "khu vực biển", "vùng mỏ",
)  # fmt: skip
SITES: Final = (
    "vùng nuôi", "vùng nuôi tôm", "khu vực nuôi", "bãi ngao", "vùng trồng",
    "sân bay", "sân bay quốc tế", "sân bay quân sự", "cảng hàng không", "cảng hàng không quốc tế", "bệnh viện", "bv",
    "bệnh viện đa khoa", "bệnh viện dã chiến", "bệnh viện dã chiến số", "trường", "trường đại học", "đại học",
    "học viện", "trường cao đẳng", "trường tiểu học", "trường thcs", "trường thpt", "trường trung học cơ sở",
    "trường trung học phổ thông", "trường mầm non", "trường đại học sư phạm", "trường mn", "trường th",
    "trường ptdtbt", "cao đẳng", "phân hiệu", "điểm trường", "khu công nghiệp", "kcn", "cụm công nghiệp", "ccn",
    "khu chế xuất", "kcx", "khu công nghệ cao", "khu đô thị", "kđt", "khu đô thị mới", "khu chung cư", "chung cư",
    "khu nhà ở", "tòa nhà", "nhà máy", "xí nghiệp", "công ty", "cầu", "cầu vượt", "cầu cảng", "hầm", "hầm chui",
    "hầm đường bộ", "chợ", "chợ đầu mối", "siêu thị", "trung tâm", "trung tâm thương mại", "khách sạn", "nhà hát",
    "bảo tàng", "công viên", "vườn quốc gia", "vườn", "quảng trường", "sân", "sân vận động", "svđ", "nhà thi đấu",
    "cung", "nhà ga", "ga", "bến", "bến xe", "bến phà", "bến cảng", "bến đò", "bến thủy", "phà", "cảng", "cảng biển",
    "cảng cá", "cảng cạn", "cửa khẩu", "cửa khẩu quốc tế", "cửa khẩu quốc gia", "cửa khẩu chính", "cửa khẩu phụ",
    "lối mở", "trạm", "trạm y tế", "trạm bơm", "trạm thu phí", "trạm biến áp", "chốt", "đồn", "đồn biên phòng",
    "nghĩa trang", "nghĩa trang liệt sĩ", "nghĩa trang nhân dân", "đài", "đài tưởng niệm", "tượng đài", "đình", "đền",
    "chùa", "miếu", "nhà thờ", "lăng", "phủ", "thành", "thành cổ", "tháp", "văn miếu", "khu", "khu di tích",
    "khu du lịch", "khu bảo tồn", "khu bảo tồn thiên nhiên", "khu dự trữ sinh quyển", "khu cách ly",
    "khu tái định cư", "khu nghỉ dưỡng", "khu liên hợp", "khu xử lý rác", "bãi rác", "bãi", "bãi biển", "bãi tắm",
    "bãi cọc", "sông", "suối", "rạch", "kênh", "mương", "hồ", "hồ chứa", "hồ chứa nước", "hồ thủy lợi",
    "hồ thủy điện", "đầm", "đập", "phá", "đầm phá", "thủy điện", "nhà máy thủy điện", "nhà máy nhiệt điện",
    "nhiệt điện", "nhà máy nước", "điện gió", "vịnh", "vũng", "cửa", "cửa biển", "cửa sông", "đảo", "hòn", "cồn",
    "cù lao", "mũi", "núi", "đồi", "đỉnh", "dãy", "dãy núi", "đèo", "hang", "hang động", "động", "thác", "rừng",
    "rừng phòng hộ", "rừng đặc dụng", "khe", "ngòi", "lạch", "kè", "đê", "đê biển", "cống", "âu", "âu thuyền",
    "ngã ba", "ngã tư", "ngã năm", "ngã sáu", "ngã bảy", "nút giao", "vòng xoay", "bùng binh", "mỏ", "mỏ đá",
    "mỏ than", "nông trường", "lâm trường", "trang trại", "trại", "trại giam", "cột cờ", "cột mốc", "cột km",
    "nhà văn hóa", "nhà tù", "nhà thờ đá", "ký túc xá", "ktx", "viện", "thư viện", "phòng khám", "trung tâm y tế",
    "ttyt", "trung tâm hội nghị", "trung tâm hành chính", "cung văn hóa", "phòng", "giàn khoan", "hải đăng", "căn cứ",
    "khu phi thuế quan", "khu phức hợp", "bưu điện", "kho", "tổng kho", "đường băng", "khu kinh tế", "kkt", "kinh",
    "ngầm", "gành", "ghềnh", "vàm", "lèn", "mốc", "điểm cao", "khoảnh", "nhà giàn", "nhà rông",
    "nhà sinh hoạt cộng đồng", "luồng", "hoa viên", "quần thể danh thắng", "quần thể di tích", "nhà khách", "bệnh xá",
    "phân viện", "icd", "quân cảng", "lò đốt rác", "nhà thiếu nhi", "kinh thành", "hoàng thành", "kỳ đài", "thcs",
    "thpt", "gò", "mộ", "vụng", "đô thị mới", "đô thị", "địa đạo", "cụm đảo", "rốn", "eo biển", "eo", "rạn",
    "bệnh viện đa khoa khu vực", "trung tâm y tế khu vực", "phòng khám đa khoa", "phòng khám đa khoa khu vực",
    "trung tâm y tế dự phòng", "bệnh viện quân y", "bệnh viện y học cổ truyền", "khu danh thắng", "danh thắng",
    "nhà văn hóa thiếu nhi", "nhà văn hóa lao động", "nhà văn hóa thanh niên", "cung thiếu nhi", "đền tháp",
    "cụm công nghiệp làng nghề", "khu di tích lịch sử", "khu lưu niệm", "khu bảo tồn biển", "khu du lịch sinh thái",
    "trường trung cấp", "nhà máy xi măng", "nhà máy đường", "chợ nổi",
    "bãi cạn", "bãi đá", "đá", "cụm dân cư vượt lũ", "khu căn cứ", "địa điểm",
)  # fmt: skip
HEADS: Final[dict[str, Level]] = {
    **dict.fromkeys(STATE_HEADS, "country"), **dict.fromkeys(REGIONS, "region"), **dict.fromkeys(SITES, "site"),
    **dict.fromkeys(STREETS, "street"), **dict.fromkeys(HAMLETS, "hamlet"), **UNIT_HEADS,
}  # fmt: skip
# behind these a word of direction, or a part of the world, is no name by itself: `miền Bắc`, `Biển Đông`, `châu Âu`
_WHOLE: Final = {
    "miền": frozenset(("bắc", "nam", "trung", "tây", "đông", "ngoài", "trong")),
    "biển": frozenset(("đông", "tây", "bắc", "nam", "đen", "đỏ")),
    "châu": frozenset(("âu", "á", "phi", "mỹ", "úc", "đại dương", "nam cực")),
}
_COMPARTMENT: Final = re.compile(r"\d{3}")  # `tiểu khu 443` is of a forest, `tiểu khu 5` of a town
_LONGEST: Final = 200
# always head nouns, with a capital too
SURE: Final = frozenset(("tỉnh", "thành phố", "quận", "huyện", "thị xã", "thị trấn", "phường", "xã", "đặc khu"))
_LETTERS: Final = frozenset("tqhpx")
_MOST_WORDS: Final = 6
_WORD: Final = re.compile(r"[^\W\d_]+(?![’'])|\d[\w.]*")
_GAP: Final = re.compile(r"[\s.\-–:]{0,8}(?:số\s{1,3})?")
_UNMARKED: Final = {unmarked(head): head for head in SURE | {"đường"}}
_ALL_UNMARKED: Final = {unmarked(head): head for head in reversed(HEADS)}


@dataclass(frozen=True, slots=True)
class Head:
    """A head noun: its level, its text as compared (`tp`), its span; the name is what comes behind."""

    level: Level
    noun: str
    start: int
    end: int


def read_head(text: str, start: int, end: int) -> tuple[Head | None, Span]:
    """Return the head noun at the start of a span, and the span of the name without it.

    A span that is a head noun alone is its own name.
    """
    head, (first, last) = _head_of(text[start:end])
    moved = Head(head.level, head.noun, start, start + head.end) if head else None
    return moved, (start + first, start + last)


@functools.lru_cache(maxsize=1 << 12)
def _head_of(text: str) -> tuple[Head | None, Span]:
    """Return the head noun that a text begins with, and the span of the name."""
    written = text[:_LONGEST]
    words = list(itertools.islice(_WORD.finditer(written), _MOST_WORDS + 1))
    if not words or words[0].start():
        return None, (0, len(text))
    for size in range(len(words) - 1, 0, -1):
        written_noun = older_tone_style(" ".join(word.group() for word in words[:size]).lower())
        noun = written_noun if written_noun in HEADS else _without_marks(written_noun, written)
        if noun not in HEADS or not _are_joined(written, words[:size]) or _is_no_head(written, words, size, noun):
            continue
        gap = _GAP.match(written, words[size - 1].end())
        name = gap.end() if gap else words[size].start()
        if name < len(text):
            level = "site" if noun == "tiểu khu" and _COMPARTMENT.match(text, name) else HEADS[noun]
            rest = one_line(text[name:].lower())
            begins = 0 if rest in _WHOLE.get(noun, ()) else name
            return Head(level, noun, 0, words[size - 1].end()), (begins, len(text))
    return None, (0, len(text))


def _without_marks(noun: str, written: str) -> str:
    """Return the head noun that one is whose marks were lost, or read wrongly: `huyen`, `HUYÊN`, `đuờng`."""
    plain = unmarked(noun)
    if plain in _UNMARKED and (written[0].islower() or (written.isupper() and not named(written))):
        return _UNMARKED[plain]
    if written[0].islower() and unmarked(written) == written:
        return _ALL_UNMARKED.get(plain, "")
    return ""


def _are_joined(written: str, words: list[re.Match[str]]) -> bool:
    """True when nothing but white space is between the words."""
    return all(written[one.end() : other.start()].isspace() for one, other in itertools.pairwise(words))


def _is_no_head(written: str, words: list[re.Match[str]], size: int, noun: str) -> bool:
    """True when what looks like a head noun begins the name (`Cầu Giấy`), or is no abbreviation here."""
    first, last, behind = words[0].group(), words[size - 1], words[size]
    if noun in _LETTERS:  # Q.1, Q1, P. Bến Nghé
        return first.islower() or (written[last.end()] != "." and not behind.group()[0].isdigit())
    if noun in SURE or noun in UNIT_HEADS or first[0].islower():
        return False
    whole = set(named(written))
    if noun in STATE_HEADS:  # Cộng hòa Pháp is Pháp; Cộng hòa Dân chủ Congo is not Congo
        return bool(whole) and whole.isdisjoint(named(written[behind.start() :]))
    return bool(whole)

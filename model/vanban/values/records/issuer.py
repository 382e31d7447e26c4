"""Who issued a document: the authorities of its left column, and those that its title or the line under it names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from vanban.reading.text import one_line
from vanban.schema import Span
from vanban.values.records.layout import Piece, folded, key, place_in

# What the name of an authority begins with; a line that begins otherwise goes on with the one before.
_AUTHORITIES: Final = """
    ủy ban|ubnd|ubmttq|hội đồng|hđnd|sở|bộ|chính phủ|thủ tướng|phó thủ tướng|quốc hội|văn phòng|tỉnh ủy|thành ủy
    |huyện ủy|quận ủy|thị ủy|đảng ủy|đảng bộ|chi bộ|ban|tổng cục|cục|chi cục|vụ|viện|tòa án|tand|vksnd|trường
    |trung tâm|công an|quân khu|quân đoàn|quân chủng|binh đoàn|phòng|hội|liên đoàn|liên hiệp|liên minh|mặt trận
    |đoàn|tỉnh đoàn|thành đoàn|huyện đoàn|công đoàn|tổng công ty|tổng liên đoàn|công ty|kho bạc|ngân hàng
    |bảo hiểm|đài|thanh tra|chủ tịch|bộ trưởng|thống đốc|giám đốc|cục trưởng|kiểm toán|học viện|bệnh viện
    |cơ quan|trạm|trung ương|đại học|tổ công tác|hạt|thường trực|chi nhánh|đại hội|hđbc|thông tấn xã|đại sứ quán
    |cảng vụ|tập đoàn|xã đoàn|đồn biên phòng|nhà máy|lữ đoàn|sư đoàn|trung đoàn"""
# words that begin like one and lead on to what is done
_ACTIONS: Final = """
    ban hành|phòng cháy|phòng chống|phòng ngừa|phòng trừ|phòng thủ|hội nghị|hội thảo|hội đàm|đoàn kết|bổ sung
    |bổ nhiệm|bố trí|bộ luật|sở hữu|sơ kết|sổ tay|số hóa|vụ việc|vụ mùa|vụ đông|viện phí|viên chức|trường hợp
    |đại biểu|phong trào|phong tặng|thanh tra việc|kiểm toán việc"""
_BEGINS: Final = re.compile(
    "(?!" + "|".join(key(name) for name in _ACTIONS.split("|")) + ")(?:"
    + "|".join(sorted((key(name) for name in _AUTHORITIES.split("|")), key=len, reverse=True)) + ")"
)  # fmt: skip
# a continuation that begins like an authority: `TRƯỜNG` of `VÀ MÔI / TRƯỜNG`, `HỘI` of `VÀ XÃ / HỘI`
_HALF: Final = re.compile(r"(?:và|của|môi|xã|nhân|[-–,&])$", re.IGNORECASE)
_NUMBER: Final = re.compile(r"\d|s\s?[oố]\s?[:./]", re.IGNORECASE)
_JOINED: Final = re.compile(r"^\s*[-–]|[-–]\s*$")
# two authorities in one line, the one above first
_SUPERIOR: Final = re.compile(r"(?:BỘ|UBND|[ỦU][ỶY]? ?BAN NHÂN DÂN|SỞ|TỔNG CỤC)\s(?!CHỈ HUY|TƯ LỆNH)")
_INFERIOR: Final = re.compile(
    r"\s(?=(?:TỔNG\sCỤC|CỤC|CHI\sCỤC|TRUNG\sTÂM|VĂN\sPHÒNG|SỞ|BAN\s(?:QUẢN|CHỈ|DÂN)|VỤ|HỌC\sVIỆN|VIỆN|THANH\sTRA"
    r"|TRƯỜNG\s(?:ĐẠI|CAO|TRUNG|TIỂU|THPT|THCS))\s)"
)
_NO_ISSUER: Final = re.compile(
    "^(?:"
    + "|".join(
        map(
            key, ("văn bản", "dự thảo", "công báo", "bản sao", "hỏa tốc", "khẩn", "thượng khẩn", "tuyệt mật", "tối mật")
        )
    )
    + ")"
)
_LONGEST: Final = 110

Name = tuple[str, Span]


def is_authority(text: str) -> bool:
    """True of words that an authority's name begins with, whole words of it."""
    plain = folded(text[:_LONGEST])
    found = _BEGINS.match(plain.replace(" ", ""))
    if found is None:
        return False
    end = place_in(plain, found.end() - 1) + 1
    spaced = all(len(word) == 1 for word in text.split())
    return spaced or end == len(text) or not text[end].isalnum()


def left_column(column: Sequence[Piece], joint: bool) -> tuple[Name | None, Name | None]:
    """Return the issuer and the body above it, each with its span. `joint`: several of one rank issue together."""
    groups: list[list[Piece]] = []
    for piece in column:
        if _NUMBER.match(piece.text) or len(piece.text) > _LONGEST or _NO_ISSUER.match(key(piece.text)):
            continue
        goes_on = bool(groups) and (_HALF.search(groups[-1][-1].text) or not is_authority(piece.text))
        if goes_on:
            groups[-1].append(piece)
        elif is_authority(piece.text):
            groups += [[part] for part in _parts(piece)]
    names = _without_repetition([_joined(group) for group in groups])
    if not names:
        return None, None
    if joint or any(_JOINED.search(text) for text, _ in names):
        return (" ".join(text for text, _ in names), (names[0][1][0], names[-1][1][1])), None
    return names[-1], names[-2] if len(names) > 1 else None


def _parts(piece: Piece) -> list[Piece]:
    """Return the piece, cut where a second authority begins in it."""
    text = piece.text.upper()
    cut = None
    superior = _SUPERIOR.match(text)
    if superior is not None and len(text) == len(piece.text):
        cut = _INFERIOR.search(text, superior.end() + 2)
    if cut is None or piece.text[: cut.start()].rstrip().endswith(("-", "–", "VÀ")):
        return [piece]
    middle = piece.start + cut.end()
    first = piece.text[: cut.start()].rstrip()
    return [
        Piece(piece.kind, piece.start, piece.start + len(first), first, piece.line, piece.after_blank),
        Piece(piece.kind, middle, piece.end, piece.text[cut.end() :], piece.line, piece.after_blank),
    ]


def _joined(group: Sequence[Piece]) -> Name:
    text = " ".join(one_line(piece.text) for piece in group)
    return text, (group[0].start, group[-1].end)


def _without_repetition(names: list[Name]) -> list[Name]:
    """Return the names without those that only say again what the next one says."""
    return [first for first, second in pairwise([*names, ("", (0, 0))]) if key(first[0]) != key(second[0])]

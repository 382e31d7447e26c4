"""The type of a document as written in its head, and its subject: the lines under the type, or behind `V/v`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from vanban.schema import Span
from vanban.values.records.issuer import is_authority
from vanban.values.records.layout import Piece, folded, key, place_in

_TYPES: Final = """
    thông báo|chỉ thị|quyết định|nghị quyết|kế hoạch|báo cáo|tờ trình|hướng dẫn|công văn|công điện|thông tư
    |nghị định|luật|bộ luật|pháp lệnh|lệnh|kết luận|quy định|quy chế|chương trình|chương trình hành động|đề án
    |phương án|giấy mời|biên bản|thông cáo|sắc lệnh|hiến pháp|công bố|kháng nghị|cáo trạng|bản án|lời kêu gọi
    |thông tri|quy trình|điều lệ|giấy triệu tập|thư ngỏ|nội quy|danh mục"""
_WITH: Final = ("", "liên tịch", "liên ngành", "khẩn", "hỏa tốc", "thượng khẩn", "liên bộ", "nhanh")
_KEYS: Final = sorted({key(name + more) for name in _TYPES.split("|") for more in _WITH}, key=len, reverse=True)
_TYPE: Final = re.compile("|".join(_KEYS))
# what follows the type on a title's one line in small letters
_LEADS: Final = re.compile(
    r"""\s+(?:về|của|ban\ hành|quy\ định|phê\ duyệt|hướng\ dẫn|thông\ qua|sửa\ đổi|hội\ nghị|bãi\ bỏ|công\ bố
      |thành\ lập|bổ\ sung|triển|thực\ hiện|kết\ luận|kết\ quả|tổ\ chức|hỗ\ trợ|điều\ chỉnh|giao|tăng|phòng|tổng|sơ
      |đánh\ giá|kiểm|xử|phối|tuyển|tình|công|số|đẩy|quản|cho|v/v)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_NUMBERED: Final = re.compile(r"\s+s[oố]\s*:?\s*\d+\s?[/-]", re.IGNORECASE)  # another act
_ORDER: Final = re.compile(r"\s*s[oố]\s\d{1,3}\s*", re.IGNORECASE)  # of a report: BÁO CÁO NHANH SỐ 6
_BRACKETED: Final = re.compile(r"\((v\s?/\s?v|về việc)\b[^()]*\)", re.IGNORECASE)
_V_V: Final = re.compile(r"(?:v\s?/\s?v|về việc)\b\s*[:.]?", re.IGNORECASE)
# the mark alone: the words `Về việc` are part of a subject
_MARK: Final = re.compile(r"[\s*_]{0,4}v\s?/\s?v\b[\s:.]{0,4}", re.IGNORECASE)
_OF: Final = re.compile(
    r"\s*của\s+(?P<issuer>.{3,120}?)(?=\s+(?:về|v/v|ban hành|quy định|phê duyệt)\s|$)", re.IGNORECASE
)
_UNFINISHED: Final = re.compile(
    r"(?:,|[-–]|\b(?:và|của|tại|về|các|tỉnh|huyện|quận|xã|phường|thành phố|thị xã|số|trên|cho|với|từ|đến|năm|tháng|ngày"
    r"|dự án|luật|nghị định|thủ tướng|đối|việc|theo|do|bộ|sở|công tác|quốc))$",
    re.IGNORECASE,
)
# a body begins so: no line of a title does
_BODY: Final = re.compile(
    r"""[(\[]|[-–+•*~]\s|(?i:căn\ cứ|can\ cu|kính\ gửi|kinh\ gui)
      |(?i:xét\s+(?:đề\ nghị|tờ\ trình|báo\ cáo|công\ văn|kế\ hoạch))
      |(?:Điều|ĐIỀU)\s+\d|(?:Chương|CHƯƠNG)\s+[IVX\d]+\b|(?:Phần|PHẦN)\s+(?i:thứ|[IVX\d])|(?:Mục|MỤC)\s+\d
      |(?:\d{1,2}|[IVX]{1,5}|[A-Ea-e])\s?[.)/-](?:\s|$)|Kho[áa]\b|Khóa\b
      |Thực\ hiện\ (?i:chỉ|nghị|quyết|kế|công|thông|văn|luật|hướng|pháp|kết|ý)""",
    re.VERBOSE,
)
_BASIS_LINE: Final = re.compile(r"căn cứ|can cu|xét đề nghị|điều\s+\d", re.IGNORECASE)
_BASIS: Final = re.compile("^(?:cancu|khoa|xet|theo|quyetnghi|quyetdinh|quydinh|dien)")
_NO_NAME: Final = re.compile(r"\d|\b(?:nhiệm kỳ|trên địa bàn|giai đoạn|các cấp)\b", re.IGNORECASE)
_LONGEST_LINE: Final = 400
_MOST_LINES: Final = 8
_LONGEST_SMALL: Final = 330  # of a title in small letters on one line


@dataclass(frozen=True, slots=True)
class Title:
    """The type, which authority the title itself names, and the pieces of the subject; `end`: of pieces, behind it."""

    type: Span | None
    issuer: Span | None
    subject: tuple[Span, ...]
    first: int
    end: int


def begins_body(text: str) -> bool:
    """True of a line with which no head goes on."""
    return _BODY.match(text) is not None


def find_title(pieces: Sequence[Piece], text: str, doc_type_name: str | None) -> Title | None:
    """Return the title of a head: its type with the lines under it, or what is behind `V/v`."""
    # a page's menu and headline may say a type before the head does
    nation = next((i for i, piece in enumerate(pieces) if piece.kind == "nation"), None)
    if nation is not None:
        found = _typed(pieces, nation, doc_type_name)
        if found is not None:
            return found
    found = _typed(pieces, 0, doc_type_name)
    if found is not None:
        return found
    letter = _letter(pieces)
    if letter is None:
        return None
    subject, end = _lines_of_letter(pieces, letter)
    return Title(None, None, subject, letter, end)


def without_mark(subject: tuple[Span, ...], text: str) -> tuple[Span, ...]:
    """Return the pieces of a subject without the mark `V/v` before its words."""
    if not subject:
        return subject
    start, end = subject[0]
    mark = _MARK.match(text, start, end)
    if mark is None:
        return subject
    return ((mark.end(), end), *subject[1:]) if mark.end() < end else subject[1:]


def _typed(pieces: Sequence[Piece], start: int, doc_type_name: str | None) -> Title | None:
    """Return the title that a type begins, from a piece on."""
    first_text = next((i for i, piece in enumerate(pieces) if piece.kind == "text"), 0)
    for i in range(start, len(pieces)):
        piece = pieces[i]
        if piece.kind != "text":
            continue
        if _ends_head(piece) and i > first_text:
            return None
        is_alone = all(other.line != piece.line for other in pieces[max(0, i - 1) : i + 2] if other is not piece)
        found = _type_of(piece, is_alone, i <= first_text + 1 and piece.line <= 2, doc_type_name)
        if found is not None:
            return _under(pieces, i, found)
    return None


def _letter(pieces: Sequence[Piece]) -> int | None:
    """Return the number of the piece that `V/v` begins."""
    mark = first_mark(pieces)
    for i, piece in enumerate(pieces):
        if piece.kind == "text" and _V_V.match(piece.text):
            return i
        if piece.kind == "text" and i > mark and _ends_head(piece):
            return None
    return None


def first_mark(pieces: Sequence[Piece]) -> int:
    """Return the number of the first piece that no text but a head has; before it a scan's signature may stand."""
    return next((i for i, piece in enumerate(pieces) if piece.kind != "text"), -1)


def _ends_head(piece: Piece) -> bool:
    return key(piece.text[:40]).startswith("kinhgui") or _is_body(piece)


def _is_body(piece: Piece) -> bool:
    text = piece.text
    return not piece.in_capitals and (_BASIS_LINE.match(text) is not None or (len(text) > 120 and not _V_V.match(text)))


def _type_of(piece: Piece, is_alone: bool, may_be_small: bool, doc_type_name: str | None) -> int | None:
    """Return where in a piece its type ends; None where it is no title."""
    plain = folded(piece.text[:80])
    letters = plain.replace(" ", "")
    found = _TYPE.match(letters)
    if found is None:
        return None
    end = place_in(plain, found.end() - 1) + 1
    rest = piece.text[end:]
    if rest[:1].isalnum() or rest.lstrip()[:1] in (":", ","):
        return None
    if not rest.strip(" .*_"):
        return end if piece.in_capitals or is_alone else None
    if rest.upper().startswith((" VÀ ", " VÀO ", " - ")) or _NUMBERED.match(rest):
        return None
    if piece.in_capitals:
        return end if len(letters) > found.end() else None
    if not is_alone or not may_be_small or not piece.text[0].isupper() or len(piece.text) > _LONGEST_SMALL:
        return None
    named = doc_type_name is not None and found.group().startswith(key(doc_type_name))
    return end if (named or _LEADS.match(rest)) and not rest.rstrip().endswith((":", ";", ".")) else None


def _under(pieces: Sequence[Piece], at: int, end: int) -> Title:
    """Return the title whose type ends at `end` of a piece, with the subject behind and under it."""
    piece = pieces[at]
    type_span = (piece.start, piece.start + end)
    subject: list[Span] = []
    issuer: Span | None = None
    rest = piece.text[end:]
    of = _OF.match(rest)
    if of is not None:
        issuer = (piece.start + end + of.start("issuer"), piece.start + end + of.end("issuer"))
        rest = rest[of.end() :]
    if rest.strip(" .*_:") and not _ORDER.fullmatch(rest):
        begin = piece.end - len(rest.lstrip(" .*_:-–"))
        subject.append((begin, piece.end))
    previous = piece if subject else None
    i = at + 1
    while i < len(pieces) and len(subject) < _MOST_LINES:
        following = pieces[i]
        if following.kind != "text":
            if subject:
                break
        elif previous is None and (of_line := _OF.fullmatch(" " + following.text)) is not None and issuer is None:
            issuer = (following.start + of_line.start("issuer") - 1, following.end)
        elif previous is None:
            bracketed = _BRACKETED.fullmatch(following.text) is not None
            if not bracketed and (begins_body(following.text) or _starts_body(pieces, i)):
                break
            subject.append((following.start + bracketed, following.end - bracketed))
            previous = following
            if len(following.text) > _LONGEST_LINE:
                break
        elif _goes_on(previous, following) and not _is_line_before_basis(pieces, i):
            subject.append((following.start, following.end))
            previous = following
        else:
            break
        i += 1
    return Title(type_span, issuer, tuple(subject), at, i)


def _starts_body(pieces: Sequence[Piece], i: int) -> bool:
    """True where no subject is under the type: an authority and its basis, or a whole sentence."""
    text = pieces[i].text
    return _is_line_before_basis(pieces, i) or (text.endswith((".", ":", ";")) and len(text) > 200)


def _is_line_before_basis(pieces: Sequence[Piece], i: int) -> bool:
    """True of the authority in whose name the act speaks, which stands between the subject and the basis."""
    text = pieces[i].text
    if not is_authority(text):
        return False
    if re.search(r"\sđiện\b[^:]{0,12}:?", text, re.IGNORECASE) and len(text) < 200:
        return True
    if _NO_NAME.search(text) and "họp" not in text.lower():  # its session has a number
        return False
    behind = [piece.text for piece in pieces[i + 1 : i + 3]]
    if len(behind) > 1 and is_authority(behind[0]):
        behind.pop()
    return any(_BASIS.match(key(line[:20])) for line in behind)


def _goes_on(previous: Piece, following: Piece) -> bool:
    """True where a line goes on with the title's one before."""
    text = following.text
    if begins_body(text) or len(text) > _LONGEST_LINE:
        return False
    if previous.text.endswith((".", ":", ";")) and not text[0].islower():
        return False
    if text[0].islower():
        return not previous.text.endswith((".", ":"))
    if previous.in_capitals and following.in_capitals:
        return not following.after_blank or _UNFINISHED.search(previous.text) is not None
    if previous.in_capitals != following.in_capitals:
        # under a line in capitals that names a meeting, the subject in small letters
        return previous.in_capitals and _V_V.match(text) is not None
    unfinished = _UNFINISHED.search(previous.text)
    if following.after_blank or len(text) > 120 or unfinished is None:
        return False
    # a name goes on behind what heads one: `tỉnh / Bắc Giang`, but not `huyện / Thời gian qua`
    words = text.split()
    return unfinished.group()[-1] in ",-–" or all(word[:1].isupper() or word[:1].isdigit() for word in words[:2])


def _lines_of_letter(pieces: Sequence[Piece], at: int) -> tuple[tuple[Span, ...], int]:
    """Return the lines of `V/v …`: those under it in its column, up to the address or another part of the head."""
    spans = [(pieces[at].start, pieces[at].end)]
    line = pieces[at].line
    i = at + 1
    while i < len(pieces) and len(spans) < _MOST_LINES:
        piece = pieces[i]
        if piece.line == line:  # the other column
            i += 1
            continue
        text = piece.text
        if (
            piece.kind != "text"
            or begins_body(text)
            or (piece.after_blank and not text[0].islower())
            or len(text) > 150
        ):
            break
        spans.append((piece.start, piece.end))
        line = piece.line
        i += 1
    return tuple(spans), i

"""What a press article says of itself: its headline, the paper or agency of its by-line, and its day."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from vanban.reading.text import one_line
from vanban.schema import Span
from vanban.values.meaning import Record
from vanban.values.records.issued import as_date
from vanban.values.records.layout import Piece, key
from vanban.values.view import View

_LOOK: Final = 40  # pieces
_LONGEST_HEADLINE: Final = 220
_LEAD: Final = 130  # code points from which on a line is a paragraph
_SENTENCE: Final = 60
_LEAST_WORDS: Final = 5
_LEAST_WORDS_OF_ANY: Final = 3
_LONGEST_STAMP: Final = 110

_WEEKDAY: Final = r"(?:th[ứu]\s{0,2}(?:hai|ba|t[ưu]|n[ăa]m|s[áa]u|b[ảa]y|[2-7])|ch[ủu]\s{0,2}nh[ậa]t)"
_DAY: Final = re.compile(
    r"""(?<![\w/.-])(?P<day>[\dOolI]{1,2})\s?(?P<mark>[-/.])\s?(?P<month>[\dOolI]{1,2})\s?(?P=mark)\s?
          (?P<year>[12l][\dOolI]{3})(?!\w)
      | (?<!\w)ngày\s{1,3}(?P<day2>[\dOolI]{1,2})\s{1,3}tháng\s{1,3}(?P<month2>[\dOolI]{1,2}),?
          \s{1,3}năm\s{1,3}(?P<year2>[\dOolI]{4})""",
    re.IGNORECASE | re.VERBOSE,
)
_STAMP_BEGINS: Final = re.compile(
    rf"[\s(\[|•-]*(?:{_WEEKDAY}|ngày|cập nhật|đăng|xuất bản|\d{{1,2}}\s?[-/.]|\d{{1,2}}\s?(?::|h|giờ))", re.IGNORECASE
)
_WORD: Final = re.compile(r"[^\W\d_]+")
_STAMP_WORDS: Final = frozenset(
    """thứ hai ba tư năm sáu bảy chủ nhật ngày tháng lúc gmt am pm cập đăng giờ phút xuất bản h sa ch số""".split()  # noqa: SIM905
)
# what stands around an article on a page, and is none of its text
_FURNITURE: Final = re.compile(
    r"(?:trang chủ|chia sẻ|in bài|in trang|gửi email|lưu bài|theo dõi|thích|bình luận|cỡ chữ|tag\b|từ khóa|aa$|a-|"
    r"đường dây nóng|tìm kiếm|đăng nhập|facebook|zalo|cơ quan (?:của|ngôn luận)|ảnh:|nghe|đọc bài|\(?trang\s"
    r"|số\s+\d|báo\s"
    r"|tạp chí\s|cổng (?:thông|tttđ)|bản in|xem thêm|mục lục|hotline|liên hệ|cập nhật|tác giả|tổng thuật)",
    re.IGNORECASE,
)
_TAG: Final = re.compile(r"tags?\s*:?$|từ khóa\s*:?$", re.IGNORECASE)
_NAVIGATION: Final = re.compile(r"\s[|>›»]\s|[›»]|^[|>]")
_AGENCY: Final = r"(?:TTXVN|Vietnam\+|VNA|VOV|VTV|BNEWS|Chinhphu\.vn|AFP|Reuters|AP|Xinhua)"
_BRACKETED: Final = re.compile(r"[\s*]*\((?P<name>[^\W\d_][^()\n]{1,38})\)\s{0,3}[-–—:]")
_ABBREVIATED: Final = re.compile(
    r"[\s*]*(?P<name>[A-ZĐ][A-ZĐa-z]{0,3}[A-ZĐ][A-ZĐ]{0,6}(?:\.vn|24h?|\+)?|Dân trí|Báo [A-ZĐ][^\n\-–—().]{2,30}"
    r"|[A-Z]\w{1,20}\.vn)\s{0,2}[-–—]\s"
)
_AFTER_PLACE: Final = re.compile(
    r"[\s*]*[^\W\d_][^()\n.,]{1,40},?[^()\n.]{0,24}"
    rf"\((?P<name>{_AGENCY}(?:[/ -][^()\n\d]{{1,20}})?|[A-ZĐ]{{2,7}})"
    r"(?:\s[\d/-]{3,10})?\)\s{0,3}[-–—:,.]"
)
_SOURCE: Final = re.compile(
    rf"^[\s(*]{{0,6}}(?:theo|nguồn)\s?:?\s(?P<name>{_AGENCY}(?:/[^\s()]{{1,20}})?|Báo\s[^\n().,;]{{2,40}}"
    r"|TTXVN[^\n().,;]{0,20})[\s).*]{0,5}$"
    rf"|\((?P<name2>{_AGENCY}(?:/[^\s()]{{1,20}})?|Theo\s[^\n().;]{{2,40}})\)[\s.*]{{0,4}}$",
    re.MULTILINE | re.IGNORECASE,
)
_MASTHEAD: Final = re.compile(
    r"(?P<name>(?:BÁO|Báo|TẠP CHÍ|Tạp chí|ĐÀI|CỔNG THÔNG TIN|Cổng thông tin|TRANG TIN)"
    r"\s[^\n|»>]{3,60}?)(?=\s+[-–—|]|\s{2,}|$)"
)
_FOOT: Final = 1500


def read_article(view: View, pieces: Sequence[Piece]) -> Record:
    """Return the headline as subject, the by-line's paper or agency, and the day of publication."""
    found = _paragraphs(view, pieces)
    lead = next((i for i, piece in enumerate(found) if _is_paragraph(piece)), len(found))
    fields: dict[str, object] = {}
    spans: dict[str, Span] = {}
    stamp = _stamp(found, lead)
    if stamp is not None:
        day, span = stamp
        fields["date"], spans["date"] = day, view.raw(*span)
    headline = _headline(found, lead)
    if headline is not None:
        fields["subject"] = one_line(view.text[slice(*headline)].replace("*", " "))
        spans["subject"] = view.raw(*headline)
    byline = _byline(view, found, lead)
    if byline is not None:
        fields["byline"], spans["byline"] = one_line(view.text[slice(*byline)]), view.raw(*byline)
    return Record(**fields, spans=spans)  # type: ignore[arg-type]


def _paragraphs(view: View, pieces: Sequence[Piece]) -> list[Piece]:
    """Return the first pieces, those of broken lines joined."""
    found: list[Piece] = []
    for piece in pieces:
        if piece.after_soft and found and found[-1].line + 1 == piece.line:
            start = found[-1].start
            text = view.text[start : piece.end]
            found[-1] = found[-1]._replace(end=piece.end, text=text, line=piece.line)
        elif len(piece.text.strip()) > 1:
            found.append(piece)
    return found[:_LOOK]


def _is_paragraph(piece: Piece) -> bool:
    """True of a line of the article's text: a long one, or one that ends as a sentence does."""
    text = piece.text
    if _day_of(piece) is not None:
        return False
    ends = (len(text) > _SENTENCE and text.endswith(".")) or (len(text) >= _LEAD and text.endswith((":", "”", '"')))
    return len(text) > _LONGEST_HEADLINE or ends or _begins_lead(text)


def _begins_lead(text: str) -> bool:
    """True of the line that a by-line opens."""
    return len(text) > 50 and any(p.match(text) for p in (_BRACKETED, _ABBREVIATED, _AFTER_PLACE))


def _day_of(piece: Piece) -> re.Match[str] | None:
    """Return the day in a line that is a time stamp: beside day, time and weekday it has few words."""
    if len(piece.text) > _LONGEST_STAMP:
        return None
    found = _DAY.search(piece.text)
    if found is None:
        return None
    rest = [w for w in _WORD.findall(piece.text[: found.start()] + " " + piece.text[found.end() :])]
    others = [w for w in rest if w.lower() not in _STAMP_WORDS]
    begins = _STAMP_BEGINS.match(piece.text) is not None
    return found if len(others) <= (6 if begins else 4) and not piece.text.endswith((",", ";")) else None


def _stamp(found: Sequence[Piece], lead: int) -> tuple[object, Span] | None:
    for piece in found[: lead + 3]:
        day = _day_of(piece)
        if day is None:
            continue
        parts = [day["day"] or day["day2"], day["month"] or day["month2"], day["year"] or day["year2"]]
        read = as_date(*parts)
        if read is not None:
            return read, (piece.start + day.start("day" if day["day"] else "day2"), piece.start + day.end())
    return None


def _headline(found: Sequence[Piece], lead: int) -> Span | None:
    """Return the span of the headline: the first line before the article that is long enough for one."""
    candidates: list[int] = []
    after_tag = False
    for i, piece in enumerate(found[:lead]):
        if after_tag:
            after_tag = False
            continue
        after_tag = _TAG.match(piece.text) is not None
        is_furniture = _FURNITURE.match(piece.text) or _NAVIGATION.search(piece.text) or after_tag
        if piece.kind == "text" and _day_of(piece) is None and not is_furniture:
            candidates.append(i)
    named = [i for i in candidates if not found[i].text.endswith(".")]
    long = [i for i in named if len(_WORD.findall(found[i].text)) >= _LEAST_WORDS]
    small = [i for i in long if not found[i].in_capitals]
    if small:
        chosen = small[0]
    elif long:  # all in capitals: a kicker is shorter than its headline
        chosen = max(long, key=lambda i: (len(found[i].text), -i))
    else:
        short = [i for i in named if len(_WORD.findall(found[i].text)) >= _LEAST_WORDS_OF_ANY]
        if not short:
            return None
        chosen = short[0]
    return found[chosen].start, _end_of_headline(found, chosen, lead)


def _end_of_headline(found: Sequence[Piece], i: int, lead: int) -> int:
    """Return where a headline ends, which may go on in the next line."""
    while i + 1 < lead and found[i + 1].line == found[i].line + 1 and not found[i + 1].after_blank:
        first, second = found[i].text, found[i + 1].text
        goes_on = second.lstrip("“\"'‘")[:1].islower() or first.endswith((",", "-", "–"))
        if not goes_on or _day_of(found[i + 1]) is not None or _FURNITURE.match(second):
            break
        i += 1
    return found[i].end


def _byline(view: View, found: Sequence[Piece], lead: int) -> Span | None:
    """Return the span of the paper's or agency's name: before the lead, in a masthead, or as the source at the end."""
    places = {view.spans[i] for i in view.of("PLACE")[:30]}
    for piece in found[: lead + 3]:
        for pattern in (_BRACKETED, _AFTER_PLACE, _ABBREVIATED):
            opened = pattern.match(piece.text)
            if opened is None:
                continue
            span = piece.start + opened.start("name"), piece.start + opened.end("name")
            if span not in places and key(opened["name"]) not in _NO_PAPER:
                return span
    for piece in found[: min(lead, 6)]:
        masthead = _MASTHEAD.match(piece.text)
        if masthead is not None:
            return piece.start, piece.start + masthead.end("name")
    start = max(0, len(view.text) - _FOOT)
    sources = list(_SOURCE.finditer(view.text[start:]))
    source = sources[-1] if sources else None
    if source is None:
        return None
    name = "name" if source["name"] else "name2"
    begin = source.start(name) + (5 if source[name].lower().startswith("theo ") else 0)
    return start + begin, start + source.end(name)


_NO_PAPER: Final = frozenset(map(key, ("UBND", "HĐND", "COVID", "TPHCM", "đã ký", "tiếp theo", "ảnh")))

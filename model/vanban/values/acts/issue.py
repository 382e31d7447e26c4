"""What stands behind the number of an act: its date, who issued it, and its title in quotes."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from vanban.schema import Span
from vanban.values.acts.codes import NAME_OF_BODY, TYPE_WORDS
from vanban.values.letters import folded

REACH: Final = 420  # characters behind an act that are looked at
_LONGEST_TITLE: Final = 300
_LONGEST_NAME: Final = 18  # words
_DIGIT: Final = r"[\doli]"  # O and l in scans
_DATE: Final = re.compile(
    rf"""[\s,;(]{{0,4}}(?:\[\d{{1,2}}\]\s?)?(?:(?:duoc\s|da\s)?(?:ban\s+hanh|ky|ky\s+ban\s+hanh)\s+)?
    (?:ngay\s*(?P<day>{_DIGIT}{{1,2}})\s*(?:[/.-]|thang)\s*(?P<month>{_DIGIT}{{1,2}})\s*(?:[/.-]|nam)\s*(?P<full>{_DIGIT}{{4}})
      |(?:thang\s*{_DIGIT}{{1,2}}\s*)?(?:nam\s*)(?P<year>(?:19|20)\d\d))(?!\d)""",
    re.VERBOSE,
)
# in a table: in the cell behind, or behind that of the type
_CELL: Final = re.compile(
    rf"\s{{0,8}}(?:\|\s{{0,8}}(?:{TYPE_WORDS})?\s{{0,8}})?[|\s]\s{{0,8}}"
    rf"(?P<day>{_DIGIT}{{1,2}})[/.-](?P<month>{_DIGIT}{{1,2}})[/.-](?P<full>(?:19|20)\d\d)(?=\s*(?:[|\n]|$)|\s+[^\W\d])"
)
_OF: Final = re.compile(r"[\s,)]{0,3}(?:do|cua|(?P<passive>(?:(?:vua|da|moi)\s+)?duoc))\s+")
_ISSUED: Final = re.compile(r"[^,;:.\n]{2,70}?\s(?:ky|ban\s+hanh|thong\s+qua)(?!\w)")  # `được UBND tỉnh ban hành`
_TITLE: Final = re.compile(r"[\s,]{0,3}(?:(?P<on>ve\s+viec|v/v|ve)\s*:?\s*)?(?P<mark>[\"“”«])")
_CLOSERS: Final = {'"': '"”', "“": '”"', "”": '”"', "«": "»"}
_MISREAD: Final = str.maketrans("oli", "011")

LEVELS: Final = r"tinh|thanh\s+pho|tp|huyen|quan|thi\s+xa|tx|xa|phuong|thi\s+tran|dac\s+khu"
_HEADS: Final = rf"""(?:(?:pho\s+)?chu\s+tich|bo\s+truong|thu\s+truong|giam\s+doc|chanh\s+van\s+phong|truong\s+ban
    |tong\s+cuc\s+truong|ban\s+thuong\s+vu|thuong\s+truc|ban\s+chap\s+hanh(?:\s+dang\s+bo(?!\s+(?:{LEVELS})(?!\w)))?|ban\s+can\s+su\s+dang
    |van\s+phong|dang\s+doan)"""
_NATIONAL: Final = "|".join(
    r"\s+".join(map(re.escape, name.split()))
    for name in sorted({*map(folded, NAME_OF_BODY.values()), "bo chinh tri", "ban bi thu", "ban bi thu trung uong dang",
                        "ban chap hanh trung uong dang", "ban chap hanh trung uong", "bo van hoa the thao va du lich",
                        "bo lao dong thuong binh va xa hoi"}, key=len, reverse=True)
)  # fmt: skip
# the number of a footnote may stand right behind it
_ONE_NATIONAL: Final = rf"(?:bo\s+truong\s+|thong\s+doc\s+|chanh\s+an\s+|vien\s+truong\s+)?(?:{_NATIONAL})(?![^\W\d_])"
_NATIONAL_NAME: Final = re.compile(rf"{_ONE_NATIONAL}(?:(?:\s*,\s*|\s+va\s+|\s+-\s+){_ONE_NATIONAL}){{0,5}}")
_LOCAL_NAME: Final = re.compile(
    rf"""(?:{_HEADS}\s+){{0,3}}
    (?:(?:(?P<people>ubnd|uy\s+ban\s+nhan\s+dan)|(?P<council>hdnd|hoi\s+dong\s+nhan\s+dan))(?:\s+(?P<level>{LEVELS})(?!\w)(?:(?<=tp)\.)?)?
      |(?P<base>dang\s+bo)\s+(?P<whole>{LEVELS})(?!\w)
      |(?P<party>(?P<of>tinh|thanh|huyen|quan|thi|dang)\s+uy)(?!\w)(?:\s+(?P<inner>{LEVELS})(?!\w)(?:(?<=tp)\.)?)?
    )(?!(?<!\.)\w)""",
    re.VERBOSE,
)
_GENERIC: Final = re.compile(rf"{LEVELS}|[a-z]{{2}}|cuc|cong\s+ty")  # `của Sở`: it is known which
_LEVEL_BEHIND: Final = re.compile(rf"\s+(?:{LEVELS})(?!\w)")
# `, Thể thao và Du lịch`, `, Giáo dục, Thanh niên và Nhi đồng`: members of one name
_REST_OF_LIST: Final = re.compile(r"(?:, ?[^\W\d_]+(?: [^\W\d_]+){0,2})+? và [^\W\d_]+")
_MEMBER: Final = re.compile(r"(?:, ?| và )(\w+)")
# first syllables of another body
_BODIES: Final = frozenset(
    ["Sở", "Bộ", "Ban", "Ủy", "Uỷ", "UBND", "HĐND", "Công", "Chi", "Cục", "Văn", "Viện", "Tòa", "Toà", "Hội"]
)
_WORD: Final = re.compile(r"\s*([^\s,;.:()\[\]\"“”«»]+)(?=([,;.:()\[\]\"“”«»]?))")
# in small letters, these begin what is said of an act: they are not part of a name
_SAID: Final = """
    về v/v sửa ngày tại trong đối đã được bị nhằm để cho có là phê theo từ trên vào cùng gửi nêu yêu thì phải còn
    khóa khoá số kèm giao trả không chưa vẫn mới sẽ cũng mà nên do như khi nếu trước sau hết áp ký chấp thu xin hỗ
    tăng thay bãi hủy huỷ nói đến ở gần làm đang ấn
"""
_STOPS: Final = frozenset(_SAID.split())
_STOPPING_PAIR: Final = re.compile(
    r"(?:ban hành|công bố|thông qua|thông báo|phân công|phân bổ|phù hợp|hướng dẫn|quy định|báo cáo|tổng kết|kết luận"
    r"|đề nghị|đề xuất|xác nhận|xác định|chỉ đạo|chỉ|triển khai|thực hiện|phối hợp|thành lập)(?!\w)"
)
_TYPES: Final = "quyết nghị thông chỉ kế công tờ báo luật pháp văn chương hướng"
_ACTS: Final = frozenset(_TYPES.split())
LEVEL_OF_COMMITTEE: Final = {
    "tinh": "tinh", "thanh": "thanh pho", "huyen": "huyen", "quan": "quan", "thi": "thi xa",
}  # fmt: skip
_IN_FULL: Final = {"tp": "thanh pho", "tx": "thi xa"}


@dataclass(frozen=True, slots=True)
class Issue:
    """What was read behind an act; spans are offsets into the text that it was read from.

    `body` is `ubnd`, `hdnd`, `party` or a national body's name in plain letters, `level` that of a local one in plain
    letters, `named` the span of the place that its name holds.
    """

    date: datetime.date | None = None
    year: int | None = None
    date_span: Span | None = None
    issuer: Span | None = None
    body: str | None = None
    level: str | None = None
    named: Span | None = None
    title: Span | None = None
    end: int = 0


def read_issue(text: str, plain: str, start: int, end: int, place_end: Callable[[int, int], int | None]) -> Issue:
    """Return what `text[start:end]`, which stands behind an act, says of it. `plain` is `text`, folded.

    `place_end` gives, for a span, the end of a known place that begins in it or directly behind it, or its own end
    where a person's name is known to follow.
    """
    plain = plain[start:end]
    date, at = _read_date(plain, 0)
    issuer, at_issuer = _read_issuer(text, plain, start, at, place_end)
    if at_issuer > at and date[1] is None:  # `… của UBND tỉnh ngày 5/6/2013`
        date, at_issuer = _read_date(plain, at_issuer)
    at = max(at, at_issuer)
    title = _read_title(text[start:end], plain, at)
    when, year, where = date
    span, body, level, named = issuer
    return Issue(
        when,
        year,
        _moved(where, start),
        _moved(span, start),
        body,
        level,
        _moved(named, start),
        _moved(title, start),
        start + (title[1] + 1 if title else at),
    )


def _moved(span: Span | None, by: int) -> Span | None:
    return (span[0] + by, span[1] + by) if span else None


def _read_date(plain: str, at: int) -> tuple[tuple[datetime.date | None, int | None, Span | None], int]:
    found = _DATE.match(plain, at) or (_CELL.match(plain) if at == 0 else None)
    if found is None:
        return (None, None, None), at
    if "year" in found.re.groupindex and found["year"]:
        return (None, int(found["year"]), found.span("year")), found.end()
    day, month, year = (int(found[name].translate(_MISREAD)) for name in ("day", "month", "full"))
    try:
        date = datetime.date(year, month, day)
    except ValueError:  # day or month that no year has
        return (None, None, None), found.end()
    return (date, year, (found.start("day"), found.end("full"))), found.end()


_NOBODY: Final = (None, None, None, None)
_Issuer = tuple[Span | None, str | None, str | None, Span | None]


def _read_issuer(
    text: str, plain: str, start: int, at: int, place_end: Callable[[int, int], int | None]
) -> tuple[_Issuer, int]:
    of = _OF.match(plain, at)
    if of is None:
        return _NOBODY, at
    if of["passive"] and not _ISSUED.match(plain, of.end()):
        return _NOBODY, at
    first = of.end()
    national = _NATIONAL_NAME.match(plain, first)
    if national:
        body = re.sub(r"\s+", " ", national.group())
        return ((first, national.end()), body, None, None), national.end()
    local = _LOCAL_NAME.match(plain, first)
    if local:
        body, last, level, named = _local_name(text[start : start + len(plain)], local, start, place_end)
        return ((first, last), body, level, named), last
    last = _other_name(text[start : start + len(plain)], plain, first, start, place_end)
    if last <= first or _GENERIC.fullmatch(plain, first, last):
        return _NOBODY, max(last, at)
    return ((first, last), None, None, None), last


def _local_name(
    text: str, local: re.Match[str], start: int, place_end: Callable[[int, int], int | None]
) -> tuple[str, int, str | None, Span | None]:
    """Return body, end and level of a name in `text`, and the span of its place; `start` is added for `place_end`."""
    last = named_from = local.end()
    place = place_end(start + local.start(), start + last)
    last = _capitals(text, last) if place is None else max(last, min(place - start, len(text)))
    named = (named_from, last) if last > named_from else None
    level = local["level"] or local["whole"] or local["inner"] or LEVEL_OF_COMMITTEE.get(local["of"] or "")
    body = "ubnd" if local["people"] else "hdnd" if local["council"] else "party"
    return body, last, in_full(level) if level else None, named


def local_bodies(
    text: str, plain: str, start: int, end: int, place_end: Callable[[int, int], int | None]
) -> Iterator[tuple[Span, str, str | None, Span | None]]:
    """Yield the local bodies that are named in a part of a text: the span, body, level and place, as in `Issue`."""
    part = text[start:end]
    for found in _LOCAL_NAME.finditer(plain[start:end]):
        body, last, level, named = _local_name(part, found, start, place_end)
        yield (start + found.start(), start + last), body, level, _moved(named, start)


def in_full(level: str) -> str:
    """Return one of `LEVELS`, as written in plain letters, with one space between words and not abbreviated."""
    plain = re.sub(r"\s+", " ", level)
    return _IN_FULL.get(plain, plain)


def _capitals(text: str, at: int) -> int:
    """Return where the words that begin with a capital end, from `at` on: a name without a known span."""
    last = at
    for _ in range(5):
        word = _WORD.match(text, last)
        if word is None or not word[1][0].isupper() or "\n" in text[last : word.start(1)]:
            break
        last = word.end(1)
        if word[2]:
            break
    return last


def _other_name(text: str, plain: str, first: int, start: int, place_end: Callable[[int, int], int | None]) -> int:
    """Return where the name of a body that no table holds ends: with a place, a mark, or a word that goes on."""
    last = at = first
    for number in range(_LONGEST_NAME):
        word = _WORD.match(text, at)
        if word is None or "\n" in text[last : word.start(1)]:
            break
        begins, ends = word.span(1)
        is_small = not word[1][0].isupper()
        if number == 0 and is_small:
            break
        if is_small and plain[begins:ends] == "va":
            after = _WORD.match(text, ends)
            if after is None or not after[1][0].isupper() or after[1].lower() in _ACTS:
                break
        elif is_small and (word[1] in _STOPS or (number > 1 and _STOPPING_PAIR.match(text, begins))):
            break
        place = place_end(start + begins, start + ends)
        if place is not None and place > start + begins:
            last = max(ends, min(place - start, len(plain)))
            level = _LEVEL_BEHIND.match(plain, last)  # … Mặt trận Tổ quốc Việt Nam tỉnh Sơn La
            if level:
                behind = place_end(start + level.end(), start + level.end())
                last = min(behind - start, len(plain)) if behind is not None else level.end()
            return last
        last = at = ends
        if word[2] and not _goes_on(text, last):
            break
        at += word[2] == ","
    return last


def _goes_on(text: str, at: int) -> bool:
    """True where a name goes on behind a comma: with members of a list that are no bodies of their own."""
    rest = _REST_OF_LIST.match(text, at)
    if rest is None:
        return text.startswith(", Thể thao", at)
    words = _MEMBER.findall(rest.group())
    return all(word[0].isupper() for word in words) and words[0] not in _BODIES and words[-1] not in _BODIES


def _read_title(text: str, plain: str, at: int) -> Span | None:
    found = _TITLE.match(plain, at)
    first = found.end() if found else len(text)
    # what someone says of an act stands in quotes, too, but seldom begins like a title
    if found is None or not (text[first : first + 1].isupper() or (found["on"] and text[first : first + 1].isalnum())):
        return None
    for last in range(first, min(first + _LONGEST_TITLE, len(text))):
        if text[last] == "\n":
            return None
        if text[last] in _CLOSERS[found["mark"]]:
            return (first, last) if last > first else None
    return None

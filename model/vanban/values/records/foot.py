"""Who receives a document: the list of `Kính gửi`, then that of `Nơi nhận`, item by item as written.

`Như trên` and `Lưu`, the copy that is kept, are items as well. Whom a telegram's `… điện:` names is not among them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from vanban.schema import Span
from vanban.values.records.issuer import is_authority
from vanban.values.records.layout import HEAD_LENGTH, Line, key, lines_of
from vanban.values.view import View

_LONGEST_LIST: Final = 6000  # code points
_MOST_LINES: Final = 60
_MOST_OTHERS: Final = 4  # lines in a row that are of the other column

_ADDRESS: Final = re.compile(r"k[iíỉ]nh\s{0,3}g[uưứửù][iỉ]\s{0,3}[*_]{0,2}[:;]", re.IGNORECASE)
_RECIPIENTS: Final = re.compile(
    r"^[ *_|#>]{0,80}n[oơ]i\s{0,3}nh[aạậâ][nmu]\s{0,3}[*_]{0,3}\s?(?:[:;.]|$)[*_]{0,3}", re.MULTILINE | re.IGNORECASE
)
_DASH: Final = re.compile(r"[ *|]{0,40}[-–—+•~·▪]\s{0,8}")
_ORDER: Final = re.compile(r"[ *|]{0,40}(?:\d{1,2}\s?[.)/](?!\d)|[a-zđ]\))\s{0,8}")
_INNER: Final = re.compile(r"[;,.]\s{0,3}(?=[-–—•+]\s)")
_GAP: Final = re.compile(r" {3,}|\t|\|")
_SIGNATURE: Final = re.compile(
    r"[ *_.,]{0,20}(?:t/?m\b|kt\.|k/t|tl\.|t/l|tuq\.|q\.\s|chủ tịch|bí thư|giám đốc|bộ trưởng|thủ tướng|\(?đã ký|chánh"
    r"|(?:phó\s)?(?:trưởng|viện trưởng|cục trưởng|chủ tịch|giám đốc|bí thư|tổng giám đốc))\b",
    re.IGNORECASE,
)
_COLUMN: Final = re.compile(
    r"\s(?:T/?M\.?|K/?T\.|T/?L\.|TUQ\.|(?:PHÓ )?(?:CHỦ TỊCH|BÍ THƯ|GIÁM ĐỐC|BỘ TRƯỞNG|THỨ TRƯỞNG))(?:\s|$)"
    r"|(?<=\))\s+[^\W\da-zà-ỹđ]{2,}(?:\s[^\W\da-zà-ỹđ]+)*$"
)
_SEAL: Final = re.compile(r"\s{0,3}(?:[©~*,.]|\((?!\s?(?:để|b/c|báo|qua|thay|p/h))\s?[^\W\d])")
_KEPT: Final = re.compile(r"l[uưựu]{1,2}\b", re.IGNORECASE)
# the name of who signs may follow on the last item's line
_NAME_BEHIND: Final = re.compile(r"(?<=[\w)][\w)])[.;]\s{1,20}[^\W\d_]['’\w]*(?:\s[^\W\d_][’'\w]*){1,4}$")
_UNFINISHED: Final = re.compile(r"(?:[,(–-]|\b(?:và|của|các|tỉnh|thành phố|huyện|xã|phường|trực|cơ quan|thuộc|Bộ|Sở))$")
_EDGES: Final = " *_;,./:|~-–—•+\n"


def read_recipients(view: View, start: int = 0) -> list[Span]:
    """Return the spans, in the text of the view, of the recipients in order, each once.

    The document begins at `start`.
    """
    text = view.text
    officials = [view.spans[i] for i in view.of("OFFICIAL")[-60:]]
    found: list[Span] = []
    address = _ADDRESS.search(text, start, start + HEAD_LENGTH)
    if address is not None:
        found += _items(view, address.end(), is_address=True, officials=[])
    foot = _RECIPIENTS.search(text, start)
    if foot is not None:
        found += _items(view, foot.end(), is_address=False, officials=officials)
    once = {key(text[start:end]): (start, end) for start, end in reversed(found)}
    return sorted(once.values())


def _items(view: View, start: int, is_address: bool, officials: Sequence[Span]) -> list[Span]:
    """Return the items of the list that begins at `start`, where its label ends."""
    text = view.text
    items: list[Span] = []
    mark: re.Pattern[str] | None = None  # what the items of the list begin with
    last = ""  # what stands at the end of the line before
    others = 0
    for line in lines_of(view, start, _MOST_LINES, _LONGEST_LIST):
        begin, end = _left_column(text, line)
        found = next((m for p in (_DASH, _ORDER) if (m := p.match(text, begin, end)) and mark in (None, p)), None)
        content = text[begin:end]
        new: list[Span] = []
        if found is not None and not (items and mark is None and last != ";"):
            mark = found.re
            new = [_without_column(text, item, officials) for item in _split(text, found.end(), end, _INNER)]
        elif line.start == start:
            if is_address or ";" in content.rstrip()[:-1]:
                new = list(_split(text, begin, end, re.compile(";")))
        elif _goes_on(text, items, last, line, content) and found is None:
            items[-1] = _without_column(text, (items[-1][0], end), officials)
            last = content.rstrip()[-1:]
            if is_address and last == ".":
                break
            continue
        elif is_address and mark is None and found is None and content[0] != "(" and (not items or last == ";"):
            new = list(_split(text, begin, end, re.compile(";")))
        elif not is_address and (content.isupper() or _SIGNATURE.match(content) or not items) and others < _MOST_OTHERS:
            others += 1
            continue
        else:
            break
        others = 0
        last = content.rstrip()[-1:]
        for item in new:
            if not is_address and _KEPT.match(text[slice(*item)]):
                return _recipients(text, [*items, _without_name(text, item)])
            items.append(item)
        if is_address and new and last == ".":
            break
    return _recipients(text, items)


def _left_column(text: str, line: Line) -> Span:
    """Return what of a line stands before a gap."""
    part = text[line.start : line.end]
    begin = line.start + len(part) - len(part.lstrip(" *_|"))
    gap = _GAP.search(text, begin, line.end)
    end = gap.start() if gap is not None else line.end
    if gap is not None and not any(c.isalpha() for c in text[begin:end]):  # a mark, and its item behind the gap
        second = _GAP.search(text, gap.end(), line.end)
        end = second.start() if second is not None else line.end
    return begin, end


def _goes_on(text: str, items: Sequence[Span], last: str, line: Line, content: str) -> bool:
    """True of a line that goes on with the item of the line before."""
    if not items or line.after_blank or last in (";", ".", ":"):
        return False
    if content.isupper() or _SIGNATURE.match(content):
        return False
    return line.after_soft or content[0].islower() or _UNFINISHED.search(text[slice(*items[-1])]) is not None


def _split(text: str, start: int, end: int, mark: re.Pattern[str]) -> Iterator[Span]:
    """Yield the parts between the marks that are in no bracket."""
    at = start
    for found in mark.finditer(text, start, end):
        if text.count("(", at, found.start()) <= text.count(")", at, found.start()):
            yield _trimmed(text, at, found.start())
            at = found.end()
    yield _trimmed(text, at, end)


def _trimmed(text: str, start: int, end: int) -> Span:
    while start < end and text[start] in _EDGES:
        start += 1
    while end > start and text[end - 1] in _EDGES:
        end -= 1
    return start, end


def _without_column(text: str, item: Span, officials: Sequence[Span]) -> Span:
    """Return an item without what the line has of the other column: the office or the name of who signs."""
    start, end = item
    for a, b in officials:
        if (
            start < a
            and b <= end
            and text[start:a].rstrip().endswith((";", ".", ","))
            and not text[b:end].strip(_EDGES)
        ):
            end = a
    for semicolon in re.finditer(";", text[start:end]):
        behind = text[start + semicolon.end() : end].strip(_EDGES)
        small = sum(map(str.islower, behind))
        listed = ":" in text[start : start + semicolon.start()] or is_authority(behind)
        if (
            sum(map(str.isalpha, behind)) < 4
            or _SEAL.match(text[start + semicolon.end() : end])
            or "đã ký" in behind.lower()
            or (small == 0 and not listed)
        ):
            end = start + semicolon.start()
            break
    column = _COLUMN.search(text[start:end])
    if column is not None and text[start : start + column.start()].strip(_EDGES):
        end = start + column.start()
    return _trimmed(text, start, end)


def _without_name(text: str, item: Span) -> Span:
    """Return the copy that is kept without a name behind its full stop."""
    start, end = item
    name = _NAME_BEHIND.search(text[start:end])
    if (
        name is None
        or not name.group().lstrip(".; ").istitle()
        or text.count("(", start, end) > text.count(")", start, end)
    ):
        return item
    return start, start + name.start()


def _recipients(text: str, items: Sequence[Span]) -> list[Span]:
    return [s for s in items if sum(map(str.isalpha, text[slice(*s)])) > 1]

"""Who receives a document: the lists of `Kính gửi`, of a telegram's `… điện:`, and of `Nơi nhận`.

`Như trên` points to the first list, and `Lưu` is the copy that is kept: neither is a recipient.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from vanban.schema import Span
from vanban.values.layout import key, lines_of
from vanban.values.view import View

_LONGEST_LIST: Final = 6000  # code points
_MOST_LINES: Final = 60
_LONGEST_ITEM: Final = 400

_ADDRESS: Final = re.compile(r"k[iíỉ]nh\s{0,3}g[uưứửù][iỉ]\s{0,3}[:;]?", re.IGNORECASE)
_TELEGRAM: Final = re.compile(r"^[ *]{0,20}[^\n:;.]{4,100}\s(?:điện|đĐIỆN|ĐIỆN)(?:\s(?:khẩn|KHẨN))?\s?:", re.MULTILINE)
_RECIPIENTS: Final = re.compile(r"^[ *_|#>]{0,80}n[oơ]i\s{0,3}nh[aạậâ][nmu]\s{0,3}[*_]{0,3}\s?[:;.]?", re.MULTILINE | re.IGNORECASE)
_BULLET: Final = re.compile(r"[ *|]{0,40}(?:[-–—+•*~·▪]|\d{1,2}\s?[.)/](?!\d)|[a-zđ]\))\s{0,8}")
_INNER: Final = re.compile(r"[;,.]\s{0,3}[-–—•+]\s")
_GAP: Final = re.compile(r" {3,}|\t|\|")
_SIGNATURE: Final = re.compile(
    r"[ *_.,]{0,20}(?:t/?m\b|kt\.|k/t|tl\.|t/l|tuq\.|q\.\s|chủ tịch|bí thư|giám đốc|bộ trưởng|thủ tướng|\(?đã ký|ký bởi"
    r"|người ký|chánh|trưởng|viện trưởng|cục trưởng|phụ lục|văn bản (?:cùng|liên))",
    re.IGNORECASE,
)
_NO_RECIPIENT: Final = re.compile(r"(?:như\s|nhu\s|nh[ưu]\s?trên|trên\b)", re.IGNORECASE)
_KEPT: Final = re.compile(r"l[uưựu]{1,2}\b", re.IGNORECASE)
_EDGES: Final = " *_;,./:|~-–—•+\n"


def read_recipients(view: View, head_end: int) -> list[Span]:
    """Return the spans, in the text of the view, of the recipients in order. `head_end`: where to look no further for
    an address."""
    text = view.text
    officials = [view.spans[i] for i in view.of("OFFICIAL")[-40:]]
    found: list[Span] = []
    address = _ADDRESS.search(text, 0, min(head_end, len(text)))
    if address is None:
        address = _TELEGRAM.search(text, 0, min(head_end, len(text)))
    if address is not None:
        found += _items(text, address.end(), is_address=True, officials=[])
    foot = _RECIPIENTS.search(text)
    if foot is not None:
        found += _items(text, foot.end(), is_address=False, officials=officials)
    seen: set[str] = set()
    return [s for s in found if not (key(text[slice(*s)]) in seen or seen.add(key(text[slice(*s)])))]  # type: ignore[func-returns-value]


def _items(text: str, start: int, is_address: bool, officials: list[Span]) -> list[Span]:
    """Return the items of a list that begins at `start`."""
    items: list[Span] = []
    closed = True
    for number, ((a, b), blank) in enumerate(lines_of(text, start, _MOST_LINES, _LONGEST_LIST)):
        gap = _GAP.search(text, a + _leading(text, a, b), b)
        end = gap.start() if gap is not None else b
        bullet = _BULLET.match(text, a, end)
        begin = bullet.end() if bullet is not None else a + _leading(text, a, end)
        line = text[begin:end].strip()
        if not line:
            continue
        if bullet is None and number > 0:
            may_go_on = bool(items) and not closed and not blank and (line[0].islower() or is_address)
            may_begin = is_address and (not items or (not blank and text[items[-1][1] : a].strip()[:1] == ";"))
            if (line[0] == "(" or line.isupper() or _SIGNATURE.match(line)) and not may_go_on:
                if is_address or not (line.isupper() or _SIGNATURE.match(line)) or not items:
                    break
                continue
            if may_go_on and items:
                whole = _cut_off(text, (items[-1][0], end), officials)
                items[-1], closed = whole, _closes(text, whole[1], end)
                continue
            if not may_begin:
                break
        elif bullet is None and _SIGNATURE.match(line) and not is_address:
            continue
        for item in _split(text, begin, end):
            if is_address and len(items) > 0 and item[1] - item[0] > _LONGEST_ITEM:
                break
            kept = _cut_off(text, item, officials)
            name = text[slice(*kept)]
            if not is_address and _KEPT.match(name):
                return _without_pointers(text, items)
            if any(c.isalnum() for c in name) and not (not is_address and name.isupper() and " " in name and bullet is None):
                items.append(kept)
        closed = _closes(text, items[-1][1], end) if items else True
        if is_address and items and text[items[-1][1] : end].strip()[:1] == ".":
            break
    return _without_pointers(text, items)


def _leading(text: str, start: int, end: int) -> int:
    part = text[start:end]
    return len(part) - len(part.lstrip(" *_|"))


def _split(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield the items of one line: they end with `;`, or with another mark before a dash."""
    at = start
    depth = 0
    i = start
    while i < end:
        depth += (text[i] in "([") - (text[i] in ")]")
        if depth <= 0 and (text[i] == ";" or _INNER.match(text, i, end)):
            yield _trimmed(text, at, i)
            at = i + 1
        i += 1
    yield _trimmed(text, at, end)


def _trimmed(text: str, start: int, end: int) -> Span:
    while start < end and text[start] in _EDGES:
        start += 1
    while end > start and text[end - 1] in _EDGES:
        end -= 1
    return start, end


def _cut_off(text: str, item: Span, officials: list[Span]) -> Span:
    """Return an item without what the other column's line has run into it: a signature's office or name."""
    start, end = item
    for a, b in officials:
        if start < a and b >= end and text[start:a].rstrip().endswith((";", ".", ",")):
            end = a
    column = re.search(r"\s(?:T/?M\.?|KT\.|TL\.|TUQ\.|(?:PHÓ )?(?:CHỦ TỊCH|BÍ THƯ|GIÁM ĐỐC|BỘ TRƯỞNG))(?:\s|$)", text[start:end])
    if column is not None and text[start : start + column.start()].strip():
        end = start + column.start()
    return _trimmed(text, start, end)


def _closes(text: str, end: int, line_end: int) -> bool:
    """True where an item ends with a mark."""
    return text[end:line_end].strip()[:1] in (";", ".", ",") if text[end:line_end].strip() else False


def _without_pointers(text: str, items: list[Span]) -> list[Span]:
    return [s for s in items if s[0] < s[1] and not _NO_RECIPIENT.match(text[slice(*s)])]

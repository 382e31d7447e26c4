"""COUNT: how many of what. The number, the noun and its class from the span, the rest from the words around it."""

from __future__ import annotations

import re
from typing import Final

from vanban.reading.text import one_line
from vanban.schema import Span
from vanban.values.counts.circumstances import circumstances
from vanban.values.counts.nouns import noun_class
from vanban.values.counts.quantities import read_quantity
from vanban.values.meaning import Count
from vanban.values.view import View

_LINE: Final = 120  # characters of the line before a count, for what its noun means
_MEAN: Final = re.compile(r"[bBtT](?i:(?<=b)ình|(?<=t)rung)\s+(?i:quân|bình)(?:\s+[^\W_]+){0,3}\s*$")
# what a span may have before its number, where it begins too early
_BEFORE_NUMBER: Final = re.compile(
    r"(?:[^\w\s]|\s|(?:hơn|gần|khoảng|trên|dưới|chừng|từ|cả|các|những|có|ít\s+nhất|tối\s+(?:đa|thiểu)|không\s+quá)\s){0,4}",
    re.IGNORECASE,
)
# a number in words that goes on before the span: `một trăm linh [ba cô]`
_GOES_BACK: Final = re.compile(r"(?:^|[^\w])(?:linh|lẻ|mươi|mười|trăm|nghìn|ngàn|triệu|tỷ|tỉ)\s+$", re.IGNORECASE)
_OR_MORE: Final = re.compile(r"\s+(?:trở|đổ)\s+(?:lên|xuống)\s*$", re.IGNORECASE)
_SLASH: Final = re.compile(r"[/⁄∕]\s{0,2}(?=[^\W_])")
_WORD: Final = re.compile(r"[^\W_]+")
_TRIMMED: Final = re.compile(r"[^\W_].*[^\W_)]|[^\W_]", re.DOTALL)
_NO_COUNT: Final = re.compile(r"\s{0,2}[%‰°]")
# between two of these a slash is a comma: `12 sở/ngành`, `3 quận/huyện`
_ALIKE: Final = (
    frozenset({"tỉnh", "thành", "tp", "huyện", "quận", "thị"}),
    frozenset({"xã", "phường", "thị", "đặc"}),
    frozenset({"thôn", "bản", "ấp", "khóm", "tổ", "khu", "buôn", "làng", "xóm"}),
    frozenset({"sở", "ban", "ngành", "bộ", "đoàn", "phòng"}),
    frozenset({"cơ quan", "đơn vị", "tổ chức", "cá nhân", "doanh nghiệp"}),
)


def read_counts(view: View) -> dict[int, Count]:
    """Return the values of the COUNT entities of a view, by the entity's number; without those that have no number."""
    values = ((number, read_count(view, *view.spans[number])) for number in view.of("COUNT"))
    return {number: value for number, value in values if value}


def read_count(view: View, start: int, end: int) -> Count | None:
    """Return the value of the count in a span of `view.text`, or None where no number is sure."""
    text = view.text
    lead = _BEFORE_NUMBER.match(text, start, end)
    first = lead.end() if lead else start
    line = text[max(0, first - _LINE) : first].rsplit("\n", 1)[-1]
    if not text[first : first + 1].isdigit() and _GOES_BACK.search(line):
        return None
    quantity = read_quantity(text, first, end)
    if quantity is None or _NO_COUNT.match(text, quantity.end, end):
        return None
    noun, per = _noun_and_unit(text, quantity.end, end)
    if per or _MEAN.search(line):  # there is 1,234 of something
        quantity = read_quantity(text, first, end, whole=False) or quantity
    written, unit = (one_line(text[slice(*span)]) for span in (noun, per or (end, end)))
    last = per[1] if per else noun[1]
    is_round = all(number % 10 == 0 for number in quantity.numbers.values())
    around = circumstances(text, first, last, written, is_round)
    spans = quantity.spans | around.spans | ({"noun": noun} if written else {}) | ({"per": per} if per else {})
    return Count(
        **quantity.numbers,
        noun=written or None,
        noun_class=noun_class(written, line) if written else None,
        per=unit or None,
        approximation=around.approximation,
        negated=around.negated,
        planned=around.planned,
        spans={name: view.raw(*span) for name, span in spans.items()},
    )


def _noun_and_unit(text: str, start: int, end: int) -> tuple[Span, Span | None]:
    """Return the spans of the noun behind a number, empty where there is none, and of what stands behind its slash."""
    if found := _OR_MORE.search(text, start, end):
        end = found.start()
    for slash in _SLASH.finditer(text, start, end):
        before, after = _trimmed(text, start, slash.start()), _trimmed(text, slash.end(), end)
        if before[0] < before[1] and not _is_comma(text[slice(*before)], text[slice(*after)]):
            return before, after
    return _trimmed(text, start, end), None


def _trimmed(text: str, start: int, end: int) -> Span:
    found = _TRIMMED.search(text, start, end)
    return found.span() if found else (start, start)


def _is_comma(before: str, after: str) -> bool:
    """True where the slash between two pieces joins words (`và/hoặc`, `quận/huyện`) or letters (`C/O`)."""
    last = _WORD.findall(before)[-1:]
    first = _WORD.findall(after)[:1]
    if not last or not first or last == ["và"]:
        return True
    if last[0].isupper() and first[0].isupper() and len(last[0]) == len(first[0]) == 1:
        return True
    one, other = ({" ".join(_WORD.findall(piece.lower())[:most]) for most in (1, 2)} for piece in (before, after))
    return any(one & group and other & group for group in _ALIKE)

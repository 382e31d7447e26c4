"""Where and when a document was issued: `Hà Nội, ngày 23 tháng 7 năm 2021`, filled in or not, as a scan has it."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from typing import Final

from vanban.schema import Span

_YEARS: Final = range(1930, 2100)
_LONGEST_PLACE: Final = 60
_MOST_WORDS: Final = 7

_WRITTEN: Final = re.compile(
    r"[nN](?<![^\W_].)(?i:g[aàảáâ]y\s{0,10}(?P<day>[^\n]{0,10}?)\s{0,10}(?:th|kh)[aáâàảãạ]ng\s{0,10}(?P<month>[^\n]{0,8}?)\s{0,10}n[aăãâä](?:m|rn)"
    r"\s{0,10}(?P<year>[\dOolLIzZ|]{4}|[12][\dOolI ]{3,6}(?!\w)|[\d.…_/]{1,10})?)"
)
_MAY_BE_IN_DIGITS: Final = re.compile(r"[/.-]\s?\w{1,2}\s?[/.-]\s?\w{4}")
_IN_DIGITS: Final = re.compile(
    r"(?<![^\W_])(?:ng[aà]y\s{0,3}(?P<stated>ban hành|ký)?:?\s{0,3})?"
    r"(?P<day>[\dOolI]{1,2})\s?[/.-]\s?(?P<month>[\dOolI]{1,2})\s?[/.-]\s?"
    r"(?P<year>[12l][\dOolI]{3})(?![^\W_])",
    re.IGNORECASE,
)
_HOUR: Final = re.compile(r"[,\s]\s{0,3}(?:hồi|lúc|vào)\s[\dOolI\s]{1,6}(?:giờ|h|:)[\s\dOolI]{0,6}(?:phút)?,?\s{0,3}$")
_DIGITS: Final = str.maketrans("OolLI|", "001111", " ")
# what may stand before a place's name, in small letters
_HEADS: Final = frozenset(
    ("thành", "phố", "tp", "tx", "tt", "thị", "xã", "trấn", "huyện", "quận", "tỉnh", "phường", "đặc", "khu")
)


_NO_PLACES: Final = frozenset(("vào", "hồi", "lúc", "từ", "đến", "khoảng", "hôm nay", "hôm qua"))


@dataclass(frozen=True, slots=True)
class Issued:
    """A date of issue: the span of all of it, of the place, and of the date; `date` is None where a part is blank."""

    whole: Span
    place: Span | None
    date: datetime.date | None
    written: Span


def as_date(day: str, month: str, year: str) -> datetime.date | None:
    """Return a date of digits, a scan's l and O among them; None where that is none."""
    numbers = [part.translate(_DIGITS) for part in (day, month, year)]
    if not all(n.isascii() and n.isdigit() for n in numbers) or int(numbers[2]) not in _YEARS:
        return None
    try:
        return datetime.date(int(numbers[2]), int(numbers[1]), int(numbers[0]))
    except ValueError:
        return None


def find_date(text: str, span: Span, places: list[Span]) -> Issued | None:
    """Return the date of issue in a part of a line: a place's name and a comma, or nothing, is before it."""
    part = text[slice(*span)]
    found = _WRITTEN.search(part)
    in_digits = found is None
    if found is None:
        found = _IN_DIGITS.search(part) if _MAY_BE_IN_DIGITS.search(part) else None
        if found is None:
            return None
    start, end = span[0] + found.start(), span[0] + found.end()
    place = _place_before(text, span[0], start, places)
    if place is None and ((in_digits and not found["stated"]) or text[span[0] : start].strip(" *_#|(-–—~.")):
        return None
    date = as_date(found["day"], found["month"], found["year"] or "")
    return Issued((place[0] if place else start, end), place, date, (start, end))


def _place_before(text: str, first: int, end: int, places: list[Span]) -> Span | None:
    """Return the span of the name before the comma, back to a gap or to what can't belong to a name."""
    hour = _HOUR.search(text, max(first, end - 40), end)
    stop = end = hour.start() + 1 if hour is not None else end
    while stop > first and text[stop - 1] in " ,.;*_":
        stop -= 1
    if hour is None and not any(mark in ",.;" for mark in text[stop:end]):
        return None
    for start, after in places:
        if after == stop and start >= first:
            return start, after
    begin = max(first, stop - _LONGEST_PLACE, text.rfind("   ", first, stop) + 1)
    words = list(re.finditer(r"\S+", text[begin:stop]))[-_MOST_WORDS:]
    lower = all(not word.group()[0].isupper() for word in words)
    kept: re.Match[str] | None = None
    for word in reversed(words):
        core = word.group().strip("*_|").rstrip(".,")
        if not lower and not core[:1].isupper() and core.lower() not in _HEADS and core not in ("-", "–"):
            break
        if word.group().endswith(",") or not core:
            break
        kept = word
    if kept is None:
        return None
    begin += kept.start()
    while begin < stop and text[begin] in "*_|#(":
        begin += 1
    name = text[begin:stop]
    return (begin, stop) if name[:1].isalpha() and name.lower() not in _NO_PLACES else None

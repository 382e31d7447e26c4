"""Offices as they stand before a name and behind it: title, organisation, and what tells that the holder acts."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from vanban.schema import Span
from vanban.values.meaning import Office
from vanban.values.people.organisations import organisation_end
from vanban.values.people.page import Page
from vanban.values.people.titles import SHORT_TITLE
from vanban.values.records.issuer import is_authority

WINDOW: Final = 320  # characters before and behind a name in which its offices stand
_MOST_OFFICES: Final = 8
_MOST_CELLS: Final = 3
_TRIES: Final = 4

_ACTING_BEFORE: Final = re.compile(r"(?<![^\W_])(?:quyền|q[.]?|phụ\s+trách)\s*\Z")
_FORMER_BEFORE: Final = re.compile(r"(?<![^\W_])(?:nguyên|cựu|tân)\s+\Z")
_ACTING_BEHIND: Final = re.compile(
    r"\s+(phụ\s+trách)(?=\s*[,(\n]|\s*\Z|\s+(?:sở|phòng|ban|chi\s+cục|cục|vụ|viện|trung\s+tâm|trường|trạm|bệnh|văn\s+phòng)\b)"
)
# what a verb gives (`làm Trưởng đoàn`, `bổ nhiệm giữ chức …`) is no office that the person had
TO_OFFICE: Final = re.compile(
    r"\s*(?:\s[-–—]+\s*|[-–—]\s*|[,(|:]\s*|\s{3,}|\s(?:hiện\s+)?(?:là|nay\s+là|kiêm)\s+)"
    r"(?:(?:hiện|nay)\s+là\s+|là\s+|kiêm\s+|hiện\s+giữ\s+chức(?:\s+vụ)?\s+)?"
)
_NEXT_OFFICE: Final = re.compile(
    r"\s*\)?\s*(?:,\s*(?:kiêm\s+|đồng\s+thời\s+là\s+|là\s+)?|\s[-–—]\s*|[-–—]\s+"
    r"|[|:]\s*|(?<=[\s)])kiêm\s+(?:nhiệm\s+)?)"
)
_BEFORE_OFFICE: Final = re.compile(r"(?:,|[-–—]|\||(?<![^\W_])kiêm(?:\s+nhiệm)?)\s*\Z")
_LONGEST_BODY: Final = 90
_BEGINS_BODY: Final = re.compile(r"(?:(?<![^\n])|(?<=[;:,.)]\s)|(?<=\s))(?=[^\W\d_])")
_ASIDE: Final = re.compile(r"\s?\([^()\n]{1,40}\)")
_TO_NAME: Final = re.compile(
    r"(?:[-–—:,(|/+*•\s]|\([^\W_][^()\n]{0,39}\)|(?<=\s)là(?=\s)|(?<=\n)\d{1,2}[.)]"
    r"|(?<=\s)đối\s+với(?=\s)(?:\s+\d{1,2}\s+(?:người|ông|bà|đồng\s+chí))?)*\Z"
)


@dataclass(frozen=True, slots=True)
class Read:
    """An office that was read from `start` to `end`, what says that the holder acts included; spans are the page's."""

    start: int
    end: int
    title: Span
    organisation: Span | None = None
    acting: Span | None = None
    on_behalf_of: Span | None = None


@dataclass(frozen=True, slots=True)
class Before:
    """What stands before a name, in order: offices and how the person is addressed. `gap` leads to the name itself."""

    start: int
    offices: tuple[Read, ...]
    honorifics: tuple[Span, ...]
    ranks: tuple[Span, ...]
    gap: str = ""


@dataclass(frozen=True, slots=True)
class Behind:
    """What stands behind a name."""

    end: int
    offices: tuple[Read, ...]
    honorifics: tuple[Span, ...] = ()
    ranks: tuple[Span, ...] = ()


def office(page: Page, read: Read) -> Office:
    """Return an office with raw spans."""
    spans = {
        name: page.view.raw(*span)
        for name in ("title", "organisation", "acting", "on_behalf_of")
        if (span := getattr(read, name)) is not None
    }

    return Office(
        title=page.written(read.title),
        organisation=page.written(read.organisation) if read.organisation else None,
        acting=read.acting is not None,
        on_behalf_of=page.written(read.on_behalf_of) if read.on_behalf_of else None,
        spans=spans,
    )


def office_of(page: Page, title: Span, limit: int) -> tuple[Read, int]:
    """Return the office of a title, and how far words were read that may belong to its organisation."""
    start, end = title
    acting = _ACTING_BEFORE.search(page.folded, max(0, start - 12), start)
    acting_span = None
    if acting and not page.folded[start:end].startswith("phụ trách"):
        acting_span = (acting.start(), _rtrimmed(page, acting.start(), acting.end()))
        begin = acting.start()
    else:
        former = _FORMER_BEFORE.search(page.folded, max(0, start - 12), start)
        begin = former.start() if former else start
        if former:
            title = (begin, end)
    behind = _ACTING_BEHIND.match(page.folded, end, limit)
    if behind and acting_span is None:
        acting_span = behind.span(1)
    after = behind.end() if behind else end
    first = after
    while first < limit and page.text[first] == " ":
        first += 1
    if first == after:
        return Read(begin, after, title, None, acting_span), after
    reach, read = organisation_end(page, first, limit)
    organisation = (first, reach) if reach > first else None
    return Read(begin, max(after, reach if organisation else after), title, organisation, acting_span), max(after, read)


def before(page: Page, left: int, name_start: int) -> Before:
    """Return the offices that lead to a name, none of which starts before `left`."""
    left = max(left, name_start - WINDOW)
    honorifics, ranks, position = page.address_before(left, name_start)
    address = position
    titles = page.titles(left, position)
    offices: list[Read] = []
    found = _last_office(page, titles, left, position)
    gap = ""
    start = position
    while found and len(offices) < _MOST_OFFICES:
        if not offices:
            gap = page.text[found.end : address]
        if not offices and found.organisation is None:
            found = replace(found, organisation=_body_of_bracket(page, left, found.start))
        offices.insert(0, found)
        more_honorifics, more_ranks, start = page.address_before(left, found.start)
        honorifics, ranks = more_honorifics + honorifics, more_ranks + ranks
        titles = [title for title in titles if title[1] <= start]
        joint = _BEFORE_OFFICE.search(page.folded, max(left, start - 14), _rtrimmed(page, left, start))
        further = _last_office(page, titles, left, joint.start()) if joint else None
        # `CT, PCT` are two people
        found = None if further and _is_short(page, further) and _is_short(page, offices[0]) else further
    return Before(start, tuple(offices), tuple(honorifics), tuple(ranks), gap)


def _body_of_bracket(page: Page, left: int, start: int) -> Span | None:
    """Return the body behind which an office opens a bracket: `Sở Y tế (Giám đốc …`."""
    end = _rtrimmed(page, left, start)
    if end <= left or page.text[end - 1] != "(":
        return None
    end = _rtrimmed(page, left, end - 1)
    least = max(page.line_start(end, left), end - _LONGEST_BODY)
    for mark in _BEGINS_BODY.finditer(page.text, least, end):
        first = mark.end()
        is_body = page.text[first].isupper() and is_authority(page.text[first:end])
        if is_body and organisation_end(page, first, end)[0] == end:
            return first, end
    return None


def _is_short(page: Page, read: Read) -> bool:
    return SHORT_TITLE.fullmatch(page.text, *read.title) is not None


def _rtrimmed(page: Page, left: int, end: int) -> int:
    while end > left and page.text[end - 1].isspace():
        end -= 1
    return end


def _last_office(page: Page, titles: list[Span], left: int, position: int) -> Read | None:
    """Return the office whose words lead up to a position: of nested ones (`Chánh Văn phòng Đoàn ĐBQH`) the outer."""
    best: Read | None = None
    limit = position
    mark = _TO_NAME.search(page.folded, max(left, position - 48), position)
    if mark:
        limit = mark.start()
    for title in reversed(titles[-_TRIES:]):
        if title[1] > limit:
            continue
        read, reach = office_of(page, title, limit)
        if reach >= limit or not page.text[reach:limit].strip():
            best = read
    return best


def behind(page: Page, name_end: int, limit: int, shared: re.Match[str] | None = None) -> Behind:
    """Return the offices that follow a name, up to `limit` and on its line, the first one behind the words `shared`."""
    limit = page.line_end(name_end, min(limit, name_end + WINDOW))
    position = name_end
    aside = _ASIDE.match(page.text, position, limit)
    if aside:
        inside = page.address_at(page.text.index("(", position) + 1, limit)[2]
        position = position if _title_from(page, inside, limit) else aside.end()
    offices: list[Read] = []
    honorifics: list[Span] = []
    ranks: list[Span] = []
    mark = shared or TO_OFFICE.match(page.folded, position, limit)
    next_office, row = _NEXT_OFFICE, _row(page, position, limit) if mark is None else []
    if row:
        mark, next_office = _SPACE.match(page.text, position, limit), _SPACE
    end = position
    while mark and len(offices) < _MOST_OFFICES:
        more_honorifics, more_ranks, start = page.address_at(mark.end(), limit)
        title = _title_from(page, start, limit)
        if not title:
            if more_ranks and not offices and not page.begins_name(start):
                ranks += more_ranks
                end = start
            break
        read, _ = office_of(page, title, min([limit, *(t[0] for t in row if t[0] > title[0])]))
        offices.append(read)
        honorifics += more_honorifics
        ranks += more_ranks
        end = read.end
        mark = next_office.match(page.folded, end, limit)
    return Behind(end, tuple(offices), tuple(honorifics), tuple(ranks))


def below(page: Page, name: Span, address: int) -> Behind:
    """Return the offices that are the whole of the lines below a name, which has a line, or cell, of its own."""
    offices: list[Read] = []
    line = page.line_start(address, max(0, address - WINDOW))
    end = page.line_end(name[1], name[1] + WINDOW)
    if page.text[line:address].strip() or page.text[name[1] : end].strip():
        return Behind(name[1], ())
    while len(offices) < _MOST_CELLS:
        start, end = end + 1, page.line_end(end + 1, end + 1 + WINDOW)
        title = page.title_at(start, end)
        if not title or page.text[slice(*title)].isupper() or not page.text[start].isupper():
            break
        read, reach = office_of(page, title, end)
        if page.text[reach:end].strip(" ,."):
            break
        offices.append(read)
    return Behind(offices[-1].end if offices else name[1], tuple(offices))


def _row(page: Page, position: int, limit: int) -> list[Span]:
    """Return the titles of the row of a table whose cells stand side by side: `Bà Lò Thị A Phó Giám đốc Sở Ủy viên`."""
    found = [t for t in page.titles(position, limit) if page.text[t[0]].isupper() and t[1] - t[0] > 3]
    return found if found and not page.text[position : found[0][0]].strip(" ") else []


_SPACE: Final = re.compile(" {1,2}")
_PREFIX: Final = re.compile(r"(?:quyền|q[.]|nguyên|cựu|tân|phụ\s+trách)\s*")


def _title_from(page: Page, start: int, limit: int) -> Span | None:
    """Return the title at a position, or behind a word that says that the holder acts, or did hold the office."""
    title = page.title_at(start, limit)
    if title:
        return title
    prefix = _PREFIX.match(page.folded, start, limit)
    return page.title_at(prefix.end(), limit) if prefix else None

"""The block of a signature: `KT. CHỦ TỊCH / PHÓ CHỦ TỊCH / Nguyễn Văn A`, as Decree 30/2020/NĐ-CP lays it out.

Columns may have been merged, so that recipients stand between and before its lines; a scan may have lost marks.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from vanban.schema import Span
from vanban.values.people.offices import Before, Read
from vanban.values.people.organisations import organisation_end
from vanban.values.people.page import Page
from vanban.values.people.titles import UNMARKED_TITLE, is_scanned_title

_HEIGHT: Final = 700  # characters above a name in which its block begins
_MOST_LINES: Final = 9  # between the title and the name: room for the seal, and recipients of a merged column
_MOST_ABOVE: Final = 400  # characters between a title and what is signed for

_FOR: Final = re.compile(
    r"(?<![^\W_])(?:(?:KT|TL|TUQ|TM|TUN)(?:[.,:][ ]*|[ ]+(?=[^\W\d_a-z]{2}))|[KT]/[TLM]\.?[ ]*|[KT]\.[ ]?[TLM]\.[ ]*)"
)
_ACTING: Final = re.compile(r"(?<!\w)(?:Q\.|QUYỀN)\s*\Z")
_BODY: Final = re.compile(r"[^\W\d_a-z](?:[^\n\t]*?[^\W_])?(?=\s*(?:\n|\t|\s{3,}|\Z))")
_NOTHING_ELSE: Final = re.compile(r"[ .*_/)]*(?=\n|\Z)| {4,80}(?=\S)")
_OTHER_COLUMN: Final = re.compile(r"\s*(?:[-–+*•]\s*\S|[Ll][ưu]u|[\"'~(©*]|.*\s{3,}\Z|.*;\s*\Z)", re.DOTALL)
_SPOKEN: Final = frozenset({"ông", "bà", "đồng chí", "anh", "chị", "đ/c"})  # nobody signs as these
_SIGNED: Final = re.compile(r"(?:người\s+ký|ký\s+bởi|\(?(?:đã\s+)?ký(?:\s+tên)?\)?)\s*:?\s*\Z")


def may_sign(page: Page, name: Span, found: Before) -> bool:
    """True where a name ends its line, and what precedes it there is another column, or nothing."""
    after = name[1] + len(page.text[name[1] : name[1] + 40]) - len(page.text[name[1] : name[1] + 40].lstrip(" "))
    if not _NOTHING_ELSE.match(page.text, name[1]) and not page.begins_name(after):
        return False
    if found.offices and not page.text[slice(*found.offices[-1].title)].isupper():
        return False
    start = page.line_start(name[0], max(0, name[0] - _HEIGHT))
    start = max([start, *(end for _, end in page.names_before(name[0], 1))])
    beside = page.text[start : found.start]
    if {page.folded[slice(*h)] for h in found.honorifics} & _SPOKEN:
        return False
    return bool(found.offices) or not beside.strip() or _OTHER_COLUMN.match(beside) is not None


def says_signed(page: Page, name: Span) -> bool:
    """True behind `Người ký:` and `(đã ký)`."""
    return _SIGNED.search(page.folded, max(0, name[0] - 24), name[0]) is not None


def signature(page: Page, name: Span, left: int, number: int | None = None) -> tuple[Read, ...] | None:
    """Return the offices in which someone signs, none from before `left`; None where there is no block.

    `number` is that of the column, where several people sign side by side.
    """
    left = max(left, name[0] - _HEIGHT)
    titles = _titles_in_capitals(page, left, name[0]) or _lines_of_titles(page, left, name[0])
    bodies = [m.span() for m in _FOR.finditer(page.text, left, name[0])]
    if not titles:
        return () if bodies and page.text.count("\n", bodies[-1][1], name[0]) <= _MOST_LINES else None
    signed_for = [(start, _for_end(page, end, titles, name[0])) for start, end in bodies]
    own = [t for t in titles if not any(start <= t[0] < end for start, end in signed_for)]
    if signed_for and (not own or own[-1][1] <= signed_for[-1][0]):
        # the office that is signed for is another's
        return () if page.text.count("\n", signed_for[-1][1], name[0]) <= _MOST_LINES else None
    if not own or page.text.count("\n", own[-1][1], name[0]) > _MOST_LINES:
        return None
    above = [span for span in signed_for if own[-1][0] - span[1] <= _MOST_ABOVE]
    if number is not None:
        beside = [t for t in own if "\n" not in page.text[t[0] : own[-1][0]]]
        if len(beside) > number:
            others = [span for span in signed_for if span[1] <= beside[0][0]]
            read = _read(page, beside[number], titles, name[0])
            return (_on_behalf(page, read, others[number : number + 1], titles),)
    first = max(above[-1][1] if above else left, left)
    reads = _run(page, [t for t in own if t[0] >= first], titles, name[0])
    return tuple(_on_behalf(page, read, above, titles) for read in reads)


def _titles_in_capitals(page: Page, left: int, end: int) -> list[Span]:
    found = [m.span() for m in UNMARKED_TITLE.finditer(page.plain, left, end)]
    return [(a, b) for a, b in found if page.text[a:b].isupper() and is_scanned_title(page.folded[a:b])]


def _lines_of_titles(page: Page, left: int, end: int) -> list[Span]:
    """Return the titles that are, with their organisation, a line of their own among the last ones."""
    found: list[Span] = []
    for _ in range(5):
        line_end = page.text.rfind("\n", left, end)
        if line_end < 0:
            break
        start = page.line_start(line_end, left)
        while start < line_end and page.text[start].isspace():
            start += 1
        line = page.folded[start:line_end]
        title = page.title_at(start, line_end) if page.text[start : start + 1].isupper() else None
        if title:
            reach = organisation_end(page, min(title[1] + 1, line_end), line_end)[1]
            if not page.text[max(reach, title[1]) : line_end].strip(" ,.:"):
                found.insert(0, title)
        elif line.strip() and "ký" not in line and not found:
            break
        end = line_end
    return found


def _for_end(page: Page, start: int, titles: list[Span], limit: int) -> int:
    """Return where what is signed for ends: a title with its organisation and a second one, or a body."""
    inside = [t for t in titles if t[0] >= start]
    if not inside or inside[0][0] - start > 1:
        stop = min(page.line_end(start, limit), inside[0][0] if inside else limit)
        following = _FOR.search(page.text, start, stop)
        body = _BODY.match(page.text, start, following.start() if following else stop)
        return body.end() if body else start
    end = inside[0][1]
    if len(inside) > 1 and page.text[end : inside[1][0]].strip() == "," and "\n" not in page.text[end : inside[1][0]]:
        return inside[1][1]
    organisation = _organisation(page, inside[0], titles, limit)
    return organisation[1] if organisation else end


def _organisation(page: Page, title: Span, titles: list[Span], limit: int) -> Span | None:
    """Return the organisation that follows a title on its line."""
    stop = min([page.line_end(title[1], limit), *(t[0] for t in titles if t[0] >= title[1])])
    following = _FOR.search(page.text, title[1], stop)
    stop = following.start() if following else stop
    start = title[1]
    while start < stop and page.text[start] == " ":
        start += 1
    if start - title[1] > 2:
        return None
    end = organisation_end(page, start, stop)[0]
    return (start, end) if end > start else None


def _run(page: Page, own: list[Span], titles: list[Span], limit: int) -> list[Read]:
    """Return the offices of the last titles, which stand line by line."""
    reads: list[Read] = []
    for title in reversed(own):
        if reads and page.text.count("\n", title[1], reads[0].start) > 1:
            break
        reads.insert(0, _read(page, title, titles, limit))
    return reads


def _read(page: Page, title: Span, titles: list[Span], limit: int) -> Read:
    acting = _ACTING.search(page.text, max(0, title[0] - 8), title[0])
    start = acting.start() if acting else title[0]
    acting_span = (start, start + len(acting.group().rstrip())) if acting else None
    organisation = _organisation(page, title, titles, limit)
    return Read(start, organisation[1] if organisation else title[1], title, organisation, acting_span)


def _on_behalf(page: Page, read: Read, above: list[Span], titles: list[Span]) -> Read:
    """Return an office with whom it signs for, the nearest; a deputy's organisation is that of the one above."""
    if not above:
        return read
    organisation = read.organisation
    for start, end in reversed(above):
        if organisation:
            break
        mark = _FOR.match(page.text, start, end)
        inside = mark.end() if mark else start
        title = next((t for t in titles if t[0] == inside), None)
        if title is None and "M" in page.text[start:inside]:
            organisation = (inside, end) if end > inside else None
        elif title is not None and page.text[start] == "K":
            organisation = _organisation(page, title, titles, end)
        else:
            break
    return replace(read, organisation=organisation, on_behalf_of=above[-1])

"""Officials: who is named, in which offices, with which honorifics and ranks, and who signs as what."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from vanban.schema import Span
from vanban.values.meaning import Official
from vanban.values.people.offices import TO_OFFICE, WINDOW, Before, Behind, Read, before, behind, below, office
from vanban.values.people.page import Page, page
from vanban.values.people.people import who_is_who
from vanban.values.people.signatures import may_sign, says_signed, signature
from vanban.values.view import View

_BINDS_LOOSELY: Final = re.compile(r"\s*,\s*")
# `của Thủ tướng, đồng chí A`: the office is another's
_ANOTHERS: Final = re.compile(r"(?<![^\W_])(?:của|theo|với|cho|từ|bởi)\s+\Z")
_COUNTED: Final = re.compile(r"\d\s+(?:thành viên|đại biểu|cán bộ|uỷ viên)\Z")  # `gồm 7 thành viên:`
_MANY: Final = re.compile(
    r"(?<![^\W_])(?:các|những|hai|ba|bốn|năm|\d{1,2})\s+(?:(?:đồng\s+chí|đ/c|ông|bà|vị)\s*(?:là\s+)?:?\s*)?\Z"
)
_SHARED: Final = re.compile(
    r"\s*(?:[,(]|[-–—])?\s*(?:(?:đều|cùng)\s+(?:là|giữ\s+chức)\s+|(?:đều\s+|cùng\s+)?là\s+các\s+|các\s+)"
)
_NEXT_OF_LIST: Final = re.compile(
    r"\s*\)?(?:\s*\([^()\n]{1,40}\))?\s*[,;.]?\s*(?:và|cùng)?\s*(?:\n\s*(?:[-–+*•]|\d{1,2}[.)/]|[a-zđ]\))\s*)?"
)
_LONGEST_GAP: Final = 60
# an office that one is relieved of leads to a name by `đối với` where it begins its item
_TO_WHOM: Final = re.compile(r"đối\s+với(?![^\W_])", re.IGNORECASE)
_BEGINS_ITEM: Final = re.compile(r"(?:\A|\n|[.;:)•+–-]\s|nhiệm\s|chức\s+vụ\s|chức\s+danh\s|tư\s+cách\s)\s*\Z")
# `các đồng chí: A, Bí thư; B, Chủ tịch` addresses each of them
_ALL_ADDRESSED: Final = re.compile(r"(?<![^\W_])(?:các|những|hai|ba|bốn|năm|\d{1,2})\s+\Z")
_NEXT_ADDRESSED: Final = re.compile(r"\s*(?:[,;(]|[-–—]\s|và\s)")
_ENDS_LIST: Final = re.compile(r"(?<=[^\W_]{3})[.]\s|[!?:]\s|\n\s*\n")
_LONGEST_MEMBER: Final = 240
_SEVERAL_HOLD: Final = re.compile(r"(?:phó|uỷ viên|thành viên|thư ký|thẩm phán|kiểm sát viên|đại biểu|hội thẩm)")


@dataclass(slots=True)
class _Mention:
    """What was read around one name."""

    name: Span
    before: Before
    behind: Behind
    carried: tuple[Read, ...] = ()
    signed: tuple[Read, ...] | None = None


def read_officials(view: View) -> dict[int, Official]:
    """Return the meaning of every entity OFFICIAL of a view, by the entity's number."""
    numbers = view.of("OFFICIAL")
    if not numbers:
        return {}
    on = page(view)
    mentions = _read(on)
    _carry(on, mentions)
    _share(on, mentions)
    _sign(on, mentions)
    _address_all(on, mentions)
    addressed = [tuple(on.text[slice(*s)] for s in (*m.before.honorifics, *m.behind.honorifics)) for m in mentions]
    written = [on.written(m.name) for m in mentions]
    people = who_is_who(written, addressed)
    return {
        number: _official(on, mention, people[i].key, people[i].full_name)
        for i, (number, mention) in enumerate(zip(numbers, mentions, strict=True))
    }


def _read(on: Page) -> list[_Mention]:
    """Return what stands before and behind each name; between two names, each office belongs to one of them."""
    befores: list[Before] = []
    for i, (start, _) in enumerate(on.names):
        last = on.names[i - 1][1] if i else 0
        found = before(on, max(last, _left(on, start, last)), start)
        if found.offices and _is_not_held(on, found):
            found = replace(found, offices=(), start=start)
        befores.append(found)
    mentions = []
    for i, name in enumerate(on.names):
        limit = len(on.text)
        if i + 1 < len(on.names):
            befores[i + 1] = _divide(on, befores[i], i, befores[i + 1])
            limit = befores[i + 1].start
        mentions.append(_Mention(name, befores[i], behind(on, name[1], limit)))
    return mentions


def _is_not_held(on: Page, found: Before) -> bool:
    """True where the words before a name that name an office speak of others: `của Thủ tướng, đồng chí A`."""
    left = max(0, found.start - 8)
    if "\n" in found.gap and _COUNTED.search(on.folded, left, found.offices[-1].end):
        return True
    if _TO_WHOM.search(found.gap) and not _BEGINS_ITEM.search(on.folded, max(0, found.start - 16), found.start):
        return True
    return "," in found.gap and _ANOTHERS.search(on.folded, left, found.start) is not None


def _left(on: Page, start: int, last: int) -> int:
    """Return how far back the words before a name go: its line, and the one before where that ends in a colon."""
    least = max(last, start - WINDOW)
    line = on.line_start(start, least)
    above = on.text[least : max(least, line - 1)].rstrip()
    return on.line_start(least + len(above), least) if above.endswith(":") and line > least else line


def _divide(on: Page, first: Before, number: int, second: Before) -> Before:
    """Return what of the offices between two names belongs to the second one."""
    if not second.offices:
        return second
    gap = on.text[on.names[number][1] : second.start]
    # what a dash or a verb joins to a name is this person's own, also where an office precedes the name
    binds = not gap.lstrip().startswith(",") and TO_OFFICE.fullmatch(gap) is not None
    if not binds and (first.offices or not _BINDS_LOOSELY.fullmatch(gap)):
        return second
    is_loose = "," in second.gap or ";" in second.gap
    kept = () if is_loose else second.offices[-1:]
    if binds and len(second.offices) == 1 and not is_loose and not second.gap.strip():
        kept = second.offices
    return replace(second, offices=kept, start=kept[0].start if kept else on.names[number + 1][0])


def _carry(on: Page, mentions: list[_Mention]) -> None:
    """Give the offices that are said once for a list of names to each of them."""
    carried: tuple[Read, ...] = ()
    for i, mention in enumerate(mentions):
        if mention.before.offices:
            carried = mention.before.offices if _leads_list(on, mention) else ()
            continue
        if not carried or not i:
            continue
        start = on.address_before(mentions[i - 1].behind.end, mention.name[0])[2]
        if _is_next_of_list(on, mentions[i - 1].behind.end, start):
            mention.carried = carried
        else:
            carried = ()


def _is_next_of_list(on: Page, end: int, start: int) -> bool:
    """True where nothing but what parts the members of a list stands between two positions."""
    return start - end <= _LONGEST_GAP and _NEXT_OF_LIST.fullmatch(on.folded, end, start) is not None


def _leads_list(on: Page, mention: _Mention) -> bool:
    found = mention.before
    if _MANY.search(on.folded, max(0, found.offices[0].start - 24), found.offices[0].start):
        return True
    if _TO_WHOM.search(found.gap):
        return True
    return ":" in found.gap and _SEVERAL_HOLD.match(on.folded[slice(*found.offices[-1].title)]) is not None


def _share(on: Page, mentions: list[_Mention]) -> None:
    """Give the offices behind the last of a list (`A và B, đều là Phó Chủ tịch`) to the names before it."""
    for i in range(len(mentions) - 1, -1, -1):
        mention = mentions[i]
        limit = mentions[i + 1].before.start if i + 1 < len(mentions) else len(on.text)
        shared = _SHARED.match(on.folded, mention.name[1], min(limit, mention.name[1] + WINDOW))
        if mention.behind.offices or not shared:
            continue
        found = behind(on, mention.name[1], limit, shared)
        if not found.offices:
            continue
        mention.behind = found
        for j in range(i - 1, -1, -1):
            start = on.address_before(mentions[j].name[1], mentions[j + 1].name[0])[2]
            joined = _is_next_of_list(on, mentions[j].name[1], start)
            if mentions[j].behind.offices or mentions[j].before.offices or not joined:
                break
            mentions[j].carried = found.offices


def _sign(on: Page, mentions: list[_Mention]) -> None:
    """Mark those who sign, and read as what."""
    left = 0
    last: list[_Mention] = []
    for i, mention in enumerate(mentions):
        if says_signed(on, mention.name):
            mention.signed = ()
        if not mention.behind.offices and not mention.before.offices:
            mention.behind = below(on, mention.name, mention.before.start)
        if mention.behind.offices or not may_sign(on, mention.name, mention.before):
            continue
        beside = [m for m in mentions[max(0, i - 2) : i + 3] if _on_one_line(on, m.name, mention.name)]
        column = beside.index(mention) if len(beside) > 1 else None
        if last and not _on_one_line(on, last[-1].name, mention.name):
            left = last[-1].name[1]
        found = signature(on, mention.name, left, column)
        if found is not None:
            mention.signed = found
            last.append(mention)


def _address_all(on: Page, mentions: list[_Mention]) -> None:
    """Give the honorific that is said once for a list of names (`các đồng chí: …`) to each of them."""
    shared: tuple[Span, ...] = ()
    for i, mention in enumerate(mentions):
        own = mention.before.honorifics
        if own:
            first = own[0][0]
            shared = own[:1] if _ALL_ADDRESSED.search(on.folded, max(0, first - 12), first) else ()
            continue
        start = mentions[i - 1].name[1] if i else 0
        if (
            not shared
            or mention.name[0] - start > _LONGEST_MEMBER
            or not _NEXT_ADDRESSED.match(on.folded, start, mention.name[0])
            or _ENDS_LIST.search(on.text, start, mention.name[0])
        ):
            shared = ()
        elif not mention.behind.honorifics:
            mention.before = replace(mention.before, honorifics=shared)


def _on_one_line(on: Page, one: Span, other: Span) -> bool:
    start, end = min(one[0], other[0]), max(one[1], other[1])
    return end - start < WINDOW and "\n" not in on.text[start:end]


def _official(on: Page, mention: _Mention, key: str, full_name: str | None) -> Official:
    found, follows = mention.before, mention.behind
    reads = (*mention.carried, *found.offices, *follows.offices)
    if mention.signed:
        reads = mention.signed
    honorifics, ranks = (*found.honorifics, *follows.honorifics), (*found.ranks, *follows.ranks)
    spans = {"name": on.view.raw(*mention.name)}
    for field, pieces in (("honorifics", honorifics), ("ranks", ranks)):
        if pieces:
            spans[field] = on.view.raw(pieces[0][0], pieces[-1][1])
    return Official(
        key=key,
        name=on.written(mention.name),
        full_name=full_name,
        offices=tuple(office(on, read) for read in reads),
        honorifics=tuple(on.written(piece) for piece in honorifics),
        ranks=tuple(on.written(piece) for piece in ranks),
        signs=mention.signed is not None,
        spans=spans,
    )

"""The body that the words before an act name as its writer: `UBND huyện A vừa ban hành`, `đề nghị của Sở B tại`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from vanban.schema import Span
from vanban.values.acts.bodies import spelt_name
from vanban.values.acts.issue import LEVELS, in_full, local_bodies
from vanban.values.letters import folded

_REACH: Final = 180  # characters before an act that may name who wrote it
_AUTHORITY: Final = re.compile(
    r"(?:(?:pho\s+)?chu\s+tich|giam\s+doc|ubnd|uy\s+ban|hdnd|hoi|so|bo|cuc|chi\s+cuc|tong|cong|truong|trung\s+tam|van\s+phong"
    r"|vien|ban|phong|ngan\s+hang|kho\s+bac|toa|benh\s+vien|lien\s+doan|mat\s+tran|thanh\s+tra|tinh\s+uy|huyen\s+uy"
    r"|thuong\s+truc|doan\s+chu\s+tich)(?!\w)"
)
_OPINION: Final = r"""(?:co\s+(?:\w+\s+)?(?:y\s+kien|kien\s+nghi|de\s+nghi)(?:\s+(?:tham\s+dinh|phan\s+bien|gop\s+y))?
    |gop\s+y|tham\s+dinh|thong\s+nhat|tra\s+loi|phan\s+bien|chuyen|de\s+nghi|kien\s+nghi|bao\s+cao|phan\s+anh
    |de\s+xuat|neu|yeu\s+cau|chi\s+dao|dong\s+y)"""
_TAIL: Final = r"(?:vi\s+the|da|vua|cung|tiep\s+tuc|tiep|se)"
# `… tại`, `… góp ý tại`, `… (`
_SAYS: Final = re.compile(rf"\s*(?:(?<!\w)(?:(?:{_TAIL}\s+){{0,2}}{_OPINION}\s+)?(?:tai|trong)|\()\s*$", re.VERBOSE)
_ISSUES: Final = re.compile(
    rf"""\s+(?:{_TAIL}\s+){{0,3}}(?:ky\s+ban\s+hanh|ban\s+hanh|ky|co|gui|(?<!xuat\s)trinh|trao|cong\s+bo|thong\s+qua|ap\s+dung|phat|ra)
    (?:\s+(?:them|cac|hai|ngay|tiep))?\s*$""",
    re.VERBOSE,
)
_MAKES: Final = re.compile(
    r"(?<!\w)(?:co|ban\s+hanh|trinh)(?!\w)"
)  # only who issues an act does so, not who reads it out
_CUT: Final = re.compile(r"(?<!\w)(?:cua|do)\s+|[,;:\n]\s*|\.\s+|^")
# whose acts are the words of who is named before them; a licence is not of the company that has it
_WRITERS: Final = frozenset({"cong_van", "bao_cao", "to_trinh", "ke_hoach", "thong_bao"})
_NO_NAME: Final = re.compile(r"[;:\n\d()]|(?<!\w)(?:cho biết|cho rằng|nói|rằng|đã|khi|vì|theo)(?!\w)")
_BRACKET: Final = re.compile(r"\s*\([^()\n]{1,40}\)$")
_LEVEL: Final = re.compile(rf"(?<!\w)(?:{LEVELS})$")
_BARE_LEVEL: Final = re.compile(rf"(?:(?<!\w)(?:cua|do)\s+|[,;:\n.]\s*)(?P<level>{LEVELS})$")
_LOCATES: Final = re.compile(r"(?<!\w)(?:tai|o|tu|den|ve|trong|dia\s+ban|gui|kinh\s+trinh|trinh|voi|cho)\s+$")
_SENTENCE: Final = re.compile(r"[;\n]|(?<!tp)(?<!tx)\.\s")


@dataclass(frozen=True, slots=True)
class Writer:
    """A local body that wrote an act: `body` as in `Issue`, None for the place alone (`huyện A góp ý tại`).

    `level` in plain letters, `named` its place with or without the head noun, None where only the level is said.
    """

    body: str | None
    level: str | None
    named: Span | None
    first: int  # where its sentence begins
    start: int


def local_writer(
    text: str,
    plain: str,
    start: int,
    place_end: Callable[[int, int], int | None],
    people: Mapping[int, int],
    places: Mapping[int, int],
) -> Writer | None:
    """Return the local body, or the place, that the words right before an act at `start` say wrote it.

    `place_end` as in `read_issue`; `people`: the ends of persons by their starts, `places`: the starts of places by
    their ends.
    """
    first = max(0, start - _REACH)
    for sentence in _SENTENCE.finditer(plain, first, start):
        first = sentence.end()
    verb = _SAYS.search(plain, first, start) or _ISSUES.search(plain, first, start)
    if verb is None:
        return None
    last = verb.start()
    bracket = _BRACKET.search(plain[first:last])
    last = first + bracket.start() if bracket else last
    for (begins, end), body, level, named in reversed(list(local_bodies(text, plain, first, last, place_end))):
        is_last = end == last or people.get(_next(plain, end)) == last  # who signs may stand between
        return Writer(body, level, named, first, begins) if is_last else None
    bare = _BARE_LEVEL.search(plain, max(first - 1, 0), last)
    if bare:
        return Writer(None, in_full(bare["level"]), None, first, bare.start())
    place = places.get(last)
    if place is None or place < first or _LOCATES.search(plain, first, place):
        return None
    return Writer(None, None, (place, last), first, place)


def _next(plain: str, at: int) -> int:
    return at + 1 if plain[at : at + 1].isspace() else at


def name_before(text: str, plain: str, start: int, kind: str | None) -> str | None:
    """Return the body that the words before an act say it is of: `đề nghị của Sở A tại Công văn`, `Sở A (Báo cáo`."""
    before, plain = (one[max(0, start - _REACH) : start] for one in (text, plain))
    says = (_SAYS.search(plain) if kind in _WRITERS else None) or _ISSUES.search(plain)
    if says is None:
        return None
    last = says.start()
    bracket = _BRACKET.search(plain[:last])
    last = bracket.start() if bracket else last
    cuts = [cut.end() for cut in _CUT.finditer(plain, 0, last)]
    for at in reversed(cuts):
        if before[at : at + 1].isupper() and _AUTHORITY.match(plain, at):
            name = before[at:last].strip()
            ends_well = not name.split()[-1][0].islower() or _LEVEL.search(folded(name)) or _MAKES.search(says.group())
            is_whole = " " in name and ends_well
            return spelt_name(name) if is_whole and not _NO_NAME.search(name) else None
        if "," not in before[max(0, at - 2) : at]:
            return None
    return None

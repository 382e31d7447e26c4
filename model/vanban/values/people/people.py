"""Who is who in a document: the full name behind a name that is written in part, and one key for one person."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from vanban.reading.text import one_line, without_marks
from vanban.values.people.titles import fold

_TOKEN: Final = re.compile(r"[^\W_]+")
_APOSTROPHE: Final = re.compile(r"['’] ?")  # H'Linh, H' Linh
_FEMALE: Final = frozenset({"bà", "chị", "cô"})
_MALE: Final = frozenset({"ông", "anh", "thầy", "ngài", "chú"})


@dataclass(slots=True)
class Person:
    """Someone named in full: `full` is the name as written, `marked` its folded syllables, `plain` these bare."""

    full: str
    marked: tuple[str, ...]
    plain: tuple[str, ...]
    key: str
    last: int
    female: bool | None = None


@dataclass(frozen=True, slots=True)
class Who:
    """Which person a mention names."""

    key: str
    full_name: str | None


def who_is_who(names: Sequence[str], honorifics: Sequence[tuple[str, ...]]) -> list[Who]:
    """Return whom each of the names of a document, in order, means; of two who share a given name, the last named.

    `honorifics` are those of each mention: ông and bà tell two people apart. Two people of one
    full name are one, and so are two names that differ in marks alone: what a scan lost tells nobody apart.
    """
    by_plain: dict[tuple[str, ...], Person] = {}
    by_last: dict[str, list[Person]] = {}
    by_first: dict[str, list[Person]] = {}
    found: list[Person | None] = []
    for number, name in enumerate(names):
        marked = _syllables(fold(name))
        plain = _syllables(without_marks(fold(name)))
        female = _gender(honorifics[number], marked)
        person = by_plain.get(plain)
        if person is None and plain:
            near = [*by_last.get(plain[-1], ())[-8:], *by_first.get(plain[0], ())[-8:]]
            longer = [
                p for p in near if _is_part(marked, plain, p) and not (female is not None and p.female == (not female))
            ]
            person = max(longer, key=lambda p: p.last, default=None)
        if person is None:
            slug = "-".join(plain) or "-".join(name.split())
            person = Person(name, marked, plain, slug, number, female)
            by_plain[plain] = person
            if plain:
                by_last.setdefault(plain[-1], []).append(person)
                by_first.setdefault(plain[0], []).append(person)
        elif len(plain) == len(person.plain) and person.full.isupper() and not name.isupper():
            person.full, person.marked = name, marked
        person.last = number
        person.female = female if person.female is None else person.female
        found.append(person)
    return [_who(p) for p in found if p is not None]


def _syllables(folded: str) -> tuple[str, ...]:
    return tuple(_TOKEN.findall(_APOSTROPHE.sub("", folded)))


def _who(person: Person) -> Who:
    is_full = len(person.plain) > 1
    return Who(person.key, one_line(person.full) if is_full else None)


def _is_part(marked: tuple[str, ...], plain: tuple[str, ...], person: Person) -> bool:
    """True where a name is the end of a longer one (`Dũng`), or its beginning (`H'Linh`, `Y Thịnh`, `Yoon`)."""
    size = len(plain)
    if size >= len(person.plain):
        return False
    has_no_marks = marked == plain
    whole, part = (person.plain, plain) if has_no_marks else (person.marked, marked)
    if whole[-size:] == part:
        return person.marked[-size:] == part or has_no_marks
    is_vietnamese_family_name = size == 1 and len(person.plain) in (2, 3, 4) and part[0] in _FAMILY
    return whole[:size] == part and not is_vietnamese_family_name


_FAMILY: Final = frozenset(
    fold(
        "nguyễn trần lê phạm hoàng huỳnh phan vũ võ đặng bùi đỗ hồ ngô dương lý đinh đoàn trịnh mai cao lương hà tạ chu"
        " thái lưu triệu lò vi tô đào trương lâm y k"
    ).split()
)


def _gender(honorifics: tuple[str, ...], marked: tuple[str, ...]) -> bool | None:
    """Return True of a woman, False of a man, None where nothing says it."""
    said = {fold(h) for h in honorifics}
    if said & _FEMALE or (len(marked) > 2 and marked[1] == "thị"):
        return True
    return False if said & _MALE else None

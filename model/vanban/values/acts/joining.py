"""Mentions of one act: which are, and what one leaves out that others say.

The number alone is no ground: all issue a number 12, every year. What one mention leaves out, others say only where
nothing at it speaks for another issuer or year, and where the document knows but one act of the number.
"""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from vanban.values.acts.act import Act
from vanban.values.acts.issue import LEVELS, in_full
from vanban.values.acts.issuers import family, family_of
from vanban.values.acts.nearby import Nearby
from vanban.values.letters import folded
from vanban.values.view import View

_CORE: Final = re.compile(
    rf"(?<!\w)(?P<body>ubnd|hdnd)(?:\s+(?P<level>{LEVELS})(?!\w))?|(?<!\w)(?P<party>\w+\s+uy)(?!\w)"
)
_HOLDER: Final = re.compile(r"(?:pho\s+)?(?:chu\s+tich|giam\s+doc|bo\s+truong|thu\s+truong|chanh\s+an|cuc\s+truong)\s+")
_LEVELS_OF_PARTY: Final = {"tinh uy": "tinh", "thanh uy": "thanh pho", "huyen uy": "huyen", "quan uy": "quan"}


class _Said(NamedTuple):
    """What is said at a mention, and around it where it says nothing itself; all that tells it from another.

    `near`: for each level of a body of the group, the place of which the act may be, were it of such a body.
    """

    issuer: str | None
    where: str
    is_said: bool
    is_named: bool  # or it is the document's own, whose issuer its head names
    year: int | None
    years_before: frozenset[int]
    near: tuple[tuple[str | None, str | None], ...]
    family: str | None  # of bodies: of the one behind a short form, of that in the code of a full one


_Filled = tuple[str | None, str, int | None]  # issuer, where, year


def join(acts: Sequence[Act], view: View) -> None:
    """Let all ways to write an act, short forms of the one full form too, have year, place and issuer of each other."""
    numbers: defaultdict[tuple[str | None, str], list[Act]] = defaultdict(list)
    for act in acts:
        act.known_year = act.year
        if act.symbol:
            numbers[act.key[0], act.symbol.number.lstrip("0")].append(act)
    nearby = Nearby(view, acts)
    for of_number in numbers.values():
        if len(of_number) > 1:
            _join_number(of_number, nearby)


def _join_number(acts: Sequence[Act], nearby: Nearby) -> None:
    levels = {_level(act.issuer) for act in acts if act.is_said}
    said = [_said(act, levels, nearby) for act in acts]
    _borrow(acts, said)
    groups: defaultdict[tuple[str | None, str], list[int]] = defaultdict(list)
    for number, act in enumerate(acts):
        groups[(act.borrowed or act).key].append(number)
    for group in groups.values():
        # all are compared by what they say themselves, and what is said twice once
        distinct = dict.fromkeys(said[number] for number in group)
        known = [one for one in distinct if one.year or one.is_said or (one.is_named and one.where)]
        is_one = not any(_differ(*pair) for pair in itertools.combinations(known, 2))
        filled = {one: _filled(one, distinct, is_one) for one in distinct}
        for number in group:
            act = acts[number]
            act.issuer, act.where, act.known_year = filled[said[number]]


def _said(act: Act, levels: Iterable[str | None], nearby: Nearby) -> _Said:
    is_named = act.is_named or act.is_own
    is_placed = act.is_said or act.is_own or (act.is_named and act.where)
    return _Said(
        act.issuer,
        act.where,
        act.is_said or act.is_own,
        is_named,
        act.year,
        frozenset() if act.year or act.is_own else frozenset(nearby.years_before(act)),
        () if is_placed else tuple((level, nearby.place(act, level)) for level in levels),
        family(act.symbol) if act.symbol and act.symbol.is_full else family_of(act.issue),
    )


def _borrow(acts: Sequence[Act], said: Sequence[_Said]) -> None:
    """Find for each short form the one full form that it can be of."""
    full: defaultdict[tuple[str, int | None], dict[_Said, Act]] = defaultdict(dict)
    for act, its in zip(acts, said, strict=True):
        if act.symbol and act.symbol.is_full:
            full[act.key[1], act.symbol.year].setdefault(its, act)
    found: dict[_Said, list[Act]] = {}
    for act, its in zip(acts, said, strict=True):
        if act.symbol and not act.symbol.is_full:
            if its not in found:
                forms = (next((act for one, act in form.items() if _may_be(its, one)), None) for form in full.values())
                found[its] = [form for form in forms if form]
            if len(found[its]) == 1:
                act.borrowed = found[its][0]


def _may_be(short: _Said, full: _Said) -> bool:
    """True unless year, place or body speak against a short form being of a full one."""
    return not (short.family and full.family and short.family != full.family) and not _differ(short, full)


def _filled(act: _Said, group: Iterable[_Said], is_one: bool) -> _Filled:
    """Return issuer, place and year of an act with what the others of its number say; `is_one`: they are one act."""
    alike = [one for one in group if not _differ(act, one)]
    if not is_one:  # only what names the same issuer can be the same
        alike = [one for one in alike if act.where and act.where == one.where and act.is_named and one.is_named]
    years = {one.year for one in alike if one.year}
    year = act.year or (next(iter(years)) if len(years) == 1 else None)
    issuer, where = act.issuer, act.where
    if is_one:
        said = [one for one in alike if one.is_said]
        places = {one.where for one in said} or {one.where for one in alike if one.where}
        if len(places) == 1:
            if said and where not in places and not act.is_named:  # by its code it was the document's
                issuer, where = said[0].issuer, said[0].where
            where = where or next(iter(places))
            if issuer is None:
                issuer = next((one.issuer for one in alike if one.issuer), None)
    return issuer, where, year


def _differ(one: _Said, other: _Said) -> bool:
    """True where what is said at one act speaks against its being the other."""
    if one == other:
        return False
    if one.year and other.year and one.year != other.year:
        return True
    for act, full in ((one, other), (other, one)):
        if full.year and act.years_before - {full.year}:
            return True
        near = dict(act.near).get(_level(full.issuer)) if full.is_said and act.near else None
        if near is not None and near != full.where:
            return True
    return _have_other_issuers(one, other)


def _have_other_issuers(one: _Said, other: _Said) -> bool:
    if one.where and other.where and one.where != other.where:
        # where it is taken for the document's by its code, it may be what another mention says
        return (one.is_named and other.is_named) or not (one.is_said or other.is_said)
    if not one.is_named or not other.is_named:
        return False
    names = [_HOLDER.sub("", folded(act.issuer or "")) for act in (one, other)]
    if not all(names):
        return False
    cores = [_core(name) for name in names]
    if all(cores):
        bodies, levels = zip(*filter(None, cores), strict=True)
        return len(set(bodies)) > 1 or (all(levels) and len(set(levels)) > 1)
    return not (one.where and other.where) and names[0] not in names[1] and names[1] not in names[0]


def _core(name: str) -> tuple[str, str] | None:
    """Return sort and level of a local body, both in plain letters, the level empty where it is not said."""
    found = _CORE.search(name)
    if found is None:
        return None
    if found["party"]:
        return found["party"], ""
    return found["body"], in_full(found["level"]) if found["level"] else ""


def _level(issuer: str | None) -> str | None:
    """Return the level of a body by its name, None where that does not say it."""
    core = _core(folded(issuer or ""))
    return (core[1] or _LEVELS_OF_PARTY.get(core[0])) if core else None

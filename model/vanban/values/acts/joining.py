"""Mentions of one act: which are, and what one leaves out that others say.

The number alone is no ground: all issue a number 12, every year. What one mention leaves out, others say only where
nothing at it speaks for another issuer or year, and where the document knows but one act of the number.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import Final

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


def join(acts: Sequence[Act], view: View) -> None:
    """Let all ways to write an act, short forms of the one full form too, have year, place and issuer of each other."""
    others = _Others(Nearby(view, acts))
    _borrow(acts, others)
    groups: dict[tuple[str | None, str], list[Act]] = {}
    for act in acts:
        groups.setdefault((act.borrowed or act).key, []).append(act)
    for group in groups.values():
        # all are compared by what they say themselves, before one is filled in
        filled = [_filled(act, group, others) for act in group]
        for act, (issuer, where, year) in zip(group, filled, strict=True):
            act.issuer, act.where, act.known_year = issuer, where, year


_Filled = tuple[str | None, str, int | None]  # issuer, where, year


def _borrow(acts: Sequence[Act], others: _Others) -> None:
    """Find for each short form the one full form that it can be of."""
    full: dict[tuple[str | None, str], dict[tuple[str, int | None], list[Act]]] = {}
    for act in acts:
        if act.symbol and act.symbol.is_full:
            number = act.symbol.number.lstrip("0")
            forms = full.setdefault((act.key[0], number), {})
            forms.setdefault((act.key[1], act.symbol.year), []).append(act)
    for act in acts:
        if act.symbol is None or act.symbol.is_full:
            continue
        forms = full.get((act.key[0], act.symbol.number.lstrip("0")), {})
        found = [[one for one in form if others.may_be(act, one)] for form in forms.values()]
        found = [form for form in found if form]
        if len(found) == 1:
            act.borrowed = found[0][0]


def _filled(act: Act, group: Sequence[Act], others: _Others) -> _Filled:
    """Return issuer, place and year of an act with what the others of its number say."""
    known = [one for one in group if one.year or one.is_said or one.is_own]
    is_one = not any(others.differ(*pair) for pair in itertools.combinations(known, 2))
    alike = [one for one in group if not others.differ(act, one)]
    if not is_one:  # only what names the same issuer can be the same
        alike = [one for one in alike if act.where and act.where == one.where and act.is_named and one.is_named]
    years = {one.year for one in alike if one.year}
    year = act.year or (next(iter(years)) if len(years) == 1 else None)
    issuer, where = act.issuer, act.where
    if is_one:
        said = [one for one in alike if one.is_said]
        places = {one.where for one in said} or {one.where for one in alike if one.where}
        if len(places) == 1:
            if said and where not in places and not act.is_named and not act.is_own:  # by its code the document's
                issuer, where = said[0].issuer, said[0].where
            where = where or next(iter(places))
            if issuer is None:
                issuer = next((one.issuer for one in alike if one.issuer), None)
    return issuer, where, year


class _Others:
    """Tells acts of one number that are different ones."""

    def __init__(self, nearby: Nearby) -> None:
        self._nearby = nearby

    def may_be(self, short: Act, full: Act) -> bool:
        """True unless year or body speak against a short form being of a full one."""
        bodies = family_of(short.issue), family(full.symbol)
        return not (bodies[0] and bodies[1] and bodies[0] != bodies[1]) and not self.differ(short, full)

    def differ(self, one: Act, other: Act) -> bool:
        """True where what is said at one act speaks against its being the other."""
        if one is other:
            return False
        if one.year and other.year:
            if one.year != other.year:
                return True
        elif self._is_of_another_year(one, other) or self._is_of_another_year(other, one):
            return True
        return _have_other_issuers(one, other) or self._is_elsewhere(one, other) or self._is_elsewhere(other, one)

    def _is_of_another_year(self, one: Act, other: Act) -> bool:
        """True where the sentence of an act without a year says another one before it."""
        if one.year or not other.year or one.is_own:
            return False
        return bool(self._nearby.years_before(one) - {other.year})

    def _is_elsewhere(self, one: Act, other: Act) -> bool:
        """True where the words around an act whose place is open speak of another than the other act's."""
        if not other.is_said or one.is_said or one.is_own or (one.is_named and one.where):
            return False
        near = self._nearby.place(one, _level(other))
        return near is not None and near != other.where


def _have_other_issuers(one: Act, other: Act) -> bool:
    if one.where and other.where and one.where != other.where:
        by_code = [act for act in (one, other) if not (act.is_named or act.is_own)]  # it was taken for the document's
        return not by_code or not any(act.is_said for act in (one, other))
    if not (one.is_named or one.is_own) or not (other.is_named or other.is_own):
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


def _level(act: Act) -> str | None:
    core = _core(folded(act.issuer or ""))
    if core is None:
        return None
    return core[1] or {"tinh uy": "tinh", "thanh uy": "thanh pho", "huyen uy": "huyen", "quan uy": "quan"}.get(core[0])

"""Which body issued an act: by the words behind it, by its code, and by the place of the document that cites it."""

from __future__ import annotations

import bisect
import functools
import re
from typing import Final

from vanban.values.bodies import (
    is_national,
    is_province,
    joined,
    name_before,
    own_codes,
    own_name,
    spelt_name,
    spelt_place,
)  # fmt: skip
from vanban.values.codes import NAME_OF_BODY, NAME_OF_LOCAL_BODY, without_term
from vanban.values.issue import LEVEL_OF_COMMITTEE, LEVELS, Issue, in_full
from vanban.values.letters import folded, slug
from vanban.values.meaning import Record
from vanban.values.symbols import Symbol, national_issuer
from vanban.values.view import View

_HEAD: Final = 900  # characters of a document that name its body and the one above
_LEVEL: Final = re.compile(rf"\s*(?P<level>{LEVELS})(?!\w)[\s.]*")
_COMMITTEE_OF: Final = re.compile(r"(?<!\w)(tinh|thanh|huyen|quan|thi)\s+uy\s+")
_HEAD_OF: Final = re.compile(rf"(?<!\w)(?:{LEVELS})\s+")
_LETTER: Final = re.compile(r"\w")
_SPELT: Final = {
    "tinh": "tỉnh", "thanh pho": "thành phố", "huyen": "huyện", "quan": "quận", "thi xa": "thị xã", "xa": "xã",
    "phuong": "phường", "thi tran": "thị trấn", "dac khu": "đặc khu",
}  # fmt: skip
_PROVINCES: Final = frozenset({"tinh", "thanh pho"})
_CITIES: Final = frozenset({"ha noi", "ho chi minh", "hai phong", "da nang", "can tho", "hue"})
_COMMITTEE: Final = "Ban Chấp hành Trung ương"  # as the heads of its acts read
_CITY_WORDS: Final = {"Tỉnh ủy": "Thành ủy", "Công an tỉnh": "Công an thành phố"}
_LEVELS_OF_CODE: Final = {"hu": {"huyen", "thi xa", "thanh pho"}, "qu": {"quan"}}
_FAMILIES: Final = {
    "ubnd": "ubnd",
    "ub": "ubnd",
    "hdnd": "hdnd",
    "tu": "party",
    "hu": "party",
    "du": "party",
    "qu": "party",
}


@functools.lru_cache(maxsize=1 << 12)
def level_and_name(written: str) -> tuple[str | None, str]:
    """Return the level of a place, in plain letters, and its name without the head noun."""
    found = _LEVEL.match(folded(written))
    if found is None or found.end() >= len(written):
        return None, written.strip()
    name = written[found.end() :].strip()
    return in_full(found["level"]), name.title() if name.isupper() else name


class Issuers:
    """What a document says of the bodies whose acts it cites."""

    def __init__(self, view: View, place: str | None, head: Record | None = None, *, is_press: bool = False) -> None:
        """`place` is the document's, `head` says who issued it."""
        if head and head.issuer and is_national(head.issuer):
            place = None  # a ministry sits there: the bodies of the place are not meant
        if is_press and place is None:
            place = _place_of_article(view)
        level, name = level_and_name(place) if place else (None, "")
        name = spelt_place(name) if name else ""
        self.place = name or None
        self.is_press = is_press
        self._text = view.plain
        self._plain = folded(name)
        self._levels = {level} if level else set()
        self._above: dict[str, set[str]] = {}  # places of the head, by level
        self._spans = [view.spans[number] for number in view.of("PLACE")]
        self._starts = [start for start, _ in self._spans]
        self._people = {view.spans[number][0] for number in view.of("OFFICIAL")}
        named = [view.text[start:end] for start, end in self._spans]
        for start, end in self._spans:
            one, bare = level_and_name(view.text[start:end])
            bare = spelt_place(bare) if start < _HEAD else bare
            if one and start < _HEAD:
                self._above.setdefault(one, set()).add(bare)
        if self._plain and not self._levels:
            self._levels = self._levels_in_head(view) or {
                one for one, bare in map(level_and_name, named) if one and folded(bare) == self._plain
            }
        spelt = _SPELT.get(next(iter(self._levels))) if len(self._levels) == 1 else None
        whole = f"{spelt} {self.place}" if spelt and self.place else self.place
        self._own_codes: frozenset[str] = frozenset()
        self._own_name: str | None = None
        if head and head.issuer:
            self._own_codes = own_codes(view.text)
            self._own_name = own_name(head.issuer, head.issuer_above, view, whole, name)

    def _levels_in_head(self, view: View) -> set[str]:
        """Return the levels of the document's place, as its head says them, and its Party committees do."""
        plain = self._text[:_HEAD]
        for committee in _COMMITTEE_OF.finditer(plain):
            if self._is_place_at(plain, committee.end()):
                return {LEVEL_OF_COMMITTEE[committee[1]]}
        heads = (found for found in _HEAD_OF.finditer(plain) if self._is_place_at(plain, found.end()))
        return {level_and_name(found.group() + self._plain)[0] or "" for found in heads}

    def _is_place_at(self, plain: str, at: int) -> bool:
        """True where the name of the document's place stands, whole words of it."""
        return plain.startswith(self._plain, at) and not _LETTER.match(plain, at + len(self._plain))

    def place_end(self, start: int, end: int) -> int | None:
        """Return the end of the first place that begins in a span, or after the white space behind it.

        It is the end of the span itself where a person follows: `Chủ tịch UBND tỉnh Nguyễn Văn A`.
        """
        if end + 1 in self._people:
            return end
        at = bisect.bisect_left(self._starts, start)
        return self._spans[at][1] if at < len(self._starts) and self._starts[at] <= end + 1 else None

    def of(
        self, symbol: Symbol | None, issue: Issue, text: str, start: int, kind: str | None, is_own: bool
    ) -> tuple[str | None, str]:
        """Return the name of the body that issued an act, and what its id says of it, empty where that is open."""
        name, where = self._of(symbol, issue, text, start, kind, is_own)
        return spelt_name(name) if name else None, where

    def _of(
        self, symbol: Symbol | None, issue: Issue, text: str, start: int, kind: str | None, is_own: bool
    ) -> tuple[str | None, str]:
        code = folded(symbol.body_code or "") if symbol else ""
        national = national_issuer(symbol) if symbol else None
        if issue.issuer is not None:
            name = re.sub(r"\s+", " ", text[slice(*issue.issuer)])
            if national:
                return name, slug(national)
            if issue.body in ("ubnd", "hdnd", "party"):
                place = self._named(issue, text)
                if place is None:
                    place = self._generic(issue.level, code, is_own)
                    return (joined(name, place) if place and issue.level else name), slug(place or "")
                return name, slug(place)
            if issue.body:
                return name, slug(_national_slug(issue.body))
            return name, self._slug_of_place(issue, text)
        if national:
            return (_COMMITTEE if code == "tw" else national), slug(national)
        local = NAME_OF_LOCAL_BODY.get(code.replace("&", ""))
        before = None if is_own else name_before(text, start, kind)
        if local is None:
            where = slug(self.place or "") if is_own else ""
            if code and (is_own or code in self._own_codes):
                return self._own_name, where
            return before or self._ministry(code), where
        if before:
            written = re.search(re.escape(folded(local)), folded(before))
            if written and len(before) > written.end():
                found = before[written.start() :]
                return found, slug(level_and_name(found[written.end() - written.start() :])[1])
        place = self._generic(None, code, is_own)
        if self.is_press and local.startswith("Sở"):
            return local, slug(place or "")  # what an article is about need not be whose department it is
        return self._local_name(local, place, code), slug(place or "")

    def _ministry(self, code: str) -> str | None:
        """Return the ministry that a code without its `B` names, where the document names it: `LĐTBXH-TL`."""
        name = NAME_OF_BODY.get(f"b{code}") if len(code) > 1 else None
        return name if name and folded(name) in self._text else None

    def _named(self, issue: Issue, text: str) -> str | None:
        if issue.named is None:
            return None
        name = level_and_name(text[slice(*issue.named)])[1]
        return name or None

    def _slug_of_place(self, issue: Issue, text: str) -> str:
        assert issue.issuer is not None
        start, end = issue.issuer
        at = bisect.bisect_left(self._starts, start)
        if at < len(self._starts) and self._spans[at][1] <= end:
            return slug(level_and_name(text[slice(*self._spans[at])])[1])
        return ""

    def _generic(self, level: str | None, code: str, is_own: bool) -> str | None:
        """Return which place a body is of that names none: the document's, or the one of that level in its head."""
        if is_own:
            return self.place
        if level is None:
            wanted = _LEVELS_OF_CODE.get(code) or (_PROVINCES if code not in ("ubnd", "ub", "hdnd", "du", "") else None)
            fits = wanted is None or not self._levels or bool(self._levels & wanted)
            return self.place if fits and code else None
        if level in self._levels:
            return self.place
        named = self._above.get(level, set())
        return next(iter(named)) if len(named) == 1 else None

    def _local_name(self, name: str, place: str | None, code: str) -> str | None:
        if place is None:  # whose committee, or whether of a province or a city, nothing says
            is_of_committee = name.endswith("Tỉnh ủy") and name != "Tỉnh ủy" and "tinh uy" in self._text
            return name if name.startswith("Sở") or is_of_committee else None
        level = next(iter(self._levels)) if len(self._levels) == 1 else None
        is_city = level == "thanh pho" or (level is None and folded(place) in _CITIES)
        if is_city:
            for word, other in _CITY_WORDS.items():
                name = name.replace(word, other)
        spelt = _SPELT.get(level or "")
        says_level = name.endswith(("nh ủy", "n ủy", "tỉnh", "thành phố")) or spelt is None
        return f"{name} {place}" if says_level else f"{name} {spelt} {place}"


def _place_of_article(view: View) -> str | None:
    """Return the province that an article names first, where it tells of the committee of `tỉnh`."""
    if "ubnd tinh" not in view.plain:
        return None
    for number in view.of("PLACE"):
        name = level_and_name(view.text[slice(*view.spans[number])])[1]
        if is_province(name) and folded(name) not in _CITIES:
            return f"tỉnh {name}"
    return None


def _national_slug(body: str) -> str:
    """Return the longest name of a table that a body's name, in plain letters, holds: a minister is the ministry."""
    if re.match(r"bo chinh tri|ban bi thu|ban chap hanh trung uong", body):
        return NAME_OF_BODY["tw"]
    names = [name for name in NAME_OF_BODY.values() if folded(name) in body]
    return max(names, key=len, default=body)


def family(symbol: Symbol | None) -> str | None:
    """Return a name for bodies of one sort, to tell whether a body that is named can have issued an act."""
    if symbol is None or symbol.body_code is None:
        return None
    code = without_term(folded(symbol.body_code))
    return _FAMILIES.get(code) or folded(NAME_OF_BODY.get(code, "")) or None


def family_of(issue: Issue) -> str | None:
    """The same of the body that is named behind an act."""
    if issue.body in ("ubnd", "hdnd", "party", None):
        return issue.body
    return folded(_national_slug(issue.body))

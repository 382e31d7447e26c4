"""Which body issued an act: by the words behind it and before it, by its code, and by the seat of who cites it."""

from __future__ import annotations

import bisect
import re
from typing import Final, NamedTuple

from vanban.reading.text import one_line
from vanban.schema import Span
from vanban.values.acts.before import Writer, local_writer, name_before
from vanban.values.acts.bodies import is_province, joined, own_codes, own_name, small_name, spelt_name
from vanban.values.acts.codes import NAME_OF_BODY, NAME_OF_LOCAL_BODY, without_term
from vanban.values.acts.initials import Names
from vanban.values.acts.issue import LEVELS, Issue, in_full
from vanban.values.acts.seat import CITIES, PROVINCES, SPELT, Home, Seat, level_and_name
from vanban.values.acts.symbols import Symbol, national_issuer
from vanban.values.letters import folded, slug
from vanban.values.meaning import Record
from vanban.values.view import View

_COMMITTEE: Final = "Ban Chấp hành Trung ương"  # as the heads of its acts read
_CITY_WORDS: Final = {"Tỉnh ủy": "Thành ủy", "Công an tỉnh": "Công an thành phố"}
_LEVELS_OF_CODE: Final = {"hu": {"huyen", "thi xa", "thanh pho"}, "qu": {"quan"}}
_FAMILIES: Final = {
    "ubnd": "ubnd", "ub": "ubnd", "ctubnd": "ubnd", "hdnd": "hdnd", "tu": "party", "hu": "party", "du": "party",
    "qu": "party",
}  # fmt: skip
_PLAIN_NAMES: Final = {folded(name): name for name in NAME_OF_BODY.values()}
_OF_ANY_LEVEL: Final = frozenset({"ubnd", "ub", "ctubnd", "hdnd", "du", ""})
_LEVEL_LAST: Final = re.compile(rf"(?<!\w)(?P<level>{LEVELS})$")
_LEVEL_NEXT: Final = re.compile(rf"\s+(?P<level>{LEVELS})(?!\w)")
_DEPARTMENT: Final = re.compile(r"(?:(?:pho\s+)?giam\s+doc\s+)?so\s+")


class Issuer(NamedTuple):
    """The name of a body, and what an id says of it, empty where that is open.

    `is_said`: words named its place; `is_named`: words at the act, or a code that is of one body, say which body it is.
    """

    name: str | None
    where: str
    is_said: bool = False
    is_named: bool = False


class Issuers:
    """What a document says of the bodies whose acts it cites."""

    def __init__(self, view: View, place: str | None, head: Record | None = None, *, is_press: bool = False) -> None:
        """`place` is the document's, `head` says who issued it."""
        self._seat = Seat(view, place, head, is_press=is_press)
        self._is_press = is_press
        self._view = view
        self._text, self._plain = view.text, view.plain
        self._spans = [view.spans[number] for number in view.of("PLACE")]
        self._starts = [start for start, _ in self._spans]
        people = [view.spans[number] for number in view.of("OFFICIAL")]
        self._people = dict(people)
        self._places = {end: start for start, end in self._spans}
        self._names = Names(view.text, view.plain)
        self._named: dict[str, Issuer] = {}  # bodies by codes that no table has
        self._own_codes: frozenset[str] = frozenset()
        self.own_name: str | None = None
        self._issuer: str | None = None
        if head and head.issuer:
            self._own_codes = own_codes(view.text)
            self.own_name = own_name(head.issuer, head.issuer_above, view, self._seat.whole, self._seat.place or "")
            self._issuer = folded(one_line(head.issuer))

    def place_end(self, start: int, end: int) -> int | None:
        """Return the end of the first place that begins in a span, or after the white space behind it.

        It is the end of the span itself where a person follows: `Chủ tịch UBND tỉnh Nguyễn Văn A`.
        """
        if end + 1 in self._people:
            return end
        at = bisect.bisect_left(self._starts, start)
        return self._spans[at][1] if at < len(self._starts) and self._starts[at] <= end + 1 else None

    def of(self, symbol: Symbol | None, issue: Issue, start: int, kind: str | None, is_own: bool) -> Issuer:
        """Return who issued an act that begins at `start`, by what was read of it."""
        found = self._of(symbol, issue, start, kind, is_own)
        return found._replace(name=spelt_name(found.name)) if found.name else found

    def _of(self, symbol: Symbol | None, issue: Issue, start: int, kind: str | None, is_own: bool) -> Issuer:
        code = folded(symbol.body_code or "").replace("&", "") if symbol else ""
        national = national_issuer(symbol) if symbol else None
        if issue.issuer is not None:
            return self._behind(issue, issue.issuer, code, national)._replace(is_named=True)
        if national:
            return Issuer(_COMMITTEE if code == "tw" else national, slug(national), is_named=True)
        local = NAME_OF_LOCAL_BODY.get(code)
        if local is None and code and (is_own or code in self._own_codes):
            return Issuer(self.own_name, slug(self._seat.place or "") if is_own else "")
        before = None if is_own else name_before(self._text, self._plain, start, kind)
        parts = [NAME_OF_LOCAL_BODY.get(part) for part in code.split("-")] if "-" in code else []
        if parts and all(parts):  # joint acts
            homes = [self._home(part, is_own) for part in code.split("-")]
            names = [self._local_name(name or "", home) for name, home in zip(parts, homes, strict=True)]
            return Issuer(", ".join(filter(None, names)) or None, slug(homes[0].name if homes[0] else ""))
        if local is None:
            if before:
                return self._with_level_place(before)._replace(is_named=True)
            return self._by_initials(code) if code else Issuer(None, "")
        found = None if is_own else self._before(start, code, local, before)
        if found is not None:
            return found._replace(is_named=True)
        home = self._home(code, is_own)
        if self._is_press and local.startswith("Sở"):
            return Issuer(local, slug(home.name if home else ""))  # an article need not be of whose department it is
        return Issuer(self._local_name(local, home), slug(home.name if home else ""))

    def _before(self, start: int, code: str, local: str, before: str | None) -> Issuer | None:
        """Return the local body of a code with the place that the words before an act say; `before`: their body."""
        if code in _FAMILIES:
            writer = local_writer(self._text, self._plain, start, self.place_end, self._people, self._places)
            if writer and (writer.body == _FAMILIES[code] or (writer.body is None and self._may_write(writer))):
                return self._written_by(writer, local)
            # Ủy ban Quốc gia …
            return Issuer(before, "") if before and code == "ub" and "nhan dan" not in folded(before) else None
        if before is None:
            return None
        name = re.search(re.escape(folded(local)), folded(before))
        if name and len(before) > name.end():
            rest = before[name.end() :]
            return Issuer(before[name.start() :], slug(level_and_name(rest)[1]), True)
        if code == "svhtt" and name is None and _DEPARTMENT.match(folded(before)):  # two departments have this code
            return self._department(before[folded(before).index("so ") :], self._home(code, is_own=False))
        return None

    def _behind(self, issue: Issue, span: Span, code: str, national: str | None) -> Issuer:
        """Return the body that the words behind an act name, with its place."""
        name = one_line(self._text[slice(*span)])
        if national:
            return Issuer(_with_marks(name), slug(national))
        if issue.body in ("ubnd", "hdnd", "party"):
            if issue.named:
                place = level_and_name(self._text[slice(*issue.named)])[1]
                return Issuer(name, slug(place), True)
            if issue.level is None:
                found = self._home(code, is_own=False)
                return Issuer(name, slug(found.name if found else ""))
            home = self._seat.of_level(issue.level)
            return Issuer(joined(_with_level(name), home) if home else _with_level(name), slug(home or ""))
        if issue.body:
            return Issuer(_with_marks(name), slug(_national_slug(issue.body)))
        where = self._slug_of_place(span)
        if _LEVEL_LAST.search(folded(name)):
            return self._with_level_place(name)
        if not where and _DEPARTMENT.match(folded(name)) and not self._is_press:
            return self._department(name, self._seat.province())
        return Issuer(name, where, bool(where))

    def _with_level_place(self, name: str) -> Issuer:
        """Return a body whose name may end in a level with the place of that level: `Ủy ban bầu cử tỉnh`."""
        level = _LEVEL_LAST.search(folded(name))
        home = self._seat.of_level(in_full(level["level"])) if level else None
        return Issuer(joined(_with_level(name), home), slug(home)) if home else Issuer(_with_level(name), "")

    def _may_write(self, writer: Writer) -> bool:
        """True of a place whose authority can be called by its name: `huyện A góp ý tại`."""
        level, name = level_and_name(self._text[slice(*writer.named)]) if writer.named else (writer.level, "")
        return level is not None or is_province(name)

    def _written_by(self, writer: Writer, local: str) -> Issuer:
        """Return the body of a code with the place that the words before an act say."""
        if writer.named:
            level, name = level_and_name(self._text[slice(*writer.named)])
            return Issuer(self._local_name(local, Home(level or writer.level, name)), slug(name), True)
        if writer.level is None:
            return Issuer(None, "")
        near = self._province_before(writer)
        place = near or self._seat.of_level(writer.level)
        if place is None:
            spelt = SPELT.get(writer.level, "")
            return Issuer(local if "ủy" in local else f"{local} {spelt}".strip(), "")
        return Issuer(self._local_name(local, Home(writer.level, place)), slug(place), near is not None)

    def _province_before(self, writer: Writer) -> str | None:
        """Return the province that a sentence names before the body, else its paragraph: `Ở Bình Dương, Tỉnh ủy có …`.

        A document with a head speaks of its own, but for the press.
        """
        if (self._issuer and not self._is_press) or writer.level not in PROVINCES or writer.body is None:
            return None
        last = bisect.bisect_left(self._starts, writer.start)
        for start in (writer.first, self._plain.rfind("\n", 0, writer.start) + 1):
            first = bisect.bisect_left(self._starts, start)
            names = [level_and_name(self._text[slice(*span)])[1] for span in self._spans[first:last]]
            provinces = list(dict.fromkeys(name for name in names if is_province(name)))
            if provinces:
                return provinces[0] if len(provinces) == 1 else None
        return None

    def _by_initials(self, code: str) -> Issuer:
        """Return the body whose initials a code is, with the place behind it; or the ministry whose `B` it lacks."""
        if code not in self._named:
            found = {self._with_place(*span) for span in self._names.of(code)}
            placed = {one for one in found if one.where} or found
            self._named[code] = next(iter(placed)) if len(placed) == 1 else Issuer(self._ministry(code), "")
        return self._named[code]

    def _with_place(self, start: int, end: int) -> Issuer:
        """Return a body with the place that stands behind it, or with that of the level that does."""
        place = self.place_end(start, end)
        if place and place > end:
            return Issuer(one_line(self._text[start:place]), self._slug_of_place((start, place)), True)
        name = one_line(self._text[start:end])
        if folded(name) == self._issuer:
            return Issuer(self.own_name, slug(self._seat.place or ""))
        name = small_name(name, self._view)
        level = _LEVEL_NEXT.match(self._plain, end)
        return self._with_level_place(f"{name} {level['level']}") if level else Issuer(name, "")

    def _ministry(self, code: str) -> str | None:
        """Return the ministry that a code without its `B` names, where the document names it: `LĐTBXH-TL`."""
        name = NAME_OF_BODY.get(f"b{code}") if len(code) > 1 else None
        return name if name and folded(name) in self._plain else None

    def _slug_of_place(self, span: Span) -> str:
        start, end = span
        at = bisect.bisect_left(self._starts, start)
        if at < len(self._starts) and self._spans[at][1] <= end:
            return slug(level_and_name(self._text[slice(*self._spans[at])])[1])
        return ""

    def _home(self, code: str, is_own: bool) -> Home | None:
        """Return which place a body is of that names none: the document's, or the province that this lies in."""
        seat = self._seat
        if seat.place is None or not (code or is_own):
            return None
        if is_own or code in _OF_ANY_LEVEL:
            return Home(seat.level, seat.place)
        wanted = _LEVELS_OF_CODE.get(code)
        if wanted is None:
            return seat.province()
        return Home(seat.level, seat.place) if not seat.levels or seat.levels & wanted else None

    def _department(self, name: str, home: Home | None) -> Issuer:
        """Return a department of a province with its place."""
        if home is None or folded(home.name) in folded(name):
            return Issuer(name, slug(home.name if home else ""))
        return Issuer(self._local_name(name, home), slug(home.name))

    def _local_name(self, name: str, home: Home | None) -> str | None:
        if home is None:  # whose committee, or whether of a province or a city, nothing says
            is_of_committee = name.endswith("Tỉnh ủy") and name != "Tỉnh ủy" and "tinh uy" in self._plain
            return name if name.startswith("Sở") or is_of_committee else None
        is_city = home.level == "thanh pho" or (home.level is None and folded(home.name) in CITIES)
        if is_city:
            for word, other in _CITY_WORDS.items():
                name = name.replace(word, other)
        spelt = SPELT.get(home.level or "")
        says_level = name.endswith(("nh ủy", "n ủy", "tỉnh", "thành phố")) or spelt is None
        return f"{name} {home.name}" if says_level else f"{name} {spelt} {home.name}"


def _with_marks(name: str) -> str:
    """Return the name of a national body that a scan has without any mark as it is spelt."""
    plain = folded(name)
    return _PLAIN_NAMES.get(plain, name) if name.lower() == plain else name


def _with_level(name: str) -> str:
    """Return a name that ends in a level as this is spelt: `HĐND tinh` of a scan is `HĐND tỉnh`."""
    level = _LEVEL_LAST.search(folded(name))
    if level is None or name[level.start() :].lower() != level["level"] or level["level"] not in SPELT:
        return name
    return name[: level.start()] + SPELT[level["level"]]


def _national_slug(body: str) -> str:
    """Return the longest name of a table that a body's name, in plain letters, holds: a minister is the ministry."""
    if re.match(r"bo chinh tri|ban bi thu|ban chap hanh trung uong", body):
        return NAME_OF_BODY["tw"]
    names = [name for plain, name in _PLAIN_NAMES.items() if plain in body]
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

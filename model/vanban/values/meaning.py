"""What entities and documents mean: frozen values, each with the raw spans of what was read for it.

`spans` names a field and gives the half-open span, in code points of the caller's raw text, of what it was read from;
a field that no piece of text gives (what follows from others) has none. What is not written is None, False or empty.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from vanban.schema import Span

Approximation = Literal["over", "nearly", "about", "under", "at_least", "at_most"]
NounClass = Literal["people", "cases", "households", "establishments", "documents", "units", "other"]
Relation = Literal["basis", "implements", "amends", "replaces", "repeals", "guides", "mentions"]
Level = Literal[
    "country", "province", "city", "district", "town", "commune", "ward", "township", "hamlet", "street", "site",
    "region",
]  # fmt: skip
Spans = Mapping[str, Span]


class Meaning:
    """What the values share: their form in JSON."""

    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        """Return what was read as JSON takes it: numbers as strings of digits, dates in ISO 8601, no empty fields."""
        assert dataclasses.is_dataclass(self)
        found = {f.name: _plain(getattr(self, f.name)) for f in dataclasses.fields(self)}
        return {name: value for name, value in found.items() if value not in (None, False, [], {})}


def _plain(value: Any) -> Any:
    if isinstance(value, Meaning):
        return value.to_dict()
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime.date):
        return value.isoformat()
    return value


@dataclass(frozen=True, slots=True)
class Count(Meaning):
    """How many of what. One of `number`, `low` with `high`, `numerator` with `denominator` is there.

    `noun` is as written, `per` the unit behind the slash of a rate (`ngày`). `approximation`, `negated` (`không có`)
    and `planned` (`dự kiến`, `chỉ tiêu`) are read from the words directly before. Spans: of the fields, and
    `approximation`, `negated`, `planned` of these words.
    """

    number: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    noun: str | None = None
    noun_class: NounClass | None = None
    per: str | None = None
    approximation: Approximation | None = None
    negated: bool = False
    planned: bool = False
    spans: Spans = field(default_factory=dict, hash=False, kw_only=True)

    @property
    def at_least(self) -> bool:
        """True where the number is a lower bound."""
        return self.approximation in ("over", "at_least")


@dataclass(frozen=True, slots=True)
class Directive(Meaning):
    """An act. `kind` is a type id (`chi_thi`; also `luat`, `phap_lenh`, `ket_luan`, `quy_dinh`, …).

    `symbol` is number and codes as written (`17/CT-UBND`), `number` its number, `year` the one that the symbol or the
    date has; `type_code` `CT`, `body_code` `UBND`, `unit_code` that of the drafting unit (`NC`). `issuer` is a name,
    where code, text behind or document say it. `id` is the same for all ways to write the act.
    """

    id: str
    kind: str | None = None
    number: str | None = None
    year: int | None = None
    symbol: str | None = None
    type_code: str | None = None
    body_code: str | None = None
    unit_code: str | None = None
    issuer: str | None = None
    date: datetime.date | None = None
    title: str | None = None
    relation: Relation = "mentions"
    spans: Spans = field(default_factory=dict, hash=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Office(Meaning):
    """An office: `title` and `organisation` as written. `acting`: Quyền, phụ trách. `on_behalf_of`: `KT. CHỦ TỊCH` …"""

    title: str
    organisation: str | None = None
    acting: bool = False
    on_behalf_of: str | None = None
    spans: Spans = field(default_factory=dict, hash=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Official(Meaning):
    """A person in office. `full_name` is the longest that the document calls the person; one person has one `key`.

    `honorifics` (đồng chí, TS.) and `ranks` (Trung tướng) stand apart from `offices`. `signs`: in a signature block.
    """

    key: str
    name: str
    full_name: str | None = None
    offices: tuple[Office, ...] = ()
    honorifics: tuple[str, ...] = ()
    ranks: tuple[str, ...] = ()
    signs: bool = False
    spans: Spans = field(default_factory=dict, hash=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Successor(Meaning):
    """Another unit that came of one, or of which one came; `how`: as a whole, or a part of it."""

    code: str
    name: str
    how: Literal["whole", "part"]
    on: datetime.date | None = None


@dataclass(frozen=True, slots=True)
class Unit(Meaning):
    """An official unit of administration: of its `code` only in its time, from `valid_from` up to, without, `valid_to`.

    `parents`: names, the nearest first. A country has the code of ISO 3166.
    """

    code: str
    name: str
    level: Level
    parents: tuple[str, ...] = ()
    parent_codes: tuple[str, ...] = ()
    valid_from: datetime.date | None = None
    valid_to: datetime.date | None = None
    successors: tuple[Successor, ...] = ()
    predecessors: tuple[Successor, ...] = ()


@dataclass(frozen=True, slots=True)
class Place(Meaning):
    """A place: its level, its name without the head noun, and the official units that it may be, likeliest first."""

    name: str
    level: Level | None = None
    candidates: tuple[Unit, ...] = ()
    spans: Spans = field(default_factory=dict, hash=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Record(Meaning):
    """What a document says of itself. `place` and `date` are those of issue; `type` is as written.

    Of the press `subject` is the headline, `byline` the paper or agency. `basis` are the acts of `Căn cứ`, `cites` all
    that are cited; ids of `Directive`. `recipients` are of `Kính gửi` and `Nơi nhận`.
    """

    issuer: str | None = None
    issuer_above: str | None = None
    symbol: str | None = None
    place: str | None = None
    date: datetime.date | None = None
    type: str | None = None
    subject: str | None = None
    byline: str | None = None
    basis: tuple[str, ...] = ()
    cites: tuple[str, ...] = ()
    signers: tuple[Official, ...] = ()
    recipients: tuple[str, ...] = ()
    spans: Spans = field(default_factory=dict, hash=False, kw_only=True)


Value = Count | Directive | Official | Place

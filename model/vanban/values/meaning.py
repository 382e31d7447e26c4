"""What entities and documents mean: frozen values, each with the raw spans of what was read for it.

`spans` names a field and gives the half-open span, in code points of the caller's raw text, of what it was read from;
a field that no piece of text gives (what follows from others) has none. What is not written is None, False or empty.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from vanban.schema import Span
from vanban.values.form import Level as Level
from vanban.values.form import Meaning as Meaning
from vanban.values.places.units import Successor as Successor
from vanban.values.places.units import Unit as Unit
from vanban.values.places.units import at

Approximation = Literal["over", "nearly", "about", "under", "at_least", "at_most"]
NounClass = Literal["people", "cases", "households", "establishments", "documents", "units", "other"]
Relation = Literal["basis", "implements", "amends", "replaces", "repeals", "guides", "mentions"]
Spans = Mapping[str, Span]


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
class Place(Meaning):
    """A place: its level, its name without the head noun, and the official units that it may be, likeliest first."""

    name: str
    level: Level | None = None
    candidates: tuple[Unit, ...] = ()
    spans: Spans = field(default_factory=dict, hash=False, kw_only=True)

    def at(self, date: datetime.date) -> tuple[Unit, ...]:
        """Return what the likeliest of the candidates is on a day: itself, what it became, or what it came of."""
        return at(self.candidates[0], date) if self.candidates else ()


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

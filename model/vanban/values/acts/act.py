"""An act in the making: what was read of one mention, before others add to it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from vanban.schema import Span
from vanban.values.acts.issue import Issue
from vanban.values.acts.symbols import Symbol

_SAME_KIND: Final = {"bo_luat": "luat", "van_ban": "cong_van"}  # in ids: not all write which


@dataclass
class Act:
    """An act in the making; spans are offsets into the view's text."""

    span: Span
    kind: str | None = None
    kind_span: Span | None = None
    symbol: Symbol | None = None
    at: int = 0  # where the symbol begins
    issue: Issue = field(default_factory=Issue)
    issuer: str | None = None
    where: str = ""
    is_said: bool = False  # words name the place of its issuer
    is_named: bool = False  # words, or the code, say which body issued it, its place or not
    is_own: bool = False  # the document's
    year: int | None = None
    known_year: int | None = None  # which another way to write it may say
    date: datetime.date | None = None
    borrowed: Act | None = None  # the full form elsewhere, of which this is a short one

    @cached_property
    def key(self) -> tuple[str | None, str]:
        """What is the same of all ways to write an act, but for year and place."""
        kind = _SAME_KIND.get(self.kind or "", self.kind)
        if self.symbol is None:
            return kind, ""
        written = self.symbol.canonical
        if kind == "nghi_dinh" and not self.symbol.is_full and self.symbol.year:
            written += "/NĐ-CP"  # the Government alone issues decrees
        return kind, written

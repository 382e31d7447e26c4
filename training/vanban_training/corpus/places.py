"""The names of the provinces and communes since July 2025, read from the table that ships."""

from __future__ import annotations

import functools
from importlib import resources
from typing import NamedTuple


class Place(NamedTuple):
    """A province or a commune (ward, commune or special zone), as a row of `places.tsv` has it.

    `code` is that of the Statistics Office: two digits for a province, five for a commune. `province` is the code of
    the province that it is in; a province's is its own. `name` has no head noun: that is `kind`.
    """

    code: str
    province: str
    kind: str
    name: str

    @property
    def is_province(self) -> bool:
        return self.code == self.province


@functools.cache
def read_places() -> tuple[Place, ...]:
    """Return the 34 provinces and then the 3,321 communes, each in the order of their codes."""
    rows = (resources.files(__package__) / "places.tsv").read_text(encoding="utf-8").splitlines()
    return tuple(Place(*row.split("\t")) for row in rows if not row.startswith("#"))

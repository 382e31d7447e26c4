"""The names of the provinces and communes since July 2025, of the table of units that ships."""

from __future__ import annotations

import functools
from typing import Final, NamedTuple

from vanban.values.places.unit_table import table

_SINCE: Final = "2025-07-01"


class Place(NamedTuple):
    """A province or a commune (ward, commune or special zone).

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
    units = table()
    rows = (units.rows[row] for row in range(len(units.rows)) if units.rank(row) in ("province", "commune"))
    return tuple(
        Place(code, above or code, kind, name)
        for code, kind, name, above, since, until, *_ in rows
        if since <= _SINCE and not until
    )

"""The form that all values share: frozen, with a dict that JSON takes."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal

Level = Literal[
    "country", "province", "city", "district", "town", "commune", "ward", "township", "hamlet", "street", "site",
    "region",
]  # fmt: skip


class Meaning:
    """What the values share: their form in JSON."""

    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        """Return what was read as JSON takes it: numbers as strings of digits, dates in ISO 8601, no empty fields."""
        assert dataclasses.is_dataclass(self)
        found = {f.name: _plain(getattr(self, f.name)) for f in dataclasses.fields(self)}
        return {name: value for name, value in found.items() if value not in (None, False, [], {})}


class Written(Meaning):
    """A value of which only the form in JSON is left."""

    __slots__ = ("_fields",)

    def __init__(self, fields: dict[str, Any]) -> None:
        self._fields = fields

    def to_dict(self) -> dict[str, Any]:
        """Return that form."""
        return self._fields


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

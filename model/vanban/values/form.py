"""The form that all values share: frozen, with a dict that JSON takes."""

from __future__ import annotations

import dataclasses
import datetime
import functools
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar, Literal

Level = Literal[
    "country", "province", "city", "district", "town", "commune", "ward", "township", "hamlet", "street", "site",
    "region",
]  # fmt: skip


class Meaning:
    """What the values share: their form in JSON."""

    __slots__ = ()
    NOT_IN_JSON: ClassVar[frozenset[str]] = frozenset()  # fields

    def to_dict(self) -> dict[str, Any]:
        """Return what was read as JSON takes it: numbers as strings of digits, dates in ISO 8601, no empty fields."""
        kind: Any = type(self)
        found = {name: _plain(getattr(self, name)) for name in _fields(kind)}
        return {name: value for name, value in found.items() if value or isinstance(value, str)}


@functools.cache
def _fields(kind: Any) -> tuple[str, ...]:
    """Return the names of the fields of a kind of meaning that are in its form in JSON."""
    return tuple(f.name for f in dataclasses.fields(kind) if f.name not in kind.NOT_IN_JSON)


class Written(Meaning):
    """A value of which only the form in JSON is left."""

    __slots__ = ("_fields",)

    def __init__(self, fields: dict[str, Any]) -> None:
        self._fields = fields

    def to_dict(self) -> dict[str, Any]:
        """Return that form."""
        return self._fields

    def __eq__(self, other: object) -> bool:
        """True of all that has the same form in JSON: it is the same value, read or not."""
        return isinstance(other, Meaning) and self._fields == other.to_dict()

    def __hash__(self) -> int:
        return hash(json.dumps(self._fields, sort_keys=True))


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, (str, int)):  # most are: what costs more is asked after it
        return value
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if isinstance(value, Meaning):
        return value.to_dict()
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime.date):
        return value.isoformat()
    return value

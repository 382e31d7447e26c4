"""A document that was read, or the reason why it could not be."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from vanban.reading.text import printable


@dataclass(frozen=True, slots=True)
class Document:
    """A raw text, decoded and otherwise untouched: a byte order mark and `\\r\\n` stay.

    `where` is `path` or `path:line`, for messages. `key` tells it from every other document, for `--resume`.
    `fields` are those of its JSONL record; `path` is None for such a record and for standard input;
    what of a name is not UTF-8 is escaped there and in an id that is made of it (`names.as_spelled` finds the file).
    """

    id: str | int | float
    text: str
    where: str
    key: str
    name: str
    path: str | None = None
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Failure:
    """A document that could not be read, tagged or written, and why.

    `kind` is what many have in common whose reasons name different things; empty where that is the reason itself. `id`
    is the document's where `where` says more than that; else None.
    """

    where: str
    reason: str
    kind: str = field(default="", compare=False)
    id: str | None = field(default=None, compare=False)

    def __str__(self) -> str:
        return f"{printable(self.where)}: {self.reason}"

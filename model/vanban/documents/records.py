"""Records with a text, of JSON Lines or Parquet → documents. Which fields hold the text and the id, the user says."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import Any, Final

from vanban.documents.document import Document, Failure
from vanban.documents.sources import STANDARD_INPUT, Source
from vanban.documents.tagged import text_at
from vanban.errors import UserError
from vanban.reading.text import with_bytes_escaped

USUAL_TEXT: Final = "text"
USUAL_ID: Final = "id"


@dataclass(frozen=True, slots=True)
class Columns:
    """The names of the fields of a record that hold its text and its id.

    A record need not have the usual id; one that was named by the user must be there. With `behind_path` the text of a
    record without one is that of the file in its `path`: so `tag` writes the records of text files.
    """

    text: str = USUAL_TEXT
    id: str = USUAL_ID
    behind_path: bool = False


def to_document(record: dict[str, Any], number: int, source: Source, columns: Columns) -> Document | Failure:
    """Return the document of the record in line or row `number` of a source; a failure when it has no text."""
    where = f"{source.path}:{number}"
    text = record.get(columns.text)
    if text is None and columns.behind_path and isinstance(record.get("path"), str):
        try:
            text = text_at(record["path"])
        except UserError as error:
            return Failure(where, str(error), "the text behind a path can't be read")
    if not isinstance(text, str):
        found = f'"{columns.text}": {_shown(text)}' if columns.text in record else f"the keys {list(record)}"
        return Failure(where, f'expected a "{columns.text}" that is a string, found {found}')
    own = record.get(columns.id)
    if isinstance(own, bool) or not isinstance(own, (str, int, float)):
        own = None
    for what, value in ("text", text), ("id", str(own)):
        try:
            value.encode("utf-8")
        except UnicodeEncodeError as error:
            reason = f"found half a surrogate pair at {error.start} of the {what}, expected Unicode characters"
            return Failure(where, reason)
    if own is None and columns.id != USUAL_ID:
        found = f'"{columns.id}": {_shown(record[columns.id])}' if columns.id in record else f"the keys {list(record)}"
        return Failure(where, f'expected a "{columns.id}" that is a string or a number, found {found}')
    path = source.path if source.path == STANDARD_INPUT else os.path.abspath(source.path)
    name = f"{source.name}/{file_name(str(number if own is None else own))}"
    return Document(
        with_bytes_escaped(where) if own is None else own, text, where, f"{path}:{number}:{own}", name, fields=record
    )


def _shown(value: object) -> str:
    return json.dumps(value)[:40]


def file_name(identity: str) -> str:
    """Return `identity` as one path component; two never become the same."""
    quoted = "".join(f"%{ord(c):02X}" if c in '/\\:*?"<>|%' or ord(c) < 32 else c for c in identity)
    return quoted.replace(".", "%2E", 1) if quoted.startswith(".") else quoted or "%"

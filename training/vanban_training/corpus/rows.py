"""Files of text and of rows, read as they stand: characters, rows with their numbers, the objects of JSONL."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from vanban.errors import UserError


def read_text(path: Path) -> str:
    """Return the file's characters as they are: no newline translation, a BOM kept."""
    try:
        return decoded(path.read_bytes(), path)
    except OSError as error:
        raise UserError(f"{path}: can't be read ({error.strerror})") from None


def decoded(data: bytes, path: Path) -> str:
    """Return the characters of a file's bytes; raises UserError for bytes that are not UTF-8."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: byte {error.start} is not UTF-8; convert the file first (iconv -t UTF-8)") from None


def read_rows(path: Path) -> str:
    """Return the text of a file of rows (JSONL, standoff), in which a BOM is no content."""
    return read_text(path).removeprefix("\ufeff")


def numbered_rows(path: Path) -> Iterator[tuple[str, str]]:
    """Yield `file:line` and the row, for each row of a JSONL file that is not blank."""
    for number, row in enumerate(read_rows(path).split("\n"), 1):
        if row.strip():
            yield f"{path}:{number}", row


def read_record(row: str, where: str) -> dict[str, Any]:
    """Return the object that a row of JSONL holds; raises UserError when it holds none."""
    try:
        record = json.loads(row)
    except json.JSONDecodeError as error:
        raise UserError(f"{where}: not JSON: {error.msg} at column {error.colno}") from None
    if not isinstance(record, dict):
        raise UserError(f"{where}: expected an object, found {type(record).__name__}")
    return record

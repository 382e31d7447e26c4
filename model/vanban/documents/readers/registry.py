"""The kinds of files that are read besides texts and records: known by their first bytes, else by their suffix."""

from __future__ import annotations

from typing import Final

from vanban.documents.readers import docx, eml, html, pdf, rtf
from vanban.documents.readers.reader import Reader

READERS: Final[tuple[Reader, ...]] = (docx.READER, pdf.READER, html.READER, rtf.READER, eml.READER)
SUFFIXES: Final = tuple(suffix for reader in READERS for suffix in reader.suffixes)
BEGINNING: Final = 1 << 14  # bytes by which a kind is known


def reader_of(head: bytes, suffix: str) -> Reader | None:
    """Return the reader of a file by its first bytes, else by its suffix where the kind has no bytes of its own."""
    for reader in READERS:
        if reader.begins is not None and reader.begins(head[:BEGINNING]):
            return reader
    return next((reader for reader in READERS if suffix in reader.suffixes and reader.is_named), None)


def reader_named(suffix: str) -> Reader | None:
    """Return the reader of a suffix, whatever the file begins with."""
    return next((reader for reader in READERS if suffix in reader.suffixes), None)


def reader_of_format(name: str) -> Reader:
    """Return the reader of a format. Raises KeyError for a name of none."""
    return {reader.format: reader for reader in READERS}[name]

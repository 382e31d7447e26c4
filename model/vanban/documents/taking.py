"""A file that is one document, or a mail with what it brings → documents with the texts that were taken out."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from vanban.documents.document import Document, Failure
from vanban.documents.kinds import OLDER_OFFICE, markup, no_text, of_annotations, older_office, other_json
from vanban.documents.names import suffix_of, suffix_of_content
from vanban.documents.readers.apart import taken_apart
from vanban.documents.readers.charset import decoded, in_unicode
from vanban.documents.readers.reader import LARGEST, Encoding, Reader
from vanban.documents.readers.registry import reader_named, reader_of
from vanban.documents.records import Columns, file_name
from vanban.documents.sources import STANDARD_INPUT, Source
from vanban.errors import UserError
from vanban.reading.text import with_bytes_escaped

MOST_MAILS: Final = 3  # in each other


@dataclass(frozen=True, slots=True)
class Whole:
    """A file that is read whole: its names as those of `Document`, its suffix, and how it is read.

    `mails` are those that it came with, each attached to the one before.
    """

    id: str
    where: str
    key: str
    name: str
    path: str | None
    suffix: str
    encoding: Encoding | None = None
    mails: tuple[str, ...] = ()

    @classmethod
    def of(cls, source: Source) -> Whole:
        """Return the file of a source."""
        if source.path == STANDARD_INPUT:
            return cls(STANDARD_INPUT, "standard input", STANDARD_INPUT, source.name, None, "", source.encoding)
        key, suffix = os.path.abspath(source.path), suffix_of_content(source.path)
        shown = with_bytes_escaped(source.path)
        return cls(shown, source.path, key, source.name, shown, suffix, source.encoding)

    def attached(self, name: str) -> Whole:
        """Return a file that came with this mail."""
        below = f"{self.name}/{file_name(name)}"
        mails = (*self.mails, self.id)
        suffix = suffix_of(name)
        if suffix == ".txt":
            below = os.path.splitext(below)[0]
        return Whole(
            f"{self.id}/{name}", f"{self.where}/{name}", f"{self.key}/{name}", below, None, suffix, self.encoding, mails
        )

    def document(self, text: str, fields: dict[str, Any] | None = None) -> Document:
        """Return the document of the file."""
        return Document(self.id, text, self.where, self.key, self.name, self.path, fields or {})


def is_of_a_kind(head: bytes, suffix: str) -> bool:
    """True of a file that is read by a reader, or would be if it were what its name says."""
    return reader_of(head, suffix) is not None or reader_named(suffix) is not None


def documents_of(data: bytes, file: Whole, columns: Columns) -> Iterator[Document | Failure]:
    """Yield the document of a file, then those of its attachments that can be read; or a failure.

    The record of a file that is no text in UTF-8 has its text, in the column of texts, and its `source`.
    """
    reader = reader_of(data, file.suffix)
    named = reader_named(file.suffix)
    strange = None
    if len(data) > LARGEST and (reader or named):
        strange = f"found more than {LARGEST >> 20} MiB, expected less in one document; split it"
    elif named is not None and not data.strip():
        strange = f"is empty, expected {named.kind}"
    elif reader is None:
        older = older_office(data) if data.startswith(OLDER_OFFICE) else None
        strange = (
            older
            or no_text(data)
            or of_annotations(data, file.suffix)
            or markup(data)
            or other_json(data, columns.text)
        )
        if strange is None and named is not None:
            strange = (
                f"is named {file.suffix} and is not {named.kind}: found {data[:12]!r} at its start; name it by its kind"
            )
    if strange:
        yield Failure(file.where, strange)
    elif reader is None:
        yield text_of(data, file, columns)
    else:
        yield from _taken(reader, data, file, columns)


def text_of(data: bytes, file: Whole, columns: Columns) -> Document | Failure:
    """Return the document of a file of text; its record has the text where the file is not in UTF-8."""
    found = decoded(data, file.encoding)
    if found is None:
        start = _first_wrong(data, file.encoding or "utf-8")
        where = f"{file.path or file.id}:{data.count(10, 0, start) + 1}"
        if file.encoding:
            found_byte = f"found the byte 0x{data[start]:02x} at {start}"
            return Failure(
                where, f"{found_byte}, expected {file.encoding}, as --encoding says; leave that out", id=file.id
            )
        return Failure(where, f"{not_utf8(data, start)}, or name its encoding with --encoding", id=file.id)
    text, name = found
    pages, letters = in_unicode([text], file.encoding)
    if not (letters or name):
        return file.document(text)
    return file.document(pages[0], _fields(pages[0], columns, "text", data, file, encoding=letters or name))


def _first_wrong(data: bytes, codec: str) -> int:
    try:
        data.decode(codec)
    except UnicodeDecodeError as error:
        return error.start
    return 0


def _taken(reader: Reader, data: bytes, file: Whole, columns: Columns) -> Iterator[Document | Failure]:
    try:
        taken = taken_apart(reader, data, file.encoding)
    except UserError as error:
        yield Failure(file.where, str(error))
        return
    pages, letters = in_unicode(taken.pages, file.encoding)
    more: dict[str, Any] = {}
    if letters or taken.encoding:
        more["encoding"] = letters or taken.encoding
    if taken.has_pages:
        more["pages"] = _spans(pages)
    attachments = _with_names(taken.attachments)
    if attachments:
        more["attachments"] = [name for name, _ in attachments]
    text = "\n".join(pages)
    yield file.document(text, _fields(text, columns, reader.format, data, file, **more))
    for name, content in attachments:
        part = file.attached(name)
        if not _is_read(content, part):
            continue
        if len(part.mails) > MOST_MAILS:
            yield Failure(part.where, f"is attached to a mail in {MOST_MAILS} others; save it as a file of its own")
        else:
            yield from documents_of(content, part, columns)


def _is_read(data: bytes, file: Whole) -> bool:
    """True of a text or a file of a kind that is read, among attachments: pictures and others are named alone."""
    return file.suffix == ".txt" or is_of_a_kind(data, file.suffix)


def _fields(text: str, columns: Columns, form: str, data: bytes, file: Whole, **more: Any) -> dict[str, Any]:
    """Return the fields of a record: its text, and where that is from."""
    source = {"format": form, "sha256": hashlib.sha256(data).hexdigest(), **more}
    if file.mails:
        source["attached_to"] = file.mails[-1]
    return {columns.text: text, "source": source}


def _spans(pages: Sequence[str]) -> list[list[int]]:
    """Return where pages begin and end in their text, each on lines of its own."""
    spans, start = [], 0
    for page in pages:
        spans.append([start, start + len(page)])
        start += len(page) + 1
    return spans


def _with_names(attachments: Sequence[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    """Return attachments with names that are all different."""
    seen: set[str] = set()
    named = []
    for number, (name, data) in enumerate(attachments, 1):
        name = f"{number}-{name}" if name in seen else name
        seen.add(name)
        named.append((name, data))
    return named


def not_utf8(data: bytes, position: int) -> str:
    """Return what is wrong with bytes at a position, and what to do."""
    charset = "UTF-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "CHARSET"
    return (
        f"found the byte 0x{data[position]:02x} at {position}, expected UTF-8; "
        f"convert it first: iconv -f {charset} -t UTF-8"
    )

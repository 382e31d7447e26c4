"""Sources → documents with their raw texts: a file is one document, or one on each line of JSON."""

from __future__ import annotations

import io
import itertools
import json
import os
import sys
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from vanban.documents.document import Document, Failure
from vanban.documents.kinds import is_record, markup, no_text, other_json
from vanban.documents.sources import STANDARD_INPUT, Source


def read_documents(sources: Iterable[Source | Failure]) -> Iterator[Document | Failure]:
    """Yield the documents of `sources` one by one, a failure where one can't be read. Blank lines of JSONL are none."""
    for source in sources:
        if isinstance(source, Failure):
            yield source
            continue
        try:
            if source.path == STANDARD_INPUT:
                yield from _read(sys.stdin.buffer, source)
            else:
                with open(source.path, "rb") as file:
                    yield from _read(file, source)
        except OSError as error:
            yield Failure(source.path, f"can't be read: {error.strerror or error}")


def _read(file: BinaryIO, source: Source) -> Iterator[Document | Failure]:
    lead = _lead(file)
    first = lead[-1].strip()
    where = "standard input" if source.path == STANDARD_INPUT else source.path
    strange = no_text(lead[0])
    if strange:
        yield Failure(where, strange)
        return
    in_rows = source.kind == "jsonl" or (source.kind == "auto" and is_record(first))
    if in_rows and not first.startswith(b"[") and first != b"{":
        yield from _read_records(itertools.chain(lead, file), source)
        return
    data = b"".join(lead) + file.read()
    if source.kind != "text":
        strange = (None if in_rows else markup(data)) or other_json(data)
    if strange:
        yield Failure(where, strange)
    elif in_rows:
        yield from _read_records(io.BytesIO(data), source)
    else:
        yield _read_text(data, source, where)


def _lead(file: BinaryIO) -> list[bytes]:
    """Return the lines of a file up to the first that is not blank. No more is read: the next may be yet to come."""
    lead = [file.readline()]
    while lead[-1].isspace():
        lead.append(file.readline())
    return lead


def _read_text(data: bytes, source: Source, where: str) -> Document | Failure:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return Failure(f"{source.path}:{data.count(10, 0, error.start) + 1}", _not_utf8(data, error.start))
    if source.path == STANDARD_INPUT:
        return Document(STANDARD_INPUT, text, where, STANDARD_INPUT, source.name)
    return Document(source.path, text, where, os.path.abspath(source.path), source.name, source.path)


def _read_records(lines: Iterable[bytes], source: Source) -> Iterator[Document | Failure]:
    for number, line in enumerate(lines, 1):
        if line.strip():
            # a byte order mark is no JSON; in a text it stays
            yield _read_record(line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line, number, source)


def _not_utf8(data: bytes, position: int) -> str:
    charset = "UTF-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "CHARSET"
    return (
        f"found the byte 0x{data[position]:02x} at {position}, expected UTF-8; "
        f"convert it first: iconv -f {charset} -t UTF-8"
    )


def _read_record(line: bytes, number: int, source: Source) -> Document | Failure:
    where = f"{source.path}:{number}"
    try:
        record = json.loads(line.decode("utf-8"), parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        return Failure(where, _not_utf8(line, error.start))
    except json.JSONDecodeError as error:
        return Failure(where, f"not JSON: {error.msg.removesuffix(' at')} at column {error.colno}")
    except (ValueError, RecursionError) as error:  # numbers of thousands of digits, nesting
        return Failure(where, f"not JSON that can be read: {error}")
    if not isinstance(record, dict):
        return Failure(where, f'expected an object with a "text", found {type(record).__name__}')
    if not isinstance(record.get("text"), str):
        found = f'"text": {json.dumps(record["text"])[:40]}' if "text" in record else f"the keys {list(record)}"
        return Failure(where, f'expected a "text" that is a string, found {found}')
    text: str = record["text"]
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        return Failure(where, f"found half a surrogate pair at {error.start} of the text, expected Unicode characters")
    own = record.get("id")
    if isinstance(own, bool) or not isinstance(own, (str, int, float)):
        own = None
    path = source.path if source.path == STANDARD_INPUT else os.path.abspath(source.path)
    name = f"{source.name}/{_file_name(str(number if own is None else own))}"
    return Document(where if own is None else own, text, where, f"{path}:{number}:{own}", name, fields=record)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _file_name(identity: str) -> str:
    """Return `identity` as one path component; two never become the same."""
    quoted = "".join(f"%{ord(c):02X}" if c in '/\\:*?"<>|%' or ord(c) < 32 else c for c in identity)
    return quoted.replace(".", "%2E", 1) if quoted.startswith(".") else quoted or "%"

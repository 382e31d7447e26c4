"""Sources → documents with their raw texts: a file is one document, or one on each line of JSON or in each row of
Parquet. Packed files are read as what they hold."""

from __future__ import annotations

import io
import itertools
import json
import sys
import zlib
from collections.abc import Iterable, Iterator
from typing import BinaryIO, Final, cast

from vanban.documents.document import Document, Failure
from vanban.documents.formats.json_values import finite, no_constant
from vanban.documents.kinds import is_record, no_text, other_json
from vanban.documents.names import suffix_of
from vanban.documents.packing import packing_of, unpacked
from vanban.documents.parquet_rows import MAGIC, read_parquet
from vanban.documents.readers.reader import LARGEST
from vanban.documents.records import Columns, to_document
from vanban.documents.sources import PARQUET_SUFFIX, STANDARD_INPUT, Source
from vanban.documents.taking import Whole, documents_of, is_of_a_kind, not_utf8, text_of
from vanban.errors import UserError

_USUAL: Final = Columns()


def read_documents(sources: Iterable[Source | Failure], columns: Columns = _USUAL) -> Iterator[Document | Failure]:
    """Yield the documents of `sources` one by one, a failure where one can't be read. Blank lines of JSONL are none."""
    for source in sources:
        if isinstance(source, Failure):
            yield source
            continue
        try:
            if source.path == STANDARD_INPUT:
                yield from read_file(sys.stdin.buffer, source, columns)
            else:
                with open(source.path, "rb") as file:
                    yield from read_file(file, source, columns)
        except OSError as error:
            yield Failure(source.path, f"can't be read: {error.strerror or error}")
        except (EOFError, zlib.error) as error:
            yield Failure(source.path, f"can't be read to its end: {error}")
        except UserError as error:  # a package is not installed
            yield Failure(source.path, str(error))


def _buffered(stream: BinaryIO) -> io.BufferedReader:
    return stream if isinstance(stream, io.BufferedReader) else io.BufferedReader(cast(io.RawIOBase, stream))


def read_file(file: BinaryIO, source: Source, columns: Columns = _USUAL) -> Iterator[Document | Failure]:
    """Yield the documents of one open file, which `source` names; its first bytes say whether it is Parquet or packed.

    Raises OSError, zlib.error and EOFError for what can't be read, UserError for a package that is not installed.
    """
    file = _buffered(file)
    head = file.peek(len(MAGIC))
    packing = packing_of(head)
    is_parquet = source.path != STANDARD_INPUT and head.startswith(MAGIC)
    if is_parquet and source.kind != "text":
        yield from read_parquet(file, source, columns)
    elif suffix_of(source.path) == PARQUET_SUFFIX and source.kind != "text":
        yield Failure(source.path, f"not a Parquet file: found {head[:4]!r} at its start, expected {MAGIC!r}")
    else:
        yield from _read(unpacked(file, packing) if packing else file, source, columns)


def _read(file: BinaryIO, source: Source, columns: Columns) -> Iterator[Document | Failure]:
    lead = _lead(file)
    first = lead[-1].strip()
    whole = Whole.of(source)
    strange = no_text(lead[0])
    is_row = is_record(first, columns.text) or (columns.behind_path and is_record(first, "path"))
    in_rows = source.kind == "jsonl" or (source.kind == "auto" and is_row)
    if source.kind == "auto" and not in_rows:
        is_bounded = strange or is_of_a_kind(lead[0], whole.suffix)
        data = b"".join(lead) + (file.read(LARGEST + 1) if is_bounded else file.read())
        yield from documents_of(data, whole, columns)
        return
    if strange:
        yield Failure(whole.where, strange)
    elif not in_rows:
        yield text_of(b"".join(lead) + file.read(), whole, columns)
    elif not first.startswith(b"[") and first != b"{":
        yield from read_records(itertools.chain(lead, file), source, columns)
    else:
        data = b"".join(lead) + file.read()
        strange = other_json(data, columns.text)
        yield from [Failure(whole.where, strange)] if strange else read_records(io.BytesIO(data), source, columns)


def _lead(file: BinaryIO) -> list[bytes]:
    """Return the lines of a file up to the first that is not blank. No more is read: the next may be yet to come."""
    lead = [file.readline()]
    while lead[-1].isspace():
        lead.append(file.readline())
    return lead


def read_records(lines: Iterable[bytes], source: Source, columns: Columns = _USUAL) -> Iterator[Document | Failure]:
    """Yield the document of each line of JSON; blank lines are none."""
    for number, line in enumerate(lines, 1):
        if line.strip():
            # a byte order mark is no JSON; in a text it stays
            yield _read_record(line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line, number, source, columns)


def _read_record(line: bytes, number: int, source: Source, columns: Columns) -> Document | Failure:
    where = f"{source.path}:{number}"
    try:
        record = json.loads(line.decode("utf-8"), parse_constant=no_constant, parse_float=finite)
    except UnicodeDecodeError as error:
        return Failure(where, not_utf8(line, error.start))
    except json.JSONDecodeError as error:
        return Failure(where, f"not JSON: {error.msg.removesuffix(' at')} at column {error.colno}")
    except (ValueError, RecursionError) as error:  # numbers of thousands of digits, nesting
        return Failure(where, f"not JSON that can be read: {error}")
    if not isinstance(record, dict):
        return Failure(where, f'expected an object with a "{columns.text}", found {type(record).__name__}')
    return to_document(record, number, source, columns)

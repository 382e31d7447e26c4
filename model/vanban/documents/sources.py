"""What `tag` reads: files, folders, globs, standard input and JSONL, as a stream of documents with raw text."""

from __future__ import annotations

import difflib
import glob
import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final, Literal

from vanban.errors import UserError

InputFormat = Literal["auto", "text", "jsonl"]

STANDARD_INPUT: Final = "-"
FOLDER_SUFFIXES: Final = (".txt", ".jsonl")  # what is read of a folder, in any case
_KINDS: Final = {  # of files that are no text, by their first bytes
    b"PK\x03\x04": "a .docx, .xlsx or other zipped file",
    b"\xd0\xcf\x11\xe0": "a .doc, .xls or other file of the older Office",
    b"%PDF": "a PDF file",
}


@dataclass(frozen=True, slots=True)
class Source:
    """A file to read, or standard input.

    `path` is as the user gave it, or below the folder that the user gave. `name` is what an output folder calls it:
    relative, without `.txt` or `.jsonl`.
    """

    path: str
    name: str
    is_jsonl: bool


@dataclass(frozen=True, slots=True)
class Document:
    """A raw text, decoded and otherwise untouched: a byte order mark and `\\r\\n` stay.

    `where` is `path` or `path:line`, for messages. `key` tells it from every other document, for `--resume`.
    `fields` are those of its JSONL record; `path` is None for such a record and for standard input.
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
    """A document that could not be read, tagged or written, and why."""

    where: str
    reason: str

    def __str__(self) -> str:
        return f"{self.where}: {self.reason}"


def find_sources(
    inputs: Sequence[str], input_format: InputFormat = "auto", output: Path | None = None, may_replace: bool = False
) -> list[Source | Failure]:
    """Return the files behind `inputs`, in their order and without repetition; a folder's are sorted.

    Folders are read recursively, hidden files left out, and so is `output` (a file or a folder) where a folder or a
    glob holds it. Raises UserError for an input that is not there, that holds no document, or that is the output, and
    for a file among them that is the output unless it `may_replace` one.
    """
    written = _Written(output, may_replace)
    sources: dict[str, Source | Failure] = {}
    for given in inputs:
        found = list(_expand(given, written))
        if not found:
            raise UserError(f"{given}: no {' or '.join(FOLDER_SUFFIXES)} file in there, expected at least one")
        for path, name in found:
            if isinstance(name, Failure):
                sources.setdefault(path, name)
                continue
            if input_format == "auto":
                is_jsonl = path != STANDARD_INPUT and path.lower().endswith(".jsonl")
            else:
                is_jsonl = input_format == "jsonl"
            key = path if path == STANDARD_INPUT else os.path.abspath(path)
            sources.setdefault(key, Source(path, name, is_jsonl))
    return list(sources.values())


class _Written:
    """What is written, which must not be read: a file, a folder, or nothing that has a path."""

    def __init__(self, output: Path | None, may_replace: bool) -> None:
        self._path = os.path.realpath(output) if output is not None else None
        self._may_replace = may_replace

    def is_at(self, path: str) -> bool:
        """True of the output itself."""
        return os.path.realpath(path) == self._path

    def is_above(self, folder: str) -> bool:
        """True of the output folder, and of what is below it."""
        return self._path is not None and f"{os.path.realpath(folder)}{os.sep}".startswith(self._path + os.sep)

    def holds(self, path: str) -> bool:
        """True of the output, of what an interrupted run left beside it, and of what is below an output folder.

        Raises UserError for a file that a document might be, and that would be replaced.
        """
        if self._path is None:
            return False
        real = os.path.realpath(path)
        if real == self._path and not self._may_replace:
            raise UserError(
                f"{path}: is both read and written; give -o another name, or --overwrite if it is an earlier result"
            )
        return real == self._path or real.startswith((self._path + os.sep, self._path + ".partial"))


def _expand(given: str, written: _Written) -> Iterator[tuple[str, str | Failure]]:
    """Yield the path and the name of each file behind one input."""
    if given == STANDARD_INPUT:
        yield STANDARD_INPUT, "stdin"
    elif os.path.isdir(given):
        yield from _walk(given, written)
    elif os.path.lexists(given):
        if written.is_at(given):
            raise UserError(f"{given}: is both read and written; give -o another name")
        yield given, _without_suffix(os.path.basename(given))
    else:
        matches = sorted(glob.glob(given, recursive=True))
        if not matches:
            raise UserError(_nothing_at(given))
        for path in matches:
            if os.path.isdir(path):
                if "**" not in given:  # ** finds what is below a folder by itself
                    yield from _walk(path, written)
            elif not written.holds(path):
                yield path, _without_suffix(os.path.relpath(path, _fixed_part(given)))


def _walk(folder: str, written: _Written) -> Iterator[tuple[str, str | Failure]]:
    failures: list[OSError] = []
    # brat files may go beside their texts: then the output folder is what is read
    whole = written.is_above(folder)
    for parent, folders, files in os.walk(folder, onerror=failures.append):
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        for name in sorted(files):
            path = os.path.normpath(os.path.join(parent, name))
            if name.startswith(".") or not name.lower().endswith(FOLDER_SUFFIXES):
                continue
            if whole or not written.holds(path):
                yield path, _without_suffix(os.path.relpath(path, folder))
    for error in failures:
        yield str(error.filename), Failure(str(error.filename), f"can't be read: {error.strerror}")


def _without_suffix(name: str) -> str:
    stem, suffix = os.path.splitext(name)
    return stem if suffix.lower() in FOLDER_SUFFIXES else name


def _fixed_part(pattern: str) -> str:
    """Return the folders of a glob before its first wildcard."""
    fixed = []
    for part in Path(pattern).parts[:-1]:
        if glob.has_magic(part):
            break
        fixed.append(part)
    return os.path.join(*fixed) if fixed else "."


def _nothing_at(given: str) -> str:
    if glob.has_magic(given):
        return f"{given}: nothing matches (looked in {os.path.abspath(_fixed_part(given))})"
    missing = Path(given)
    while not missing.parent.exists():
        missing = missing.parent
    names = os.listdir(missing.parent) if missing.parent.is_dir() else []
    near = difflib.get_close_matches(missing.name, names, n=1, cutoff=0.5)
    hint = f". Did you mean {missing.parent / near[0] / Path(given).relative_to(missing)}?" if near else ""
    return f"{given}: no such file or folder (looked in {missing.parent.resolve()}){hint}"


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
    if source.is_jsonl:
        for number, line in enumerate(file, 1):
            if line.strip():
                # a byte order mark is no JSON; in a text it stays
                yield _read_record(line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line, number, source)
        return
    data = file.read()
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        yield Failure(f"{source.path}:{data.count(10, 0, error.start) + 1}", _not_utf8(data, error.start))
        return
    if source.path == STANDARD_INPUT:
        yield Document(STANDARD_INPUT, text, "standard input", STANDARD_INPUT, source.name)
    else:
        yield Document(source.path, text, source.path, os.path.abspath(source.path), source.name, source.path)


def _not_utf8(data: bytes, position: int) -> str:
    for start, kind in _KINDS.items():
        if data.startswith(start):
            return f"found {kind}, expected plain text; save it as text in UTF-8 first"
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

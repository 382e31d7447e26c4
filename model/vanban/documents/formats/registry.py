"""All formats: their names, and which one a file is of, by its suffix and its first bytes."""

from __future__ import annotations

import functools
import importlib
import os
from collections.abc import Iterable
from typing import Final, Literal, get_args

from vanban.documents.extras import optional
from vanban.documents.formats.format import Format
from vanban.documents.formats.jsonl import is_own
from vanban.documents.names import suffix_of_content
from vanban.errors import UserError
from vanban.reading.text import printable

FormatName = Literal[
    "jsonl", "parquet", "csv", "pretty", "html", "conll", "brat", "webanno", "cas", "label-studio", "doccano",
    "prodigy", "spacy", "datasets",
]  # fmt: skip
NAMES: Final[tuple[FormatName, ...]] = get_args(FormatName)

_OF_MANY: Final = (".txt", ".json")  # suffixes of a format that what other formats write may have, too
_ALSO: Final = {"datasets": ".parquet"}  # has no suffix by which it is known, and is written so

HEAD: Final = 1 << 16  # bytes of a file by which formats of one suffix are told from each other

_MODULES: Final = {"label-studio": "label_studio", "spacy": "spacy_docs", "datasets": "hf_datasets"}  # of other names


def module_of(name: str) -> str:
    """Return the dotted name of the module of a format."""
    return f"vanban.documents.formats.{_MODULES.get(name, name)}"


@functools.cache
def format_named(name: str) -> Format:
    """Return a format by its name. Raises UserError for a name that none has."""
    if name not in NAMES:
        raise UserError(f"found the format {name!r}, expected one of {', '.join(NAMES)}")
    found: Format = importlib.import_module(module_of(name)).FORMAT
    return found


@functools.cache
def formats() -> tuple[Format, ...]:
    """Return all formats."""
    return tuple(map(format_named, NAMES))


def readable() -> tuple[Format, ...]:
    """Return the formats that can be read."""
    return tuple(f for f in formats() if f.read or f.read_files)


def writable() -> tuple[Format, ...]:
    """Return the formats that can be written."""
    return tuple(f for f in formats() if f.write or f.files or f.folder)


def names_of(some: Iterable[Format]) -> str:
    """Return the names of formats with their suffixes, for messages."""
    return ", ".join(f"{f.name} ({' '.join(f.suffixes)})" if f.suffixes else f.name for f in some)


def known_suffixes() -> set[str]:
    """Return the suffixes of all formats that can be read."""
    return {suffix for found in readable() for suffix in found.suffixes}


def format_of_path(path: str | os.PathLike[str], head: bytes) -> Format:
    """Return the format of a file that is to be read, by its suffix (that of what it holds, if it is packed).

    Formats that share a suffix, and those of a path without one that is known, such as `-`, are told by `head`, its
    first bytes. Raises UserError for a file of no format.
    """
    suffix = suffix_of_content(path)
    sharing = [found for found in readable() if suffix in found.suffixes]
    asked = sharing or readable()
    if format_named("jsonl") in asked and is_own(head):
        return format_named("jsonl")
    for found in asked:
        if found.is_one and found.is_one(head):
            return found
    left = [found for found in sharing if not found.is_one]
    if len(left) == 1:
        return left[0]
    if not sharing and head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        return format_named("jsonl")
    what = f"found a {suffix} file" if sharing else f"found the suffix {suffix!r}"
    begin = head[:40].decode("utf-8", "replace")
    unread = next((found.name for found in formats() if suffix in found.suffixes and not sharing), None)
    if unread:
        raise UserError(
            f"{printable(os.fspath(path))}: {unread} is written, and not read; expected one of {names_of(readable())}"
        )
    raise UserError(
        f"{printable(os.fspath(path))}: {what} that begins with {begin!r}, expected one of "
        f"{names_of(sharing or readable())}; or say which with --from"
    )


def format_for(path: str | os.PathLike[str]) -> Format | None:
    """Return the format in which a path is to be written, by its suffix; None of one that says nothing."""
    suffix = suffix_of_content(path)
    sharing = [found for found in writable() if suffix and suffix in found.suffixes]
    plain = [found for found in sharing if not found.is_one]
    return plain[0] if len(plain) == 1 else sharing[0] if len(sharing) == 1 else None


def check_name(form: Format, path: str | os.PathLike[str]) -> None:
    """Raise UserError for a path to be written whose suffix is that of other formats; `.txt` and `.json` say little."""
    suffix = suffix_of_content(path)
    others = [found for found in writable() if suffix in found.suffixes]
    if others and form not in others and suffix not in (*_OF_MANY, _ALSO.get(form.name)):
        raise UserError(
            f"{printable(os.fspath(path))}: {suffix} is the suffix of {' and '.join(one.name for one in others)}, and "
            f"{form.name} is asked for; give it another name, or another format"
        )


def check_package(form: Format) -> None:
    """Raise UserError, before any work is done, where the package that a format needs is not installed."""
    if form.needs:
        optional(*form.needs)


def is_folder_for(form: Format, path: str | os.PathLike[str]) -> bool:
    """True when a format is written to a path as a folder, with files for each document."""
    if form.files is None and form.folder is None:
        return False
    return form.write is None or suffix_of_content(path) not in form.suffixes

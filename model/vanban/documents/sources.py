"""Where `tag` finds what it reads: files, folders, globs and standard input."""

from __future__ import annotations

import difflib
import glob
import os
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from vanban.documents.document import Failure
from vanban.documents.names import (
    PACKED_SUFFIXES,
    as_spelled,
    in_any_case,
    is_hidden,
    is_shard_of,
    manifest_path,
    suffix_of,
    suffix_of_content,
    without_suffix,
)
from vanban.documents.readers.reader import Encoding
from vanban.documents.readers.registry import SUFFIXES
from vanban.errors import UserError
from vanban.reading.text import printable

InputFormat = Literal["auto", "text", "jsonl"]

STANDARD_INPUT: Final = "-"
PARQUET_SUFFIX: Final = ".parquet"
ROW_SUFFIXES: Final = (".jsonl", ".ndjson", PARQUET_SUFFIX)
FOLDER_SUFFIXES: Final = (".txt", *ROW_SUFFIXES, *SUFFIXES)  # what is read of a folder, in any case, packed or not

HIDDEN: Final = "hidden"
HIDDEN_FOLDER: Final = "hidden folder"
_LINK: Final = "link to a folder"
_EARLIER: Final = "earlier result"
_NO_FILE: Final = "pipe or device"
_PLURALS: Final = {
    HIDDEN_FOLDER: "hidden folders",
    _LINK: "links to folders",
    _EARLIER: "earlier results",
    _NO_FILE: "pipes or devices",
}


@dataclass(frozen=True, slots=True)
class Source:
    """A file to read, or standard input.

    `path` is as the user gave it, or below the folder that the user gave. `name` is what an output folder calls it:
    relative, without `.txt` or `.jsonl.gz`; `.docx` stays, since `a.pdf` may be beside it. `kind` is how to read it,
    `jsonl` for rows of Parquet, too; `auto` says that its first bytes tell. With an `encoding` that is not guessed.
    """

    path: str
    name: str
    kind: InputFormat
    encoding: Encoding | None = None


def find_sources(
    inputs: Sequence[str],
    input_format: InputFormat = "auto",
    output: Path | None = None,
    may_replace: bool = False,
    say: Callable[[str], None] = lambda message: None,
    encoding: Encoding | None = None,
    in_shards: bool = False,
) -> list[Source | Failure]:
    """Return the files behind `inputs`, in their order and without repetition; a folder's are sorted.

    Folders are read recursively. What is hidden there and links to folders are left out, and so is `output` (a file or
    a folder) where a folder or a glob holds it, and its shards where it is or will be `in_shards`. `say` is told how
    many files of a folder were left out, and of which kinds. A name may be in another Unicode form than its file's.
    Raises UserError for an input that is not there, that holds no document, or that is the output, and for a file among
    them that is the output unless it `may_replace` one.
    """
    written = Written(output, may_replace, in_shards)
    sources: dict[str, Source | Failure] = {}
    for given in inputs:
        left_out: Counter[str] = Counter()
        found = list(_expand(given, written, left_out))
        tell_left_out(given, left_out, bool(found), say)
        for path, name in found:
            if isinstance(name, Failure):
                sources.setdefault(path, name)
                continue
            kind = input_format
            if kind == "auto" and suffix_of_content(path) in ROW_SUFFIXES:
                kind = "jsonl"
            key = path if path == STANDARD_INPUT else os.path.abspath(path)
            sources.setdefault(key, Source(path, name, kind, encoding))
    return list(sources.values())


class Written:
    """What is written, which must not be read: a file with its shards, a folder, or nothing that has a path."""

    def __init__(self, output: Path | None, may_replace: bool = False, in_shards: bool = False) -> None:
        self._path = os.path.realpath(output) if output is not None else None
        self._may_replace = may_replace
        # else files may have such names that are none of its shards
        self._in_shards = self._path is not None and (in_shards or os.path.exists(manifest_path(Path(self._path))))

    def is_at(self, path: str) -> bool:
        """True of the output itself."""
        return os.path.realpath(path) == self._path

    def is_above(self, folder: str) -> bool:
        """True of the output folder, and of what is below it."""
        return self._path is not None and f"{os.path.realpath(folder)}{os.sep}".startswith(self._path + os.sep)

    def covers(self, path: str) -> bool:
        """True of the output, of its shards and what an interrupted run left, and of what is below an output folder."""
        if self._path is None:
            return False
        real = os.path.realpath(path)
        if self.has_shard(path):
            return True
        return real == self._path or real.startswith((self._path + os.sep, self._path + ".partial"))

    def has_shard(self, path: str) -> bool:
        """True of a shard of the output, or of what has the name of one."""
        return self._in_shards and is_shard_of(Path(self._path or ""), os.path.realpath(path))

    def holds(self, path: str) -> bool:
        """Return what `covers` does; raises UserError for a document that would be replaced."""
        if self.is_at(path) and not self._may_replace:
            raise UserError(
                f"{path}: is both read and written; give -o another name, or --overwrite if it is an earlier result"
            )
        return self.covers(path)


def _expand(given: str, written: Written, left_out: Counter[str]) -> Iterator[tuple[str, str | Failure]]:
    """Yield the path and the name of each file behind one input; count what folders hold beside them, by suffix."""
    if given == STANDARD_INPUT:
        yield STANDARD_INPUT, "stdin"
    elif os.path.isdir(given := as_spelled(given)):
        yield from walk(given, written, left_out)
    elif os.path.lexists(given):
        if written.is_at(given):
            raise UserError(f"{given}: is both read and written; give -o another name")
        yield given, _without_suffix(os.path.basename(given))
    else:
        forms = {unicodedata.normalize(form, given) for form in ("NFC", "NFD")} | {given}
        matches = sorted({path for one in forms for path in glob.glob(in_any_case(one), recursive=True)})
        if not matches:
            raise UserError(_nothing_at(given))
        for path in matches:
            if os.path.isdir(path):
                if "**" not in given:  # ** finds what is below a folder by itself
                    yield from walk(path, written, left_out)
            elif written.has_shard(path):
                left_out[_EARLIER] += 1
            elif not written.holds(path):
                yield path, _without_suffix(os.path.relpath(path, _fixed_part(given)))


def walk(folder: str, written: Written, left_out: Counter[str]) -> Iterator[tuple[str, str | Failure]]:
    """Yield the path and the name of each file of a folder that is read; count the others, by suffix."""
    failures: list[OSError] = []
    # brat files may go beside their texts: then the output folder is what is read
    whole = written.is_above(folder)
    of_rows: set[str] = set()  # folders in which files of each record of a file have their place
    for parent, folders, files in os.walk(folder, onerror=failures.append):
        for name in folders:
            path = os.path.join(parent, name)
            if (is_hidden(name) or os.path.islink(path)) and not written.covers(path):
                left_out[HIDDEN_FOLDER if is_hidden(name) else _LINK] += 1
        folders[:] = sorted(f for f in folders if not is_hidden(f))
        of_rows.update(os.path.join(parent, without_suffix(f)) for f in files if suffix_of_content(f) in ROW_SUFFIXES)
        for name in sorted(files):
            path = os.path.normpath(os.path.join(parent, name))
            if is_hidden(name):
                if not written.covers(path):
                    left_out[HIDDEN] += 1
            elif suffix_of_content(name) in FOLDER_SUFFIXES:
                if written.has_shard(path):
                    left_out[_EARLIER] += 1
                elif not os.path.isfile(path) and os.path.exists(path):  # reading it would wait, perhaps for ever
                    left_out[_NO_FILE] += 1
                elif not _is_text_of(name, files, parent in of_rows) if whole else not written.holds(path):
                    yield path, _without_suffix(os.path.relpath(path, folder))
            elif not written.covers(path):
                left_out[kind_of(name)] += 1
    for error in failures:
        yield str(error.filename), Failure(str(error.filename), f"can't be read: {error.strerror}")


def kind_of(name: str) -> str:
    """Return what a file is counted as that is not read."""
    return suffix_of(name) or "without a suffix"


def tell_left_out(given: str, left_out: Counter[str], found: bool, say: Callable[[str], None]) -> None:
    """Tell of what an input held besides documents, numbers by kind. Raises UserError where it has none (`found`)."""
    held = _held(left_out)
    if not found:
        there = f" (found {held})" if left_out else ""
        raise UserError(f"{given}: no {', '.join(FOLDER_SUFFIXES)} file in there, expected at least one{there}")
    if left_out:
        read = f"{', '.join(FOLDER_SUFFIXES)}, also packed ({', '.join(PACKED_SUFFIXES)}),"
        say(f"{printable(given)}: left out {held}; {read} are read of a folder")


def _held(left_out: Counter[str]) -> str:
    """Return how much was left out, and of which kinds, most first."""
    kinds = sorted(left_out.items(), key=lambda kind: (-kind[1], kind[0]))
    parts = (f"{n} {_PLURALS.get(kind, printable(kind)) if n > 1 else printable(kind)}" for kind, n in kinds)
    what = "files and folders" if left_out.keys() & {HIDDEN_FOLDER, _LINK} else "files"
    return f"{left_out.total()} {what} ({', '.join(parts)})"


def _without_suffix(name: str) -> str:
    suffix = suffix_of_content(name)
    if suffix in SUFFIXES:
        return os.path.splitext(name)[0] if suffix_of(name) in PACKED_SUFFIXES else name
    return without_suffix(name) if suffix in FOLDER_SUFFIXES else name


def _is_text_of(name: str, others: Collection[str], of_row: bool) -> bool:
    """True of a text that was written: `a.docx.txt` beside `a.docx`, that of a row beside its .ann."""
    bare, suffix = os.path.splitext(name)
    is_of_row = of_row and f"{bare}.ann" in others
    return suffix == ".txt" and (is_of_row or (bare in others and suffix_of_content(bare) in SUFFIXES))


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

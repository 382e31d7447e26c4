"""Files of annotated documents: which there are behind an input, of which format, and what they hold."""

from __future__ import annotations

import glob
import io
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, cast

from vanban.documents.document import Failure
from vanban.documents.formats.format import Format, Losses, Tagged
from vanban.documents.formats.registry import HEAD, format_of_path, known_suffixes, readable
from vanban.documents.names import as_spelled, in_any_case, is_hidden, suffix_of_content, without_suffix
from vanban.documents.packing import packing_of, unpacked
from vanban.errors import UserError


@dataclass(frozen=True, slots=True)
class AnnotatedFile:
    """A file of documents, and of those the first that a format with files for each document has.

    `name` is relative to the folder or the glob that was given, with `/` and without its suffix.
    """

    path: Path
    name: str
    form: Format

    def read(self, losses: Losses) -> Iterator[Tagged | Failure]:
        """Yield its documents, and count what is not read.

        Raises UserError where it is not of the format, or can't be read.
        """
        try:
            if self.form.read is None:
                yield self._read_files(losses)
            else:
                with opened(self.path) as file:
                    yield from self.form.read(file, str(self.path), losses)
        except (OSError, EOFError, zlib.error) as error:
            raise UserError(f"{self.path}: can't be read: {getattr(error, 'strerror', None) or error}") from None

    def _read_files(self, losses: Losses) -> Tagged | Failure:
        assert self.form.read_files is not None
        with open(self.path, "rb") as file:
            if packing_of(file.read(8)):
                return Failure(str(self.path), f"{self.form.name} is not read packed; unpack it, and what is beside it")
        found = self.form.read_files(self.path, losses)
        if not isinstance(found, Failure) and found[0].id == self.path.stem:
            return replace(found[0], id=self.name), found[1]  # it says nothing of itself but its name
        return found


@contextmanager
def opened(path: Path) -> Iterator[io.BufferedReader]:
    """Open a file, one that is packed as what it holds; `peek` of it gives the first 64 KiB."""
    with io.BufferedReader(io.FileIO(path), HEAD) as file:
        packing = packing_of(file.peek(8))
        whole: Any = buffered(unpacked(cast(BinaryIO, file), packing)) if packing else file
        yield whole


def buffered(file: BinaryIO) -> io.BufferedReader:
    """Return a stream of which the first 64 KiB can be looked at."""
    return io.BufferedReader(cast(io.RawIOBase, file), HEAD)


def head_of(path: Path) -> bytes:
    """Return the first bytes of what a file holds. Raises UserError where it can't be read."""
    try:
        with opened(path) as file:
            return file.peek(HEAD)[:HEAD]
    except (OSError, EOFError, zlib.error) as error:
        raise UserError(f"{path}: can't be read: {getattr(error, 'strerror', None) or error}") from None


def annotated_files(given: str, form: Format | None = None) -> list[AnnotatedFile | Failure]:
    """Return the files behind a file, a folder (read recursively, without hidden files) or a glob, sorted.

    With a format, all files that are named are of it, and those of folders that have one of its suffixes. Raises
    UserError for an input that is not there or holds nothing, and for a file that was named and is of no format.
    """
    given = as_spelled(given)
    if os.path.isdir(given):
        paths, root = _below(given), given
    elif os.path.lexists(given):
        return [_file(Path(given), os.path.basename(given), form)]
    else:
        found = sorted(glob.glob(in_any_case(given), recursive=True))
        paths, root = [p for path in found for p in (_below(path) if os.path.isdir(path) else [path])], "."
        if not paths:
            raise UserError(f"{given}: no such file or folder, and nothing matches (looked in {os.getcwd()})")
    suffixes = set(form.suffixes) if form else known_suffixes()
    there = {suffix_of_content(path) for path in paths}
    files: list[AnnotatedFile | Failure] = []
    for path in paths:
        if suffix_of_content(path) not in suffixes or _is_beside(Path(path), form, there):
            continue
        try:
            files.append(_file(Path(path), Path(os.path.relpath(path, root)).as_posix(), form))
        except UserError as error:
            files.append(failure_of(path, error))
    if not files:
        raise UserError(f"{given}: no annotated file in there, expected at least one of {' '.join(sorted(suffixes))}")
    return files


def tagged_documents(given: str, losses: Losses, form: Format | None = None) -> Iterator[Tagged | Failure]:
    """Yield the documents of a file, a folder or a glob, whatever wrote them; what is not read is counted.

    Raises UserError for an input that is not there or holds nothing, and for one file that is not of its format; among
    several that is a failure.
    """
    files = annotated_files(given, form)
    for file in files:
        if isinstance(file, Failure):
            yield file
            continue
        try:
            yield from file.read(losses)
        except UserError as error:
            if len(files) == 1:
                raise
            yield failure_of(str(file.path), error)


def failure_of(path: str, error: UserError) -> Failure:
    """Return the failure of a file of which an error says what is wrong, at its line where the error names one."""
    rest = str(error).removeprefix(path)
    at, colon, reason = rest.partition(": ")
    return Failure(path + at, reason) if rest != str(error) and colon else Failure(path, str(error))


def _below(folder: str) -> list[str]:
    found = []
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not is_hidden(name))
        found += [os.path.join(parent, name) for name in sorted(names) if not is_hidden(name)]
    return found


def _is_beside(path: Path, form: Format | None, there: set[str]) -> bool:
    """True of a file that stands beside the one of its document that is read, and where no such are `there`.

    A .txt stands beside its .ann; among others one without an .ann is a fault, and in a folder of none it is no matter.
    """
    suffix = suffix_of_content(path)
    firsts = [f.suffixes[0] for f in ([form] if form else readable()) if f.read is None and suffix in f.suffixes[1:]]
    return any(path.with_suffix(first).is_file() or first not in there for first in firsts)


def _file(path: Path, name: str, form: Format | None) -> AnnotatedFile:
    form = form or format_of_path(path, head_of(path))
    if form.read is None and form.read_files is None:
        raise UserError(f"{path}: {form.name} is written, and not read; expected another format")
    if form.read is None and suffix_of_content(path) in form.suffixes[1:]:
        main = path.with_suffix(form.suffixes[0])
        if not main.is_file():
            raise UserError(f"{path}: has no {form.suffixes[0]} beside it; an empty one says that it holds no span")
        path = main
    return AnnotatedFile(path, without_suffix(name), form)

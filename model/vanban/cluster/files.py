"""Files and folders on any file system that pyarrow knows → a Ray dataset with a row for each document.

A row has `key`, which tells it from every other and stays from run to run, `id` and `fields` as JSON (so that records
of any form share their columns), `path` of a text file, `text`, and `failure` where it can't be read.
"""

from __future__ import annotations

import io
import json
import os
import posixpath
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

import pyarrow as pa
import ray.data
from pyarrow.fs import FileSelector, FileSystem, FileType, LocalFileSystem
from ray.data.block import BlockMetadata
from ray.data.datasource import Datasource, ReadTask

from vanban.documents.document import Document, Failure
from vanban.documents.names import as_spelled, is_hidden, suffix_of_content
from vanban.documents.reader import read_file
from vanban.documents.readers.reader import Encoding
from vanban.documents.records import Columns
from vanban.documents.sources import (
    FOLDER_SUFFIXES,
    HIDDEN,
    HIDDEN_FOLDER,
    ROW_SUFFIXES,
    STANDARD_INPUT,
    InputFormat,
    Source,
    Written,
    kind_of,
    tell_left_out,
    walk,
)
from vanban.errors import UserError
from vanban.reading.text import with_bytes_escaped

BYTES_PER_BLOCK: Final = 1 << 19  # of rows: some 400,000 characters, what the predictor takes at a time
BYTES_PER_TASK: Final = 8 << 20  # of files that are read one after the other
ROWS: Final = pa.schema([(name, pa.string()) for name in ("key", "id", "path", "fields", "text", "failure")])
_SCHEME: Final = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]+):/+")


@dataclass(frozen=True)
class File:
    """A file to read: `path` is its name in results, as the user gave it; `location` is where workers find it."""

    path: str
    location: str
    filesystem: FileSystem
    size: int


def locate(given: str) -> tuple[FileSystem, str]:
    """Return the file system of a path or URI, and where it stands there; raises UserError for a URI of none."""
    match = _SCHEME.match(given)
    if not match:
        return LocalFileSystem(), os.path.abspath(given)
    scheme, rest = match["scheme"], given[match.end() :]  # a Path has lost one of the two slashes
    try:
        filesystem, location = FileSystem.from_uri(f"{scheme}://{'/' * (scheme == 'file')}{rest}")
    except (pa.ArrowException, OSError, ValueError) as error:
        raise UserError(f"{given}: no file system that pyarrow knows: {error}") from None
    return filesystem, location


def find_files(inputs: Sequence[str], output: str, say: Callable[[str], None] = lambda message: None) -> list[File]:
    """Return the files behind `inputs`, without repetition; a folder's are found recursively and sorted.

    What is hidden is left out, and so is what stands in the folder `output` (a location). `say` is told how many files
    of a folder were left out, and of which kinds. Raises UserError for an input that is not there, or that is the
    output, and for a folder without a document.
    """
    files: dict[tuple[str, str], File] = {}
    for given in inputs:
        if given == STANDARD_INPUT:
            raise UserError("--engine ray reads files and folders: the workers have no standard input of yours")
        filesystem, location = locate(given)
        try:
            left_out: Counter[str] = Counter()
            found = list(_expand(given, filesystem, location, output, left_out))
        except OSError as error:
            raise UserError(f"{given}: can't be read: {error}") from None
        tell_left_out(given, left_out, bool(found), say)
        for file in found:
            files.setdefault((filesystem.type_name, file.location), file)
    return list(files.values())


def _expand(given: str, filesystem: FileSystem, location: str, output: str, left_out: Counter[str]) -> Iterator[File]:
    is_local = isinstance(filesystem, LocalFileSystem)
    if is_local:
        location = as_spelled(location)
        given = given if _SCHEME.match(given) else as_spelled(given)
    is_there = os.path.lexists(location) if is_local else filesystem.get_file_info(location).type != FileType.NotFound
    if not is_there:
        raise UserError(f"{given}: no such file or folder; --engine ray takes files, folders and URIs, no patterns")
    if location == output:
        raise UserError(f"{given}: is both read and written; give -o another name")
    found = _here(location, output, left_out) if is_local else _elsewhere(filesystem, location, output, left_out)
    for path, size in found:
        name = posixpath.relpath(path, location)
        if path == location:
            name = given
        elif _SCHEME.match(given):
            name = f"{given.rstrip('/')}/{name}"
        else:
            name = os.path.normpath(os.path.join(given, name))
        yield File(name, path, filesystem, size)


def _here(location: str, output: str, left_out: Counter[str]) -> Iterator[tuple[str, int]]:
    """Yield the files behind a path of this machine, and their sizes; pyarrow would follow links, and round in circles.

    Raises UserError for a folder that can't be read, OSError for a file.
    """
    if not os.path.isdir(location):
        yield location, os.path.getsize(location)
        return
    written = Written(None if os.path.isfile(output) else Path(output))  # a job tells of a file that stands there
    for path, name in walk(location, written, left_out):
        if isinstance(name, Failure):
            raise UserError(str(name))
        yield path, os.path.getsize(path)


def _elsewhere(filesystem: FileSystem, location: str, output: str, left_out: Counter[str]) -> Iterator[tuple[str, int]]:
    """Yield the files behind a path of another file system, and their sizes."""
    info = filesystem.get_file_info(location)
    if info.type == FileType.File:
        yield location, info.size
        return
    below = sorted(filesystem.get_file_info(FileSelector(location, recursive=True)), key=lambda i: i.path.split("/"))
    for one in below:
        *parents, last = posixpath.relpath(one.path, location).split("/")
        is_file = one.type == FileType.File
        if any(map(is_hidden, parents)) or one.path.startswith((f"{output}/", f"{output}.partial/")):
            continue
        if is_hidden(last):
            left_out[HIDDEN if is_file else HIDDEN_FOLDER] += 1
        elif is_file and suffix_of_content(last) in FOLDER_SUFFIXES:
            yield one.path, one.size
        elif is_file:
            left_out[kind_of(last)] += 1


def read_dataset(
    files: Sequence[File],
    input_format: InputFormat,
    columns: Columns,
    concurrency: int,
    encoding: Encoding | None = None,
) -> Any:
    """Return a dataset of the documents of `files`; its rows are told above. At most `concurrency` tasks read."""
    tasks = _by_size(files)
    # without a core of their own: the actors may hold them all
    return ray.data.read_datasource(
        Documents(tasks, input_format, columns, encoding),
        override_num_blocks=len(tasks),
        num_cpus=0,
        concurrency=min(concurrency, len(tasks)),
    )


def _by_size(files: Sequence[File]) -> list[list[File]]:
    """Return the files in groups that are read one after the other, of some 8 MiB each."""
    groups: list[list[File]] = [[]]
    size = 0
    for file in files:
        if groups[-1] and (size + file.size > BYTES_PER_TASK):
            groups.append([])
            size = 0
        groups[-1].append(file)
        size += file.size
    return groups


class Documents(Datasource):  # type: ignore[misc]
    """What Ray reads: a task for each group of files."""

    def __init__(
        self, groups: list[list[File]], input_format: InputFormat, columns: Columns, encoding: Encoding | None = None
    ) -> None:
        super().__init__()
        self._groups = groups
        self._how = input_format, columns, encoding

    def estimate_inmemory_data_size(self) -> int:
        """Return the bytes of all files."""
        return sum(file.size for group in self._groups for file in group)

    def get_read_tasks(
        self, parallelism: int, per_task_row_limit: int | None = None, data_context: Any = None
    ) -> list[ReadTask]:
        """Return the tasks; how many they are is settled."""
        return [
            ReadTask(
                lambda group=group: _tables(group, *self._how),
                BlockMetadata(None, sum(file.size for file in group), [file.path for file in group], None),
                schema=ROWS,
                per_task_row_limit=per_task_row_limit,
            )
            for group in self._groups
        ]


def _tables(
    files: Iterable[File], input_format: InputFormat, columns: Columns, encoding: Encoding | None
) -> Iterator[pa.Table]:
    rows: list[dict[str, str | None]] = []
    size = 0
    for file in files:
        for item in _documents(file, input_format, columns, encoding):
            rows.append(_row(item, file, columns))
            size += len((rows[-1].get("text") or "").encode("utf-8"))
            if size >= BYTES_PER_BLOCK:
                yield pa.Table.from_pylist(rows, ROWS)
                rows, size = [], 0
    yield pa.Table.from_pylist(rows, ROWS)


def _documents(
    file: File, input_format: InputFormat, columns: Columns, encoding: Encoding | None
) -> Iterator[Document | Failure]:
    in_rows = suffix_of_content(file.path) in ROW_SUFFIXES
    source = Source(file.path, file.path, "jsonl" if input_format == "auto" and in_rows else input_format, encoding)
    try:
        with _opened(file) as stream:
            yield from read_file(stream, source, columns)
    except (OSError, EOFError, zlib.error, UserError) as error:
        yield Failure(file.path, f"can't be read: {error}")


def _opened(file: File) -> BinaryIO:
    """Open a file; pyarrow takes no name that is not in UTF-8."""
    if isinstance(file.filesystem, LocalFileSystem):
        return open(file.location, "rb")
    return cast(BinaryIO, io.BufferedReader(file.filesystem.open_input_file(file.location)))


def _row(item: Document | Failure, file: File, columns: Columns) -> dict[str, str | None]:
    key = with_bytes_escaped(item.where)
    if isinstance(item, Failure):
        name = with_bytes_escaped(item.where if item.id is None else item.id)
        path = name if name == with_bytes_escaped(file.path) else None
        return {"key": key, "id": json.dumps(name), "path": path, "failure": with_bytes_escaped(item.reason)}
    fields = json.dumps(item.fields | {columns.text: None}) if item.fields else None  # the text has a column
    return {"key": key, "id": json.dumps(item.id), "path": item.path, "fields": fields, "text": item.text}

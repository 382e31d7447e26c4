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
from typing import Any, Final

import pyarrow as pa
import ray.data
from pyarrow.fs import FileInfo, FileSelector, FileSystem, FileType, LocalFileSystem
from ray.data.block import BlockMetadata
from ray.data.datasource import Datasource, ReadTask

from vanban.documents.document import Document, Failure
from vanban.documents.names import is_hidden, suffix_of_content
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
    kind_of,
    tell_left_out,
)
from vanban.errors import UserError

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
    info = filesystem.get_file_info(location)
    if info.type == FileType.NotFound:
        raise UserError(f"{given}: no such file or folder; --engine ray takes files, folders and URIs, no patterns")
    if location == output:
        raise UserError(f"{given}: is both read and written; give -o another name")
    if info.type == FileType.File:
        yield File(given, location, filesystem, info.size)
        return
    below = sorted(filesystem.get_file_info(FileSelector(location, recursive=True)), key=lambda i: i.path.split("/"))
    for one in below:
        name = posixpath.relpath(one.path, location)
        *parents, last = name.split("/")
        is_file = one.type == FileType.File
        if any(map(is_hidden, parents)) or one.path.startswith((f"{output}/", f"{output}.partial/")):
            continue
        if is_hidden(last):
            left_out[HIDDEN if is_file else HIDDEN_FOLDER] += 1
        elif is_file and suffix_of_content(name) in FOLDER_SUFFIXES:
            yield _below(given, one, name, filesystem)
        elif is_file:
            left_out[kind_of(name)] += 1


def _below(given: str, info: FileInfo, name: str, filesystem: FileSystem) -> File:
    path = f"{given.rstrip('/')}/{name}" if _SCHEME.match(given) else os.path.normpath(os.path.join(given, name))
    return File(path, info.path, filesystem, info.size)


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
        with file.filesystem.open_input_file(file.location) as stream:
            yield from read_file(io.BufferedReader(stream), source, columns)
    except (OSError, EOFError, zlib.error, UserError) as error:
        yield Failure(file.path, f"can't be read: {error}")


def _row(item: Document | Failure, file: File, columns: Columns) -> dict[str, str | None]:
    if isinstance(item, Failure):
        in_rows = suffix_of_content(file.path) in ROW_SUFFIXES
        name = item.where if in_rows else file.path
        path = None if in_rows else file.path
        return {"key": item.where, "id": json.dumps(name), "path": path, "failure": item.reason}
    fields = json.dumps(item.fields | {columns.text: None}) if item.fields else None  # the text has a column
    return {"key": item.where, "id": json.dumps(item.id), "path": item.path, "fields": fields, "text": item.text}

"""What a partial file holds: the settings of its run, and each document with the place where its result ends."""

from __future__ import annotations

import bisect
import hashlib
import json
import os
from array import array
from collections.abc import Iterator
from io import FileIO
from pathlib import Path
from typing import Any

from vanban.documents.document import Document
from vanban.documents.output import write_all
from vanban.reading.text import checksum


class Journal:
    """A file of JSON lines: the settings, then `[key, end, checksum, entities]` for each document.

    `end` is the size of the partial file after the document, `checksum` that of its text. A line `{"finished": …}`
    says that the output had its name by then; it is the last one until another document is tagged. What was read from
    an earlier run is held in 16 bytes a document.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.settings: dict[str, Any] | None = None
        self.documents = 0
        self.end = 0  # bytes of the partial file that the journal covers
        self.is_finished = False
        self._size = 0  # bytes of whole lines
        self._keys, self._checksums = array("Q"), array("Q")
        self._file: FileIO | None = None

    def read(self, partial_size: int) -> None:
        """Read what an earlier run left, up to the first document that the partial file does not hold whole."""
        with open(self.path, "rb") as lines:
            for line in lines:
                row = _row(line)
                if row is None:
                    break
                if self.settings is None:
                    self.settings = row
                elif isinstance(row, dict):
                    self.is_finished = True
                else:
                    key, end, text_checksum = row[:3]
                    if end > partial_size:
                        break
                    self._keys.append(_digest(key))
                    self._checksums.append(_head(text_checksum))
                    self.end = end
                    self.documents += 1
                    self.is_finished = False
                self._size += len(line)
        order = sorted(range(len(self._keys)), key=self._keys.__getitem__)
        self._keys = array("Q", (self._keys[i] for i in order))
        self._checksums = array("Q", (self._checksums[i] for i in order))

    def holds(self, document: Document) -> bool | None:
        """Return whether an earlier run tagged the document; None when it did, and the text was another."""
        key = _digest(document.key)
        place = bisect.bisect_left(self._keys, key)
        if place == len(self._keys) or self._keys[place] != key:
            return False
        return self._checksums[place] == _head(checksum(document.text)) or None

    def open(self, settings: dict[str, Any]) -> None:
        """Open for writing, behind the last line that holds; note the settings of a run that begins."""
        self._file = open_at(self.path, self._size)
        if self.settings is None:
            self.settings = settings
            self._log(settings)

    def add(self, document: Document, end: int, entities: int) -> None:
        """Note that the result of a document ends at `end` of the partial file."""
        self._log((document.key, end, checksum(document.text), entities))
        self.documents += 1
        self.end = end
        self.is_finished = False

    def finish(self) -> None:
        """Note that the output has its name."""
        if not self.is_finished:
            self._log({"finished": self.documents})
            self.is_finished = True

    def _log(self, row: Any) -> None:
        assert self._file is not None
        data = json.dumps(row).encode("ascii") + b"\n"
        write_all(self._file, data)
        self._size += len(data)

    def rows(self) -> Iterator[tuple[int, int]]:
        """Yield the end and the number of entities of each document, in their order."""
        with open(self.path, "rb") as lines:
            next(lines)
            for line in lines:
                row = json.loads(line)
                if isinstance(row, list):
                    yield row[1], row[3]

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()


def _row(line: bytes) -> Any:
    """Return what stands in a line; None where it is not whole: after a power cut it may be NULs."""
    try:
        return json.loads(line) if line.endswith(b"\n") else None
    except ValueError:
        return None


def open_at(path: Path, end: int) -> FileIO:
    """Open `path` for writing and cut off what is behind `end`; make it when it is not there."""
    file = FileIO(os.open(path, os.O_RDWR | os.O_CREAT, 0o666), "r+")
    file.truncate(end)
    file.seek(end)
    return file


def _digest(key: str) -> int:
    # of 10 million documents two share one in three cases of a million
    return int.from_bytes(hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest())


def _head(hexadecimal: str) -> int:
    return int(hexadecimal[:16], 16)

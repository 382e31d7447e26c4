"""The form in which rendered documents are kept at the end: as they are, packed, or as Parquet."""

from __future__ import annotations

import io
import os
import shutil
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from vanban.documents.names import suffix_of
from vanban.documents.packing import PACKING_OF_SUFFIX, Packing, check_packing, packer


class Form(Protocol):
    """Turns rendered documents into a file. Equal documents give equal bytes."""

    def learn(self, texts: BinaryIO) -> None:
        """Read all documents, before the first file is written."""

    def write(self, texts: BinaryIO, file: BinaryIO) -> None:
        """Write the documents of one file."""


class Plain:
    """Documents as they were rendered, packed or not."""

    def __init__(self, packing: Packing | None = None) -> None:
        """Raise UserError when the package for the packing is not installed."""
        self.packing = packing
        if packing:
            check_packing(packing)

    def learn(self, texts: BinaryIO) -> None:
        """Do nothing: each document stands for itself."""

    def write(self, texts: BinaryIO, file: BinaryIO) -> None:
        """Copy, and pack on the way."""
        if self.packing is None:
            shutil.copyfileobj(texts, file, 1 << 20)
            return
        with packer(file, self.packing) as packed:
            shutil.copyfileobj(texts, packed, 1 << 20)


def plain_form(path: Path) -> Plain:
    """Return the form of a file by its suffix: packed for `.gz` and `.zst`."""
    return Plain(PACKING_OF_SUFFIX.get(suffix_of(path)))


class Part(io.RawIOBase):
    """The bytes from `start` to `end` of a file, as a stream of their own."""

    def __init__(self, path: Path, start: int, end: int) -> None:
        self._file = io.FileIO(path)
        self._start, self._end = start, end
        self._file.seek(start)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        place = {os.SEEK_SET: self._start, os.SEEK_CUR: self._file.tell(), os.SEEK_END: self._end}[whence] + offset
        return self._file.seek(max(self._start, place)) - self._start

    def readinto(self, buffer: Any) -> int:
        left = max(0, self._end - self._file.tell())
        return self._file.readinto(memoryview(buffer)[:left]) or 0

    def close(self) -> None:
        self._file.close()
        super().close()


def part_of(path: Path, start: int, end: int) -> BinaryIO:
    """Return a buffered stream of the bytes from `start` to `end`."""
    return io.BufferedReader(Part(path, start, end), 1 << 20)

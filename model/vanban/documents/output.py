"""Where results go: a stream or one file (a folder of brat pairs: `brat_output.py`). Nothing half-written gets its
final name, and nothing is taken for written before all of it is."""

from __future__ import annotations

import json
import os
import select
from collections.abc import Callable
from io import FileIO
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol

from vanban.documents.document import Document
from vanban.errors import UserError
from vanban.reading.text import checksum
from vanban.schema import Prediction

Render = Callable[[Document, Prediction], str]

TRY_NEXT: Final = "go on with --resume, or start again with --overwrite"


class Output(Protocol):
    """Takes results one by one. `start` comes first, `finish` last and only when nothing interrupted the run."""

    done: int
    """Documents written, those of an interrupted run included."""

    def start(self, settings: dict[str, Any]) -> None:
        """Open for writing. `settings` must be those of the run that is resumed, else UserError."""

    def has(self, document: Document) -> bool:
        """True when an interrupted run wrote the document. A UserError concerns this document only."""

    def write(self, document: Document, prediction: Prediction) -> None:
        """Write one result. A UserError concerns this document only; an OSError ends the run."""

    def finish(self) -> None:
        """Give the output its final name."""


class StreamOutput:
    """Writes to a stream that can't be replaced: standard output, a pipe, a device."""

    def __init__(self, stream: BinaryIO, render: Render) -> None:
        self.done = 0
        self._stream = stream
        self._render = render

    def start(self, settings: dict[str, Any]) -> None:
        """Do nothing: the stream is open."""

    def has(self, document: Document) -> bool:
        """Return False: nothing is known of what a stream took."""
        return False

    def write(self, document: Document, prediction: Prediction) -> None:
        """Write all of it, so that a reader sees each result at once."""
        write_all(self._stream, self._render(document, prediction).encode("utf-8"))
        self.done += 1

    def finish(self) -> None:
        """Do nothing: what was written is out."""


class FileOutput:
    """Writes PATH.partial, renamed to PATH at the end.

    PATH.partial.journal says what the partial file holds: the settings of the run, then `[key, end, checksum]` for each
    document, `end` the size of the partial file after it and `checksum` that of its text. Bytes that the journal does
    not cover were cut off by an interruption and are dropped when the run is resumed.
    """

    def __init__(self, path: Path, render: Render, resume: bool, overwrite: bool) -> None:
        """Raise UserError when PATH can't be written, or when an interrupted run left work that no flag decides on."""
        self.path = Path(os.path.realpath(path))  # a link stays a link
        self.partial = self.path.with_name(f"{self.path.name}.partial")
        self._journal_path = self.partial.with_name(f"{self.partial.name}.journal")
        self._render = render
        self._settings: dict[str, Any] | None = None
        self._texts: dict[str, str] = {}  # checksums by key
        self._end = self._journal_end = 0  # bytes of the partial file and of the journal that hold
        if self.path.is_dir():
            raise UserError(f"{path}: is a folder, expected a file, for example -o {path / 'entities.jsonl'}")
        if not overwrite and self.partial.is_file() and self._journal_path.is_file():
            self._read_journal()
        self.done = len(self._texts)
        self.is_complete = resume and not self.partial.exists() and self.path.exists()
        if self.done and not resume:
            raise UserError(f"{self.partial} holds {self.done} documents of an interrupted run: {TRY_NEXT}")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if not os.access(self.path.parent, os.W_OK):  # now rather than after a model was loaded
            raise UserError(f"{self.path.parent}: can't be written; give -o another folder")

    def _read_journal(self) -> None:
        size = self.partial.stat().st_size
        for line in self._journal_path.read_bytes().splitlines(keepends=True):
            if not line.endswith(b"\n"):
                break
            if self._settings is None:
                self._settings = json.loads(line)
            else:
                key, end, checksum = json.loads(line)
                if end > size:
                    break
                self._texts[key] = checksum
                self._end = end
            self._journal_end += len(line)

    def start(self, settings: dict[str, Any]) -> None:
        """Open the partial file behind its last whole document. Raise UserError when its settings were others."""
        for name, value in settings.items():
            if self._settings is not None and self._settings.get(name) != value:
                raise UserError(
                    f"{self.partial}: the interrupted run had {name} {self._settings.get(name)}, this one has {value}; "
                    "give it the same options, or start again with --overwrite"
                )
        self._partial_file = _open_at(self.partial, self._end)
        self._journal = _open_at(self._journal_path, self._journal_end)
        if self._settings is None:
            self._log(settings)

    def _log(self, row: Any) -> None:
        write_all(self._journal, json.dumps(row).encode("ascii") + b"\n")

    def has(self, document: Document) -> bool:
        """True when the partial file held the document at the start. Raise UserError when its text was another."""
        if document.key not in self._texts:
            return False
        if self._texts[document.key] != checksum(document.text):
            raise UserError("was changed after the interrupted run tagged it; start again with --overwrite")
        return True

    def write(self, document: Document, prediction: Prediction) -> None:
        """Append to the partial file, then to the journal."""
        write_all(self._partial_file, self._render(document, prediction).encode("utf-8"))
        self._log((document.key, self._partial_file.tell(), checksum(document.text)))
        self.done += 1

    def finish(self) -> None:
        """Sync the partial file to the disk and give it its name."""
        os.fsync(self._partial_file.fileno())
        self._partial_file.close()
        self._journal.close()
        os.replace(self.partial, self.path)
        self._journal_path.unlink()


def write_all(stream: BinaryIO | FileIO, data: bytes) -> None:
    """Write all of `data` to a stream at once, past its buffer; raises OSError where it takes no more.

    What stands behind a stream may take a part of what it is given: standard output under `PYTHONUNBUFFERED=1`, a disk
    that is nearly full, a pipe that does not block. The rest is given again; a full pipe is waited for.
    """
    stream.flush()
    raw = getattr(stream, "raw", stream)
    left = memoryview(data)
    while left:
        taken = raw.write(left)
        if taken is None:  # does not block, and has no room now
            select.select([], [raw], [])
        else:
            left = left[taken:]


def _open_at(path: Path, end: int) -> FileIO:
    """Open `path` for writing and cut off what is behind `end`; make it when it is not there."""
    file = FileIO(os.open(path, os.O_RDWR | os.O_CREAT, 0o666), "r+")
    file.truncate(end)
    file.seek(end)
    return file

"""Where results go: standard output, one file, or a folder of brat pairs. Nothing half-written gets its final name."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol

from vanban.documents.brat import write_brat
from vanban.documents.sources import Document, Failure, Source
from vanban.errors import UserError
from vanban.reading.text import checksum
from vanban.schema import Prediction

Render = Callable[[Document, Prediction], str]

_TRY_NEXT: Final = "go on with --resume, or start again with --overwrite"


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
        """Write and flush, so that a reader sees each result at once."""
        self._stream.write(self._render(document, prediction).encode("utf-8"))
        self._stream.flush()
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
            raise UserError(f"{self.partial} holds {self.done} documents of an interrupted run: {_TRY_NEXT}")
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
        self._journal.write(json.dumps(row).encode("ascii") + b"\n")
        self._journal.flush()

    def has(self, document: Document) -> bool:
        """True when the partial file held the document at the start. Raise UserError when its text was another."""
        if document.key not in self._texts:
            return False
        if self._texts[document.key] != checksum(document.text):
            raise UserError("was changed after the interrupted run tagged it; start again with --overwrite")
        return True

    def write(self, document: Document, prediction: Prediction) -> None:
        """Append to the partial file, then to the journal."""
        self._partial_file.write(self._render(document, prediction).encode("utf-8"))
        self._partial_file.flush()
        self._log((document.key, self._partial_file.tell(), checksum(document.text)))
        self.done += 1

    def finish(self) -> None:
        """Sync the partial file to the disk and give it its name."""
        os.fsync(self._partial_file.fileno())
        self._partial_file.close()
        self._journal.close()
        os.replace(self.partial, self.path)
        self._journal_path.unlink()


class BratOutput:
    """Writes FOLDER/<name>.txt, byte for byte the source text, and FOLDER/<name>.ann, each under its name at once."""

    def __init__(self, folder: Path, sources: Iterable[Source | Failure], resume: bool, overwrite: bool) -> None:
        """Raise UserError when two sources share a name, or when annotations are there that no flag decides on."""
        self.folder = folder
        self.done = 0
        self._overwrite = overwrite
        self._written: dict[str, str] = {}
        paths: dict[str, str] = {}
        for source in sources:
            if isinstance(source, Source):
                name = f"{source.name}/" if source.is_jsonl else source.name
                if name in paths:
                    raise UserError(
                        f"{paths[name]} and {source.path} would both be written to {folder / name}; name the folder "
                        "above both as the input, or give each its own -o"
                    )
                paths[name] = source.path
        if folder.exists() and not folder.is_dir():
            raise UserError(f"{folder}: --format brat writes a folder, found a file; give -o another name")
        if not (resume or overwrite) and next(folder.rglob("*.ann"), None):
            raise UserError(f"{folder}: holds .ann files already: {_TRY_NEXT}")
        folder.mkdir(parents=True, exist_ok=True)

    def start(self, settings: dict[str, Any]) -> None:
        """Do nothing: a pair does not record its settings."""

    def has(self, document: Document) -> bool:
        """True when the pair is there, with this text."""
        if self._overwrite or document.name in self._written:
            return False
        text, standoff = self._pair(document)
        try:
            there = standoff.is_file() and text.is_file() and text.read_bytes() == document.text.encode("utf-8")
        except OSError:  # such as a name that is too long: `write` says so
            return False
        if there:
            self.done += 1
            self._written[document.name] = document.where
        return there

    def write(self, document: Document, prediction: Prediction) -> None:
        """Write the pair, the text first: where there is an .ann the document is done."""
        text, standoff = self._pair(document)
        if document.name in self._written:
            raise UserError(f"{standoff} was written for {self._written[document.name]} already; give it another id")
        data = document.text.encode("utf-8")
        try:
            is_same = text.is_file() and text.read_bytes() == data
            if text.exists() and not is_same and not self._overwrite:
                raise UserError(f"{text} is there and holds another text; give -o another folder, or --overwrite")
            text.parent.mkdir(parents=True, exist_ok=True)
            if not is_same:
                _write_atomically(text, data)
            _write_atomically(standoff, write_brat(prediction.entities).encode("utf-8"))
        except OSError as error:
            raise UserError(f"{standoff}: can't be written: {error.strerror}") from None
        self._written[document.name] = document.where
        self.done += 1

    def _pair(self, document: Document) -> tuple[Path, Path]:
        return self.folder / f"{document.name}.txt", self.folder / f"{document.name}.ann"

    def finish(self) -> None:
        """Do nothing: every pair is finished."""


def _open_at(path: Path, end: int) -> BinaryIO:
    """Open `path` for writing and cut off what is behind `end`; make it when it is not there."""
    file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o666), "r+b")
    file.truncate(end)
    file.seek(end)
    return file


def _write_atomically(path: Path, data: bytes) -> None:
    # not made of the name: with a suffix it may be too long for the file system
    temporary = path.with_name(f".vanban-{os.getpid()}.tmp")
    try:
        with open(temporary, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)

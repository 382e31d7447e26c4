"""A run that writes files for each document into a folder: it notes its settings there, and knows what is done."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from vanban.documents.document import Document
from vanban.documents.fingerprint import check_settings
from vanban.documents.formats.format import Losses
from vanban.documents.lock import Lock
from vanban.documents.output import TRY_NEXT
from vanban.documents.whole import whole_file
from vanban.errors import UserError
from vanban.schema import Prediction


class FolderRun(ABC):
    """What outputs that are folders share. Each document has a name of its own in there."""

    def __init__(self, folder: Path, resume: bool, overwrite: bool, losses: Losses | None) -> None:
        self.folder = folder
        self.done = 0
        self._resume, self._overwrite = resume, overwrite
        self._losses = Losses() if losses is None else losses
        self._run = folder / ".vanban-run.json"  # hidden: not read among the texts
        self._written: dict[str, str] = {}  # names of documents, and where these were read

    def _make_folder(self, found_file: str, results: str, found: Iterator[Path]) -> None:
        """Make the folder.

        Raise UserError where it is a file, is written by another run now, or holds `results` (what is `found`) that no
        flag decides on.
        """
        if self.folder.exists() and not self.folder.is_dir():
            raise UserError(f"{self.folder}: {found_file}")
        self.folder.mkdir(parents=True, exist_ok=True)
        with Lock(self.folder / ".vanban-run.lock", self.folder) as self._lock:
            if not (self._resume or self._overwrite) and next(found, None):
                raise UserError(f"{self.folder}: holds {results} already: {TRY_NEXT}")

    def start(self, settings: dict[str, Any]) -> None:
        """Note the settings in the folder. Raise UserError when those of the run that is resumed were others."""
        if self._resume and self._run.is_file():
            check_settings(self.folder, json.loads(self._run.read_bytes()), settings)
        self._begin()
        with whole_file(self._run) as partial_file:
            partial_file.write_text(json.dumps(settings), encoding="ascii")

    def has(self, document: Document) -> bool:
        """True when an interrupted run wrote the document, with this text."""
        if self._overwrite or document.name in self._written:
            return False
        try:
            there = self._holds(document)
        except (OSError, ValueError):  # such as a name that is too long: `write` says so
            return False
        if there:
            self._count(document)
        return there

    def write(self, document: Document, prediction: Prediction) -> None:
        """Write the files of a document. A UserError concerns this document only."""
        path = self._path(document)
        if document.name in self._written:
            raise UserError(f"{path} was written for {self._written[document.name]} already; give it another id")
        try:
            self._write(document, prediction)
        except OSError as error:
            raise UserError(f"{path}: can't be written: {error.strerror}") from None
        self._count(document)

    def finish(self, failed: int = 0) -> None:
        """Write what the folder has once. Forget the settings when nothing is left to be tagged."""
        self._end()
        if not failed:
            self._run.unlink(missing_ok=True)

    def close(self) -> None:
        """Let another run write here."""
        self._lock.release()

    def _count(self, document: Document) -> None:
        self.done += 1
        self._written[document.name] = document.where

    @abstractmethod
    def _begin(self) -> None:
        """Prepare the folder, before the settings are noted."""

    @abstractmethod
    def _path(self, document: Document) -> Path:
        """Return the file without which a document is not done."""

    @abstractmethod
    def _holds(self, document: Document) -> bool:
        """Return whether the folder has the document with this text. May raise OSError and ValueError."""

    @abstractmethod
    def _write(self, document: Document, prediction: Prediction) -> None:
        """Write the files of a document, that of `_path` at the end."""

    @abstractmethod
    def _end(self) -> None:
        """Write what the folder has once."""

"""A run that writes files for each document into a folder: it notes its settings there, and knows what is done."""

from __future__ import annotations

import errno
import hashlib
import json
import os
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from vanban.documents.document import Document
from vanban.documents.fingerprint import check_settings
from vanban.documents.formats.format import Losses
from vanban.documents.lock import Lock
from vanban.documents.output import TRY_NEXT
from vanban.documents.whole import whole_file
from vanban.errors import UserError
from vanban.schema import Prediction

# what is wrong with a name, or where it leads; a disk that is full is full for all
_OF_ONE_FILE: Final = frozenset({
    errno.ENAMETOOLONG, errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENOTEMPTY, errno.EILSEQ, errno.EINVAL,
    errno.ELOOP, errno.EFBIG, errno.EACCES, errno.EPERM,
})  # fmt: skip
_BEFORE: Final = "before"


class FolderRun(ABC):
    """What outputs that are folders share. Each document has a name of its own in there.

    A run that overwrites notes what the folder held before: when it is resumed, only what has become of that since,
    by the run or by hand, is done.
    """

    def __init__(self, folder: Path, resume: bool, overwrite: bool, losses: Losses | None) -> None:
        self.folder = folder
        self.done = 0
        self._resume, self._overwrite = resume, overwrite
        self._losses = Losses() if losses is None else losses
        self._run = folder / ".vanban-run.json"  # hidden: not read among the texts
        self._written: dict[str, str] = {}  # names of documents, and where these were read
        self._before: set[str] = set()  # signs of the results that are overwritten, as they were

    def _make_folder(self, found_file: str, results: str) -> None:
        """Make the folder.

        Raise UserError where it is a file, is written by another run now, or holds `results` that no flag decides on.
        """
        if self.folder.exists() and not self.folder.is_dir():
            raise UserError(f"{self.folder}: {found_file}")
        self.folder.mkdir(parents=True, exist_ok=True)
        with Lock(self.folder / ".vanban-run.lock", self.folder) as self._lock:
            if not (self._resume or self._overwrite) and next(self._results(), None):
                raise UserError(f"{self.folder}: holds {results} already: {TRY_NEXT}")

    def start(self, settings: dict[str, Any]) -> None:
        """Note the settings in the folder. Raise UserError when those of the run that is resumed were others."""
        if self._overwrite:
            self._before = {self._sign(path) for path in self._results()}
        elif self._resume and self._run.is_file():
            run = self._noted()
            check_settings(self.folder, run, settings)
            self._before = set(run.get(_BEFORE, ()))
        with whole_file(self._run) as partial_file:
            noted = settings | ({_BEFORE: sorted(self._before)} if self._before else {})
            partial_file.write_text(json.dumps(noted), encoding="ascii")
        self._begin()

    def _noted(self) -> dict[str, Any]:
        try:
            return dict(json.loads(self._run.read_bytes()))
        except (ValueError, TypeError):
            raise UserError(f"{self._run}: does not say what the run was; start again with --overwrite") from None

    def _sign(self, path: Path) -> str:
        """Return what tells a file from any other of another name or content."""
        name = os.fsencode(path.relative_to(self.folder))
        return hashlib.blake2b(name + b"\0" + path.read_bytes(), digest_size=8).hexdigest()

    def _is_of_before(self, document: Document) -> bool:
        """True where the folder has a result of the document that this run, which overwrites, has not come to yet."""
        if not self._before:
            return False
        path = self._path(document)
        return path.is_file() and self._sign(path) in self._before

    def has(self, document: Document) -> bool:
        """True when an interrupted run wrote the document, with this text."""
        if self._overwrite or document.name in self._written:
            return False
        try:
            there = self._holds(document) and not self._is_of_before(document)
        except (OSError, ValueError):  # such as a name that is too long: `write` says so
            return False
        if there:
            self._count(document)
        return there

    def write(self, document: Document, prediction: Prediction) -> None:
        """Write the files of a document. A UserError concerns this document only, an OSError all that follow."""
        path = self._path(document)
        if document.name in self._written:
            raise UserError(f"{path} was written for {self._written[document.name]} already; give it another id")
        try:
            self._write(document, prediction)
        except UnicodeEncodeError:
            raise UserError(f"{path}: can't be written: found half a surrogate pair in the document") from None
        except OSError as error:
            if error.errno not in _OF_ONE_FILE:
                raise
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
    def _results(self) -> Iterator[Path]:
        """Yield the files of the folder without which their documents would not be done."""

    @abstractmethod
    def _begin(self) -> None:
        """Prepare the folder, when the settings are noted."""

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

"""A folder as the place where results go, with files of its own for each document: brat pairs, or another format."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from vanban.documents.document import Document, Failure
from vanban.documents.fingerprint import check_settings
from vanban.documents.folder_names import check_names, path_below
from vanban.documents.formats.format import Format, Losses
from vanban.documents.names import as_spelled, in_any_case
from vanban.documents.output import TRY_NEXT, Output
from vanban.documents.sources import Source
from vanban.errors import UserError
from vanban.schema import Prediction


def open_folder(
    form: Format,
    folder: Path,
    sources: Iterable[Source | Failure],
    resume: bool,
    overwrite: bool,
    losses: Losses,
) -> Output:
    """Return what writes a folder in a format. Raises UserError when results are there that no flag decides on."""
    if form.folder:
        return form.folder(folder, sources, resume, overwrite, losses)
    return FolderOutput(form, folder, sources, resume, overwrite, losses)


class FolderOutput:
    """Writes FOLDER/<name><suffix> for each suffix of a format, each file under its name at once.

    The file of the format's first suffix is the last that is written: where it stands, the document is done. Of brat
    the other is the text, byte for byte that of the source.
    """

    def __init__(
        self,
        form: Format,
        folder: Path,
        sources: Iterable[Source | Failure],
        resume: bool,
        overwrite: bool,
        losses: Losses | None = None,
    ) -> None:
        """Raise UserError when two sources share a name, or when results are there that no flag decides on."""
        assert form.files is not None
        self.folder = folder
        self.done = 0
        self._form, self._files = form, form.files
        self._losses = Losses() if losses is None else losses
        self._resume, self._overwrite = resume, overwrite
        self._main = form.suffixes[0]
        self._run = folder / ".vanban-run.json"  # hidden: not read among the texts
        self._written: dict[str, str] = {}
        check_names(sources, folder, "written to", "give each its own -o")
        if folder.exists() and not folder.is_dir():
            raise UserError(f"{folder}: --format {form.name} writes a folder, found a file; give -o another name")
        if not (resume or overwrite) and next(folder.rglob(in_any_case(f"*{self._main}")), None):
            raise UserError(f"{folder}: holds {self._main} files already: {TRY_NEXT}")
        folder.mkdir(parents=True, exist_ok=True)

    def start(self, settings: dict[str, Any]) -> None:
        """Note the settings in the folder. Raise UserError when those of the run that is resumed were others."""
        if self._resume and self._run.is_file():
            check_settings(self.folder, json.loads(self._run.read_bytes()), settings)
        _write_atomically(self._run, json.dumps(settings).encode("ascii"))

    def has(self, document: Document) -> bool:
        """True when its files are there, with this text where the format can be read."""
        if self._overwrite or document.name in self._written:
            return False
        try:
            there = self._path(document, self._main).is_file() and self._holds(document)
        except OSError:  # such as a name that is too long: `write` says so
            return False
        if there:
            self.done += 1
            self._written[document.name] = document.where
        return there

    def _holds(self, document: Document) -> bool:
        if ".txt" in self._form.suffixes:  # even where what stands beside it was mended by hand, and has a fault
            text = self._path(document, ".txt")
            return text.is_file() and text.read_bytes() == document.text.encode("utf-8")
        if self._form.read_files is None:
            return True
        found = self._form.read_files(self._path(document, self._main), Losses())
        return not isinstance(found, Failure) and found[0].text == document.text

    def write(self, document: Document, prediction: Prediction) -> None:
        """Write the files of a document, that of the format's first suffix at the end."""
        main = self._path(document, self._main)
        if document.name in self._written:
            raise UserError(f"{main} was written for {self._written[document.name]} already; give it another id")
        losses = Losses()
        files = self._files(document, prediction, losses)
        try:
            main.parent.mkdir(parents=True, exist_ok=True)
            for suffix, data in sorted(files.items(), key=lambda file: file[0] == self._main):
                self._check_source(document, self._path(document, suffix), data)
                self._write_file(self._path(document, suffix), data, suffix == self._main and len(files) > 1)
        except OSError as error:
            raise UserError(f"{main}: can't be written: {error.strerror}") from None
        self._losses.update(losses)
        self._written[document.name] = document.where
        self.done += 1

    def _check_source(self, document: Document, path: Path, data: bytes) -> None:
        """Raise UserError where a file would take the place of the one that was read, which is not in UTF-8."""
        if document.path is None or not path.exists() or not path.samefile(as_spelled(document.path)):
            return
        if path.read_bytes() != data:
            raise UserError(f"{path} is the file itself, and not in UTF-8; give -o another folder")

    def _write_file(self, path: Path, data: bytes, may_be_another: bool) -> None:
        is_same = path.is_file() and path.read_bytes() == data
        if path.exists() and not (is_same or may_be_another or self._overwrite):
            raise UserError(f"{path} is there and holds another text; give -o another folder, or --overwrite")
        if not is_same:
            _write_atomically(path, data)

    def _path(self, document: Document, suffix: str) -> Path:
        return path_below(self.folder, document, suffix)

    def finish(self, failed: int = 0) -> None:
        """Write what the folder has once. Forget the settings when nothing is left to be tagged."""
        for name, data in (self._form.shared() if self._form.shared else {}).items():
            _write_atomically(self.folder / name, data)
        if not failed:
            self._run.unlink(missing_ok=True)


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

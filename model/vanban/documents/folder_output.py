"""A folder as the place where results go, with files of its own for each document: brat pairs, or another format."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from vanban.documents.document import Document, Failure
from vanban.documents.folder_names import check_names, path_below
from vanban.documents.folder_run import FolderRun
from vanban.documents.formats.format import Format, Losses
from vanban.documents.names import as_spelled, in_any_case
from vanban.documents.output import Output
from vanban.documents.sources import Source
from vanban.errors import UserError
from vanban.schema import Prediction

_TEMPORARY: Final = ".vanban-{}.tmp"


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


class FolderOutput(FolderRun):
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
        super().__init__(folder, resume, overwrite, losses)
        self._form, self._files = form, form.files
        self._main = form.suffixes[0]
        check_names(sources, folder, "written to", "give each its own -o")
        self._make_folder(
            f"--format {form.name} writes a folder, found a file; give -o another name",
            f"{self._main} files",
        )

    def _results(self) -> Iterator[Path]:
        return (path for path in self.folder.rglob(in_any_case(f"*{self._main}")) if path.is_file())

    def _begin(self) -> None:
        for path in self.folder.rglob(_TEMPORARY.format("*")):  # of a run that was killed
            path.unlink(missing_ok=True)

    def _path(self, document: Document) -> Path:
        return path_below(self.folder, document, self._main)

    def _holds(self, document: Document) -> bool:
        main = self._path(document)
        if not main.is_file():
            return False
        if ".txt" in self._form.suffixes:  # even where what stands beside it was mended by hand, and has a fault
            text = path_below(self.folder, document, ".txt")
            return text.is_file() and text.read_bytes() == document.text.encode("utf-8")
        if self._form.read_files is None:
            return True
        found = self._form.read_files(main, Losses())
        return not isinstance(found, Failure) and found[0].text == document.text

    def _write(self, document: Document, prediction: Prediction) -> None:
        losses = Losses()
        files = self._files(document, prediction, losses)
        may_replace = self._overwrite or self._is_of_before(document)
        self._path(document).parent.mkdir(parents=True, exist_ok=True)
        for suffix, data in sorted(files.items(), key=lambda file: file[0] == self._main):
            path = path_below(self.folder, document, suffix)
            self._check_source(document, path, data)
            self._write_file(path, data, may_replace or (suffix == self._main and len(files) > 1))
        self._losses.update(losses)

    def _check_source(self, document: Document, path: Path, data: bytes) -> None:
        """Raise UserError where a file would take the place of the one that was read, which is not in UTF-8."""
        if document.path is None or not path.exists() or not path.samefile(as_spelled(document.path)):
            return
        if path.read_bytes() != data:
            raise UserError(f"{path} is the file itself, and not in UTF-8; give -o another folder")

    def _write_file(self, path: Path, data: bytes, may_replace: bool) -> None:
        is_same = path.is_file() and path.read_bytes() == data
        if path.exists() and not (is_same or may_replace):
            raise UserError(f"{path} is there and holds another text; give -o another folder, or --overwrite")
        if not is_same:
            _write_atomically(path, data)

    def _end(self) -> None:
        for name, data in (self._form.shared() if self._form.shared else {}).items():
            _write_atomically(self.folder / name, data)


def _write_atomically(path: Path, data: bytes) -> None:
    # not made of the name: with a suffix it may be too long for the file system
    temporary = path.with_name(_TEMPORARY.format(os.getpid()))
    try:
        with open(temporary, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)

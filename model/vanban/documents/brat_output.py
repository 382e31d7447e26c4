"""A folder of brat pairs as the place where results go: each text, byte for byte, and its standoff beside it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from vanban.documents.document import Document, Failure
from vanban.documents.fingerprint import check_settings
from vanban.documents.formats.brat import write_brat
from vanban.documents.names import in_any_case
from vanban.documents.output import TRY_NEXT
from vanban.documents.sources import Source
from vanban.errors import UserError
from vanban.schema import Prediction


class BratOutput:
    """Writes FOLDER/<name>.txt, byte for byte the source text, and FOLDER/<name>.ann, each under its name at once."""

    def __init__(self, folder: Path, sources: Iterable[Source | Failure], resume: bool, overwrite: bool) -> None:
        """Raise UserError when two sources share a name, or when annotations are there that no flag decides on."""
        self.folder = folder
        self.done = 0
        self._resume, self._overwrite = resume, overwrite
        self._run = folder / ".vanban-run.json"  # hidden: not read among the texts
        self._written: dict[str, str] = {}
        paths: dict[str, str] = {}
        for source in sources:
            if isinstance(source, Source):
                name = f"{source.name}/" if source.kind == "jsonl" else source.name
                if name in paths:
                    raise UserError(
                        f"{paths[name]} and {source.path} would both be written to {folder / name}; name the folder "
                        "above both as the input, or give each its own -o"
                    )
                paths[name] = source.path
        if folder.exists() and not folder.is_dir():
            raise UserError(f"{folder}: --format brat writes a folder, found a file; give -o another name")
        if not (resume or overwrite) and next(folder.rglob(in_any_case("*.ann")), None):
            raise UserError(f"{folder}: holds .ann files already: {TRY_NEXT}")
        folder.mkdir(parents=True, exist_ok=True)

    def start(self, settings: dict[str, Any]) -> None:
        """Note the settings in the folder. Raise UserError when those of the run that is resumed were others."""
        if self._resume and self._run.is_file():
            check_settings(self.folder, json.loads(self._run.read_bytes()), settings)
        _write_atomically(self._run, json.dumps(settings).encode("ascii"))

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
            if document.path is not None and not is_same and text.exists() and text.samefile(document.path):
                raise UserError(f"{text} is the file itself, and not in UTF-8; give -o another folder")
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

    def finish(self, failed: int = 0) -> None:
        """Forget the settings when nothing is left to be tagged: every pair is finished."""
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

"""Kept documents → a file in a format that is written when all of them are there."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from vanban.documents.formats.format import Format, Losses
from vanban.documents.kept import of_line
from vanban.documents.names import suffix_of
from vanban.documents.packing import PACKING_OF_SUFFIX, check_packing, packer
from vanban.errors import UserError


class FormatForm:
    """Writes lines of `kept.to_line` as a format does, one after the other, packed where the file's name says so."""

    def __init__(self, form: Format, path: Path, losses: Losses) -> None:
        """Raise UserError when the package for the packing is not installed."""
        if form.write is None:
            raise UserError(f"--format {form.name} writes files for each document: name a folder with -o")
        self._write = form.write
        self._losses = losses
        self._packing = PACKING_OF_SUFFIX.get(suffix_of(path))
        if self._packing:
            check_packing(self._packing)

    def learn(self, texts: BinaryIO) -> None:
        """Do nothing: what a format has to know of all documents it finds when it writes."""

    def write(self, texts: BinaryIO, file: BinaryIO) -> None:
        """Write the documents of one file."""
        documents = map(of_line, texts)
        if self._packing is None:
            self._write(documents, file, self._losses)
            return
        with packer(file, self._packing) as packed:
            self._write(documents, packed, self._losses)

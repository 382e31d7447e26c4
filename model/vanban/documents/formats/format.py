"""What a format is: its names, how tagged documents are written and read, and what of them it has no place for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from vanban.documents.document import Document, Failure
from vanban.schema import Prediction

if TYPE_CHECKING:
    from vanban.documents.output import Output
    from vanban.documents.sources import Source

Tagged = tuple[Document, Prediction]
"""A document and what was read in it, or what someone annotated in it: then the model is "" and scores are 1."""

Losses = Counter[str]
"""What was left out in writing or in reading, in plural, and how often: `losses["scores"] += 3`."""

Write = Callable[[Iterable[Tagged], BinaryIO, Losses], None]
"""Writes all documents into one file, one after the other where the format can: there may be a million."""

Read = Callable[[BinaryIO, str, Losses], Iterator[Tagged | Failure]]
"""Yields the documents of one file, which the string names in messages; a failure for each that can't be read.

Losses are what the file holds and a document has no place for, such as relations, and what was rejected or skipped.
Spans that overlap are all read: what can't hold them, writing or training, says so (`pieces.flat`).
Raises UserError for a file that is not of the format at all.
"""

Files = Callable[[Document, Prediction, Losses], dict[str, bytes]]
"""Returns the files of one document by their suffixes: `{".txt": …, ".ann": …}`."""

ReadFiles = Callable[[Path, Losses], Tagged | Failure]
"""Returns the document of one file of a folder, that of the format's first suffix, and of those beside it."""

OpenFolder = Callable[[Path, "Iterable[Source | Failure]", bool, bool, Losses], "Output"]
"""Returns what writes a folder that is more than files of each document: of some sources, to resume, to overwrite."""


@dataclass(frozen=True, slots=True)
class Format:
    """A format of annotated documents: in one file (`write`, `read`), or in files of its own for each (`files`).

    `suffixes` are those by which a path is known; where several formats share one, `is_one` tells by the first bytes
    of a file (64 KiB at most). `shared` are files that a folder has once, by name, and
    `folder` writes one that has more than `files` say. What is None can't be done. With
    `in_lines` a document is lines of its own, and those of several, written one by one, are the file. `needs` is what
    it can't do without, as `extras.optional` takes it: a module, its extra, and what of the format needs it.
    """

    name: str
    summary: str
    suffixes: tuple[str, ...] = ()
    is_one: Callable[[bytes], bool] | None = None
    write: Write | None = None
    read: Read | None = None
    files: Files | None = None
    read_files: ReadFiles | None = None
    shared: Callable[[], dict[str, bytes]] | None = None
    folder: OpenFolder | None = None
    in_lines: bool = False
    needs: tuple[str, str, str] | None = None

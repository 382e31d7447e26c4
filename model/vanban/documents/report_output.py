"""A folder to look at as the place where results go: a page for each document, and the index of all of them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from vanban.documents.document import Document, Failure
from vanban.documents.folder_names import check_names, path_below
from vanban.documents.folder_run import FolderRun
from vanban.documents.formats.format import Losses
from vanban.documents.formats.losses import Kept, count_losses
from vanban.documents.report.embedding import data_block, data_of, embedded_json
from vanban.documents.report.page import (
    ORDER_FILE,
    TITLE,
    linked_assets,
    linked_head,
    linked_tail,
    whole_head,
    whole_tail,
)
from vanban.documents.report.records import summary_of, view_record
from vanban.documents.sources import STANDARD_INPUT, Source
from vanban.documents.whole import whole_file
from vanban.errors import UserError
from vanban.reading.text import printable
from vanban.schema import Prediction

INDEX: Final = "index.html"
PAGES: Final = "documents"
KEPT: Final[tuple[Kept, ...]] = ("scores", "values", "types", "probabilities", "records")


class ReportOutput(FolderRun):
    """Writes FOLDER/documents/<name>.html for each document, and FOLDER/index.html of all pages there at the end.

    The pages share a script and a style, which lie beside them. A page gets its name when it is whole, so that a run
    that was interrupted goes on with the documents that have none.
    """

    def __init__(
        self,
        folder: Path,
        sources: Iterable[Source | Failure],
        resume: bool,
        overwrite: bool,
        losses: Losses | None = None,
    ) -> None:
        """Raise UserError for a file, a source below the folder, two of one name, and pages that no flag decides on."""
        sources = list(sources)
        _check_places(sources, folder)
        super().__init__(folder, resume, overwrite, losses)
        self._place: dict[Path, int] = {}  # of pages, in the order in which documents were read
        check_names(sources, folder / PAGES, "shown by", "write one file: -o report.html")
        self._make_folder(
            "is a file; a report is one file, -o report.html, or a folder, -o report",
            "pages of a report",
        )

    def _results(self) -> Iterator[Path]:
        return _pages(self.folder)

    def _begin(self) -> None:
        """Lay down what pages share. The pages that are overwritten go."""
        for page in list(_pages(self.folder)) if self._before else ():
            if self._sign(page) in self._before:
                page.unlink()
        for name, text in linked_assets().items():
            _write(self.folder / name, text)
        _write(self.folder / ORDER_FILE, "vanbanView.order = [];\n")

    def _path(self, document: Document) -> Path:
        return path_below(self.folder / PAGES, document, ".html")

    def has(self, document: Document) -> bool:
        """True when the page is there, with this text."""
        page = self._path(document)
        self._place.setdefault(page, len(self._place))
        return super().has(document)

    def _holds(self, document: Document) -> bool:
        page = self._path(document)
        return page.is_file() and _text(page) == document.text

    def _write(self, document: Document, prediction: Prediction) -> None:
        page = self._path(document)
        if self._resume and page.is_file() and _text(page) != document.text:
            raise UserError(f"{page} is there and shows another text; give -o another folder, or --overwrite")
        record = view_record(document, prediction)
        path = page.relative_to(self.folder).as_posix()
        root = "../" * path.count("/")
        parts = (
            linked_head(f"{printable(str(document.id))} · {TITLE}", root),
            data_block("summary", summary_of(record)),
            data_block("page", {"path": _link(path), "root": root, "index": INDEX}),
            data_block("record", record),
            linked_tail(root),
        )
        _write(page, "".join(parts))
        self._place.setdefault(page, len(self._place))
        count_losses(self._losses, document, prediction, KEPT)

    def _end(self) -> None:
        """Write the index and the order of all pages there."""
        pages = sorted(_pages(self.folder), key=lambda page: (self._place.get(page, len(self._place)), page))
        links = [_link(page.relative_to(self.folder).as_posix()) for page in pages]
        summaries = [(_data(page, "summary") or {}) | {"href": link} for page, link in zip(pages, links, strict=True)]
        _write(self.folder / ORDER_FILE, f"vanbanView.order = {embedded_json(links)};\n")
        _write(self.folder / INDEX, whole_head(TITLE) + data_block("index", summaries) + whole_tail())


def _check_places(sources: Iterable[Source | Failure], folder: Path) -> None:
    """Raise UserError for a source in the folder: the next run would read the pages of this one."""
    real = folder.resolve()
    for source in sources:
        if isinstance(source, Source) and source.path != STANDARD_INPUT and real in Path(source.path).resolve().parents:
            raise UserError(
                f"{source.path}: is read, and stands in {folder}, where pages go that the next run would read; "
                "give -o another folder"
            )


def _pages(folder: Path) -> Iterator[Path]:
    """Yield the pages of documents in a folder: those that a report wrote, and no other file."""
    for parent, _, files in os.walk(folder / PAGES):
        for name in files:
            page = Path(parent, name)
            if name.endswith(".html") and _data(page, "summary") is not None:
                yield page


def _data(page: Path, kind: str) -> dict[str, Any] | None:
    """Return a data block of a page, None where it has none. Only the page up to the block is read."""
    with open(page, encoding="utf-8", errors="replace", newline="\n") as lines:
        return next((value for value in (data_of(line, kind) for line in lines) if isinstance(value, dict)), None)


def _text(page: Path) -> object:
    """Return the text that a page shows, None where it is no page of a document."""
    return (_data(page, "record") or {}).get("text")


def _link(path: str) -> str:
    return quote(os.fsencode(path))


def _write(path: Path, text: str) -> None:
    with whole_file(path) as partial_file:
        partial_file.write_text(text, encoding="utf-8", newline="\n")

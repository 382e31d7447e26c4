"""A folder to look at as the place where results go: a page for each document, and the index of all of them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from vanban.documents.document import Document, Failure
from vanban.documents.fingerprint import check_settings
from vanban.documents.folder_names import check_names, path_below
from vanban.documents.formats.format import Losses
from vanban.documents.formats.losses import count_losses
from vanban.documents.output import TRY_NEXT
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
from vanban.documents.sources import Source
from vanban.documents.whole import whole_file
from vanban.errors import UserError
from vanban.reading.text import printable
from vanban.schema import Prediction

INDEX: Final = "index.html"
PAGES: Final = "documents"


class ReportOutput:
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
        """Raise UserError for a file, when two sources share a name, and for pages there that no flag decides on."""
        self.folder = folder
        self.done = 0
        self._resume, self._overwrite = resume, overwrite
        self._losses = Losses() if losses is None else losses
        self._run = folder / ".vanban-run.json"
        self._written: dict[str, str] = {}  # names of pages, and of whose documents
        self._place: dict[Path, int] = {}  # of pages, in the order in which documents were read
        check_names(sources, folder / PAGES, "shown by", "write one file: -o report.html")
        if folder.exists() and not folder.is_dir():
            raise UserError(f"{folder}: is a file; a report is one file, -o report.html, or a folder, -o report")
        if not (resume or overwrite) and next(_pages(folder), None):
            raise UserError(f"{folder}: holds pages of a report already: {TRY_NEXT}")
        folder.mkdir(parents=True, exist_ok=True)

    def start(self, settings: dict[str, Any]) -> None:
        """Note the settings, and lay down what pages share. Raise UserError when those of the run before were others.

        With --overwrite the pages of the run before go.
        """
        if self._resume and self._run.is_file():
            check_settings(self.folder, json.loads(self._run.read_bytes()), settings)
        if self._overwrite:
            for page in list(_pages(self.folder)):
                page.unlink()
        _write(self._run, json.dumps(settings))
        for name, text in linked_assets().items():
            _write(self.folder / name, text)
        _write(self.folder / ORDER_FILE, "vanbanView.order = [];\n")

    def has(self, document: Document) -> bool:
        """True when the page is there, with this text."""
        page = self._page(document)
        self._place.setdefault(page, len(self._place))
        if self._overwrite or document.name in self._written:
            return False
        try:
            there = page.is_file() and (_data(page, "record") or {}).get("text") == document.text
        except (OSError, ValueError):  # such as a name that is too long: `write` says so
            return False
        if there:
            self.done += 1
            self._written[document.name] = document.where
        return there

    def write(self, document: Document, prediction: Prediction) -> None:
        """Write the page of one document."""
        page = self._page(document)
        if document.name in self._written:
            raise UserError(f"{page} was written for {self._written[document.name]} already; give it another id")
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
        try:
            if self._resume and page.is_file() and (_data(page, "record") or {}).get("text") != document.text:
                raise UserError(f"{page} is there and shows another text; give -o another folder, or --overwrite")
            _write(page, "".join(parts))
        except OSError as error:
            raise UserError(f"{page}: can't be written: {error.strerror}") from None
        self._place.setdefault(page, len(self._place))
        count_losses(self._losses, document, prediction, ("scores", "values", "types", "records"))
        self._written[document.name] = document.where
        self.done += 1

    def _page(self, document: Document) -> Path:
        return path_below(self.folder / PAGES, document, ".html")

    def finish(self, failed: int = 0) -> None:
        """Write the index and the order of all pages there; forget the settings when nothing is left to be tagged."""
        pages = sorted(_pages(self.folder), key=lambda page: (self._place.get(page, len(self._place)), page))
        links = [_link(page.relative_to(self.folder).as_posix()) for page in pages]
        summaries = [(_data(page, "summary") or {}) | {"href": link} for page, link in zip(pages, links, strict=True)]
        _write(self.folder / ORDER_FILE, f"vanbanView.order = {embedded_json(links)};\n")
        _write(self.folder / INDEX, whole_head(TITLE) + data_block("index", summaries) + whole_tail())
        if not failed:
            self._run.unlink(missing_ok=True)


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


def _link(path: str) -> str:
    return quote(os.fsencode(path))


def _write(path: Path, text: str) -> None:
    with whole_file(path) as partial_file:
        partial_file.write_text(text, encoding="utf-8", newline="\n")

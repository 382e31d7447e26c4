"""HTML to look at: one page that holds all documents with its own script and style, and needs no server.

Documents are written one after the other, each as a block of data; the list of them comes last. Only the one that is
looked at is read from its block and shown.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, Final

from vanban.documents.document import Document
from vanban.documents.formats.format import Format, Losses, Tagged
from vanban.documents.report.embedding import data_block
from vanban.documents.report.page import whole_head, whole_tail
from vanban.documents.report.records import summary_of, view_record
from vanban.schema import Prediction

TITLE: Final = "vanban report"


def write_html(documents: Iterable[Tagged], file: BinaryIO, losses: Losses) -> None:
    """Write the page of all documents. It has a place for everything; fields of one's own are no part of the view."""
    write_records((view_record(*tagged) for tagged in documents), file)


def write_records(records: Iterable[dict[str, Any]], file: BinaryIO, title: str = TITLE) -> None:
    """Write the page of records as `view_record` returns them."""
    file.write(whole_head(title).encode("utf-8"))
    summaries = []
    for record in records:
        file.write(data_block("record", record).encode("utf-8"))
        summaries.append(summary_of(record))
    file.write(data_block("summaries", summaries).encode("utf-8"))
    file.write(whole_tail().encode("utf-8"))


def to_line(document: Document, prediction: Prediction, with_entities: bool = True) -> str:
    """Return the record of one document as a line, as it is kept until all are there."""
    return json.dumps(view_record(document, prediction, with_entities)) + "\n"


class HtmlForm:
    """Makes the page of the lines of `to_line`."""

    def learn(self, texts: BinaryIO) -> None:
        """Do nothing: each document stands for itself."""

    def write(self, texts: BinaryIO, file: BinaryIO) -> None:
        """Write the page of these documents."""
        write_records(_records(texts), file)


def _records(lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    for line in lines:
        yield json.loads(line)


FORMAT: Final = Format(
    name="html",
    summary="a page to look at, which works offline",
    suffixes=(".html", ".htm"),
    write=write_html,
)

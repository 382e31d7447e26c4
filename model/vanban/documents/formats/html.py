"""HTML to look at: one page that holds all documents with its own script and style, and needs no server.

Documents are written one after the other, each as a block of data; the list of them comes last. Only the one that is
looked at is read from its block and shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO, Final

from vanban.documents.document import Failure
from vanban.documents.formats.format import Format, Losses, Tagged
from vanban.documents.formats.losses import count_losses
from vanban.documents.output import Output
from vanban.documents.report.embedding import data_block
from vanban.documents.report.page import TITLE, whole_head, whole_tail
from vanban.documents.report.records import summary_of, view_record
from vanban.documents.report_output import KEPT, ReportOutput
from vanban.documents.sources import Source


def write(documents: Iterable[Tagged], file: BinaryIO, losses: Losses) -> None:
    """Write the page of all documents. Fields of one's own are no part of what was read, and are left out."""
    file.write(whole_head(TITLE).encode("utf-8"))
    summaries = []
    for document, prediction in documents:
        count_losses(losses, document, prediction, KEPT)
        record = view_record(document, prediction)
        file.write(data_block("record", record).encode("utf-8"))
        summaries.append(summary_of(record))
    file.write(data_block("summaries", summaries).encode("utf-8"))
    file.write(whole_tail().encode("utf-8"))


def _folder(path: Path, sources: Iterable[Source | Failure], resume: bool, overwrite: bool, losses: Losses) -> Output:
    return ReportOutput(path, sources, resume, overwrite, losses)


FORMAT: Final = Format(
    "html", "a page to look at, or a folder of them, which work offline", (".html", ".htm"), write=write, folder=_folder
)

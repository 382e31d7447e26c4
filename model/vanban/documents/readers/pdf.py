"""PDF files with a text layer, by page: columns one after the other, lines as they are broken, ruled tables by row.

pdfminer.six finds columns from where letters stand, not from the order in which they were drawn
(`tests/benchmarks/pdf_readers.py` compares).
"""

from __future__ import annotations

import io
import itertools
import logging
import re
from collections.abc import Iterator
from typing import Any, Final

from vanban.documents.extras import optional
from vanban.documents.readers.reader import MOST_PAGES, Encoding, Reader, Taken
from vanban.documents.readers.ruled import tables_of
from vanban.errors import UserError

_OCR: Final = "have its text read by OCR first: ocrmypdf -l vie FILE OUT.pdf"
_NO_LETTER: Final = re.compile(r"\(cid:\d+\)")
_SHARE_WITHOUT: Final = 0.3
_MARK: Final = b"%PDF-"
_LATEST_MARK: Final = 1024  # bytes; what stands before it is passed over by all programs


def read(data: bytes, encoding: Encoding | None) -> Taken:
    """Return the pages of a PDF. Raises UserError for one that is locked, has too many pages, or is a scan."""
    optional("pdfminer", "files", "a PDF file")
    from pdfminer.pdfdocument import PDFDocument, PDFPasswordIncorrect
    from pdfminer.pdfpage import PDFPage
    from pdfminer.pdfparser import PDFParser

    logging.getLogger("pdfminer").setLevel(logging.CRITICAL)
    if not data.rstrip(b"\x00\r\n\t ").endswith(b"%%EOF") and b"%%EOF" not in data[-_LATEST_MARK:]:
        raise UserError("found a PDF file without an end: it is cut off, copy it again")
    try:
        document = PDFDocument(PDFParser(io.BytesIO(data)))
    except PDFPasswordIncorrect:
        raise UserError(
            "found a PDF file that is locked by a password; save it without one: "
            "qpdf --decrypt --password=… FILE OUT.pdf"
        ) from None
    pages = list(itertools.islice(PDFPage.create_pages(document), MOST_PAGES + 1))
    if len(pages) > MOST_PAGES:
        raise UserError(f"found a PDF file of more than {MOST_PAGES:,} pages; split it first: qpdf --split-pages=500")
    if not pages:
        raise UserError("found a PDF file without pages: it is damaged, copy it again")
    texts = ["\n".join(lines) for lines in _lines_of_pages(pages)]
    whole = "".join(texts)
    if not whole.strip():
        raise UserError(f"found a PDF file without text on any of its pages ({len(pages)}), so a scan; {_OCR}")
    if len(_NO_LETTER.findall(whole)) > _SHARE_WITHOUT * len("".join(_NO_LETTER.sub("", whole).split())):
        raise UserError(f"found a PDF file whose fonts don't say which letters they show; {_OCR}")
    return Taken(texts, has_pages=True)


def _lines_of_pages(pages: list[Any]) -> Iterator[list[str]]:
    from pdfminer.converter import PDFPageAggregator
    from pdfminer.layout import LAParams
    from pdfminer.pdfinterp import PDFPageInterpreter, PDFResourceManager

    resources = PDFResourceManager()
    device = PDFPageAggregator(resources, laparams=LAParams())
    interpreter = PDFPageInterpreter(resources, device)
    for page in pages:
        interpreter.process_page(page)
        yield _lines(device.get_result())


def _lines(page: Any) -> list[str]:
    """Return the lines of a page in the order of its boxes; a table stands where its first line does."""
    from pdfminer.layout import LTCurve, LTTextBox, LTTextLine

    texts = [line for box in page if isinstance(box, LTTextBox) for line in box if isinstance(line, LTTextLine)]
    tables = tables_of(shape for shape in page if isinstance(shape, LTCurve))
    inside = [next((table for table in tables if table.holds(text.bbox)), None) for text in texts]
    lines: list[str] = []
    written: list[Any] = []
    for text, table in zip(texts, inside, strict=True):
        if table is None:
            lines.append(text.get_text().rstrip())
        elif table not in written:
            written.append(table)
            letters = [
                [(letter.get_text(), getattr(letter, "bbox", None)) for letter in other]
                for other, its in zip(texts, inside, strict=True)
                if its is table
            ]
            lines += table.rows(letters)
    return lines


READER: Final = Reader(
    "pdf", "a PDF file", (".pdf",), read, begins=lambda head: head[:_LATEST_MARK].lstrip().startswith(_MARK)
)

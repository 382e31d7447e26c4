"""The bytes of one file and its name → its documents: the one place where the service reads files."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Final

from vanban.documents.document import Document, Failure
from vanban.documents.names import suffix_of, without_suffix
from vanban.documents.packing import packing_of
from vanban.documents.parquet_rows import MAGIC
from vanban.documents.reader import read_file
from vanban.documents.records import Columns
from vanban.documents.sources import Source
from vanban.documents.taking import Whole, is_of_a_kind
from vanban.documents.taking import documents_of as taken_documents
from vanban.errors import UserError
from vanban.reading.text import printable
from vanban.serving.limits import Limits, Refusal

LONGEST_NAME: Final = 200


def name_of(filename: str | None) -> str:
    """Return the name of a file as its documents are called by: without folders, in one line."""
    name = printable((filename or "").replace("\\", "/").rpartition("/")[2])
    return name[-LONGEST_NAME:] or "file"


def documents_of(data: bytes, name: str) -> Iterator[Document | Failure]:
    """Yield the documents of a file, a failure where one can't be read."""
    if packing_of(data) or data.startswith(MAGIC):
        yield Failure(name, "found a packed or a Parquet file, expected one document, or JSON Lines: unpack it first")
        return
    if is_of_a_kind(data, suffix_of(name)):
        yield from taken_documents(data, Whole(name, name, name, name, None, suffix_of(name)), Columns())
        return
    try:
        yield from read_file(io.BytesIO(data), Source(name, without_suffix(name), "auto"))
    except (OSError, EOFError, UserError) as error:
        yield Failure(name, str(error))


def documents_within(data: bytes, name: str, limits: Limits) -> list[Document | Failure]:
    """Return the documents of a file; raise Refusal for more than a request may have."""
    documents: list[Document | Failure] = []
    for document in documents_of(data, name):
        documents.append(document)
        if len(documents) > limits.texts:
            raise Refusal(
                422, f"{name}: found more than {limits.texts} documents, which are the most: send it in parts"
            )
    limits.check_texts([document.text for document in documents if isinstance(document, Document)])
    return documents

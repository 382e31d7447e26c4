"""Annotated and tagged documents of files and folders, whatever wrote them: the one place that knows the formats."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from vanban.documents.document import Document, Failure
from vanban.documents.formats.brat import parse_brat
from vanban.documents.formats.format import Tagged
from vanban.documents.names import composed, in_any_case
from vanban.documents.reader import read_documents
from vanban.documents.records import Columns
from vanban.documents.sources import find_sources
from vanban.documents.tagged import entities_of
from vanban.errors import UserError
from vanban.schema import Prediction

_LABEL: Final = re.compile(r"^T\d+\t(\S+) ", re.MULTILINE)


def tagged_documents(path: Path) -> Iterator[Tagged | Failure]:
    """Yield the documents of a brat folder, or of JSON Lines or Parquet with `entities` (or `spans`).

    A record without a text has that of the file in its `path`, as `tag` writes it. Its type is `doc_type`, or `type`.
    Raises UserError for a path that is not there, or that holds no document.
    """
    if path.is_dir() and next(path.rglob(in_any_case("*.ann")), None):
        yield from _brat_documents(path)
        return
    try:
        sources = find_sources([str(path)])
    except OSError as error:
        raise UserError(f"{error.filename}: {error.strerror}") from None
    for item in read_documents(sources, Columns(behind_path=True)):
        yield item if isinstance(item, Failure) else _tagged(item)


def _tagged(document: Document) -> Tagged | Failure:
    fields = document.fields
    if "entities" not in fields and "spans" in fields:
        document = replace(document, fields=fields | {"entities": fields["spans"]})
    try:
        entities = entities_of(document)
    except UserError as error:
        return Failure(document.where, str(error))
    if entities is None:
        return Failure(document.where, f'expected "entities", as tag writes them, found the keys {list(fields)}')
    kind = fields.get("doc_type", fields.get("type"))
    score = fields.get("doc_type_score")
    prediction = Prediction(
        document.text,
        entities,
        str(fields.get("model", "")),
        composed(kind) if isinstance(kind, str) else None,
        float(score) if isinstance(score, (int, float)) else None,
    )
    return document, prediction


def _brat_documents(folder: Path) -> Iterator[Tagged | Failure]:
    for standoff in sorted(folder.rglob(in_any_case("*.ann"))):
        name = standoff.relative_to(folder).with_suffix("").as_posix()
        file = standoff.with_suffix(".txt")
        try:
            text = file.read_bytes().decode("utf-8")
            rows = standoff.read_bytes().decode("utf-8")
        except OSError as error:
            yield Failure(str(error.filename), f"can't be read: {error.strerror}")
            continue
        except UnicodeDecodeError as error:
            yield Failure(str(standoff), f"it or its text: found a byte that is no UTF-8 at {error.start}")
            continue
        entities, faults = parse_brat(rows, text, str(standoff), list(dict.fromkeys(_LABEL.findall(rows))))
        if faults:
            yield Failure(str(standoff), faults[0])
            continue
        document = Document(name, text, str(file), str(file), name, str(file))
        yield document, Prediction(text, tuple(entities), "")

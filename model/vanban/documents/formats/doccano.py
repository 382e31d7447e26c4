"""doccano: JSON Lines with spans in UTF-16 units, as it counts unless a project counts grapheme clusters.

Documents without types are written for its sequence labeling (`label`), those with types for its intent detection and
slot filling (`entities` and `cats`); the first document says which. doccano takes no empty texts, and no scores.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, Final

from vanban.documents.document import Document, Failure
from vanban.documents.formats.annotated import by_hand, entities_of_spans, list_of, read_lines
from vanban.documents.formats.format import Format, Losses, Tagged
from vanban.documents.formats.losses import Kept, count, count_losses
from vanban.documents.formats.origin import KEY, document_of, origin_of
from vanban.documents.formats.utf16 import Units
from vanban.errors import UserError

_KEPT: Final[tuple[Kept, ...]] = ("fields",)
_OWN: Final = ("label", "labels", "entities", "cats", "relations", "Comments", KEY)
_IS_ONE: Final = re.compile(
    rb'\s*\{.*?"(?:cats"\s*:\s*\[|(?:label|labels|entities)"\s*:\s*\[\s*(?:\[\s*\d+\s*,\s*\d+\s*,\s*"|\{[^{}]*"start_offset"))',
    re.DOTALL,
)


def write(documents: Iterable[Tagged], file: BinaryIO, losses: Losses) -> None:
    """Write a line for each document, in ASCII: doccano guesses the encoding of what it imports."""
    with_types: bool | None = None
    for document, prediction in documents:
        if with_types is None:
            with_types = bool(prediction.doc_type_scores)
        if not document.text:
            losses["empty texts"] += 1
            continue
        units = Units(document.text)
        spans = [[units.units(e.start), units.units(e.end), e.label] for e in prediction.entities]
        record: dict[str, Any] = {"id": document.id, "text": document.text}
        if with_types:
            record |= {"entities": spans, "cats": [prediction.doc_type] if prediction.doc_type else []}
        else:
            record["label"] = spans
        record[KEY] = origin_of(document, prediction)  # in every line: doccano makes a table of them, and has no NaN
        file.write(json.dumps(record).encode() + b"\n")
        count_losses(losses, document, prediction, (*_KEPT, "types") if with_types else _KEPT)


def read(file: BinaryIO, where: str, losses: Losses) -> Iterator[Tagged | Failure]:
    """Return the documents of an export: spans as `[start, end, label]` or as objects, `cats` as types.

    Comments, relations and further categories are counted in `losses`.
    """
    return read_lines(file, where, lambda line, number: _tagged(line, where, number, losses))


def _tagged(document: Document, where: str, number: int, losses: Losses) -> Tagged:
    record, text = document.fields, document.text
    given = next((record[name] for name in ("entities", "label", "labels") if record.get(name) is not None), None)
    if not isinstance(given, list):
        raise UserError(f'expected "label" or "entities" with a list of spans, found the keys {list(record)}')
    units = Units(text)
    spans = [_span(one, units) for one in given]
    cats = record.get("cats") or []
    cats = [str(name) for name in cats] if isinstance(cats, list) else [str(cats)]
    count(losses, "further types", len(cats) - 1)
    for name in ("relations", "Comments"):
        count(losses, name.lower(), len(list_of(record, name)))
    origin = record.get(KEY)
    if not isinstance(origin, dict):
        origin = {"fields": {name: value for name, value in record.items() if name not in _OWN}}
    found = dataclasses.replace(document_of(text, document.id, origin, where, number), where=document.where)
    return found, by_hand(text, entities_of_spans(text, spans, losses), cats[0] if cats else None)


def _span(given: object, units: Units) -> tuple[str, int, int, float]:
    if isinstance(given, dict):
        given = [given.get(name) for name in ("start_offset", "end_offset", "label")]
    if not (isinstance(given, list) and [type(one) for one in given] == [int, int, str]):
        raise UserError(f"expected spans like [start, end, label], found {given!r:.80}")
    start, end = (units.code_points(unit) for unit in given[:2])
    if start is None or end is None or not 0 <= start <= end or given[1] > units.length:
        raise UserError(
            f"found {given}, which is no span of a text of {units.length} UTF-16 units; doccano counts in these unless "
            "its project counts grapheme clusters: leave that off. Spans in code points are read from JSONL: "
            '{"text", "entities": [{"label", "start", "end"}]}'
        )
    return given[2], start, end, 1.0


FORMAT: Final = Format(
    "doccano",
    "JSON Lines of doccano, in UTF-16 units",
    suffixes=(".jsonl",),
    is_one=lambda head: _IS_ONE.match(head) is not None,
    write=write,
    read=read,
)

"""A table of values: a row for each entity of a label, with its document, the place in whose scope it stands, and its
sentence."""

from __future__ import annotations

import dataclasses
import datetime
import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final, get_type_hints

from vanban.documents.valued import Valued
from vanban.errors import UserError
from vanban.reading.text import one_line, sentences
from vanban.schema import LABELS, Span
from vanban.values.document import issuing_place
from vanban.values.meaning import Count, Directive, Official, Place
from vanban.values.view import View, view

Row = dict[str, Any]
VALUE_OF: Final = dict(zip(LABELS, (Official, Place, Count, Directive), strict=True))
LONGEST_SENTENCE: Final = 4000  # characters; a table of numbers without a stop is none
AROUND: Final = 500
# behind a number a stop may be a list mark's; not behind a word, of which the number is
_AFTER_NUMBER: Final = re.compile(r"(?P<word>[^\W\d_]+)\s+\d{1,3}(?:[.,/]\d{1,4})*\.\s+(?=[^\W\d_])")
_NUMBERED: Final = frozenset(
    ["điều", "khoản", "mục", "chương", "phần", "điểm", "số", "bảng", "hình", "phụ", "lục", "câu", "mẫu", "biểu",
     "quyển", "tập", "tổ", "ngày"]
)  # fmt: skip
BEFORE: Final = {
    "document": str, "document_date": datetime.date, "scope": str, "scope_code": str, "scope_from": str, "text": str,
    "start": int, "end": int,
}  # fmt: skip


def columns_of(label: str) -> dict[str, type]:
    """Return the columns of a table and what they hold: str, int, bool, date or Decimal.

    Those of the value follow those of the entity; what is a list there is JSON. Raises UserError for an unknown label.
    """
    if label not in VALUE_OF:
        raise UserError(f"--label {label}: expected one of {', '.join(LABELS)}")
    kinds: dict[str, type] = {}
    hints = get_type_hints(VALUE_OF[label])
    for field in dataclasses.fields(VALUE_OF[label]):
        if field.name != "spans":
            said = str(hints[field.name])
            held = hints[field.name]
            kinds[field.name] = (
                Decimal if "Decimal" in said
                else datetime.date if "datetime.date" in said
                else bool if held is bool
                else int if "int" in said.replace("|", " ").split() or held is int
                else str
            )  # fmt: skip
    return {**BEFORE, **kinds, "sentence": str}


def rows_of(valued: Valued, label: str) -> Iterator[Row]:
    """Yield a row for each entity of a label, in order; one of which nothing was read has no value's columns filled.

    `scope` is the PLACE that stands nearest before it in its sentence, else in its paragraph, else the place of the
    issuer, as `scope_from` says; `scope_code` is the likeliest official unit's.
    """
    kinds = columns_of(label)
    seen = view(valued.document.text, valued.entities)
    scopes = _Scopes(valued, seen)
    for number in seen.of(label):
        entity = seen.entities[number]
        place, code, found = scopes.of(number)
        row: Row = dict.fromkeys(kinds)
        row |= {
            "document": str(valued.document.id), "document_date": valued.record.date, "scope": place,
            "scope_code": code, "scope_from": found, "text": one_line(entity.text), "start": entity.start,
            "end": entity.end, "sentence": scopes.shown(number),
        }  # fmt: skip
        if entity.value is not None:
            plain = entity.value.to_dict()
            for name, kind in kinds.items():
                if name not in BEFORE and name != "sentence":
                    row[name] = _cell(getattr(entity.value, name), plain.get(name), kind)
        yield row


def _cell(value: Any, plain: Any, kind: type) -> Any:
    if kind is not str or value is None:
        return value
    return plain if isinstance(plain, str) else json.dumps(_without_spans(plain), ensure_ascii=False) if plain else None


def _without_spans(plain: Any) -> Any:
    if isinstance(plain, dict):
        return {name: _without_spans(one) for name, one in plain.items() if name != "spans"}
    return [_without_spans(one) for one in plain] if isinstance(plain, (list, tuple)) else plain


class _Scopes:
    """Sentences and paragraphs of a text, and the places in them."""

    def __init__(self, valued: Valued, seen: View) -> None:
        self._seen = seen
        self._places = seen.of("PLACE")
        self._ends = [seen.spans[number][1] for number in self._places]
        self._paragraphs = [0, *(found.end() for found in re.finditer("\n", seen.text)), len(seen.text) + 1]
        self._sentences: dict[int, tuple[list[int], list[Span]]] = {}  # by the start of their paragraph
        name = issuing_place(seen, valued.record)
        units = (seen.entities[number].value for number in self._places if seen.entities[number].text == name)
        self._issuer = name, next((code for value in units if (code := _code(value))), None)

    def of(self, number: int) -> tuple[str | None, str | None, str | None]:
        """Return the place in whose scope an entity stands, the code of its unit, and where it was found."""
        start = self._seen.spans[number][0]
        before = bisect_right(self._ends, start) - 1
        if before >= 0:
            place = self._places[before]
            at = self._seen.spans[place][0]
            entity = self._seen.entities[place]
            if at >= self.sentence(number)[0]:
                return one_line(entity.text), _code(entity.value), "sentence"
            if at >= self._paragraph(start)[0]:
                return one_line(entity.text), _code(entity.value), "paragraph"
        name, code = self._issuer
        return (one_line(name), code, "issuer") if name else (None, None, None)

    def sentence(self, number: int) -> Span:
        """Return the span of an entity's sentence in the view's text, all of those that it runs through."""
        start, end = self._seen.spans[number]
        paragraph = self._paragraph(start)
        if paragraph[0] not in self._sentences:
            found = list(_sentences(self._seen.text, paragraph))
            self._sentences[paragraph[0]] = [one[0] for one in found], found
        starts, spans = self._sentences[paragraph[0]]
        first, last = bisect_right(starts, start) - 1, bisect_right(starts, max(start, end - 1)) - 1
        return spans[max(0, first)][0], max(end, spans[max(0, last)][1])

    def shown(self, number: int) -> str:
        """Return an entity's sentence, of one that has no end what stands around the entity."""
        first, last = self.sentence(number)
        start, end = self._seen.spans[number]
        if last - first > LONGEST_SENTENCE:
            first, last = max(first, start - AROUND), min(last, end + AROUND)
        return one_line(self._seen.text[first:last])

    def _paragraph(self, position: int) -> Span:
        after = bisect_right(self._paragraphs, position)
        return self._paragraphs[after - 1], self._paragraphs[after] - 1


def _sentences(text: str, paragraph: Span) -> Iterator[Span]:
    """Yield the sentences of a paragraph; here one ends behind a number too: `còn 12. Huyện đã xin thêm.`"""
    for start, end in sentences(text, paragraph) or [paragraph]:
        for found in _AFTER_NUMBER.finditer(text, start, end):
            if text[found.end()].isupper() and found["word"].lower() not in _NUMBERED:
                yield start, found.end()
                start = found.end()
        yield start, end


def _code(value: Any) -> str | None:
    return value.candidates[0].code if isinstance(value, Place) and value.candidates else None

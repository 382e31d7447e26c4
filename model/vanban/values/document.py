"""All values of a text and its record, each grammar with what the others found."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from typing import Final

from vanban.schema import Entity, Prediction
from vanban.values.acts.bodies import has_authority
from vanban.values.acts.directives import read_directives
from vanban.values.counts.counts import read_counts
from vanban.values.meaning import Record, Value
from vanban.values.people.officials import read_officials
from vanban.values.places.places import read_places
from vanban.values.records.records import PRESS, read_head, read_record
from vanban.values.view import View, view

_FOOT: Final = 1500  # characters that hold the signature
_SIGNS: Final = re.compile(r"(?<!\w)t/?m[./]?\s+(?:ubnd|uy\s+ban\s+nhan\s+dan|hoi\s+dong\s+nhan\s+dan)\s+$")


def with_values(prediction: Prediction) -> Prediction:
    """Return a prediction with the values of its entities and its record.

    An entity of another label than vanban's own four has no value, nor one of which nothing can be read.
    """
    entities, record = read_values(prediction.text, prediction.entities, prediction.doc_type)
    return dataclasses.replace(prediction, entities=entities, record=record)


def read_values(
    text: str, entities: Sequence[Entity], doc_type: str | None = None
) -> tuple[tuple[Entity, ...], Record]:
    """Return the entities of a raw text with their values, and the record. `doc_type`: an id of `DOCUMENT_TYPES`."""
    seen = view(text, entities)
    head = read_head(seen, doc_type)
    home = issuing_place(seen, head)
    # a text without a head may be a piece of an act: only its type says that it is an article
    own = head.spans.get("symbol")
    directives = read_directives(seen, home, head.date, own, head, is_press=doc_type == PRESS)
    officials = read_officials(seen)
    values: dict[int, Value] = {
        **read_counts(seen), **directives, **officials, **read_places(seen, head.date, home),
    }  # fmt: skip
    valued = tuple(
        Entity(e.label, e.start, e.end, e.text, e.score, values.get(number)) for number, e in enumerate(entities)
    )
    return valued, read_record(seen, head, directives, officials)


def issuing_place(seen: View, head: Record) -> str | None:
    """Return the place whose authority issued a document: that in the issuer's name, else where it was issued.

    A school, a hospital or a company has none: its name may be that of any place.
    """
    fields = ("issuer", "issuer_above") if has_authority(head.issuer or "") else ("issuer_above",)
    for field in fields:
        span = head.spans.get(field)
        if span:
            inside = [e.text for e in seen.entities if e.label == "PLACE" and span[0] <= e.start and e.end <= span[1]]
            if inside:
                return inside[-1]
    return head.place or _signing_place(seen)


def _signing_place(seen: View) -> str | None:
    """Return the place whose authority signs: of a part of an act that has no head."""
    last = len(seen.text) - _FOOT
    for number in reversed(seen.of("PLACE")):
        start = seen.spans[number][0]
        if start < last:
            return None
        if _SIGNS.search(seen.plain, max(0, start - 40), start):
            return seen.entities[number].text
    return None

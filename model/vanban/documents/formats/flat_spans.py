"""Spans that people drew → entities of a text: each once, in order, without overlap, from letter to letter."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from vanban.documents.formats.format import Losses
from vanban.errors import UserError
from vanban.reading.text import INVISIBLE
from vanban.schema import Entity, Prediction


def flat_entities(text: str, spans: Iterable[tuple[str, int, int, float]], losses: Losses) -> tuple[Entity, ...]:
    """Return the entities of `spans`: label, start and end in code points, score.

    White space and invisible characters that a hand took along at the ends are left out, and counted, and so are spans
    of nothing else and spans that come twice. Raises UserError for a span that is not in the text, and for two that
    overlap.
    """
    entities: dict[tuple[int, int, str], Entity] = {}
    for label, start, end, score in spans:
        if not 0 <= start <= end <= len(text):
            raise UserError(
                f"found {label} from {start} to {end}, expected 0 <= start < end <= {len(text)} (the length of the "
                "text): the text was changed after it was annotated, or the offsets count in other units"
            )
        first, last = _visible(text, start, end)
        if first == last:
            losses["spans of white space"] += 1
            continue
        if (first, last) != (start, end):
            losses["ends of white space"] += 1
        entity = Entity(label, first, last, text[first:last], score)
        if entities.setdefault((first, last, label), entity) is not entity:
            losses["repeated spans"] += 1
    flat = tuple(entities[key] for key in sorted(entities))
    for left, right in pairwise(flat):
        if right.start < left.end:
            raise UserError(
                f"{right.label} {right.start} {right.end} {right.text!r} overlaps {left.label} {left.start} {left.end} "
                f"{left.text!r}; expected flat spans: keep the longer one"
            )
    return flat


def by_hand(text: str, entities: tuple[Entity, ...], doc_type: str | None) -> Prediction:
    """Return what someone annotated: no model, and scores of 1."""
    return Prediction(text, entities, "", doc_type, 1.0 if doc_type else None, {doc_type: 1.0} if doc_type else {})


def _visible(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and (text[start].isspace() or text[start] in INVISIBLE):
        start += 1
    while start < end and (text[end - 1].isspace() or text[end - 1] in INVISIBLE):
        end -= 1
    return start, end

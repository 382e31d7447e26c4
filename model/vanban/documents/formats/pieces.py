"""A text cut into its entities and what is between them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from vanban.documents.formats.format import Losses
from vanban.schema import Entity


def pieces(text: str, entities: Iterable[Entity]) -> Iterator[tuple[str, Entity | None]]:
    """Yield `text` cut into its entities (in order, without overlap) and what is between them, which has None."""
    position = 0
    for entity in entities:
        if position < entity.start:
            yield text[position : entity.start], None
        yield text[entity.start : entity.end], entity
        position = entity.end
    if position < len(text):
        yield text[position:], None


def flat(entities: Sequence[Entity], losses: Losses) -> Sequence[Entity]:
    """Return entities in order and without overlap, as `pieces` takes them: of two that overlap, the longer one.

    Those that are left out are counted. What `predict` finds is flat; what people annotate need not be.
    """
    kept: list[Entity] = []
    for entity in sorted(entities, key=lambda one: (one.start, -one.end)):
        if kept and entity.start < kept[-1].end:
            losses["overlapping entities"] += 1
            if entity.end - entity.start > kept[-1].end - kept[-1].start:
                kept[-1] = entity  # it begins later than the one that it replaces, and so overlaps none before
        else:
            kept.append(entity)
    return kept

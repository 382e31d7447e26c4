"""A text cut into its entities and what is between them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

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

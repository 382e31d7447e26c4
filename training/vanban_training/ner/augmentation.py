"""Mention replacement: copies of the training documents in which names, places, numbers and identifiers are others.

Only mentions change; the offsets of those after them move along. Some give way to counter-examples, expressions that
the guidelines leave out (a percentage for a count, a generic noun for a place), which carry no label.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from vanban.schema import Entity
from vanban_training.config import AugmentationConfig
from vanban_training.corpus.annotated import AnnotatedDocument
from vanban_training.ner.mentions import Parts, counter_example, replacement, tables


def augment(documents: Sequence[AnnotatedDocument], settings: AugmentationConfig, seed: int) -> list[AnnotatedDocument]:
    """Return `settings.copies` variants of each document; the same seed gives the same variants.

    Labels that `mentions.yaml` does not know keep their mentions.
    """
    return [
        _variant(document, settings, random.Random(f"{seed}/{copy}/{document.id}"), copy)
        for copy in range(settings.copies)
        for document in documents
    ]


def _variant(
    document: AnnotatedDocument, settings: AugmentationConfig, chance: random.Random, copy: int
) -> AnnotatedDocument:
    pieces: list[str] = []
    entities: list[Entity] = []
    length = 0
    position = 0
    for entity in document.entities:
        before = document.text[position : entity.start]
        for text, label in [(before, None), *_parts(entity, settings, chance)]:
            if label:
                entities.append(Entity(label, length, length + len(text), text))
            pieces.append(text)
            length += len(text)
        position = entity.end
    pieces.append(document.text[position:])
    return AnnotatedDocument(
        f"{document.id}+{copy + 1}", "".join(pieces), tuple(entities), document.type, "augmented", document.source
    )


def _parts(entity: Entity, settings: AugmentationConfig, chance: random.Random) -> Parts:
    draw = chance.random()
    if entity.label in tables()["replacements"]:
        if draw < settings.counter_examples:
            return counter_example(entity.label, entity.text, chance)
        if draw < settings.counter_examples + settings.share:
            return replacement(entity.label, entity.text, chance)
    return [(entity.text, entity.label)]

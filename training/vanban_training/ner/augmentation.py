"""Mention replacement: copies of the training documents in which names, places, numbers and identifiers are others.

The offsets of the mentions behind one move along. Some give way to counter-examples, expressions that the guidelines
leave out (a percentage for a count, a generic noun for a place), which carry no label. How the copies look, `surface`
changes afterwards.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from vanban.schema import Entity
from vanban_training.config import AugmentationConfig
from vanban_training.corpus.annotated import AnnotatedDocument
from vanban_training.ner.mentions import Parts, counter_example, replacement, tables
from vanban_training.ner.surface import disfigure


def augment(documents: Sequence[AnnotatedDocument], settings: AugmentationConfig, seed: int) -> list[AnnotatedDocument]:
    """Return `settings.copies` variants of each document; the same seed gives the same variants.

    Labels that `mentions.yaml` does not know keep their mentions.
    """
    variants = []
    for copy in range(settings.copies):
        for document in documents:
            chance = random.Random(f"{seed}/{copy}/{document.id}")
            variants.append(disfigure(_variant(document, settings, chance, copy), settings.surface, chance))
    return variants


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

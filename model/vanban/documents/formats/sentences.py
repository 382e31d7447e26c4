"""A text cut into the tokens of its sentences, for formats whose annotations stand on tokens."""

from __future__ import annotations

import bisect
import re
from collections.abc import Sequence
from typing import Final

from vanban.reading.text import INVISIBLE, NUMBER_OR_WORD, segments
from vanban.schema import Entity, Span

# A number with its separators, a word, or one other character, each with the invisible ones behind it: without white
# space, the tokens tile the text.
_TOKEN: Final = re.compile(rf"(?:{NUMBER_OR_WORD}|\S)[{''.join(map(re.escape, sorted(INVISIBLE)))}]*")


def sentence_tokens(text: str, entities: Sequence[Entity]) -> list[list[Span]]:
    """Return the spans of the tokens of each sentence, in order; a sentence has one at least.

    A sentence goes on over soft breaks, and no sentence ends inside an entity: annotation tools have one that does
    only where they are told so. White space stands in no token.
    """
    inside = [(entity.start, entity.end) for entity in sorted(entities, key=lambda entity: entity.start)]
    ends = [end for _, end in inside]
    cuts = []
    for start, _ in segments(text):
        place = bisect.bisect_right(ends, start)
        if place == len(inside) or start <= inside[place][0]:
            cuts.append(start)
    found: list[list[Span]] = [[] for _ in range(len(cuts) + 1)]
    for match in _TOKEN.finditer(text):
        found[bisect.bisect_right(cuts, match.start())].append(match.span())
    return [tokens for tokens in found if tokens]

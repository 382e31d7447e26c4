"""A text cut into the tokens of its sentences, for formats whose annotations stand on tokens."""

from __future__ import annotations

import bisect
import re
from collections.abc import Sequence
from itertools import accumulate
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
    spans = sorted((entity.start, entity.end) for entity in entities)
    starts = [start for start, _ in spans]
    reach = [0, *accumulate((end for _, end in spans), max)]  # of the entities that begin before, the farthest end
    cuts = [start for start, _ in segments(text) if reach[bisect.bisect_left(starts, start)] <= start]
    found: list[list[Span]] = [[] for _ in range(len(cuts) + 1)]
    for match in _TOKEN.finditer(text):
        found[bisect.bisect_right(cuts, match.start())].append(match.span())
    return [tokens for tokens in found if tokens]

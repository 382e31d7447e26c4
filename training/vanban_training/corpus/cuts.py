"""Spans that begin or end inside a syllable or a character: a model reads both whole, and learns another span."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

from vanban.errors import UserError
from vanban.reading.text import NUMBER_OR_WORD
from vanban.schema import Entity

SHOWN: Final = 5
CONTEXT: Final = 12  # characters on either side of a span
_UNIT: Final = re.compile(NUMBER_OR_WORD)
_LONGEST_WORD: Final = 200  # characters on either side of a place in which its word is looked for


def cut_of(entity: Entity, text: str) -> str | None:
    """Return how a span cuts its text, as `PLACE 5 7 'Tr' ends inside a syllable: 'ở ông Tr|ần'`, or None.

    What is never cut is a word with its combining marks, a number with its separators (`11.554`) and any other
    character with its marks. `15ha` is a number and a word, so that a span may end between them.
    """
    faults = {
        place: (verb, kind)
        for place, verb in ((entity.start, "begins"), (entity.end, "ends"))
        if (kind := _inside(text, place)) is not None
    }
    if not faults:
        return None
    places = sorted({max(0, entity.start - CONTEXT), *faults, entity.end + CONTEXT})
    shown = "|".join(text[left:right] for left, right in pairwise(places))
    said = " and ".join(f"{verb} inside a {kind}" for verb, kind in faults.values())
    return f"{entity.label} {entity.start} {entity.end} {entity.text!r} {said}: {shown!r}"


def _inside(text: str, place: int) -> str | None:
    """Return what a place in `text` is inside of, `character`, `number` or `syllable`, or None."""
    if not 0 < place < len(text) or text[place - 1].isspace() or text[place].isspace():
        return None
    if unicodedata.category(text[place])[0] == "M":
        return "character"
    units = _UNIT.finditer(text, max(0, place - _LONGEST_WORD), place + _LONGEST_WORD)
    unit = next((unit.group() for unit in units if unit.start() < place < unit.end()), "")
    return ("number" if unit[0].isdigit() else "syllable") if unit else None


def report_cuts(cuts: Sequence[str], strict: bool) -> None:
    """Warn of spans that cut a syllable or a character, on standard error; `cuts` are their places and descriptions.

    Raises UserError instead where `strict` is true.
    """
    if not cuts:
        return
    one = len(cuts) == 1
    rows = [
        f"{len(cuts)} {'span begins or ends' if one else 'spans begin or end'} inside a syllable or a character, which "
        "a model reads whole; mend the offsets (half-open code points into the raw text):",
        *(f"  {cut}" for cut in cuts[:SHOWN]),
        *([f"  and {len(cuts) - SHOWN} more"] if len(cuts) > SHOWN else []),
    ]
    message = "\n".join(rows)
    if strict:
        raise UserError(f"{message}\nwithout --strict this is a warning")
    print(f"warning: {message}", file=sys.stderr)


def cuts_in(spans: Iterable[tuple[Entity, str]], text: str) -> tuple[str, ...]:
    """Return `file:row: …` for each span of a text that cuts it; spans come with their file and row."""
    return tuple(f"{where}: {cut}" for entity, where in spans if (cut := cut_of(entity, text)) is not None)

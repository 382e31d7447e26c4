"""What real documents look like and written ones do not: capitals, lines at a page's width, lost marks, merged heads.

Each change puts one character in the place of one, so that every span stays where it is.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from vanban.reading.text import LINE_BREAK, crosses_hard_break, lines, unmarked
from vanban.schema import Entity
from vanban_training.config import SurfaceConfig
from vanban_training.corpus.annotated import AnnotatedDocument

AS_THEY_ARE: Final = SurfaceConfig()
LONGEST_HEADING: Final = 20  # words
PAGE_WIDTHS: Final = (60, 100)  # characters
_CELLS: Final = re.compile(r"\t|\S {2,}\S|\|")
# two columns side by side, which come out as one line: the authority, and the motto beside it
_SECOND_COLUMN: Final = re.compile(r"(?<=\w)\n(?=CỘNG H[OÒ]?[ÒOÀ]?A? XÃ HỘI CHỦ NGHĨA|Độc lập ?[-–] ?Tự do)")
_TONES: Final = frozenset("\u0300\u0301\u0303\u0309\u0323")
_MISREAD: Final = {"1": "l", "0": "o", "đ": "d", "Đ": "D"}


def disfigure(document: AnnotatedDocument, settings: SurfaceConfig, chance: random.Random) -> AnnotatedDocument:
    """Return the document with the changes that `settings` and chance bring; its spans are where they were."""
    text = document.text
    if not unicodedata.is_normalized("NFC", text):
        settings = AS_THEY_ARE  # a character is not one letter
    if chance.random() < settings.merged_heads:
        text = _SECOND_COLUMN.sub(" ", text, count=2)
    text = "".join(_case(line, settings, chance) for line in text.splitlines(keepends=True))
    if chance.random() < settings.scanned:
        text = "".join(_scanned(character, settings, chance) for character in text)
    text = "".join(
        unmarked(line) if chance.random() < settings.bare else line for line in text.splitlines(keepends=True)
    )
    if chance.random() < settings.wrapped:
        text = _wrapped(text, chance.randint(*PAGE_WIDTHS))
    if chance.random() < settings.plain:
        text = _lower(unmarked(text))
    text = _mended(text, document.entities)
    entities = tuple(Entity(e.label, e.start, e.end, text[e.start : e.end]) for e in document.entities)
    return replace(document, text=text, entities=entities)


def _case(line: str, settings: SurfaceConfig, chance: random.Random) -> str:
    """Return a line that may be a heading in capitals, or in lower case, with their shares."""
    draw = chance.random()
    if len(line.split()) > LONGEST_HEADING or draw >= settings.capitals + settings.lower_case:
        return line
    if draw >= settings.capitals:
        return _lower(line)
    changed = line.upper()
    return changed if len(changed) == len(line) else line


def _lower(text: str) -> str:
    """Return the text in small letters, but for those that would become two characters (İ)."""
    return "".join(small if len(small := character.lower()) == 1 else character for character in text)


def _scanned(character: str, settings: SurfaceConfig, chance: random.Random) -> str:
    """Return a character as a scanner may misread it: without its tone, without any mark, or a letter for a digit."""
    if chance.random() >= settings.misread:
        return character
    if character in _MISREAD:
        return _MISREAD[character]
    marks = unicodedata.normalize("NFD", character)
    kept = marks[0] if chance.random() < 0.5 else "".join(c for c in marks if c not in _TONES)
    return unicodedata.normalize("NFC", kept)


def _wrapped(text: str, width: int) -> str:
    """Return the text with its long lines broken at a page's width, a line break in the place of a space."""
    characters = list(text)
    for start, end in lines(text):
        line = text[start:end]
        if len(line) > width and not _CELLS.search(line):
            for place in _breaks(line, width):
                characters[start + place] = "\n"
    return "".join(characters)


def _breaks(line: str, width: int) -> Iterator[int]:
    """Yield the places of the spaces at which a line is broken."""
    begin = 0
    last = -1
    for match in re.finditer(r"(?<=\S) (?=\S)|$", line):
        if match.start() - begin > width and last > begin:
            yield last
            begin = last + 1
        last = match.start()


def _mended(text: str, entities: tuple[Entity, ...]) -> str:
    """Return the text without the line breaks inside spans that it does not show to be soft (any more)."""
    while True:
        faults = [e for e in entities if crosses_hard_break(text, e.start, e.end)]
        if not faults:
            return text
        characters = list(text)
        for entity in faults:
            span = text[entity.start : entity.end]
            characters[entity.start : entity.end] = LINE_BREAK.sub(lambda match: " " * len(match[0]), span)
        text = "".join(characters)

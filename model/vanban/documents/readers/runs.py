"""Pieces of text with the fonts that they are written in → text in Unicode."""

from __future__ import annotations

from collections.abc import Iterable

from vanban.documents.readers.capitals import with_capitals
from vanban.documents.readers.old_letters import NAMES, Letters, converted, letters_of, shows_capitals


class Fonts:
    """Turns pieces in fonts before Unicode into Unicode, and knows which of their letters it met."""

    def __init__(self) -> None:
        self._found: set[Letters] = set()

    @property
    def found(self) -> str | None:
        """The names of the letters that were met, None where there were none."""
        return " and ".join(name for letters, name in NAMES.items() if letters in self._found) or None

    def text(self, pieces: Iterable[tuple[str, str]]) -> str:
        """Return the text of pieces, each with the name of its font, which is empty where nobody knows it."""
        joined: list[tuple[str, Letters | None, bool]] = []
        for text, font in pieces:
            kind = letters_of(font), shows_capitals(font)
            if joined and joined[-1][1:] == kind:  # a vowel of VNI may have its mark in the next piece
                joined[-1] = joined[-1][0] + text, *kind
            else:
                joined.append((text, *kind))
        return "".join(self._in_unicode(*piece) for piece in joined)

    def _in_unicode(self, text: str, letters: Letters | None, in_capitals: bool) -> str:
        if letters is not None and not text.isascii():
            self._found.add(letters)
            text = with_capitals(converted(text, letters))
        return text.upper() if in_capitals else text

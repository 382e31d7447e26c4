"""Numbers with what they are numbers of, as messages say them: 1 document, 2,000 documents."""

from __future__ import annotations

from typing import Final

_SINGULAR: Final = {"entities": "entity", "probabilities": "probability", "classes": "class"}
_BEHIND: Final = ("of", "in", "that")  # what is counted stands before


def counted(number: int, plural: str, singular: str = "") -> str:
    """Return a number and its noun; `singular` where it is not the plural without its s."""
    return f"{number:,} {(singular or _one(plural)) if number == 1 else plural}"


def _one(plural: str) -> str:
    words = plural.split(" ")
    # overlapping entities, layouts of texts
    at = next((i for i, word in enumerate(words) if word in _BEHIND), len(words)) - 1
    words[at] = _SINGULAR.get(words[at], words[at].removesuffix("s"))
    return " ".join(words)

"""Text to read in a terminal, with marked or coloured entities."""

from __future__ import annotations

from collections.abc import Iterable
from typing import BinaryIO, Final

from vanban.documents.counting import counted
from vanban.documents.document import Document
from vanban.documents.formats.format import Format, Losses, Tagged
from vanban.documents.formats.pieces import flat, pieces
from vanban.reading.text import printable
from vanban.schema import DOCUMENT_TYPES, LABELS, Prediction

_CONTROLS: Final = dict.fromkeys({*range(32), *range(0x7F, 0xA0)} - {ord("\t"), ord("\n")})
_COLOURS: Final = dict(zip(LABELS, ("36", "32", "33", "35"), strict=True))  # SGR: cyan, green, yellow, magenta


def to_pretty(document: Document, prediction: Prediction, colour: bool = False, with_entities: bool = True) -> str:
    """Return a heading and the text with `[entity](LABEL score)` or ANSI colours; control characters are left out.

    The heading names the type of the document, or the most probable one with a question mark.
    """
    heading = f"── {printable(str(document.id))}"
    if prediction.doc_type_scores and document.text.strip():  # an empty one has no likeliest type
        likeliest = next(iter(prediction.doc_type_scores))
        name = DOCUMENT_TYPES.get(likeliest, likeliest)
        heading += f" · {name}{'' if prediction.doc_type else '?'} {prediction.doc_type_score or 0:.2f}"
    if with_entities:
        heading += f" · {counted(len(prediction.entities), 'entities')}"
    parts = [f"\x1b[1m{heading}\x1b[0m\n" if colour else f"{heading}\n"]
    for piece, entity in pieces(document.text, flat(prediction.entities, Losses())):
        shown = piece.translate(_CONTROLS)
        if entity is None:
            parts.append(shown)
        elif colour:
            code = _COLOURS.get(entity.label, "34")
            parts.append(f"\x1b[1;{code}m{shown}\x1b[0m \x1b[2;{code}m{entity.label} {entity.score:.2f}\x1b[0m")
        else:
            parts.append(f"[{shown}]({entity.label} {entity.score:.2f})")
    body = "".join(parts)
    return body + ("\n" if body.endswith("\n") else "\n\n")


def write(documents: Iterable[Tagged], file: BinaryIO, losses: Losses) -> None:
    """Write text to look at, without colours. What it does not show is no loss: nobody reads it back."""
    for document, prediction in documents:
        file.write(to_pretty(document, prediction).encode("utf-8"))


FORMAT: Final = Format("pretty", "text to read, with marked entities", write=write, in_lines=True)

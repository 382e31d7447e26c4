"""CoNLL: a token and its IOB2 tag a line."""

from __future__ import annotations

import re
from typing import Final

from vanban.documents.document import Document
from vanban.documents.formats.pieces import pieces
from vanban.reading.text import INVISIBLE, LINE_BREAK, NUMBER_OR_WORD, printable
from vanban.schema import Prediction

# A number with its separators, a word with its combining marks, or one other character that shows.
_TOKEN: Final = re.compile(rf"(?P<line_break>{LINE_BREAK.pattern})|{NUMBER_OR_WORD}|[^\s{''.join(sorted(INVISIBLE))}]")


def to_conll(document: Document, prediction: Prediction) -> str:
    """Return one `token<TAB>tag` line per token, IOB2, and a blank line after each line of the text that has tokens.

    A line `-DOCSTART- (id)` and a blank one stand before, since many documents go into one file, and some may fail.
    Tokens are words, numbers and marks; they are cut where an entity begins or ends. White space and invisible
    characters are not written.
    """
    rows = [f"-DOCSTART- ({printable(str(document.id))})\tO\n", "\n"]
    for piece, entity in pieces(document.text, prediction.entities):
        position = "B"
        for match in _TOKEN.finditer(piece):
            if match["line_break"]:
                if rows[-1] != "\n" and entity is None:  # an entity goes on over a soft break
                    rows.append("\n")
            else:
                rows.append(f"{match.group()}\t{f'{position}-{entity.label}' if entity else 'O'}\n")
                position = "I"
    if rows[-1] != "\n":
        rows.append("\n")
    return "".join(rows)

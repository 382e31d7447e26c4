"""CoNLL: a token and its IOB2 tag a line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Final

from vanban.documents.document import Document, Failure
from vanban.documents.formats.conll_rows import read_rows
from vanban.documents.formats.format import Format, Losses, Tagged
from vanban.documents.formats.losses import count_losses
from vanban.documents.formats.pieces import flat, pieces
from vanban.errors import UserError
from vanban.reading.text import INVISIBLE, LINE_BREAK, NUMBER_OR_WORD, printable
from vanban.schema import Prediction

# A number with its separators, a word with its combining marks, or one other character that shows.
_TOKEN: Final = re.compile(rf"(?P<line_break>{LINE_BREAK.pattern})|{NUMBER_OR_WORD}|[^\s{''.join(sorted(INVISIBLE))}]")


def to_conll(document: Document, prediction: Prediction, losses: Losses | None = None) -> str:
    """Return one `token<TAB>tag` line per token, IOB2, and a blank line after each line of the text that has tokens.

    A line `-DOCSTART- (id)` and a blank one stand before, since many documents go into one file, and some may fail.
    Tokens are words, numbers and marks; they are cut where an entity begins or ends. White space and invisible
    characters are not written; a text that is another when it is read back is counted among the `losses`.
    """
    losses = Losses() if losses is None else losses
    rows = [f"-DOCSTART- ({printable(str(document.id))})\tO\n", "\n"]
    read_back: list[str] = []
    for piece, entity in pieces(document.text, flat(prediction.entities, losses)):
        position = "B"
        for match in _TOKEN.finditer(piece):
            if match["line_break"]:
                if rows[-1] != "\n" and entity is None:  # an entity goes on over a soft break
                    rows.append("\n")
            else:
                read_back += (("\n" if rows[-1] == "\n" else " ") if read_back else "", match.group())
                rows.append(f"{match.group()}\t{f'{position}-{entity.label}' if entity else 'O'}\n")
                position = "I"
    if rows[-1] != "\n":
        rows.append("\n")
    count_losses(losses, document, prediction)
    if "".join(read_back) != document.text:
        losses["layouts of texts"] += 1
    return "".join(rows)


def write(documents: Iterable[Tagged], file: BinaryIO, losses: Losses) -> None:
    """Write the documents one after the other."""
    for document, prediction in documents:
        file.write(to_conll(document, prediction, losses).encode("utf-8"))


def read(file: BinaryIO, name: str) -> Iterator[Tagged | Failure]:
    """Yield the documents of a file with tags in its last column, of any labels.

    Raises UserError with the line for what is no CoNLL: where one row is wrong, no other is sure.
    """
    try:
        content = file.read().decode("utf-8")
    except UnicodeDecodeError as error:
        raise UserError(f"{name}: found a byte that is no UTF-8 at {error.start}; convert the file first") from None
    for number, found in enumerate(read_rows(content, name), 1):
        where = f"{name}:{number}"
        identity = found.id or f"{Path(name).stem}-{number}"
        document = Document(identity, found.text, where, f"{where}:{identity}", identity)
        yield document, Prediction(found.text, tuple(found.entities), "")


FORMAT: Final = Format(
    "conll", "a token and its IOB2 tag a line", (".conll", ".bio", ".iob2", ".tsv"), write=write, read=read,
    in_lines=True,
)  # fmt: skip

"""Rows of CoNLL → documents: the token first, its IOB2 tag last, or in the column that is chosen.

A blank line is a new line of the text, `-DOCSTART-` or `# newdoc` a new document; without them a file is one document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from vanban.documents.formats.brat import span_fault
from vanban.documents.formats.conll_columns import parted, tag_column
from vanban.documents.names import composed
from vanban.errors import SettingError, UserError
from vanban.schema import Entity

_NEW_DOCUMENT: Final = re.compile(
    r"-DOCSTART-(?:[ \t]+\((?P<id>[^\t]*)\)|[ \t]|$)|# ?newdoc(?:[ \t]+id *= *(?P<id_of_u>.*)|[ \t]|$)"
)
_COMMENT: Final = re.compile(r"# ?\w+ = ")  # CoNLL-U: `# text = …`; a lone # with a tag is a token
_TAG: Final = re.compile(r"O|(?P<position>[BI])-(?P<label>.+)")


class ConllDocument(NamedTuple):
    """A document of a file: the id that its first line says, its text and its entities."""

    id: str | None
    text: str
    entities: list[Entity]


@dataclass
class _Document:
    """The text as far as it is read, in pieces, and its entities as (label, start, end, line of the file)."""

    id: str | None = None
    is_marked: bool = False
    pieces: list[str] = field(default_factory=list)
    length: int = 0
    spans: list[tuple[str, int, int, int]] = field(default_factory=list)
    starts_line: bool = True

    def add(self, token: str, position: str | None, label: str | None, number: int) -> None:
        gap = ("\n" if self.starts_line else " ") if self.pieces else ""
        start = self.length + len(gap)
        end = self.length = start + len(token)
        self.pieces += [gap, token]
        self.starts_line = False
        if position == "I":
            self.spans[-1] = (*self.spans[-1][:2], end, self.spans[-1][3])
        elif label is not None:
            self.spans.append((label, start, end, number))


def read_rows(
    content: str, path: str, labels: Sequence[str] | None = None, column: int | None = None
) -> Iterator[ConllDocument]:
    """Yield each document of a CoNLL file, `content`, which `path` names in messages.

    Columns are parted by tabs or, in a file without one, by spaces, and all rows have as many. The tag stands in the
    last, or in that of the number `column` (1 is the token). A text is the tokens joined by spaces and the lines
    joined by line breaks; offsets are into that text. Tokens are kept as they are: in a word-segmented corpus such as
    PhoNER_COVID19 the underscores of `Hà_Nội` stay, so prefer its syllable version. A document without a token is
    there when a line says that it begins.

    Raises UserError with file:line for a row of one column or of more or fewer than the first, for tags of `labels` in
    several columns where none is chosen, for a tag that is not IOB2 and for a label that is not among `labels`.
    """
    # only \n ends a row: a token may hold any other character
    rows = [row.removesuffix("\r") for row in content.removeprefix("\ufeff").split("\n")]
    tokens = parted([(number, row) for number, row in enumerate(rows, 1) if _holds_token(row)], path)
    tags = tag_column(tokens, labels, column, path)
    columns = {row.number: row.columns for row in tokens}
    document = _Document()
    inside: str | None = None
    for number, row in enumerate(rows, 1):
        if number in columns:
            token, tag = columns[number][0], composed(columns[number][tags].strip())
            position, inside = _read_tag(tag, inside, labels, f"{path}:{number}")
            document.add(token, position, inside, number)
        elif begun := _NEW_DOCUMENT.match(row):
            yield from _finish(document, path)
            document, inside = _Document(begun["id"] or begun["id_of_u"] or None, is_marked=True), None
        elif not row.strip():
            document.starts_line, inside = True, None
    yield from _finish(document, path)


def _holds_token(row: str) -> bool:
    return bool(row.strip()) and not _NEW_DOCUMENT.match(row) and not _COMMENT.match(row)


def _read_tag(tag: str, inside: str | None, labels: Sequence[str] | None, where: str) -> tuple[str | None, str | None]:
    """Return B, I or None, and the label of the entity that the token is in; `inside` is that of the token before."""
    match = _TAG.fullmatch(tag)
    if match is None:
        raise UserError(f"{where}: found the tag {tag!r}, expected O, B-… or I-… (IOB2){_of(labels)}")
    position, label = match["position"], match["label"]
    if label is not None and labels is not None and label not in labels:
        raise SettingError(f"{where}: found the label {label!r}, expected one of {', '.join(labels)}", "labels")
    if position == "I" and label != inside:
        before = f"inside {inside}" if inside else "outside any entity"
        raise UserError(f"{where}: found {tag} {before}, expected B-{label} first: tags are IOB2")
    return position, label


def _of(labels: Sequence[str] | None) -> str:
    return "" if labels is None else f" of {', '.join(labels)}"


def _finish(document: _Document, path: str) -> Iterator[ConllDocument]:
    text = "".join(document.pieces)
    entities = []
    for label, start, end, number in document.spans:
        entity = Entity(label, start, end, text[start:end])
        fault = span_fault(entity, text, [label])
        if fault:
            raise UserError(f"{path}:{number}: {fault}")
        entities.append(entity)
    if text or document.is_marked:
        yield ConllDocument(document.id, text, entities)

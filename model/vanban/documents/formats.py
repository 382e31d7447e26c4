"""Writers: a document and its prediction → a JSONL record, CoNLL lines, or text with marked entities."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from vanban.documents.document import Document
from vanban.reading.text import INVISIBLE, LINE_BREAK, NUMBER_OR_WORD, printable
from vanban.schema import DOCUMENT_TYPES, LABELS, Entity, Prediction

# A number with its separators, a word with its combining marks, or one other character that shows.
_TOKEN: Final = re.compile(rf"(?P<line_break>{LINE_BREAK.pattern})|{NUMBER_OR_WORD}|[^\s{''.join(sorted(INVISIBLE))}]")
_BREAKS_OF_PYTHON: Final = {0x85: "\\u0085", 0x2028: "\\u2028", 0x2029: "\\u2029"}  # str.splitlines cuts at them
_CONTROLS: Final = dict.fromkeys({*range(32), *range(0x7F, 0xA0)} - {ord("\t"), ord("\n")})
_COLOURS: Final = dict(zip(LABELS, ("36", "32", "33", "35"), strict=True))  # SGR: cyan, green, yellow, magenta


def to_record(document: Document, prediction: Prediction, with_entities: bool = True) -> dict[str, Any]:
    """Return the record of one document: id, path (of a text file), its own fields, what was read in it, model.

    What was read is `entities`, unless they were not looked for, and where a classifier was asked `doc_type`,
    `doc_type_score` and `doc_type_scores`, and the document's `record` where values were read. Where a field of the
    record has one of these names and another value, that value is kept as `input_<name>`.
    """
    ours: dict[str, Any] = {"id": document.id}
    if document.path is not None:
        ours["path"] = document.path
    found: dict[str, Any] = {}
    if with_entities:
        found["entities"] = [entity.to_dict() for entity in prediction.entities]
    if prediction.doc_type_scores:
        found["doc_type"] = prediction.doc_type
        found["doc_type_score"] = prediction.doc_type_score
        found["doc_type_scores"] = dict(prediction.doc_type_scores)
    if prediction.record:
        found["record"] = prediction.record.to_dict()
    found["model"] = prediction.model
    record = dict(ours)
    for name, value in document.fields.items():
        if name not in ours and name not in found:
            record[name] = value
        elif value != ours.get(name, found.get(name)):
            kept = f"input_{name}"
            while kept in document.fields or kept in record:
                kept = f"input_{kept}"
            record[kept] = value
    return record | found


def to_jsonl(document: Document, prediction: Prediction, with_entities: bool = True) -> str:
    """Return the record of `to_record` as one line; it holds no character but its last at which Python breaks lines."""
    record = to_record(document, prediction, with_entities)
    line = json.dumps(record, ensure_ascii=False).translate(_BREAKS_OF_PYTHON)
    try:
        line.encode("utf-8")
    except UnicodeEncodeError:  # half a surrogate pair in a field that passes through
        line = json.dumps(record)
    return line + "\n"


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


def to_pretty(document: Document, prediction: Prediction, colour: bool = False, with_entities: bool = True) -> str:
    """Return a heading and the text with `[entity](LABEL score)` or ANSI colours; control characters are left out.

    The heading names the type of the document, or the most probable one with a question mark.
    """
    heading = f"── {printable(str(document.id))}"
    if prediction.doc_type_scores and document.text.strip():  # an empty one has no likeliest type
        likeliest = next(iter(prediction.doc_type_scores))
        name = DOCUMENT_TYPES.get(likeliest, likeliest)
        heading += f" · {name}{'' if prediction.doc_type else '?'} {prediction.doc_type_score:.2f}"
    if with_entities:
        count = len(prediction.entities)
        heading += f" · {count} {'entity' if count == 1 else 'entities'}"
    parts = [f"\x1b[1m{heading}\x1b[0m\n" if colour else f"{heading}\n"]
    for piece, entity in pieces(document.text, prediction.entities):
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


def pieces(text: str, entities: Iterable[Entity]) -> Iterator[tuple[str, Entity | None]]:
    """Yield `text` cut into its entities (in order, without overlap) and what is between them, which has None."""
    position = 0
    for entity in entities:
        if position < entity.start:
            yield text[position : entity.start], None
        yield text[entity.start : entity.end], entity
        position = entity.end
    if position < len(text):
        yield text[position:], None

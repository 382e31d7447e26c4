"""What `tag` wrote, read again: the text behind a record that names its file, and the entities of a record."""

from __future__ import annotations

import io
import zlib
from typing import Any, BinaryIO, cast

from vanban.documents.document import Document
from vanban.documents.packing import packing_of, unpacked
from vanban.errors import UserError
from vanban.schema import Entity


def text_at(path: str) -> str:
    """Return the text of the file that a record names. Raises UserError where it can't be read."""
    try:
        with open(path, "rb") as raw:
            file = io.BufferedReader(cast(io.RawIOBase, raw))
            packing = packing_of(file.peek(8))
            return (unpacked(cast(BinaryIO, file), packing) if packing else file).read().decode("utf-8")
    except (OSError, EOFError, zlib.error) as error:
        why = getattr(error, "strerror", None) or error
        raise UserError(f"its text, {path}, can't be read: {why}; go where tag ran, or tag it again") from None
    except UnicodeDecodeError as error:
        raise UserError(f"its text, {path}: found a byte that is no UTF-8 at {error.start}; tag it again") from None


def entities_of(document: Document) -> tuple[Entity, ...] | None:
    """Return the entities of a document that `tag` wrote, None of one that is not tagged.

    Raises UserError for entities of another form, and where they don't stand in the text.
    """
    given = document.fields.get("entities")
    if not isinstance(given, list):
        return None
    return tuple(sorted((_entity(one, document.text) for one in given), key=lambda entity: (entity.start, entity.end)))


def _entity(given: Any, text: str) -> Entity:
    label, start, end = (
        (given.get(name) for name in ("label", "start", "end")) if isinstance(given, dict) else [None] * 3
    )
    if not (isinstance(label, str) and type(start) is int and type(end) is int):
        raise UserError(f"expected entities with label, start, end and text, as tag writes them, found {given!r:.80}")
    if not 0 <= start < end <= len(text) or given.get("text", text[start:end]) != text[start:end]:
        raise UserError(
            f"the entity {given.get('text')!r:.40} does not stand at {start} of its text, which was changed since; "
            "tag it again"
        )
    score = given.get("score")
    return Entity(label, start, end, text[start:end], float(score) if isinstance(score, (int, float)) else 1.0)

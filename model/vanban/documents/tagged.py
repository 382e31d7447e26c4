"""What `tag` wrote, read again: the text behind a record that names its file, and the entities of a record."""

from __future__ import annotations

import io
import zlib
from dataclasses import replace
from typing import Any, BinaryIO, Final, TypeGuard, cast

from vanban.documents.document import Document, Failure
from vanban.documents.formats.format import Tagged
from vanban.documents.kept import written
from vanban.documents.names import as_spelled
from vanban.documents.packing import packing_of, unpacked
from vanban.errors import UserError
from vanban.schema import Entity, Prediction

SPAN_KEYS: Final = ("entities", "spans")
_OF_PREDICTION: Final = {"id", "path", "text", "doc_type", "doc_type_score", "doc_type_scores", "record", "model"}


def text_at(path: str) -> str:
    """Return the text of the file that a record names. Raises UserError where it can't be read."""
    try:
        with open(as_spelled(path), "rb") as raw:
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
    return tuple(sorted((_entity(one, document.text) for one in given), key=_place))


def tagged(document: Document) -> Tagged | Failure:
    """Return the document of a record with what was read or annotated in it, as `formats.jsonl` writes it.

    Spans are in `entities` or `spans`. A record without a model was annotated by hand: its `type` is the document's.
    """
    record = document.fields
    key = next((key for key in SPAN_KEYS if isinstance(record.get(key), list)), None)
    if key is None and "annotation" in record:
        return Failure(
            document.where,
            f"found a row of a manifest, whose spans are in {record['annotation']}; convert the folder of that file",
        )
    if key is None and not {"doc_type", "type"} & record.keys():
        return Failure(document.where, f'expected a record with "entities", found the keys {", ".join(record)}')
    try:
        entities = sorted((_entity(one, document.text) for one in record.get(key or "") or ()), key=_place)
    except UserError as error:
        return Failure(document.where, str(error))
    model = record.get("model") if isinstance(record.get("model"), str) else ""
    kind, score, scores = (record.get(name) for name in ("doc_type", "doc_type_score", "doc_type_scores"))
    used = _OF_PREDICTION | {key}
    if not model and kind is None and isinstance(record.get("type"), str):
        kind, score, scores = record["type"], 1.0, {record["type"]: 1.0}
        used |= {"type"}
    path = record.get("path")
    fields = {name: value for name, value in record.items() if name not in used}
    return (
        replace(document, path=path if isinstance(path, str) else None, fields=fields),
        Prediction(
            document.text,
            tuple(entities),
            model or "",
            kind if isinstance(kind, str) else None,
            float(score) if _is_number(score) else None,
            {name: float(one) for name, one in scores.items() if _is_number(one)} if isinstance(scores, dict) else {},
            written(record.get("record")),
        ),
    )


def _place(entity: Entity) -> tuple[int, int]:
    return entity.start, entity.end


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


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
    value = written(given.get("value"))
    return Entity(label, start, end, text[start:end], float(score) if _is_number(score) else 1.0, value)

"""spaCy's DocBin (`.spacy`), which `spacy train` reads: tokens of spaCy's tokenizer, spans, types, and the record.

The text comes back character for character: white space that is no single space is a token. Each doc keeps the record
that JSON Lines would have, without its text, as JSON in `doc.user_data["vanban"]`. A DocBin is one piece: it is held
in memory.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any, BinaryIO, Final

from vanban.documents.document import Failure
from vanban.documents.formats.format import Format, Losses, Tagged
from vanban.documents.formats.jsonl import to_record
from vanban.documents.formats.spacy_spans import add_prediction, entities_of, probable_type, spacy, types_of
from vanban.documents.kept import with_values_of, written
from vanban.documents.names import without_suffix
from vanban.documents.records import Columns, to_document
from vanban.documents.sources import Source
from vanban.errors import UserError
from vanban.schema import Prediction

RECORD: Final = "vanban"  # the key of a doc's user_data

_TYPE_FIELDS: Final = ("doc_type", "doc_type_score", "doc_type_scores")
_OURS: Final = ("id", "path", "entities", *_TYPE_FIELDS, "record", "model", "cats")


@cache
def _pipeline() -> Any:
    # `vi` needs pyvi, and without it splits at spaces alone: `Nội,` would be one token
    return spacy().blank("xx")


def write(tagged: Iterable[Tagged], file: BinaryIO, losses: Losses) -> None:
    """Write all documents as one DocBin."""
    docs = spacy("spacy.tokens").DocBin(store_user_data=True)
    for document, prediction in tagged:
        doc = _pipeline().make_doc(document.text)
        if others := add_prediction(doc, prediction):
            losses["spans of doc.ents (doc.spans has them)"] += others
        record = to_record(document, prediction)
        record.pop("text", None)
        types = (prediction.doc_type, prediction.doc_type_score, prediction.doc_type_scores)
        record |= dict(zip(_TYPE_FIELDS, types, strict=True)) | {"cats": types_of(prediction)}
        doc.user_data[RECORD] = json.dumps(record)
        docs.add(doc)
    file.write(docs.to_bytes())


def read(file: BinaryIO, name: str, losses: Losses) -> Iterator[Tagged | Failure]:
    """Yield the documents of a DocBin, of `write` or of anyone else; see `spacy_spans.entities_of` for which spans.

    The type is that of `doc.cats` with the highest score, of 0.5 at least, unless `write` left another.
    """
    source = Source(name, without_suffix(name), "jsonl")
    for number, doc in enumerate(_docs(file, name), 1):
        record = _record(doc)
        document = to_document(record | {"text": doc.text}, number, source, Columns())
        if isinstance(document, Failure):
            yield document
            continue
        fields = {key: value for key, value in record.items() if key not in _OURS}
        path = record.get("path")
        try:
            prediction = _prediction(doc, record)
            yield replace(document, path=path if isinstance(path, str) else None, fields=fields), prediction
        except UserError as error:
            yield Failure(document.where, str(error))


def _docs(file: BinaryIO, name: str) -> Iterator[Any]:
    docs = spacy("spacy.tokens").DocBin()
    try:
        yield from docs.from_bytes(file.read()).get_docs(_pipeline().vocab)
    except Exception as error:  # of zlib, msgpack or spaCy
        reason = str(error).partition("\n")[0]
        raise UserError(f"{name}: found no DocBin of spaCy ({reason:.80}); write one with DocBin.to_disk") from None


def _record(doc: Any) -> dict[str, Any]:
    try:
        record = json.loads(doc.user_data[RECORD])
    except (KeyError, TypeError, ValueError):  # someone else's
        return {}
    return record if isinstance(record, dict) else {}


def _prediction(doc: Any, record: dict[str, Any]) -> Prediction:
    as_left = "cats" in record and record["cats"] == doc.cats
    kind, score, scores = (record.get(field) for field in _TYPE_FIELDS) if as_left else probable_type(doc.cats)
    entities = sorted(entities_of(doc), key=lambda entity: (entity.start, entity.end))
    valued = with_values_of(entities, record.get("entities"))
    read = written(record.get("record"))
    return Prediction(doc.text, valued, record.get("model", ""), kind, score, scores or {}, read)


FORMAT: Final = Format(
    name="spacy",
    summary="spaCy's DocBin, all documents in one file",
    suffixes=(".spacy",),
    write=write,
    read=read,
    needs=("spacy", "spacy", "spaCy"),
)

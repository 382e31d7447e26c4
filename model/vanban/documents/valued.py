"""Documents with what their entities mean, in order: tagged ones as they are, others by the models."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vanban.documents.batch import chunks_of, tag_texts, texts_of
from vanban.documents.document import Document, Failure
from vanban.documents.tagged import entities_of
from vanban.errors import UserError
from vanban.schema import Entity
from vanban.values.document import read_values
from vanban.values.meaning import Record

if TYPE_CHECKING:
    from vanban.predictor import Predictor


@dataclass(frozen=True, slots=True)
class Valued:
    """A document with its entities, which have their values, and its record."""

    document: Document
    entities: tuple[Entity, ...]
    record: Record


def valued_documents(
    documents: Iterable[Document | Failure], load: Callable[[], Predictor], batch_size: int
) -> Iterator[Valued | Failure]:
    """Yield each document with its values, failures at their place.

    A record that `tag` wrote keeps its entities; their values are read again. `load` is called when the first document
    comes that has none.
    """
    predictor: Predictor | None = None
    for chunk in chunks_of(documents, batch_size):
        read = [item if isinstance(item, Failure) else _as_tagged(item) for item in chunk]
        untagged = [item for item in read if isinstance(item, Document)]
        if untagged and predictor is None:
            predictor = load()
        answers = iter(tag_texts(texts_of([*untagged]), predictor) if predictor else ())
        for item in read:
            if not isinstance(item, Document):
                yield item
                continue
            answer = next(answers)
            if isinstance(answer, str):
                yield Failure(item.where, answer)
            elif answer.record is not None:
                yield Valued(item, answer.entities, answer.record)
            else:
                yield Valued(item, *read_values(item.text, answer.entities, answer.doc_type))


def _as_tagged(document: Document) -> Document | Valued | Failure:
    """Return a tagged document with its values, another as it is."""
    try:
        entities = entities_of(document)
    except UserError as error:
        return Failure(document.where, str(error))
    if entities is None:
        return document
    doc_type = document.fields.get("doc_type")
    return Valued(document, *read_values(document.text, entities, doc_type if isinstance(doc_type, str) else None))

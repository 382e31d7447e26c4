"""A stream of documents → a stream of predictions, in order and in bounded memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from vanban.documents.document import Document, Failure
from vanban.schema import Prediction

if TYPE_CHECKING:
    from vanban.predictor import Predictor

DOCUMENTS_PER_CHUNK: Final = 32
CHARACTERS_PER_CHUNK: Final = 400_000  # as much as Predictor.stream takes at a time

Tagged = tuple[Document, Prediction]


def tag_documents(
    documents: Iterable[Document | Failure], predictor: Predictor, batch_size: int = DOCUMENTS_PER_CHUNK
) -> Iterator[Tagged | Failure]:
    """Yield each document with its prediction, in order; failures pass through at their place.

    At most `batch_size` documents are read ahead, fewer when together they have 400,000 characters. A document that
    the predictor raises at becomes a Failure and the others of its chunk are tagged.
    """
    chunk: list[Document | Failure] = []
    characters = 0
    for document in documents:
        chunk.append(document)
        characters += len(document.text) if isinstance(document, Document) else 0
        if len(chunk) >= batch_size or characters >= CHARACTERS_PER_CHUNK:
            yield from _tag_chunk(chunk, predictor)
            chunk, characters = [], 0
    yield from _tag_chunk(chunk, predictor)


def _tag_chunk(chunk: list[Document | Failure], predictor: Predictor) -> Iterator[Tagged | Failure]:
    texts = [document.text for document in chunk if isinstance(document, Document)]
    try:
        predictions = iter(predictor.predict_batch(texts) if texts else [])
    except Exception:
        # one of them is at fault: alone, only that one fails
        for document in chunk:
            yield document if isinstance(document, Failure) else _tag_alone(document, predictor)
        return
    for document in chunk:
        yield document if isinstance(document, Failure) else (document, next(predictions))


def _tag_alone(document: Document, predictor: Predictor) -> Tagged | Failure:
    try:
        return document, predictor.predict_batch([document.text])[0]
    except Exception as error:
        return Failure(document.where, f"could not be tagged: {type(error).__name__}: {error}")

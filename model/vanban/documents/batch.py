"""A stream of documents → a stream of predictions, in order and in bounded memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from vanban.documents.document import Document, Failure
from vanban.schema import Prediction

if TYPE_CHECKING:
    from vanban.predictor import Predictor

DOCUMENTS_PER_CHUNK: Final = 32
CHARACTERS_PER_CHUNK: Final = 400_000  # as much as Predictor.stream takes at a time

Tagged = tuple[Document, Prediction]
Chunk = list[Document | Failure]
Answer = Prediction | str
"""What is read in a text, or the reason why it could not be tagged."""


def tag_documents(
    documents: Iterable[Document | Failure], predictor: Predictor, batch_size: int = DOCUMENTS_PER_CHUNK
) -> Iterator[Tagged | Failure]:
    """Yield each document with its prediction, in order; failures pass through at their place.

    At most `batch_size` documents are read ahead, fewer when together they have 400,000 characters. A document that
    the predictor raises at becomes a Failure and the others of its chunk are tagged.
    """
    for chunk in chunks_of(documents, batch_size):
        yield from answered(chunk, tag_texts(texts_of(chunk), predictor))


def chunks_of(documents: Iterable[Document | Failure], batch_size: int = DOCUMENTS_PER_CHUNK) -> Iterator[Chunk]:
    """Yield the documents in chunks of `batch_size`, or of fewer that have 400,000 characters together.

    Where texts share a batch the last digits of their scores may depend on each other, in bfloat16: equal chunks give
    equal results, wherever they are tagged.
    """
    chunk: Chunk = []
    characters = 0
    for document in documents:
        chunk.append(document)
        characters += len(document.text) if isinstance(document, Document) else 0
        if len(chunk) >= batch_size or characters >= CHARACTERS_PER_CHUNK:
            yield chunk
            chunk, characters = [], 0
    if chunk:
        yield chunk


def texts_of(chunk: Chunk) -> list[str]:
    """Return the texts of the documents of a chunk."""
    return [document.text for document in chunk if isinstance(document, Document)]


def tag_texts(texts: Sequence[str], predictor: Predictor) -> Sequence[Answer]:
    """Return an answer for each text; when the predictor raises, each is read alone, and only those at fault fail."""
    try:
        return predictor.predict_batch(texts) if texts else []
    except Exception:
        return [_tag_alone(text, predictor) for text in texts]


def _tag_alone(text: str, predictor: Predictor) -> Answer:
    try:
        return predictor.predict_batch([text])[0]
    except Exception as error:
        return f"could not be tagged: {type(error).__name__}: {error}"


def answered(chunk: Chunk, answers: Sequence[Answer]) -> Iterator[Tagged | Failure]:
    """Yield each document of a chunk with its prediction, or as a failure."""
    answer = iter(answers)
    for document in chunk:
        if isinstance(document, Failure):
            yield document
            continue
        found = next(answer)
        yield Failure(document.where, found) if isinstance(found, str) else (document, found)

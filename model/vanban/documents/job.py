"""All documents of an input are tagged and written, in order: what `tag` does between its options and its messages."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, replace

from vanban.documents.batch import Chunk, Tagged, answered, chunks_of, texts_of
from vanban.documents.behind import one_behind
from vanban.documents.document import Document, Failure
from vanban.documents.output import Output, StreamOutput
from vanban.documents.workers import Tagging
from vanban.errors import UserError


@dataclass(slots=True)
class Counts:
    """Documents written, their entities, and documents that failed."""

    documents: int = 0
    entities: int = 0
    failed: int = 0


def tag_all(
    documents: Iterable[Document | Failure],
    output: Output,
    tagging: Tagging,
    batch_size: int,
    min_score: float,
    say: Callable[[str], None],
    advance: Callable[[], None] = lambda: None,
) -> Counts:
    """Tag what the output does not have yet, and finish it.

    A document that fails is told by `say` and counted; `advance` is called after each document. All but streams are
    written in a thread of their own.
    """
    counts = Counts()
    lock = threading.Lock()  # the next documents are compared with what is done while others are written

    def take(item: Tagged | Failure) -> None:
        if not isinstance(item, Failure):
            document, prediction = item
            kept = tuple(entity for entity in prediction.entities if entity.score >= min_score)
            try:
                with lock:
                    output.write(document, replace(prediction, entities=kept))
                counts.documents += 1
                counts.entities += len(kept)
            except UserError as error:
                item = Failure(document.where, str(error))
        if isinstance(item, Failure):
            counts.failed += 1
            say(f"error: {item}")
        advance()

    # who reads a stream may keep a writer waiting for ever
    with nullcontext(take) if isinstance(output, StreamOutput) else one_behind(take) as write:
        for (chunk, done), answers in tagging.answers(_work(chunks_of(documents, batch_size), output, advance, lock)):
            for item in answered(chunk, answers):
                if isinstance(item, Failure) or item[0].key not in done:
                    write(item)
    output.finish(counts.failed)
    return counts


def _work(
    chunks: Iterable[Chunk], output: Output, advance: Callable[[], None], lock: threading.Lock
) -> Iterator[tuple[tuple[Chunk, set[str]], list[str]]]:
    """Yield each chunk with the keys of its documents that are done, and the texts to tag.

    A chunk of which a part is done is tagged whole: in another one, scores could have other last digits.
    """
    for chunk in chunks:
        done: set[str] = set()
        for i, document in enumerate(chunk):
            try:
                with lock:
                    is_done = isinstance(document, Document) and output.has(document)
                if isinstance(document, Document) and is_done:
                    done.add(document.key)
                    advance()
            except UserError as error:
                chunk[i] = Failure(document.where, str(error))
        if all(isinstance(item, Failure) or item.key in done for item in chunk):
            chunk = [item for item in chunk if isinstance(item, Failure)]
        yield (chunk, done), texts_of(chunk)

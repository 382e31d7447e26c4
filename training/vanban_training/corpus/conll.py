"""CoNLL files of a corpus: those of their documents that have a token."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from vanban.documents.formats import conll_rows
from vanban.schema import Entity
from vanban_training.corpus.rows import read_rows


def load_conll(path: Path, labels: Sequence[str], column: int | None = None) -> Iterator[tuple[str, list[Entity]]]:
    """Yield the text and the entities of each document of a CoNLL file, as `conll_rows.read_rows` reads it.

    Documents without a token are left out.
    """
    for document in conll_rows.read_rows(read_rows(path), str(path), labels, column):
        if document.text:
            yield document.text, document.entities

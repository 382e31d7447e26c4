"""The two things that are read in a document, each from a checkpoint of its own: its entities, and its type."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final

import numpy as np

from vanban.errors import UserError
from vanban.network.checkpoint import Checkpoint
from vanban.network.classification import log_softmax, pool, rounded, softmax
from vanban.network.forks import computes
from vanban.network.runner import Runner
from vanban.network.tagging import FloatArray, decode_all, labels_of, merge_windows, tag_names
from vanban.reading.encoding import EncodedText, TextEncoder, Window
from vanban.schema import Entity

_WINDOWS_AT_ONCE: Final = 4096  # whose scores are held one by one, for a document of megabytes


class Tagger:
    """Entities of documents, by a token classifier."""

    def __init__(
        self,
        checkpoint: Checkpoint,
        device: str = "auto",
        tokens_per_batch: int | None = None,
        exact: bool = False,
    ) -> None:
        """`exact`: in float32, whatever else the hardware multiplies in."""
        names = sorted_tags(checkpoint.classes)
        self.labels = labels_of(names)
        self.encoder = TextEncoder(checkpoint.tokenizer, checkpoint.window_tokens, checkpoint.overlap_tokens)
        self.runner = Runner(checkpoint.network, self.encoder, device, tokens_per_batch, exact)
        self._decode = partial(
            decode_all,
            labels=self.labels,
            marks=checkpoint.edge_marks,
            rules=checkpoint.rules,
            temperature=checkpoint.temperature,
        )
        self._columns = [checkpoint.classes.index(name) for name in names]

    def entities(self, documents: Sequence[EncodedText]) -> list[tuple[Entity, ...]]:
        """Return the entities of each document, in order and without overlap."""
        return [tuple(found) for found in self._decode(documents, self.log_probabilities(documents))]

    @computes
    def log_probabilities(self, documents: Sequence[EncodedText]) -> list[FloatArray]:
        """Return (tokens, tags) log probabilities for each document, windows merged, tags as in `tag_names`."""
        rows = self._rows([(document, window) for document in documents for window in document.windows])
        empty = np.zeros((0, 1 + 2 * len(self.labels)), dtype=np.float32)
        return [merge_windows(d.windows, rows, len(d.ids)) if len(d.ids) else empty for d in documents]

    def _rows(self, windows: Sequence[tuple[EncodedText, Window]]) -> Iterator[FloatArray]:
        """Yield (window tokens, tags) log probabilities of each window, of some thousands at a time."""
        for first in range(0, len(windows), _WINDOWS_AT_ONCE):
            for row in self.runner.run(windows[first : first + _WINDOWS_AT_ONCE]):
                yield log_softmax(row[:, self._columns])


class Classifier:
    """Types of documents, by a sequence classifier over some of their windows."""

    def __init__(
        self,
        checkpoint: Checkpoint,
        device: str = "auto",
        tokens_per_batch: int | None = None,
        exact: bool = False,
    ) -> None:
        """`exact`: in float32, whatever else the hardware multiplies in."""
        self.types = checkpoint.classes
        self.reading = checkpoint.reading
        self.temperature, self.threshold = checkpoint.temperature, checkpoint.threshold
        self.least_words = checkpoint.least_words
        self.encoder = TextEncoder(checkpoint.tokenizer, checkpoint.window_tokens, checkpoint.overlap_tokens)
        self.runner = Runner(checkpoint.network, self.encoder, device, tokens_per_batch, exact)

    def scores(self, documents: Sequence[EncodedText]) -> list[dict[str, float]]:
        """Return the calibrated probability of each type for each document, the most probable first."""
        return [rounded(self.types, softmax(logits, self.temperature)) for logits in self.logits(documents)]

    def logits(self, documents: Sequence[EncodedText]) -> FloatArray:
        """Return (documents, types) logits, pooled over the windows that are read.

        A document without text has the same for every type.
        """
        rows = self.window_logits([self.reading.of(document) for document in documents])
        pooled = np.zeros((len(rows), len(self.types)), dtype=np.float32)
        for number, of_document in enumerate(rows):
            if len(of_document):
                pooled[number] = pool(of_document, self.reading.pooling)
        return pooled

    @computes
    def window_logits(self, documents: Sequence[EncodedText]) -> list[FloatArray]:
        """Return (windows, types) logits for each document."""
        rows = iter(self.runner.run([(document, window) for document in documents for window in document.windows]))
        empty = np.zeros((0, len(self.types)), dtype=np.float32)
        return [np.stack([next(rows) for _ in d.windows]) if d.windows else empty for d in documents]


def sorted_tags(tags: Sequence[str]) -> list[str]:
    """Return the tags of a checkpoint in the order of `tag_names`; raises UserError when they are not IOB2."""
    names = tag_names(tuple(dict.fromkeys(tag[2:] for tag in tags if tag.startswith("B-"))))
    if sorted(names) != sorted(tags) or len(names) < 3:
        raise UserError(f"the model's tags are {', '.join(tags)}; expected O, B-… and I-… of each label (IOB2)")
    return names

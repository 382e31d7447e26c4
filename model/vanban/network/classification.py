"""From windows to the type of a document: which windows are read, how they are pooled, how sure the answer is."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from vanban.network.formulae import formulae_in
from vanban.reading.text import INVISIBLE

if TYPE_CHECKING:
    from vanban.reading.encoding import EncodedText

FloatArray = npt.NDArray[np.float32]

POOLINGS: Final = ("mean", "probability", "max")


@dataclass(frozen=True, slots=True)
class Reading:
    """Which windows of a document a classifier reads, and how it pools what the network says of them.

    The first `head` and the last `tail` windows, `body` more, spread evenly over what is between, and of the others the
    `formulae` that hold most of the document's own formulae. `pooling`: the `mean` of their logits, the mean of their
    `probability`, or the `max` of their logits.
    """

    head: int = 1
    body: int = 0
    tail: int = 1
    pooling: str = "mean"
    formulae: int = 0

    @property
    def _always(self) -> int:
        return self.head + self.body + self.tail

    def choose(self, windows: int, formulae: Sequence[int] = ()) -> list[int]:
        """Return the indices of the windows that are read, ascending; all of them when there are no more.

        `formulae`: how many formulae each window holds.
        """
        if windows <= self._always:
            return list(range(windows))
        first, last = self.head, windows - self.tail
        spread = np.linspace(first, last, self.body + 2)[1:-1]  # inner points of the body's range
        chosen = {*range(self.head), *(int(point) for point in spread), *range(last, windows)}
        telling = [i for i, number in enumerate(formulae) if number and i not in chosen]
        return sorted(chosen.union(sorted(telling, key=lambda i: -formulae[i])[: self.formulae]))

    def of(self, document: EncodedText) -> EncodedText:
        """Return a document with those of its windows that are read."""
        windows = len(document.windows)
        chosen = self.choose(windows, formulae_in(document) if self.formulae and windows > self._always else ())
        return replace(document, windows=tuple(document.windows[i] for i in chosen))


def pool(logits: FloatArray, pooling: str) -> FloatArray:
    """Return one row of logits, (types,), for those of a document's windows, (windows, types).

    Raises ValueError for another pooling than those of `POOLINGS`.
    """
    if pooling == "mean":
        return np.asarray(logits.mean(axis=0))
    if pooling == "max":
        return np.asarray(logits.max(axis=0))
    if pooling == "probability":
        return np.asarray(np.log(softmax(logits).mean(axis=0) + 1e-12))
    raise ValueError(f"pooling {pooling!r}: expected one of {', '.join(POOLINGS)}")


def softmax(logits: FloatArray, temperature: float = 1.0) -> FloatArray:
    """Return the probabilities over the last axis, of logits divided by `temperature` (Guo et al. 2017, 1706.04599)."""
    scaled = logits / temperature
    powers = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def log_softmax(logits: FloatArray) -> FloatArray:
    """Return the log probabilities behind logits, over the last axis."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)))


def shows(text: str) -> bool:
    """True when there is something to see in `text`."""
    return any(not character.isspace() and character not in INVISIBLE for character in text)


def has_words(text: str, least: int) -> bool:
    """True when at least so many words stand in `text`: parted by white space, with a letter in each."""
    words = (word for word in re.finditer(r"\S+", text) if any(map(str.isalpha, word.group())))
    return sum(1 for _ in itertools.islice(words, least)) == least


def choose_type(scores: Mapping[str, float], threshold: float) -> tuple[str | None, float]:
    """Return the most probable type and its score; the type is None when the score is below `threshold`."""
    best = max(scores, key=lambda name: scores[name])
    return (best if scores[best] >= threshold else None), scores[best]


def rounded(types: Sequence[str], probabilities: FloatArray) -> dict[str, float]:
    """Return the scores by type, the most probable first, rounded to four digits."""
    pairs: list[tuple[str, Any]] = sorted(zip(types, probabilities, strict=True), key=lambda pair: -pair[1])
    return {name: round(float(probability), 4) for name, probability in pairs}

"""How far probabilities can be believed: temperature scaling, the calibration error, and when to give no answer."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from vanban.network.classification import FloatArray, softmax
from vanban_training.fitting import calibration
from vanban_training.fitting.calibration import least_surprising

TEMPERATURES: Final = (0.05, 20.0)

Indices = npt.NDArray[np.int64]
Answered = npt.NDArray[np.bool_]


def fit_temperature(logits: FloatArray, right: Indices) -> float:
    """Return the temperature that makes the right types most probable (Guo et al. 2017, arXiv 1706.04599).

    `logits`: (documents, types) of documents that the network was not trained on; `right`: (documents,) type ids.
    """

    def surprise(temperature: float) -> float:
        probabilities = softmax(logits, temperature)
        return -float(np.log(probabilities[np.arange(len(right)), right] + 1e-12).mean())

    return least_surprising(surprise, TEMPERATURES)


def fit_by_fold(logits: FloatArray, right: Indices, folds: Indices) -> FloatArray:
    """Return the probabilities of each fold's documents with the temperature that was fitted on the other folds."""
    probabilities = np.zeros_like(logits)
    for fold in np.unique(folds):
        here = folds == fold
        probabilities[here] = softmax(logits[here], fit_temperature(logits[~here], right[~here]))
    return probabilities


def calibration_error(probabilities: FloatArray, right: Indices) -> float:
    """Return the expected calibration error: the mean gap of confidence and accuracy in ten bins of equal width."""
    return calibration.calibration_error(probabilities.max(axis=1), probabilities.argmax(axis=1) == right)


def choose_threshold(probabilities: FloatArray, right: Indices, accuracy: float) -> float:
    """Return the lowest probability from which on the answers are right as often as `accuracy` asks.

    Where no threshold reaches that, the one that comes nearest. Documents that tie are answered together.
    """
    confidence = probabilities.max(axis=1)
    hit = probabilities.argmax(axis=1) == right
    order = np.argsort(-confidence, kind="stable")
    shares = np.cumsum(hit[order]) / np.arange(1, len(order) + 1)
    descending = confidence[order]
    lasts = np.flatnonzero(np.append(descending[1:] < descending[:-1], True))  # the last of each tie
    enough = lasts[shares[lasts] >= accuracy]
    last = enough[-1] if len(enough) else lasts[np.argmax(shares[lasts])]
    return float(descending[last])


def answered_by_fold(probabilities: FloatArray, right: Indices, folds: Indices, accuracy: float) -> Answered:
    """Return which documents get an answer, (documents,), with the threshold that the other folds ask for."""
    answered = np.zeros(len(right), dtype=bool)
    for fold in np.unique(folds):
        here = folds == fold
        threshold = choose_threshold(probabilities[~here], right[~here], accuracy)
        answered[here] = probabilities[here].max(axis=1) >= threshold
    return answered

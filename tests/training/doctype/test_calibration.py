"""Temperatures, the calibration error and thresholds, on numbers that can be checked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from vanban.network.classification import softmax
from vanban_training.doctype import calibration
from vanban_training.doctype.calibration import (
    answered_by_fold,
    calibration_error,
    choose_threshold,
    fit_by_fold,
    fit_temperature,
)
from vanban_training.fitting import calibration as shared


def drawn(temperature: float, documents: int = 20_000, seed: int = 0):
    """Return logits, and types that are drawn from what `temperature` makes of them."""
    random = np.random.default_rng(seed)
    logits = random.normal(size=(documents, 4)).astype(np.float32) * 3
    shares = softmax(logits, temperature).cumsum(axis=1)
    right = (random.random((documents, 1)) > shares).sum(axis=1).clip(max=3)
    return logits, right


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.5])
def test_a_known_temperature_is_found(temperature):
    logits, right = drawn(temperature)
    assert fit_temperature(logits, right) == pytest.approx(temperature, rel=0.03)
    assert calibration_error(softmax(logits, temperature), right) < 0.015


def test_the_temperature_stays_within_bounds():
    logits = np.array([[1.0, 0.0], [0.0, 1.0]], dtype=np.float32)
    low, high = calibration.TEMPERATURES
    assert low <= fit_temperature(logits, np.array([0, 1])) < 0.1  # always right: ever surer
    assert 19 < fit_temperature(logits, np.array([1, 0])) <= high  # always wrong


def test_no_fold_sees_its_own_documents():
    logits, right = drawn(2.0, 600)
    folds = np.arange(600) % 3
    found = fit_by_fold(logits, right, folds)
    for fold in range(3):
        others = folds != fold
        expected = softmax(logits[~others], fit_temperature(logits[others], right[others]))
        assert np.allclose(found[~others], expected)
    # other types in one fold change what is said of the others, and not of itself
    changed = np.where(folds == 0, (right + 1) % 4, right)
    again = fit_by_fold(logits, changed, folds)
    assert np.array_equal(again[folds == 0], found[folds == 0])
    assert not np.allclose(again[folds == 1], found[folds == 1])


def test_the_error_by_hand():
    # bins of 0.1: two documents at 0.9 and 0.95, one right; two at 0.55, both right; one at 0.7, wrong
    first = np.array([0.9, 0.95, 0.55, 0.55, 0.7])
    probabilities = np.stack([first, 1 - first], axis=1)
    right = np.array([0, 1, 0, 0, 1])
    expected = (2 * abs(0.925 - 0.5) + 2 * abs(0.55 - 1.0) + 1 * abs(0.7 - 0.0)) / 5
    assert calibration_error(probabilities, right) == pytest.approx(expected)
    assert calibration_error(np.array([[1.0, 0.0]]), np.array([0])) == 0  # of certainty, too
    assert calibration_error(np.array([[1.0, 0.0]]), np.array([1])) == 1
    assert shared.BINS == 10


def _sure(*confidences: float):
    return np.array([[confidence, 1 - confidence] for confidence in confidences])


@pytest.mark.parametrize(
    ("accuracy", "threshold"),
    [
        (1.0, 0.9),  # the surest two are right
        (0.75, 0.7),  # the third is wrong, the fourth right: 3 of 4
        (0.6, 0.6),  # 3 of 5, in spite of 2 of 3 above
        (0.5, 0.6),
    ],
)
def test_the_lowest_threshold_that_is_right_often_enough(accuracy, threshold):
    probabilities = _sure(0.6, 0.95, 0.8, 0.9, 0.7)
    right = np.array([1, 0, 1, 0, 0])
    assert choose_threshold(probabilities, right, accuracy) == threshold


def test_a_threshold_where_none_is_good_enough():
    # 0 of 1, 1 of 2, 2 of 3, 2 of 4
    probabilities = _sure(0.9, 0.8, 0.7, 0.6)
    assert choose_threshold(probabilities, np.array([1, 0, 0, 1]), 0.95) == 0.7
    assert choose_threshold(probabilities, np.array([1, 1, 1, 1]), 0.95) == 0.9


def test_documents_that_tie_are_answered_together():
    # the first two of 0.9 alone would be enough; with the third it is 2 of 3, and no threshold parts them
    probabilities = _sure(0.9, 0.9, 0.9, 0.8)
    assert choose_threshold(probabilities, np.array([0, 0, 1, 0]), 0.75) == 0.8
    assert choose_threshold(probabilities, np.array([0, 0, 1, 1]), 0.95) == 0.9


def test_a_fold_is_answered_by_the_threshold_of_the_others():
    probabilities = _sure(0.9, 0.6, 0.8, 0.7)
    right, folds = np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1])
    # the first fold's own documents are all right; the others ask for 0.8, and theirs for 0.6
    assert list(answered_by_fold(probabilities, right, folds, 1.0)) == [True, False, True, True]

"""Whether scores of entities mean what they say, on numbers that can be checked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from vanban.network.tagging import tempered
from vanban.schema import Entity
from vanban_training.fitting.calibration import calibration_error
from vanban_training.ner.reliability import fit_by_fold, fit_temperature, judged, least_scores_table

GOLD = [[Entity("PLACE", 0, 4, "Huế "), Entity("COUNT", 5, 9, "3 ca")], []]
FOUND = [
    [Entity("PLACE", 0, 4, "Huế ", 0.95), Entity("COUNT", 5, 10, "3 ca ", 0.6)],
    [Entity("PLACE", 2, 4, "Vi", 0.4)],
]


def test_an_entity_is_right_when_its_span_and_label_are() -> None:
    scores, right = judged(GOLD, FOUND)
    assert scores.tolist() == [0.95, 0.6, 0.4]
    assert right.tolist() == [True, False, False]
    assert [len(part) for part in judged([[]], [[]])] == [0, 0]


def test_the_calibration_error() -> None:
    scores, right = np.array([0.95, 0.91, 0.55, 1.0]), np.array([True, False, True, True])
    # three in the last bin: 0.9533 said, 0.6667 right; one alone: 0.55 said, 1 right
    assert calibration_error(scores, right) == pytest.approx(0.75 * (2.86 / 3 - 2 / 3) + 0.25 * 0.45)


def test_a_temperature_divides_the_log_odds() -> None:
    odds = 0.9 / 0.1
    assert float(tempered(0.9, 2.0)) == pytest.approx(odds**0.5 / (1 + odds**0.5))
    assert tempered(np.array([0.0, 0.5, 1.0]), 3.0).tolist() == [0.0, 0.5, 1.0]
    assert float(tempered(0.37, 1.0)) == pytest.approx(0.37)


def test_the_temperature_that_fits() -> None:
    chance = np.random.default_rng(0)
    truth = chance.uniform(0.02, 0.98, 20000)
    right = chance.random(20000) < truth
    assert fit_temperature(truth, right) == pytest.approx(1.0, abs=0.05)
    too_sure = tempered(truth, 0.5)
    assert fit_temperature(too_sure, right) == pytest.approx(2.0, abs=0.1)
    assert fit_temperature(truth, np.ones(20000, dtype=bool)) == 1.0
    folds = [too_sure[:10000], too_sure[10000:]], [right[:10000], right[10000:]]
    assert calibration_error(fit_by_fold(*folds), right) < 0.02 < calibration_error(too_sure, right)


def test_what_a_least_score_costs() -> None:
    rows = least_scores_table(GOLD, FOUND, ("PLACE", "COUNT")).splitlines()
    assert rows[0] == "| least score | precision | recall | strict F1 | found |"
    assert rows[2] == "|         0.0 |     0.333 |  0.500 |     0.400 |     3 |"
    assert rows[3] == "|         0.5 |     0.500 |  0.500 |     0.500 |     2 |"
    assert rows[5] == "|         0.9 |     1.000 |  0.500 |     0.667 |     1 |"

"""Scores, readings and confusion of document types, on numbers that can be checked by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from vanban.network.classification import Reading
from vanban_training.config import RunConfig
from vanban_training.corpus.annotated import AnnotatedDocument
from vanban_training.doctype.evaluation import (
    accuracy_table,
    compare_readings,
    confusion_table,
    confusions,
    pooled_logits,
    readings_table,
    scores_of,
    scores_table,
    type_ids,
)

# the windows of a document: its first says the first type, its second and third the second, its last the third
WINDOWS = [[3.0, 0.0, 0.0], [0.0, 4.0, 0.0], [0.0, 5.0, 0.0], [0.0, 0.0, 2.5]]
PREDICTED = [{"whole": WINDOWS, "masked": WINDOWS[1:]}, {"whole": [[0.0, 1.0, 2.0]], "masked": []}]
FORMULAE = [{**PREDICTED[0], "whole_formulae": [0, 1, 0, 2]}, {**PREDICTED[1], "whole_formulae": [0]}]


@pytest.mark.parametrize(
    ("variant", "reading", "expected"),
    [
        ("whole", Reading(1, 0, 0), [[3, 0, 0], [0, 1, 2]]),
        ("whole", Reading(0, 0, 1), [[0, 0, 2.5], [0, 1, 2]]),
        ("whole", Reading(1, 0, 1), [[1.5, 0, 1.25], [0, 1, 2]]),
        ("whole", Reading(2, 0, 2), [[0.75, 2.25, 0.625], [0, 1, 2]]),
        ("whole", Reading(2, 0, 2, "max"), [[3, 5, 2.5], [0, 1, 2]]),
        ("masked", Reading(1, 0, 0), [[0, 4, 0], [0, 0, 0]]),  # a text of which nothing is left
    ],
)
def test_windows_are_chosen_and_pooled(variant, reading, expected):
    found = pooled_logits(PREDICTED, variant, reading)
    assert found.dtype == np.float32
    assert found.tolist() == expected


def test_ids_of_the_right_types():
    documents = [AnnotatedDocument("a", "", (), "b"), AnnotatedDocument("b", "", (), "a")]
    assert type_ids(documents, ("a", "b", "c")).tolist() == [1, 0]


def test_accuracy_and_macro_f1_by_hand():
    right, found = np.array([0, 0, 0, 1, 1, 2]), np.array([0, 0, 1, 1, 0, 1])
    # precision and recall: 2/3 and 2/3 of the first type, 1/3 and 1/2 of the second, none of the third
    assert scores_of(found, right) == {"accuracy": 0.5, "macro_f1": round((2 / 3 + 0.4 + 0) / 3, 4)}
    assert scores_of(right, right) == {"accuracy": 1.0, "macro_f1": 1.0}


def test_the_table_of_scores():
    rows = {"whole": {"accuracy": 0.5, "macro_f1": 0.35556, "documents": 6}, "m": scores_of(np.ones(3), np.ones(3))}
    rows["m"]["documents"] = 3
    assert scores_table(rows) == (
        "|       | accuracy | macro F1 | documents |\n"
        "|-------|---------:|---------:|----------:|\n"
        "| whole |    0.500 |    0.356 |         6 |\n"
        "| m     |    1.000 |    1.000 |         3 |"
    )


def test_the_scores_of_a_run(type_config: Callable[..., RunConfig]) -> None:
    documents = [AnnotatedDocument("a", "", (), "chi_thi"), AnnotatedDocument("b", "", (), "bao_cao")]
    # head 1, body 1, tail 1, mean: (WINDOWS[0] + WINDOWS[2] + WINDOWS[3]) / 3 has 5/3 of the second type
    table, scores = accuracy_table(type_config(), documents, PREDICTED)
    assert scores == {
        "whole": {"accuracy": 1.0, "macro_f1": 1.0},
        "masked": {"accuracy": 0.5, "macro_f1": 0.3333},  # nothing: the first of the types
    }
    assert table.splitlines()[-1] == "| masked |    0.500 |    0.333 |         2 |"


def test_readings_are_compared():
    rows = compare_readings(PREDICTED, np.array([1, 2]))
    assert len(rows) == 10 * 3
    found = {(row["windows"], row["pooling"]): (row["whole"], row["masked"]) for row in rows}
    assert len(found) == 30
    assert found["1 + 0 + 0 + 0", "mean"] == (0.5, 0.5)  # the first window alone says the first type
    assert found["1 + 0 + 1 + 0", "max"] == (0.5, 0.5)
    assert found["2 + 2 + 2 + 0", "mean"] == found["all windows", "max"] == (1.0, 0.5)
    lines = readings_table(rows[:1] + rows[-1:]).splitlines()
    assert lines == [
        "| head + body + tail + formulae | pooling     | whole | masked |",
        "|-------------------------------|-------------|------:|-------:|",
        "| 1 + 0 + 0 + 0                 | mean        | 0.500 |  0.500 |",
        "| all windows                   | max         | 1.000 |  0.500 |",
    ]


def test_windows_with_formulae_are_read_besides():
    assert pooled_logits(FORMULAE, "whole", Reading(1, 0, 0, "max", 1)).tolist()[0] == [
        max(WINDOWS[0][i], WINDOWS[3][i]) for i in range(3)
    ]
    assert pooled_logits(FORMULAE, "whole", Reading(0, 0, 1, "max", 1)).tolist()[0] == [
        max(WINDOWS[1][i], WINDOWS[3][i]) for i in range(3)
    ]


def test_confusions_are_listed_the_most_frequent_first(type_config: Callable[..., RunConfig]) -> None:
    first, second, third = type_config().data.labels[:3]
    documents = [AnnotatedDocument(str(n), "", (), t) for n, t in enumerate((third, second, third, third))]
    predicted = [PREDICTED[0], PREDICTED[1], PREDICTED[0], PREDICTED[1]]  # the second, third, second and third type
    assert confusions(type_config(), documents, predicted, 1, "whole") == (
        f"errors, whole: 3\n  {third} taken for {second}: 2 (0 …)\n  {second} taken for {third}: 1 (1)"
    )
    assert confusions(type_config(), documents[3:], predicted[3:], 1, "whole") == "errors, whole: none"
    assert confusions(type_config(), documents[3:], predicted[3:], 0, "masked") == (
        f"errors, masked: 1\n  {third} taken for {first}: 1"
    )


def test_the_table_of_confusions():
    found, right = np.array([0, 1, 1, 1, 0]), np.array([0, 0, 1, 1, 2])
    types: tuple[Any, ...] = ("tin", "chi_thi", "bc")
    assert confusion_table(found, right, types) == (
        "| right   | tin | chi_thi | bc |\n"
        "|---------|----:|--------:|---:|\n"
        "| tin     |   1 |       1 |    |\n"
        "| chi_thi |     |       2 |    |\n"
        "| bc      |   1 |         |    |"
    )

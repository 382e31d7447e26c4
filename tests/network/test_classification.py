from __future__ import annotations

import unicodedata
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from vanban.network.classification import POOLINGS, FloatArray, Reading, choose_type, has_words, pool, rounded, softmax
from vanban.reading.encoding import TextEncoder

NUMBERS = st.floats(-80, 80, width=32)
TWO_WINDOWS = np.array([[2.0, 0.0, -1.0], [0.0, 1.0, 3.0]], dtype=np.float32)
COUNTS = st.integers(0, 6)


# ---- which windows are read


@pytest.mark.parametrize(
    ("reading", "windows", "expected"),
    [
        (Reading(), 0, []),
        (Reading(), 2, [0, 1]),
        (Reading(), 3, [0, 2]),
        (Reading(body=2), 4, [0, 1, 2, 3]),
        (Reading(body=2), 5, [0, 2, 3, 4]),
        (Reading(body=2), 12, [0, 4, 7, 11]),
        (Reading(head=2, body=0, tail=1), 9, [0, 1, 8]),
        (Reading(head=0, body=1, tail=0), 9, [4]),
        (Reading(head=0, body=3, tail=0), 101, [25, 50, 75]),
        (Reading(head=3, body=0, tail=0), 2, [0, 1]),
        (Reading(head=0, body=0, tail=2), 7, [5, 6]),
    ],
)
def test_windows_by_hand(reading: Reading, windows: int, expected: list[int]) -> None:
    assert reading.choose(windows) == expected


@pytest.mark.parametrize(
    ("formulae", "counts", "expected"),
    [
        (2, [0, 0, 0, 0, 0, 0], [0, 5]),
        (2, [1, 0, 1, 3, 1, 0], [0, 2, 3, 5]),
        (1, [9, 1, 0, 1, 0, 9], [0, 1, 5]),
        (9, [0, 1, 0, 1, 0, 0], [0, 1, 3, 5]),
        (1, (), [0, 5]),
    ],
)
def test_windows_with_most_formulae_are_read_besides(formulae: int, counts: list[int], expected: list[int]) -> None:
    assert Reading(formulae=formulae).choose(6, counts) == expected


@given(head=COUNTS, body=COUNTS, tail=COUNTS, windows=st.integers(0, 300))
def test_as_many_windows_as_there_are_and_never_one_twice(head: int, body: int, tail: int, windows: int) -> None:
    chosen = Reading(head, body, tail).choose(windows)
    assert len(chosen) == min(windows, head + body + tail)
    assert chosen == sorted(set(chosen)) and set(chosen) <= set(range(windows))
    if windows > head + body + tail:
        assert chosen[:head] == [*range(head)]
        assert chosen[head + body :] == [*range(windows - tail, windows)]
        steps = {right - left for left, right in pairwise(chosen[head : head + body])}
        assert not steps or max(steps) - min(steps) <= 1  # spread evenly


def test_a_document_with_the_windows_that_hold_its_formulae(unigram: Any) -> None:
    for form in ("NFC", "NFD"):
        text = "Hà Nội có 46 ca mắc.\n" * 6 + "Quyết định này.\n" + "Hà Nội có 46 ca mắc.\n" * 6
        document = TextEncoder(unigram, 20, 2).encode(unicodedata.normalize(form, text))
        (window,) = [
            w for w in Reading(formulae=3).of(document).windows if w not in (document.windows[0], document.windows[-1])
        ]
        inside = document.text[document.spans[window.start, 0] : document.spans[window.end - 1, 1]]
        assert "Quyết định này" in unicodedata.normalize("NFC", inside)


def test_a_document_with_the_windows_that_are_read(unigram: Any) -> None:
    document = TextEncoder(unigram, 12, 2).encode("Hà Nội có 46 ca mắc.\n" * 9)
    assert len(document.windows) == 9
    read = Reading(head=1, body=1, tail=1).of(document)
    assert read.windows == (document.windows[0], document.windows[4], document.windows[8])
    assert (read.ids is document.ids, read.text) == (True, document.text)
    assert Reading(head=9, body=0, tail=0).of(document).windows == document.windows


# ---- pooling and probabilities


def test_pooling_by_hand() -> None:
    assert pool(TWO_WINDOWS, "mean").tolist() == [1.0, 0.5, 1.0]
    assert pool(TWO_WINDOWS, "max").tolist() == [2.0, 1.0, 3.0]
    assert softmax(pool(TWO_WINDOWS, "probability")) == pytest.approx(
        # the softmax of each row, and their mean
        [(0.843795 + 0.042010) / 2, (0.114195 + 0.114195) / 2, (0.042010 + 0.843795) / 2], abs=1e-5
    )  # fmt: skip


def test_a_pooling_that_is_unknown() -> None:
    with pytest.raises(ValueError, match=r"^pooling 'median': expected one of mean, probability, max$"):
        pool(TWO_WINDOWS, "median")


@pytest.mark.parametrize("pooling", POOLINGS)
@given(row=arrays.arrays(np.float32, 4, elements=NUMBERS), copies=st.integers(1, 5))
def test_windows_that_agree_are_pooled_to_what_they_say(pooling: str, row: FloatArray, copies: int) -> None:
    pooled = pool(np.stack([row] * copies), pooling)
    assert pooled.shape == (4,)
    assert softmax(pooled) == pytest.approx(softmax(row), abs=1e-4)


def test_softmax_by_hand() -> None:
    logits = np.log(np.array([[0.5, 0.25, 0.25], [0.1, 0.1, 0.8]], dtype=np.float32))
    assert softmax(logits) == pytest.approx(np.array([[0.5, 0.25, 0.25], [0.1, 0.1, 0.8]]), abs=1e-6)
    assert softmax(logits[0], 0.5) == pytest.approx([4 / 6, 1 / 6, 1 / 6], abs=1e-6)  # squared
    assert softmax(logits[0], 1e6) == pytest.approx([1 / 3] * 3, abs=1e-5)
    assert softmax(np.array([1e30, -1e30, 1e30], dtype=np.float32)).tolist() == [0.5, 0.0, 0.5]


@given(logits=arrays.arrays(np.float32, (3, 5), elements=NUMBERS), temperature=st.floats(0.1, 10))
def test_probabilities_sum_to_1_in_the_order_of_the_logits(logits: FloatArray, temperature: float) -> None:
    found = softmax(logits, temperature)
    assert found.shape == (3, 5) and (found >= 0).all()
    assert found.sum(axis=-1) == pytest.approx(np.ones(3), abs=1e-5)
    for row, probabilities in zip(logits, found, strict=True):
        assert (np.diff(probabilities[np.argsort(row)]) >= 0).all()


# ---- the type


@pytest.mark.parametrize(
    ("threshold", "expected"), [(0.0, "b"), (0.6, "b"), (0.6001, None), (1.0, None)]
)  # a score that reaches the threshold is enough
def test_the_type_and_its_score(threshold: float, expected: str | None) -> None:
    assert choose_type({"a": 0.3, "b": 0.6, "c": 0.1}, threshold) == (expected, 0.6)


def test_the_first_of_equals_is_chosen() -> None:
    assert choose_type({"b": 0.4, "a": 0.4, "c": 0.2}, 0.0) == ("b", 0.4)


def test_scores_are_rounded_and_the_most_probable_is_first() -> None:
    scores = rounded(("a", "b", "c", "d"), np.array([0.12344, 0.5, 0.12346, 0.2531], dtype=np.float32))
    assert list(scores.items()) == [("b", 0.5), ("d", 0.2531), ("c", 0.1235), ("a", 0.1234)]
    assert all(type(score) is float for score in scores.values())  # JSON takes no numbers of numpy
    assert list(rounded(("b", "a"), np.array([0.5, 0.5], dtype=np.float32))) == ["b", "a"]
    with pytest.raises(ValueError, match="shorter"):
        rounded(("a", "b", "c"), np.array([0.5, 0.5], dtype=np.float32))


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        (" \n\t", 0),
        (". … 12/7 - 5%", 0),
        ("OK", 1),
        ("Chỉ thị số 17/CT-UBND", 4),
        (unicodedata.normalize("NFD", "Hà Nội\u00a0có\n46 ca."), 4),
        ("-" * 100_000, 0),
        ("a " * 100_000, 100_000),
    ],
)
def test_words_are_what_white_space_parts_and_a_letter_is_in(text: str, count: int) -> None:
    assert has_words(text, count)
    assert not has_words(text, count + 1)

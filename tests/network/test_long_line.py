from __future__ import annotations

import time
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from token_lines import scored
from vanban.network.lattice import FoundSpan, Lattice
from vanban.network.long_line import LongLine
from vanban.network.tagging import _best_spans
from vanban.network.token_scores import TokenScores


def random_line(tokens: int, labels: int = 4, seed: int = 0, sharpness: float = 2.0) -> TokenScores:
    generator = np.random.default_rng(seed)
    logits = generator.normal(size=(tokens, 1 + 2 * labels)) * sharpness
    log_probs = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    can_begin, opens, closes = (generator.random(tokens) < share for share in (0.8, 0.9, 0.9))
    return scored(log_probs.astype(np.float32), can_begin, np.arange(tokens) == 0, opens, closes)


def assert_same(found: list[FoundSpan], expected: list[FoundSpan]) -> None:
    assert [span[:3] for span in found] == [span[:3] for span in expected]
    assert [span[3] for span in found] == pytest.approx([span[3] for span in expected], abs=1e-9)


@settings(deadline=None)
@given(
    tokens=st.integers(1, 90), labels=st.integers(1, 4), seed=st.integers(0, 2**32 - 1),
    sharpness=st.sampled_from([0.3, 2.0, 9.0]), cells=st.sampled_from([1, 20, 1000]),
)  # fmt: skip
def test_a_folded_line_is_read_as_a_straight_one(
    tokens: int, labels: int, seed: int, sharpness: float, cells: int
) -> None:
    line = random_line(tokens, labels, seed, sharpness)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("vanban.network.long_line._CELLS", cells)  # a row at a time, some, all
        assert_same(LongLine(line).best_spans(), Lattice(line).best_spans())


@pytest.mark.parametrize("tokens", [2_500, 2_501, 20_000])
def test_long_lines(tokens: int) -> None:
    line = random_line(tokens, seed=tokens)
    found = LongLine(line).best_spans()
    assert_same(found, Lattice(line).best_spans())
    assert len(found) > tokens / 10


def test_an_entity_over_many_rows_is_whole() -> None:
    """Rows of a line of 400 groups have 20: an entity from the 30th to the 370th ends where it does."""
    log_probs = np.full((400, 3), -20.0, dtype=np.float32)
    log_probs[:, 0] = 0.0
    log_probs[30, :2] = log_probs[30, 1::-1]
    log_probs[31:371, [0, 2]] = log_probs[31:371][:, [2, 0]]
    yes = np.ones(400, dtype=bool)
    ((first, last, label, probability),) = LongLine(scored(log_probs, yes, np.arange(400) == 0, yes, yes)).best_spans()
    assert (first, last, label) == (30, 371, 0)
    assert probability == pytest.approx(1.0, abs=1e-6)


def test_lines_of_every_length_are_read_together(monkeypatch: pytest.MonkeyPatch) -> None:
    lengths = [3, 400, 1, 90, 300]
    tokens = TokenScores.joined([random_line(n, seed=n) for n in lengths])
    expected = _best_spans(tokens)
    monkeypatch.setattr("vanban.network.tagging._LONG_LINE", 80)
    found = _best_spans(tokens)
    assert_same(found, expected)
    assert found == sorted(found) and len(found) > 50


def test_a_line_that_is_outside_for_certain_has_no_entity() -> None:
    line = random_line(3_000)
    line.log_probs[:, 0] = 0.0
    assert LongLine(line).best_spans() == _best_spans(line) == []


def test_time_grows_with_the_line_and_memory_hardly() -> None:
    seconds, peaks = [], []
    for tokens in (30_000, 240_000):
        line = random_line(tokens)
        tracemalloc.start()
        begin = time.process_time()
        _best_spans(line)
        seconds.append(time.process_time() - begin)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert seconds[1] < 24 * seconds[0]  # 8 times the line; a step for each group would take 30 s
    assert peaks[1] < 80e6  # 90 bytes a group, and the spans; a grid of one row takes 400

"""Strict scores, against numbers worked out by hand and against plain sets of spans."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vanban.schema import Entity
from vanban_training.ner.evaluation import Score, aligned_tags, score_table, strict_scores

LABELS = ("PLACE", "COUNT")


def _spans(*spans: tuple[str, int, int]) -> list[Entity]:
    return [Entity(label, start, end, "x" * (end - start)) for label, start, end in spans]


def test_aligned_tags():
    gold = _spans(("PLACE", 0, 6), ("COUNT", 6, 9), ("PLACE", 20, 30))
    found = _spans(("PLACE", 0, 6), ("COUNT", 6, 12), ("PLACE", 25, 30))
    # boundaries: 0 6 9 12 20 25 30
    assert aligned_tags(gold, found) == (
        ["B-PLACE", "B-COUNT", "O", "O", "B-PLACE", "I-PLACE"],
        ["B-PLACE", "B-COUNT", "I-COUNT", "O", "O", "B-PLACE"],
    )
    assert aligned_tags([], []) == ([], [])
    assert aligned_tags(_spans(("PLACE", 3, 4)), []) == (["B-PLACE"], ["O"])


def test_scores_by_hand():
    gold = [_spans(("PLACE", 0, 6), ("COUNT", 7, 9), ("PLACE", 20, 30)), [], _spans(("PLACE", 0, 2))]
    found = [_spans(("PLACE", 0, 6), ("COUNT", 7, 10), ("PLACE", 31, 32)), _spans(("PLACE", 0, 2)), []]
    place, count, micro = strict_scores(gold, found, LABELS)
    assert place == Score("PLACE", pytest.approx(1 / 3), pytest.approx(1 / 3), pytest.approx(1 / 3), 3, 3)
    assert count == Score("COUNT", 0.0, 0.0, 0.0, 1, 1)
    assert micro == Score("micro", 1 / 4, 1 / 4, 1 / 4, 4, 4)


def test_spans_side_by_side_are_two():
    gold = [_spans(("PLACE", 0, 3), ("PLACE", 3, 6)), _spans(("PLACE", 0, 6))]
    found = [_spans(("PLACE", 0, 6)), _spans(("PLACE", 0, 3), ("PLACE", 3, 6))]
    assert strict_scores(gold, found, LABELS)[-1] == Score("micro", 0.0, 0.0, 0.0, 3, 3)
    assert strict_scores(gold, gold, LABELS)[-1] == Score("micro", 1.0, 1.0, 1.0, 3, 3)


def test_the_same_offsets_with_another_label_are_wrong():
    place, count, micro = strict_scores([_spans(("PLACE", 0, 3))], [_spans(("COUNT", 0, 3))], LABELS)
    assert (place.recall, place.support, count.precision, count.support) == (0.0, 1, 0.0, 0)
    assert micro.f1 == 0.0


def test_the_same_offsets_in_another_document_are_wrong():
    spans = _spans(("PLACE", 0, 3))
    assert strict_scores([spans, []], [[], spans], LABELS)[-1].f1 == 0.0


def test_nothing_to_find_and_nothing_found():
    assert strict_scores([[], []], [[], []], LABELS) == [
        Score(name, 0.0, 0.0, 0.0, 0, 0) for name in (*LABELS, "micro")
    ]
    assert strict_scores([], [], LABELS)[-1] == Score("micro", 0.0, 0.0, 0.0, 0, 0)
    assert strict_scores([_spans(("PLACE", 0, 1))], [[]], LABELS)[0] == Score("PLACE", 0.0, 0.0, 0.0, 1, 0)


def test_a_label_that_ends_like_another():
    labels = ("DISEASE", "NO-DISEASE")
    gold = [_spans(("NO-DISEASE", 0, 3), ("DISEASE", 5, 9))]
    disease, other, _ = strict_scores(gold, [_spans(("DISEASE", 5, 9))], labels)
    assert (disease.precision, disease.recall, disease.support) == (1.0, 1.0, 1)
    assert (other.recall, other.support) == (0.0, 1)


def test_different_numbers_of_documents():
    with pytest.raises(ValueError, match=r"^different numbers of documents: gold 2, found 1$"):
        strict_scores([[], []], [[]], LABELS)


@st.composite
def _flat_spans(draw: st.DrawFn) -> list[Entity]:
    edges = draw(st.lists(st.integers(0, 25), unique=True, max_size=10))
    edges.sort()
    # neighbours share an edge in half of the cases
    spans = [(a, b) for a, b in itertools.pairwise(edges) if draw(st.booleans())]
    return _spans(*((draw(st.sampled_from(LABELS)), a, b) for a, b in spans))


@given(st.lists(st.tuples(_flat_spans(), _flat_spans()), max_size=4))
def test_scores_are_those_of_sets_of_spans(pairs):
    scores = strict_scores([g for g, _ in pairs], [f for _, f in pairs], LABELS)
    for score in scores:
        wanted = LABELS if score.label == "micro" else (score.label,)
        gold, found = (
            {(i, e) for i, pair in enumerate(pairs) for e in pair[side] if e.label in wanted} for side in (0, 1)
        )
        right = len(gold & found)
        precision = right / len(found) if found else 0.0
        recall = right / len(gold) if gold else 0.0
        f1 = 2 * right / (len(gold) + len(found)) if right else 0.0
        assert (score.support, score.found) == (len(gold), len(found))
        assert (score.precision, score.recall, score.f1) == pytest.approx((precision, recall, f1))


def test_what_is_found_where_nothing_is_annotated_is_counted():
    found = [_spans(("PLACE", 0, 3), ("PLACE", 3, 6)), _spans(("COUNT", 0, 3))]
    assert strict_scores([[], []], found, LABELS) == [
        Score("PLACE", 0.0, 0.0, 0.0, 0, 2), Score("COUNT", 0.0, 0.0, 0.0, 0, 1), Score("micro", 0.0, 0.0, 0.0, 0, 3),
    ]  # fmt: skip


def test_the_table():
    table = score_table([Score("PLACE", 0.5, 1 / 3, 0.4, 12, 8), Score("micro", 1.0, 1.0, 1.0, 1234, 1234)])
    assert table == (
        "| label      | precision | recall | strict F1 | support | found |\n"
        "|------------|----------:|-------:|----------:|--------:|------:|\n"
        "| PLACE      |     0.500 |  0.333 |     0.400 |      12 |     8 |\n"
        "| micro      |     1.000 |  1.000 |     1.000 |    1234 |  1234 |"
    )
    assert Score("PLACE", 0.5, 1 / 3, 0.4, 12, 8).to_dict() == {
        "precision": 0.5,
        "recall": 0.3333,
        "f1": 0.4,
        "support": 12,
        "found": 8,
    }

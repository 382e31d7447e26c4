from __future__ import annotations

from collections import Counter

import pytest

from vanban.documents.formats.flat_spans import by_hand, flat_entities
from vanban.errors import UserError
from vanban.schema import Entity, Prediction

TEXT = "Tại Hà Nội\r\n \u200bvà Huế "


def test_spans_are_sorted_trimmed_and_taken_once() -> None:
    losses = Counter[str]()
    spans = [("PLACE", 16, 20, 1.0), ("PLACE", 3, 13, 0.5), ("PLACE", 4, 10, 0.7), ("COUNT", 10, 14, 1.0)]
    spans += [("COUNT", 2, 2, 1.0)]
    assert TEXT[16:20] == " Huế"
    assert flat_entities(TEXT, spans, losses) == (
        Entity("PLACE", 4, 10, "Hà Nội", 0.5),
        Entity("PLACE", 17, 20, "Huế"),
    )
    assert losses == {"ends of white space": 2, "repeated spans": 1, "spans of white space": 2}
    assert flat_entities("", [], losses) == ()


@pytest.mark.parametrize(("start", "end"), [(-1, 3), (3, 2), (0, len(TEXT) + 1)])
def test_a_span_outside_of_the_text_is_an_error(start: int, end: int) -> None:
    with pytest.raises(UserError, match=f"found PLACE from {start} to {end}, expected 0 <= start < end <= 21"):
        flat_entities(TEXT, [("PLACE", start, end, 1.0)], Counter())


@pytest.mark.parametrize("other", [("PLACE", 7, 10, 1.0), ("OFFICIAL", 4, 10, 1.0), ("COUNT", 0, 21, 1.0)])
def test_an_overlap_is_an_error(other: tuple[str, int, int, float]) -> None:
    with pytest.raises(UserError, match=r"overlaps .* expected flat spans: keep the longer one"):
        flat_entities(TEXT, [("PLACE", 4, 10, 1.0), other], Counter())


def test_annotations_have_no_model_and_scores_of_one() -> None:
    entities = (Entity("PLACE", 4, 10, "Hà Nội"),)
    assert by_hand(TEXT, entities, None) == Prediction(TEXT, entities, "")
    assert by_hand(TEXT, (), "bao_cao") == Prediction(TEXT, (), "", "bao_cao", 1.0, {"bao_cao": 1.0})

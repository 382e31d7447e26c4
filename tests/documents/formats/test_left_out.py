from __future__ import annotations

from collections import Counter
from dataclasses import replace

from tagged_documents import predicted
from vanban.documents.formats.left_out import count, count_left_out
from vanban.schema import Prediction
from vanban.values.document import read_values

TEXT = "Tại Hà Nội có 12 ca"
FOUND = predicted(TEXT, ("PLACE", "Hà Nội", 0.9), ("COUNT", "12 ca", 1.0))


def test_nothing_is_not_entered() -> None:
    losses = Counter[str]()
    count(losses, "values", 0)
    count_left_out(Prediction("", (), ""), losses, frozenset())
    count_left_out(FOUND, losses, frozenset({"scores"}))
    assert dict(losses) == {}


def test_what_is_not_kept_is_counted() -> None:
    losses = Counter[str]()
    typed = replace(
        FOUND,
        doc_type="bao_cao",
        doc_type_score=0.8,
        doc_type_scores={"bao_cao": 0.8, "cong_van": 0.2, "thong_bao": 0.0},
    )
    count_left_out(typed, losses, frozenset())
    assert losses == {"scores": 2, "types": 1, "probabilities": 2}
    count_left_out(replace(typed, doc_type=None), losses := Counter(), frozenset({"scores"}))
    assert losses == {"probabilities": 3}


def test_values_and_records_are_counted() -> None:
    entities, record = read_values(TEXT, FOUND.entities, None)
    count_left_out(Prediction(TEXT, entities, "", record=record), losses := Counter(), frozenset({"scores"}))
    assert losses == {"values": 2, "records": 1}

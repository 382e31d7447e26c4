from __future__ import annotations

import dataclasses
import json

import pytest

from vanban.schema import DOCUMENT_TYPES, LABELS, Entity, Prediction


def test_inventories() -> None:
    assert LABELS == ("OFFICIAL", "PLACE", "COUNT", "DIRECTIVE")
    assert len(DOCUMENT_TYPES) == 13
    assert DOCUMENT_TYPES["chi_thi"] == "chỉ thị"
    assert all(key.isascii() and key.islower() for key in DOCUMENT_TYPES)


def test_a_prediction_as_json() -> None:
    text = "Tại Hà Nội có 46 ca"
    place, count = Entity("PLACE", 4, 10, "Hà Nội", 0.9875), Entity("COUNT", 14, 19, "46 ca")
    record = Prediction(text, (place, count), "tiny").to_dict()
    assert list(record) == ["text", "entities", "model", "doc_type", "doc_type_score", "doc_type_scores"]
    assert json.dumps(record, ensure_ascii=False) == (
        '{"text": "Tại Hà Nội có 46 ca", "entities": ['
        '{"label": "PLACE", "start": 4, "end": 10, "text": "Hà Nội", "score": 0.9875}, '
        '{"label": "COUNT", "start": 14, "end": 19, "text": "46 ca", "score": 1.0}], "model": "tiny", '
        '"doc_type": null, "doc_type_score": null, "doc_type_scores": {}}'
    )


def test_a_prediction_with_a_type_as_json() -> None:
    scores = {"thong_bao": 0.75, "bao_cao": 0.25}
    prediction = Prediction("Thông báo", (), "tiny", "thong_bao", 0.75, scores)
    record = prediction.to_dict()
    assert json.dumps(record, ensure_ascii=False) == (
        '{"text": "Thông báo", "entities": [], "model": "tiny", "doc_type": "thong_bao", "doc_type_score": 0.75, '
        '"doc_type_scores": {"thong_bao": 0.75, "bao_cao": 0.25}}'
    )
    record["doc_type_scores"].clear()  # a copy: the prediction stays as it is
    assert prediction.doc_type_scores == scores


def test_predictions_are_compared_by_their_scores_and_hashed_without() -> None:
    one, other = (Prediction("", (), "tiny", None, 0.5, {"a": score}) for score in (0.5, 0.4))
    assert one != other and one == Prediction("", (), "tiny", None, 0.5, {"a": 0.5})
    assert len({one, other, Prediction("", (), "tiny", None, 0.5, {"a": 0.5})}) == 2
    assert "doc_type=None, doc_type_score=0.5" in repr(one) and "scores=" not in repr(one)


def test_entities_and_predictions_are_values() -> None:
    entity = Entity("PLACE", 0, 3, "Huế")
    assert entity == Entity("PLACE", 0, 3, "Huế", 1.0)
    assert len({entity, Entity("PLACE", 0, 3, "Huế")}) == 1
    prediction = Prediction("Huế " * 1_000, (entity,), "tiny")
    assert "Huế Huế" not in repr(prediction)  # a long text does not flood the terminal
    with pytest.raises(dataclasses.FrozenInstanceError):
        entity.start = 1  # type: ignore[misc]

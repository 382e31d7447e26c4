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
    assert list(record) == ["text", "entities", "model"]
    assert json.dumps(record, ensure_ascii=False) == (
        '{"text": "Tại Hà Nội có 46 ca", "entities": ['
        '{"label": "PLACE", "start": 4, "end": 10, "text": "Hà Nội", "score": 0.9875}, '
        '{"label": "COUNT", "start": 14, "end": 19, "text": "46 ca", "score": 1.0}], "model": "tiny"}'
    )
    assert Prediction("", (), "tiny").to_dict() == {"text": "", "entities": [], "model": "tiny"}


def test_entities_and_predictions_are_values() -> None:
    entity = Entity("PLACE", 0, 3, "Huế")
    assert entity == Entity("PLACE", 0, 3, "Huế", 1.0)
    assert len({entity, Entity("PLACE", 0, 3, "Huế")}) == 1
    prediction = Prediction("Huế " * 1_000, (entity,), "tiny")
    assert "Huế Huế" not in repr(prediction)  # a long text does not flood the terminal
    with pytest.raises(dataclasses.FrozenInstanceError):
        entity.start = 1  # type: ignore[misc]

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest

from vanban.errors import UserError
from vanban.integrations.lazy import LazyPredictor


def test_it_is_loaded_once_and_pickled_without_its_model(
    model_directory: Path, predictor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[Any, ...]] = []

    def load(*given: Any) -> Any:
        asked.append(given)
        return predictor

    monkeypatch.setattr("vanban.documents.loading.load_predictor", load)
    lazy = LazyPredictor(str(model_directory), "cpu", ("ner",), "torch", values=False)
    assert asked == []
    texts = ["Chủ tịch Nguyễn Văn An", ""]
    assert lazy.predict_batch(texts) == lazy.predict_batch(texts) == predictor.predict_batch(texts)
    assert asked == [([str(model_directory)], "cpu", ("ner",), "torch", False)]
    other = pickle.loads(pickle.dumps(lazy))
    assert (other, other._loaded) == (lazy, None)
    LazyPredictor().predict_batch([""])
    assert asked[1] == ([], "auto", ("ner", "doctype"), "auto", True)


def test_a_model_that_is_not_there_is_said_at_the_first_text() -> None:
    lazy = LazyPredictor("/nowhere/model")
    with pytest.raises(UserError, match="/nowhere/model"):
        lazy.predict_batch([""])

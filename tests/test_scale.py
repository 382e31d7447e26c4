"""Tables of texts in, the same tables with what was read out, and what is asked of Ray; no cluster runs here."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from vanban import UserError
from vanban.scale import TaggingActor, tag_dataset
from vanban.schema import Prediction

TEXTS = ["Chủ tịch UBND tỉnh Hà Nội có 46 ca mắc.\r\n", "", "ông Nguyễn Văn thị " * 400, "\ufeffĐà Nẵng"]


class Asked:
    """Stands for a dataset, and tells what it was asked to map."""

    def map_batches(self, fn: Any, **options: Any) -> dict[str, Any]:
        return {"fn": fn, **options}


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """An actor has a process of its own, whose environment it may change."""
    for name in ("OMP_NUM_THREADS", "TRANSFORMERS_VERBOSITY"):
        monkeypatch.setenv(name, "1")


@pytest.fixture
def resources(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """What the cluster holds."""
    held = {"CPU": 8.0}
    monkeypatch.setattr("ray.cluster_resources", lambda: held)
    return held


def _entities(prediction: Prediction) -> list[dict[str, Any]]:
    """Return entities as a column has them: values are text."""
    found = [{"value": None, **entity.to_dict()} for entity in prediction.entities]
    return [e | {"value": e["value"] and json.dumps(e["value"], ensure_ascii=False)} for e in found]


def test_rows_keep_their_columns_and_get_predictions(
    reads_both: Any, model_directory: Path, classifier_directory: Path
) -> None:
    actor = TaggingActor([str(model_directory), str(classifier_directory)], "cpu", ("ner", "doctype"), "body")
    table = pa.table({"n": range(4), "body": TEXTS, "model": ["mine"] * 4, "input_model": [0] * 4})
    rows = actor(table).to_pylist()
    for n, (text, row, prediction) in enumerate(zip(TEXTS, rows, reads_both.predict(TEXTS), strict=True)):
        assert row == {
            "n": n, "body": text, "input_input_model": "mine", "input_model": 0,
            "entities": _entities(prediction), "record": json.dumps(prediction.record.to_dict(), ensure_ascii=False),
            "doc_type": prediction.doc_type, "doc_type_score": prediction.doc_type_score,
            "doc_type_scores": list(prediction.doc_type_scores.items()), "model": "tiny + tiny-types", "error": None,
        }  # fmt: skip
    assert len(rows[0]["entities"]) > 0 and actor(table.slice(0, 0)).num_rows == 0


def test_a_row_that_fails_has_its_error_and_the_others_are_tagged(
    model_directory: Path, predictor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    actor = TaggingActor([str(model_directory)], "cpu", ("ner",), min_score=0.8)
    whole = actor._predictor.predict_batch

    def faulty(texts: list[str]) -> Any:
        if "" in texts:
            raise ValueError("an empty text")
        return whole(texts)

    monkeypatch.setattr(actor._predictor, "predict_batch", faulty)
    rows = actor(pa.table({"text": [*TEXTS, None]})).to_pylist()
    assert [row["error"] for row in rows] == [
        None, "could not be tagged: ValueError: an empty text", None, None,
        "expected a text that is a string, found null",
    ]  # fmt: skip
    assert [set(row) for row in rows] == [{"text", "entities", "record", "model", "error"}] * 5
    assert [row["model"] for row in rows] == ["tiny", None, "tiny", "tiny", None]
    expected = _entities(predictor.predict(TEXTS[0]))
    assert rows[0]["entities"] == [e for e in expected if e["score"] >= 0.8] != expected
    assert rows[1]["entities"] is None


def test_numbers_are_no_texts(classifier_directory: Path) -> None:
    actor = TaggingActor([str(classifier_directory)], "cpu", ("doctype",))
    (row,) = actor(pa.table({"text": [7]})).to_pylist()
    assert row["error"] == "expected a text that is a string, found int" and row["doc_type_scores"] is None
    with pytest.raises(UserError, match="found the columns body, id, expected text: give text_column"):
        actor(pa.table({"body": ["a"], "id": [1]}))


def test_models_that_are_not_there_are_told_with_the_first_rows() -> None:
    actor = TaggingActor(["/nowhere/at/all"], "cpu", ("ner",))  # an actor that fails to begin is begun again for ever
    with pytest.raises(UserError, match="/nowhere/at/all: no model directory there"):
        actor(pa.table({"text": ["a"]}))


@pytest.mark.parametrize(
    ("gpus", "options", "expected", "pool"),
    [
        (0, {}, {"num_cpus": 1, "batch_size": None}, (1, 8)),
        (0, {"cpus_per_actor": 3, "batch_size": 9}, {"num_cpus": 3, "batch_size": 9}, (1, 2)),
        (0, {"actors": 5}, {"num_cpus": 1}, (5, 5)),
        (0, {"actors": (2, 4)}, {"num_cpus": 1}, (2, 4)),
        (2, {}, {"num_gpus": 1, "batch_size": 256}, (1, 2)),
        (2, {"device": "cpu"}, {"num_cpus": 1, "batch_size": None}, (1, 8)),
        (0, {"device": "cuda", "actors": 3}, {"num_gpus": 1}, (3, 3)),
    ],
)
def test_ray_is_asked_for_actors(
    resources: dict[str, float], gpus: int, options: dict[str, Any], expected: dict[str, Any], pool: tuple[int, int]
) -> None:
    resources["GPU"] = float(gpus)
    asked: Any = tag_dataset(Asked(), **options)
    assert asked["fn"] is TaggingActor and asked["batch_format"] == "pyarrow"
    assert {name: asked[name] for name in expected} == expected
    assert ("num_gpus" in asked) != ("num_cpus" in asked)
    assert (asked["compute"].min_size, asked["compute"].max_size) == pool
    assert asked["fn_constructor_kwargs"]["device"] == ("cuda" if "num_gpus" in asked else "cpu")
    assert asked["fn_constructor_kwargs"]["threads"] == options.get("cpus_per_actor", 1)


def test_models_are_named_so_that_other_folders_find_them(
    resources: dict[str, float], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()
    asked: Any = tag_dataset(Asked(), ["mine", "hub/name"])
    assert asked["fn_constructor_kwargs"]["models"] == [str(tmp_path / "mine"), "hub/name"]


def test_what_is_missing_or_wrong_is_told(resources: dict[str, float], monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserError, match="device cuda:1: expected auto, cpu or cuda; Ray chooses"):
        tag_dataset(Asked(), device="cuda:1")
    monkeypatch.setitem(sys.modules, "ray.data", None)
    with pytest.raises(UserError, match=r"pip install 'vanban\[ray\]'"):
        tag_dataset(Asked())

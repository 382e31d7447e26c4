from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import pytest
from datasets import Dataset
from datasets.fingerprint import Hasher

from vanban.integrations.datasets_map import TagTable

TEXTS = ["", None, "Chủ tịch ủy ban nhân dân thành phố Hà Nội có 24.973 ca.", "\n", "bà Nguyễn Thị 😀 18 ca"]


@pytest.fixture(scope="module")
def tag(model_directory: Path, classifier_directory: Path) -> TagTable:
    return TagTable([str(model_directory), str(classifier_directory)], "cpu", backend="torch", threads=1)


def rows(texts: list[str | None]) -> dict[str, list[Any]]:
    return {"text": texts, "model": list(range(len(texts)))}


def test_map_adds_what_is_predicted(tag: TagTable, reads_both: Any) -> None:
    dataset = Dataset.from_dict(rows(TEXTS)).with_format("arrow")
    tagged = dataset.map(tag, batched=True, batch_size=1).with_format(None)  # the first batch holds nothing
    assert tagged.column_names == [
        "text", "input_model", "entities", "record", "doc_type", "doc_type_score", "doc_type_scores", "model", "error",
    ]  # fmt: skip
    assert tagged["input_model"][:] == [0, 1, 2, 3, 4]
    assert tagged[1]["error"] == "expected a text that is a string, found null"
    assert tagged[1]["entities"] is None
    for number in (0, 2, 3, 4):
        row, prediction = tagged[number], reads_both.predict(TEXTS[number])
        for entity, found in zip(row["entities"], prediction.entities, strict=True):
            value = json.loads(entity["value"]) if entity["value"] else None
            assert {**entity, "value": value} == {"value": None, **found.to_dict()}
        assert {one["type"]: one["score"] for one in row["doc_type_scores"]} == prediction.doc_type_scores
        assert (row["doc_type"], row["model"], row["error"]) == (prediction.doc_type, "tiny + tiny-types", None)
    assert tagged[2]["entities"]


def test_streams_are_mapped_alike(tag: TagTable) -> None:
    dataset = Dataset.from_dict({"text": TEXTS}).with_format("arrow")
    stream = dataset.to_iterable_dataset(num_shards=2).with_format("arrow").map(tag, batched=True, batch_size=2)
    assert list(stream.with_format(None)) == list(dataset.map(tag, batched=True).with_format(None))


def test_one_task_and_another_column(model_directory: Path) -> None:
    tag = TagTable(str(model_directory), "cpu", ("ner",), "body", min_score=2, backend="torch", values=False, threads=1)
    tagged = Dataset.from_dict({"body": ["Hà Nội"]}).with_format("arrow").map(tag, batched=True).with_format(None)
    assert tagged[:] == {"body": ["Hà Nội"], "entities": [[]], "record": [None], "model": ["tiny"], "error": [None]}


def test_results_are_known_again_by_the_settings(tag: TagTable) -> None:
    loaded = pickle.loads(pickle.dumps(tag))
    assert (loaded, loaded._actor) == (tag, None)
    assert Hasher.hash(loaded) == Hasher.hash(tag)
    assert Hasher.hash(TagTable(min_score=0.5)) != Hasher.hash(TagTable())

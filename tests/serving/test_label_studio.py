from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from vanban.documents.formats.label_studio import label_config, predicted
from vanban.schema import Entity, Prediction
from vanban.serving.label_config import LabelConfig, read_label_config
from vanban.serving.label_studio import prediction_for

TEXT = "😀 TP Hà Nội ký Chỉ thị"
PLACE = Entity("PLACE", 2, 11, "TP Hà Nội", 0.9)
DIRECTIVE = Entity("DIRECTIVE", 15, 22, "Chỉ thị", 0.5)
READ = Prediction(TEXT, (PLACE, DIRECTIVE), "m", "chi_thi", 0.7, {"chi_thi": 0.7})


def region(id: str, name: str, kind: str, value: dict[str, Any], score: float) -> dict[str, Any]:
    return {"id": id, "type": kind, "value": value, "score": score, "from_name": name, "to_name": "text"}


def test_a_prediction_has_the_shape_of_label_studio_in_code_points() -> None:
    found = prediction_for(READ, LabelConfig())
    place = {"start": 2, "end": 11, "text": "TP Hà Nội", "labels": ["PLACE"]}
    directive = {"start": 15, "end": 22, "text": "Chỉ thị", "labels": ["DIRECTIVE"]}
    assert found["result"] == [
        region("label1", "label", "labels", place, 0.9),
        region("label2", "label", "labels", directive, 0.5),
        region("type", "type", "choices", {"choices": ["chi_thi"]}, 0.7),
    ]
    assert found["model_version"] == "m" and found["score"] == pytest.approx(0.7)
    assert prediction_for(Prediction("", (), "m"), LabelConfig()) == {"model_version": "m", "result": [], "score": 0.0}


def test_in_a_project_that_vanban_made_it_is_what_vanban_writes() -> None:
    found = prediction_for(READ, read_label_config(label_config()))
    assert found == predicted(READ)
    assert predicted(READ)["result"] == prediction_for(READ, LabelConfig())["result"]


def test_what_a_project_does_not_offer_is_left_out() -> None:
    config = read_label_config(
        '<View><Labels name="ner" toName="doc"><Label value="Place"/></Labels><Text name="doc" value="$body"/>'
        '<Choices name="kind" toName="doc"><Choice value="Chỉ Thị"/></Choices></View>'
    )
    found = prediction_for(READ, config)
    assert [[r["from_name"], r["to_name"], r["value"][r["type"]]] for r in found["result"]] == [
        ["ner", "doc", ["Place"]], ["kind", "doc", ["Chỉ Thị"]],
    ]  # fmt: skip
    assert found["score"] == pytest.approx(0.8)
    spans = read_label_config('<View><Labels name="ner" toName="t"/><Text name="t" value="$t"/></View>')
    assert [r["type"] for r in prediction_for(READ, spans)["result"]] == ["labels", "labels"]


def test_label_studio_is_served_by_one_url(client: TestClient) -> None:
    project = {"project": "1.1700000000", "schema": "<View/>", "hostname": "http://localhost:8080", "access_token": "x"}
    assert client.get("/health").json()["status"] == "UP"
    assert client.post("/setup", json=project).json() == {"model_version": "fake"}
    assert client.get("/versions").json() == {"versions": ["fake"]}
    assert client.post("/webhook", json={"action": "ANNOTATION_CREATED"}).status_code == 200
    tasks = [{"id": 1, "data": {"body": "7 ca"}}, {"id": 2, "data": {"body": "😀"}, "meta": {}}]
    config = '<View><Labels name="n" toName="t"><Label value="COUNT"/></Labels><Text name="t" value="$body"/></View>'
    asked = {"tasks": tasks, "label_config": config, "project": "1.17", "params": {"login": None, "context": None}}
    found = client.post("/predict", json=asked).json()
    assert found["model_version"] == "fake"
    assert [[r["value"]["text"] for r in one["result"]] for one in found["results"]] == [["7"], ["😀"]]
    assert found["results"][1]["result"][0]["value"]["end"] == 1
    assert found["results"][0]["result"][0]["from_name"] == "n"


def test_tasks_without_a_text_have_empty_predictions_that_say_why(client: TestClient) -> None:
    tasks = [
        {"data": {"text": 7}},
        {"data": {"text": "7 ca"}},
        {"data": {"text": "https://example.org/a.txt"}},
        {"data": {}},
    ]
    found = client.post("/predict", json={"tasks": tasks}).json()["results"]
    assert [len(one["result"]) for one in found] == [0, 1, 0, 0]
    assert "error" not in found[1]
    assert found[2]["error"] == (
        'found no text in data["text"]; texts behind a link are not fetched: import them as text'
    )
    assert [one["score"] for one in found[2:]] == [0.0, 0.0]


def test_a_task_that_can_not_be_read_does_not_hurt_the_others(client: TestClient) -> None:
    tasks = [{"data": {"text": "BOOM"}}, {"data": {"text": "7 ca"}}]
    found = client.post("/predict", json={"tasks": tasks}).json()["results"]
    assert found[0]["error"] == "could not be tagged: RuntimeError: no such token" and len(found[1]["result"]) == 1


def test_a_configuration_that_can_not_be_read_is_said(client: TestClient, said: list[str]) -> None:
    asked = {"tasks": [{"data": {"text": "7 ca"}}], "label_config": "<View/>"}
    (found,) = client.post("/predict", json=asked).json()["results"]
    assert found["result"] == [] and found["error"].startswith("label_config: no text to read")
    assert said == [f"Label Studio: {found['error']}"]

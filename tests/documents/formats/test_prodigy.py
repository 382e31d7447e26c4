from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagged_documents import TEXTS, document, entities, predicted, read, says, tagged, written
from vanban.documents.document import Failure
from vanban.documents.formats.format import Tagged
from vanban.documents.formats.prodigy import FORMAT, tokens_of
from vanban.schema import Entity, Prediction

TEXT = "Tin  ở TP.Huế:\r\n24.973 ca"
FOUND = replace(
    predicted(TEXT, ("PLACE", "TP.Huế", 0.75), ("COUNT", "24.973 ca", 1.0)),
    doc_type="bao_cao",
    doc_type_score=0.5,
    doc_type_scores={"bao_cao": 0.5, "cong_van": 0.25},
)


def line(**record: Any) -> str:
    return json.dumps({"text": TEXT, "spans": [{"start": 7, "end": 13, "label": "PLACE"}], **record}) + "\n"


def test_tasks_have_tokens_spans_and_types() -> None:
    data, losses = written(FORMAT, [(document(TEXT, url="u"), FOUND), (document("", 7), predicted("", model=""))])
    first, second = map(json.loads, data.decode().splitlines())
    tokens = first.pop("tokens")
    assert [(token["text"], token["ws"]) for token in tokens] == [
        ("Tin", True), (" ", False), ("ở", True), ("TP", False), (".", False), ("Huế", False), (":", False),
        ("\r\n", False), ("24.973", True), ("ca", False),
    ]  # fmt: skip
    assert tokens[3] == {"text": "TP", "start": 7, "end": 9, "id": 3, "ws": False}
    assert first == {
        "id": "a",
        "text": TEXT,
        "spans": [
            {"start": 7, "end": 13, "token_start": 3, "token_end": 5, "label": "PLACE", "score": 0.75},
            {"start": 16, "end": 25, "token_start": 8, "token_end": 9, "label": "COUNT"},
        ],
        "cats": {"bao_cao": 0.5, "cong_van": 0.25},
        "accept": ["bao_cao"],
        "meta": {"model": "m"},
        "document": {"fields": {"url": "u"}},
    }
    assert second == {"id": 7, "text": "", "tokens": [], "spans": [], "answer": "accept"}
    assert losses == {}


@given(st.data(), TEXTS)
def test_tokens_are_the_text_and_are_cut_where_entities_are(data: st.DataObject, text: str) -> None:
    found = data.draw(entities(text, by_hand=True))
    tokens = tokens_of(text, found)
    assert "".join(token["text"] + " " * token["ws"] for token in tokens) == text
    assert all(text[token["start"] : token["end"]] == token["text"] for token in tokens)
    assert [token["id"] for token in tokens] == list(range(len(tokens)))
    assert {entity.start for entity in found} <= {token["start"] for token in tokens}
    assert {entity.end for entity in found} <= {token["end"] for token in tokens}


def test_an_entity_that_begins_or_ends_with_a_space_has_tokens() -> None:
    assert [token["text"] for token in tokens_of("a b c", [Entity("PLACE", 1, 4, " b ")])] == ["a", " ", "b", " ", "c"]


def test_spans_that_overlap_have_tokens() -> None:
    found = (Entity("PLACE", 5, 13, "ở TP.Huế"), Entity("PLACE", 7, 13, "TP.Huế"), Entity("COUNT", 8, 20, TEXT[8:20]))
    (one,), losses = read(FORMAT, written(FORMAT, [(document(TEXT), Prediction(TEXT, found, ""))])[0])
    assert (one[1].entities, losses) == (found, {})
    assert [token["text"] for token in tokens_of(TEXT, found)][2:7] == ["ở", " ", "T", "P", "."]


@settings(max_examples=40)
@given(st.lists(tagged(), max_size=3))
def test_what_was_written_is_read(documents: list[Tagged]) -> None:
    data, losses = written(FORMAT, documents)
    found, left = read(FORMAT, data)
    assert list(map(says, found)) == list(map(says, documents))
    assert (losses, left) == ({}, {})
    if documents:
        assert FORMAT.is_one is not None and FORMAT.is_one(data[: 1 << 16])


def test_a_task_is_one_line_for_python_too() -> None:
    text = "a\u2028b\u0085c\u2029d"
    for one in (text, ""):
        found = written(FORMAT, [(document(one), Prediction(one, (), "m"))])[0].decode()
        assert len(found.splitlines()) == 1 and json.loads(found)["text"] == one


def test_answers_are_read() -> None:
    data = (
        line(answer="accept", _input_hash=1, _task_hash=2, source="vnexpress", accept=["bao_cao", "cong_van"])
        + line(answer="reject")
        + line(answer="ignore")
        + line(spans=[{"start": 7, "end": 13, "label": "PLACE", "score": 0.5}], cats={"a": 0.25, "b": 0.75}, id=3)
        + line(cats={"a": 0.25}, relations=[{"head": 0, "child": 1}], meta={"model": "m"})
        + json.dumps({"text": TEXT, "answer": "accept", "accept": []})
    )
    (one, two, three, four), losses = read(FORMAT, data)
    place = Entity("PLACE", 7, 13, "TP.Huế")
    assert (one[1].entities, one[1].model, one[1].doc_type, one[1].doc_type_scores) == (
        (place,), "", "bao_cao", {"bao_cao": 1.0},
    )  # fmt: skip
    assert (one[0].id, one[0].fields["source"], "_input_hash" in one[0].fields) == ("in:1", "vnexpress", False)
    assert (two[0].id, two[1].entities) == (3, (replace(place, score=0.5),))
    assert (two[1].doc_type, two[1].doc_type_score, two[1].doc_type_scores) == ("b", 0.75, {"b": 0.75, "a": 0.25})
    assert (three[1].doc_type, three[1].doc_type_scores, three[1].model) == (None, {"a": 0.25}, "m")
    assert (four[1].entities, four[1].doc_type) == ((), None)
    assert losses == {"rejected documents": 1, "ignored documents": 1, "further types": 1, "relations": 1}


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({"spans": [{"start": 7, "end": 99, "label": "PLACE"}]}, "found PLACE from 7 to 99, expected 0 <= start"),
        ({"spans": [{"start": 7, "end": 13, "label": "PLACE", "text": "Huế"}]}, "found the span 'Huế' from 7 to 13"),
        ({"spans": [{"start": "7", "end": 13, "label": "PLACE"}]}, "expected spans with start, end and label"),
        ({"spans": [7]}, "expected spans with start, end and label, found 7"),
        ({"spans": 5}, 'expected "spans" with a list, found 5'),
        ({"relations": 5}, 'expected "relations" with a list, found 5'),
        ({"text": 5}, 'expected a "text" that is a string'),
    ],
)
def test_what_cannot_be_read_is_a_failure_and_the_rest_goes_on(record: dict[str, Any], message: str) -> None:
    (failure, one), _ = read(FORMAT, line(**record) + line(), "db.jsonl")
    assert isinstance(failure, Failure)
    assert failure.where == "db.jsonl:1"
    assert message in failure.reason
    assert len(one[1].entities) == 1

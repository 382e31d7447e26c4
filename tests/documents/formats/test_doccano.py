from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagged_documents import document, predicted, read, says, tagged, written
from vanban.documents.document import Failure
from vanban.documents.formats.annotated import by_hand
from vanban.documents.formats.doccano import FORMAT
from vanban.documents.formats.format import Tagged
from vanban.schema import Entity

TEXT = "Tin 😀 ở Hà Nội\r\nvà TP. Huế"
FOUND = predicted(TEXT, ("PLACE", "Hà Nội", 0.75), ("PLACE", "TP. Huế", 1.0))
TYPED = replace(FOUND, doc_type="cong_van", doc_type_score=0.5, doc_type_scores={"cong_van": 0.5, "bao_cao": 0.25})
SPANS = [[9, 15, "PLACE"], [20, 27, "PLACE"]]  # the emoji before them is two units


def line(**record: Any) -> str:
    return json.dumps({"id": 5, "text": TEXT, **record}) + "\n"


def test_documents_without_types_are_for_sequence_labeling() -> None:
    data, losses = written(
        FORMAT, [(document(TEXT, url="u"), FOUND), (document("", 7), predicted("")), (document("a"), TYPED)]
    )
    assert data.isascii()
    first, second = map(json.loads, data.splitlines())
    assert first == {
        "id": "a", "text": TEXT, "label": SPANS, "document": {"fields": {"url": "u"}},
    }  # fmt: skip
    assert list(second) == ["id", "text", "label", "document"]
    assert losses == {
        "scores": 3, "empty texts": 1, "types": 1, "probabilities": 1,
    }  # fmt: skip
    assert written(FORMAT, []) == (b"", {})


def test_documents_with_types_are_for_slot_filling() -> None:
    untyped = replace(TYPED, doc_type=None, doc_type_score=None)
    data, losses = written(FORMAT, [(document(TEXT), TYPED), (document(TEXT, "b"), untyped)])
    first, second = map(json.loads, data.splitlines())
    assert first == {"id": "a", "text": TEXT, "entities": SPANS, "cats": ["cong_van"], "document": {}}
    assert (second["entities"], second["cats"]) == (SPANS, [])
    assert losses == {"scores": 3, "probabilities": 3}


@settings(max_examples=40)
@given(st.lists(tagged(), max_size=3))
def test_what_was_written_is_read(documents: list[Tagged]) -> None:
    """All but scores and models, and where the first has none, types; doccano has no place for them."""
    with_types = bool(documents and documents[0][1].doc_type_scores)
    data, losses = written(FORMAT, documents)
    found, left = read(FORMAT, data)
    expected = []
    for own, prediction in documents:
        if own.text:
            entities = tuple(replace(entity, score=1.0) for entity in prediction.entities)
            plain = by_hand(own.text, entities, prediction.doc_type if with_types else None)
            # what the model said of the type is no field of the document
            expected.append(says((own, replace(plain, model=prediction.model)))[:4] + says((own, plain))[4:])
    assert list(map(says, found)) == expected
    assert losses["empty texts"] == sum(not own.text for own, _ in documents)
    assert left == {}
    if expected and (with_types or expected[0][3]):
        assert FORMAT.is_one is not None and FORMAT.is_one(data[: 1 << 16])


def test_what_doccano_made_of_it_is_read() -> None:
    """What doccano 1.8.4 exported after it had imported what was written, from both kinds of projects."""
    label = (
        r'{"id":"a","text":"Tin 😀 ở Hà Nội\r\nvà TP. Huế","document":{"fields":{"url":"u"}},'
        r'"label":[[9,15,"PLACE"],[20,27,"PLACE"]],"Comments":[]}'
        "\n"
        r'{"id":7,"text":"Huế  ","document":{},"label":[],"Comments":[]}'
    )
    slots = (
        r'{"id":"x","text":"Tin 😀 ở Hà Nội\r\nvà TP. Huế","document":{},"cats":["cong_van"],'
        r'"entities":[[9,15,"PLACE"],[20,27,"PLACE"]],"Comments":[]}'
    )
    (one, two), _ = read(FORMAT, label)
    entities = (Entity("PLACE", 8, 14, "Hà Nội"), Entity("PLACE", 19, 26, "TP. Huế"))
    assert says(one) == says((document(TEXT, url="u"), by_hand(TEXT, entities, None)))
    assert says(two) == says((document("Huế  ", 7), by_hand("Huế  ", (), None)))
    (three,), losses = read(FORMAT, slots)
    assert says(three) == says((document(TEXT, "x"), by_hand(TEXT, entities, "cong_van")))
    assert losses == {}


def test_exports_of_each_kind_of_project_are_read() -> None:
    objects = [{"id": 1, "label": "PLACE", "start_offset": 9, "end_offset": 15}]
    data = (
        line(url="u", label=SPANS, Comments=["?", "!"])
        + line(entities=SPANS[:1], cats=["bao_cao", "cong_van"], label=SPANS, Comments=[])
        + line(entities=objects, relations=[{"id": 1, "from_id": 1, "to_id": 1, "type": "x"}])
        + "\n"
        + line(labels=[], document={"path": "a.txt", "fields": {"n": 1}})
    )
    (one, two, three, four), losses = read(FORMAT, data)
    entities = (Entity("PLACE", 8, 14, "Hà Nội"), Entity("PLACE", 19, 26, "TP. Huế"))
    assert (one[1].entities, one[0].fields) == (entities, {"id": 5, "text": TEXT, "url": "u"})
    assert (two[1].entities, two[1].doc_type) == (entities[:1], "bao_cao")
    assert three[1].entities == entities[:1]
    assert (four[0].path, four[0].fields, four[1].entities) == ("a.txt", {"id": 5, "text": TEXT, "n": 1}, ())
    assert [found[0].where for found in (one, four)] == ["in:1", "in:5"]
    assert losses == {"comments": 2, "further types": 1, "relations": 1}


def test_spans_that_overlap_are_read_and_written() -> None:
    record = {"id": 1, "text": TEXT, "label": [[9, 15, "PLACE"], [12, 15, "COUNT"], [9, 16, "PLACE"]]}
    (one,), losses = read(FORMAT, json.dumps(record))
    assert [(e.label, e.text) for e in one[1].entities] == [("PLACE", "Hà Nội"), ("COUNT", "Nội")]
    assert losses == {"ends of white space": 1, "repeated spans": 1}
    assert json.loads(written(FORMAT, [one])[0])["label"] == record["label"][:2]


@pytest.mark.parametrize(
    ("record", "message"),
    [
        # from the middle of the emoji
        ({"label": [[5, 9, "PLACE"]]}, "found [5, 9, 'PLACE'], which is no span of a text of 27 UTF-16 units"),
        ({"label": [[20, 28, "PLACE"]]}, "Spans in code points are read from JSONL"),
        ({"label": [[9, 8, "PLACE"]]}, "unless its project counts grapheme clusters"),
        ({"label": [["PLACE", 9, 15]]}, "expected spans like [start, end, label], found ['PLACE', 9, 15]"),
        ({"label": "cong_van"}, 'expected "label" or "entities" with a list of spans'),
        ({}, 'expected "label" or "entities" with a list of spans, found the keys [\'id\', \'text\']'),
        ({"label": [], "relations": 5}, 'expected "relations" with a list, found 5'),
        ({"label": [], "Comments": {"a": 1}}, 'expected "Comments" with a list, found {'),
        ({"text": None, "label": []}, 'expected a "text" that is a string'),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_a_failure_and_the_rest_goes_on(record: dict[str, Any], message: str) -> None:
    (failure, one), _ = read(FORMAT, line(**record) + line(label=SPANS), "all.jsonl")
    assert isinstance(failure, Failure)
    assert failure.where == "all.jsonl:1"
    assert message in failure.reason
    assert len(one[1].entities) == 2


def test_its_files_are_known_by_their_first_bytes() -> None:
    assert FORMAT.is_one is not None
    assert FORMAT.is_one(line(label=SPANS).encode())
    assert FORMAT.is_one(line(entities=[], cats=[]).encode())
    assert not FORMAT.is_one(line(entities=[{"label": "PLACE", "start": 8, "end": 14}]).encode())
    assert not FORMAT.is_one(b"")

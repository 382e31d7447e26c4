"""`vanban score`: a model on documents whose spans or types are known."""

from __future__ import annotations

import json

import pytest

from vanban import UserError, load
from vanban_training.runs.scoring import score_model


@pytest.fixture
def own_findings(tmp_path, model_directory):
    """JSONL in which the gold spans of two texts are what the tiny model finds itself, and a third has one more."""
    texts = ["Hà Nội có 46 ca mắc, Đà Nẵng có 12 ca.", "Chủ tịch UBND TP Hà Nội họp.", "Sáng 1/7, Huế họp."]
    rows = []
    for number, found in enumerate(load(model_directory, "cpu", tasks=("ner",)).predict(texts)):
        spans = [{"label": e.label, "start": e.start, "end": e.end} for e in found.entities]
        rows.append({"id": str(number), "text": found.text, "entities": spans, "origin": "here" if number else "there"})
    path = tmp_path / "own.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path, sum(len(row["entities"]) for row in rows), len(rows[0]["entities"])


def test_what_a_model_finds_itself_is_all_right(own_findings, model_directory):
    path, spans, first = own_findings
    assert first and spans > first
    table = score_model(str(model_directory), [path], [], "ner").splitlines()
    assert table[:3] == ["model: tiny", f"documents: 3 with {spans} spans", ""]
    assert table[-1] == f"| micro      |     1.000 |  1.000 |     1.000 | {spans:7d} |"
    only = score_model(str(model_directory), [path], ["there"], "ner").splitlines()
    assert only[1] == f"documents: 1 with {first} spans"


def test_an_origin_that_no_document_has(own_findings, model_directory):
    with pytest.raises(UserError) as error:
        score_model(str(model_directory), [own_findings[0]], ["seed"], "ner")
    assert str(error.value) == "no document of the origin seed; there are here, there"


def test_types_need_not_all_be_there(tmp_path, classifier_directory):
    texts = ["BÁO CÁO\nTình hình", "THÔNG BÁO\nKết luận"]
    found = [next(iter(p.doc_type_scores)) for p in load(classifier_directory, "cpu", ("doctype",)).predict(texts)]
    rows = [{"id": str(n), "text": text, "type": found[0]} for n, text in enumerate(texts)]
    path = tmp_path / "typed.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    table = score_model(str(classifier_directory), [path], [], "ner").splitlines()  # the model says its task itself
    assert table[:2] == ["model: tiny-types", "documents: 2 of 1 types"]
    right = found.count(found[0]) / 2
    assert table[-2].startswith(f"| whole  |    {right:.3f} |")

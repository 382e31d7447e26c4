"""`vanban score`: a model on documents whose spans or types are known."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from vanban import UserError, load
from vanban.network.checkpoint import load_checkpoint
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
    assert table[-3:] == [
        f"| micro      |     1.000 |  1.000 |     1.000 | {spans:7d} | {spans:5d} |",
        "",
        "errors: none",
    ]
    only = score_model(str(model_directory), [path], ["there"], "ner").splitlines()
    assert only[1] == f"documents: 1 with {first} spans"


def test_an_origin_that_no_document_has(own_findings, model_directory):
    with pytest.raises(UserError) as error:
        score_model(str(model_directory), [own_findings[0]], ["seed"], "ner")
    assert str(error.value) == "no document of the origin seed; there are here, there"


@pytest.fixture
def found_wrongly(tmp_path, model_directory):
    """JSONL without a single span, and how many the tiny model finds there."""
    text = "Hà Nội có 46 ca mắc, Đà Nẵng có 12 ca."
    path = tmp_path / "none.jsonl"
    path.write_text(json.dumps({"id": "1", "text": text, "entities": []}), encoding="utf-8")
    return path, len(load(model_directory, "cpu", tasks=("ner",)).predict(text).entities)


def test_what_is_found_where_nothing_is_annotated(found_wrongly, model_directory):
    path, found = found_wrongly
    assert found
    table = score_model(str(model_directory), [path], [], "ner").splitlines()
    assert table[1] == "documents: 1 with 0 spans"
    assert table[9] == f"| micro      |     0.000 |  0.000 |     0.000 |       0 | {found:5d} |"
    assert table[11] == "| errors     | missed | false | wrong edge | wrong label |"
    assert f"false ({found}):" in table
    with pytest.raises(UserError, match="--masked is for types"):
        score_model(str(model_directory), [path], [], "ner", masked=True)


def _message(model, path, **values):
    with pytest.raises(UserError) as error:
        score_model(str(model), [path], [], "ner", **values)
    assert "data." not in str(error.value)
    return str(error.value)


def test_no_message_speaks_of_a_config(tmp_path, model_directory, classifier_directory):
    conll = tmp_path / "a.conll"
    conll.write_text("ở O\nHuế B-LOC\n", encoding="utf-8")
    assert _message(model_directory, conll) == (
        f"{conll}:2: found the label 'LOC', expected one of OFFICIAL, PLACE, COUNT, DIRECTIVE; "
        "these are what the model knows"
    )
    conll.write_text("ở O O\nHuế B-PLACE O\n", encoding="utf-8")
    assert _message(model_directory, conll).endswith("; choose 2 or 3 (1 is the token); see --conll-column")
    assert _message(model_directory, conll, conll_column=4).endswith("a column 4 with tags; see --conll-column")
    assert "documents: 1 with 1 span" in score_model(str(model_directory), [conll], [], "ner", conll_column=2)
    typed = tmp_path / "typed.jsonl"
    typed.write_text('{"text": "a", "type": "thu"}', encoding="utf-8")
    assert _message(classifier_directory, typed).startswith(f"{typed}:1: found the type 'thu', expected one of ")
    assert _message(classifier_directory, typed).endswith("; these are what the model knows")


def test_a_model_that_no_scores_can_be_made_for(model_directory, tmp_path, monkeypatch):
    checkpoint = load_checkpoint(model_directory, "ner")
    classes = ["O", *(f"{position}-{label}" for label in ("TỈNH", "TI\u0309NH") for position in "BI")]
    broken = replace(checkpoint, classes=tuple(classes))
    monkeypatch.setattr("vanban_training.runs.scoring.load_checkpoint", lambda model, task: broken)
    monkeypatch.setattr("vanban_training.runs.scoring.sorted_tags", lambda classes: classes)
    assert _message(model_directory, tmp_path / "a.conll") == (
        "tiny: can't be scored: found the labels TỈNH, TI\u0309NH, expected each once"
    )


def test_spans_inside_a_syllable(tmp_path, model_directory, capsys):
    path = tmp_path / "cut.jsonl"
    row = {"id": "1", "text": "ở ông Trần", "entities": [{"label": "OFFICIAL", "start": 6, "end": 8}]}
    path.write_text(json.dumps(row), encoding="utf-8")
    said = f"{path}:1: OFFICIAL 6 8 'Tr' ends inside a syllable: 'ở ông Tr|ần'"
    score_model(str(model_directory), [path], [], "ner")
    assert said in capsys.readouterr().err
    assert said in _message(model_directory, path, strict=True)


def test_types_need_not_all_be_there(tmp_path, classifier_directory):
    texts = ["BÁO CÁO\nTình hình", "THÔNG BÁO\nKết luận"]
    found = [next(iter(p.doc_type_scores)) for p in load(classifier_directory, "cpu", ("doctype",)).predict(texts)]
    rows = [{"id": str(n), "text": text, "type": found[0]} for n, text in enumerate(texts)]
    path = tmp_path / "typed.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    table = score_model(str(classifier_directory), [path], [], "ner").splitlines()  # the model says its task itself
    assert table[:2] == ["model: tiny-types", "documents: 2 of 1 types"]
    right = found.count(found[0]) / 2
    assert table[5].startswith(f"| whole  |    {right:.3f} |")
    wrong = score_model(str(classifier_directory), [path], [], "ner", masked=True).splitlines()[8:]
    assert wrong[0].startswith("errors, masked: ")
    assert wrong[0] == "errors, masked: none" or wrong[1].startswith(f"  {found[0]} taken for ")

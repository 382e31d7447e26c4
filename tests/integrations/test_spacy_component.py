from __future__ import annotations

import importlib.metadata
import tomllib
from pathlib import Path
from typing import Any

import pytest
import spacy
from spacy.tokens import DocBin

from project import ROOT
from vanban.errors import UserError
from vanban.integrations.spacy_component import make_vanban

TEXTS = [
    "Chủ tịch ủy ban nhân dân thành phố Hà Nội,\r\n  ông Nguyễn Văn An 😀 có 24.973 ca.",
    "",
    " \n",
    "Đà Nẵng\u200b: (18 ca), bà Thị",
]


# without pyvi, the tokenizer of Vietnamese splits at white space alone: `Nội,` is one token
@pytest.fixture(scope="module", params=[("xx", {}), ("vi", {"nlp": {"tokenizer": {"use_pyvi": False}}})])
def nlp(request: pytest.FixtureRequest, model_directory: Path, classifier_directory: Path) -> spacy.Language:
    language, settings = request.param
    pipeline = spacy.blank(language, config=settings)
    models = [str(model_directory), str(classifier_directory)]
    pipeline.add_pipe("vanban", config={"model": models, "device": "cpu", "backend": "torch"})
    return pipeline


def test_docs_hold_what_is_predicted(nlp: spacy.Language, reads_both: Any) -> None:
    unmet = 0
    for doc, prediction in zip(nlp.pipe(TEXTS, batch_size=3), reads_both.predict_batch(TEXTS), strict=True):
        assert doc.text == prediction.text
        assert doc.cats == prediction.doc_type_scores
        found = {key: value for key, value in prediction.to_dict().items() if key != "text"}
        assert doc._.vanban == {**found, "not_in_ents": doc._.vanban["not_in_ents"]}
        exact = [e for e in prediction.entities if doc.char_span(e.start, e.end)]
        assert [(e.start_char, e.end_char, e.label_) for e in doc.ents] == [(e.start, e.end, e.label) for e in exact]
        group = doc.spans["vanban"]
        assert [tuple(one[:4]) for one in group.attrs["exact"]] == [
            (e.start, e.end, e.label, e.score) for e in prediction.entities
        ]
        for span, entity in zip(group, prediction.entities, strict=True):
            assert span.start_char <= entity.start < entity.end <= span.end_char
        assert doc._.vanban["not_in_ents"] == len(prediction.entities) - len(exact)
        unmet += doc._.vanban["not_in_ents"]
    assert (unmet > 0) == (nlp.lang == "vi")


def test_one_doc_as_in_a_batch(nlp: spacy.Language) -> None:
    doc = nlp(TEXTS[3])
    assert doc.to_json() == list(nlp.pipe(TEXTS))[3].to_json()
    assert doc.to_json()["ents"]


def test_it_is_saved_by_its_config(nlp: spacy.Language, tmp_path: Path) -> None:
    nlp.to_disk(tmp_path)
    again = spacy.load(tmp_path)
    assert again.config["components"]["vanban"] == nlp.config["components"]["vanban"]
    assert again(TEXTS[0]).to_json() == nlp(TEXTS[0]).to_json()


def test_docs_are_kept_with_all_that_was_read(nlp: spacy.Language) -> None:
    doc = nlp(TEXTS[0])
    assert spacy.tokens.Doc(nlp.vocab).from_bytes(doc.to_bytes())._.vanban == doc._.vanban
    (kept,) = DocBin(docs=[doc]).get_docs(nlp.vocab)  # without user data, as is its default
    assert kept._.vanban is None
    assert kept.spans["vanban"].attrs == doc.spans["vanban"].attrs


def test_the_group_may_have_another_name(model_directory: Path) -> None:
    pipeline = spacy.blank("xx")
    config = {"model": str(model_directory), "device": "cpu", "backend": "torch", "spans_key": "sc", "tasks": ["ner"]}
    pipeline.add_pipe("vanban", config=config)
    doc = pipeline(TEXTS[0])
    assert len(doc.spans["sc"]) == len(doc._.vanban["entities"])
    assert "record" in doc._.vanban
    pipeline.remove_pipe("vanban")
    pipeline.add_pipe("vanban", config=config | {"values": False})
    assert "record" not in pipeline(TEXTS[0])._.vanban


@pytest.mark.parametrize("setting", [{"backend": "tensorflow"}, {"tasks": ["pos"]}, {"values": "of course"}, {"x": 1}])
def test_settings_are_checked_when_it_is_added(setting: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(setting))):
        spacy.blank("xx").add_pipe("vanban", config=setting)


NO_MODEL = "nope: no model directory there"


def test_a_model_that_is_not_there_is_named_however_it_is_called() -> None:
    pipeline = spacy.blank("xx")
    component = pipeline.add_pipe("vanban", config={"model": "nope"})
    for call in (
        lambda: pipeline("7 ca"),
        lambda: list(pipeline.pipe(["7 ca", ""])),
        lambda: component(pipeline.make_doc("7 ca")),
        lambda: component("7 ca"),  # no doc either
        lambda: list(component.pipe(["7 ca"])),
    ):
        with pytest.raises(UserError, match=NO_MODEL):
            call()
    handled: list[str] = []
    pipeline.set_error_handler(lambda name, component, docs, error: handled.append(f"{name}: {error}"))
    assert pipeline("7 ca").text == "7 ca"
    assert len(handled) == 1 and handled[0].startswith(f"vanban: {NO_MODEL}")


def test_a_text_that_is_no_doc_is_told_where_to_go(nlp: spacy.Language) -> None:
    component = nlp.get_pipe("vanban")
    with pytest.raises(TypeError, match=r"takes docs, found str: give texts to the pipeline, as in nlp\(text\)"):
        component("7 ca")
    with pytest.raises(TypeError, match="found NoneType"):
        list(component.pipe([nlp.make_doc(""), None]))


def test_spacy_finds_it_by_its_entry_point(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["entry-points"]
    rows = [f"{name} = {place}" for name, place in declared["spacy_factories"].items()]
    (tmp_path / "vanban_test-1.dist-info").mkdir()
    (tmp_path / "vanban_test-1.dist-info" / "METADATA").write_text("Name: vanban-test\nVersion: 1\n")
    (tmp_path / "vanban_test-1.dist-info" / "entry_points.txt").write_text("\n".join(["[spacy_factories]", *rows]))
    monkeypatch.syspath_prepend(tmp_path)
    found = importlib.metadata.entry_points(group="spacy_factories", name="vanban")
    assert {one.load() for one in found} == {make_vanban}

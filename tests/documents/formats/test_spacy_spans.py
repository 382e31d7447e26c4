from __future__ import annotations

import pytest
import spacy

from any_tagged import entity
from vanban.documents.formats.spacy_spans import add_prediction, entities_of
from vanban.errors import UserError
from vanban.schema import Entity, Prediction

TEXT = "Bà Lê đến Huế."


@pytest.fixture(scope="module")
def nlp() -> spacy.Language:
    return spacy.blank("xx")


def test_entities_of_other_components_stay_where_they_touch_none(nlp: spacy.Language) -> None:
    doc = nlp(TEXT)
    doc.ents = [doc.char_span(0, 5, "PER"), doc.char_span(6, 13, "EVENT")]
    assert add_prediction(doc, Prediction(TEXT, (entity(TEXT, "Huế"),), "m")) == 0
    assert [(e.label_, e.text) for e in doc.ents] == [("PER", "Bà Lê"), ("PLACE", "Huế")]
    assert entities_of(doc) == [entity(TEXT, "Huế")]


def test_entities_of_one_token(nlp: spacy.Language) -> None:
    doc = nlp(TEXT)
    found = (entity(TEXT, "H"), entity(TEXT, "u", "X"), Entity("X", 12, 13, "ế"), entity(TEXT, " ", "GAP"))
    assert add_prediction(doc, Prediction(TEXT, found, "m"), group="own") == 4
    assert [(s.label_, s.text) for s in doc.spans["own"]] == [("PLACE", "Huế"), ("X", "Huế"), ("X", "Huế")]
    assert doc.ents == ()
    assert sorted(entities_of(doc, "own"), key=lambda e: e.label) == sorted(found, key=lambda e: e.label)


def test_another_text_is_refused(nlp: spacy.Language) -> None:
    with pytest.raises(UserError, match="the text of the doc is another"):
        add_prediction(nlp("Huế"), Prediction("Hue", (), "m"))


def test_a_span_without_a_label(nlp: spacy.Language) -> None:
    doc = nlp(TEXT)
    doc.spans["sc"] = [doc[0:2]]
    with pytest.raises(UserError, match="found a span without a label at 0 5 'Bà Lê'"):
        entities_of(doc)

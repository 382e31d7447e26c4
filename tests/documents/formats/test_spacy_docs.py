from __future__ import annotations

import io
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import spacy
from hypothesis import given
from spacy.tokens import DocBin, SpanGroup
from spacy.training import Corpus

from any_tagged import entity, positions, tagged, texts_with_spans
from vanban.documents.document import Failure
from vanban.documents.formats.format import Tagged
from vanban.documents.formats.spacy_docs import read, write
from vanban.errors import UserError
from vanban.schema import Entity, Prediction
from vanban.values.form import Written

TEXT = "Tại Hà Nội 😀 có 24.973 ca.\r\nTỉnh Quảng\nNam, Thượngtướng Anh."
ENTITIES = (
    entity(TEXT, "Hà Nội", score=0.75), entity(TEXT, "24.973 ca", "COUNT"), entity(TEXT, "Quảng\nNam"),
    entity(TEXT, "tướng Anh", "OFFICIAL", 0.5),
)  # fmt: skip
SCORES = {"cong_van": 0.4, "thong_bao": 0.3}


def written(*pairs: Tagged) -> tuple[bytes, Counter[str]]:
    file, losses = io.BytesIO(), Counter[str]()
    write(pairs, file, losses)
    return file.getvalue(), losses


def back(data: bytes) -> list[Tagged]:
    found = list(read(io.BytesIO(data), "docs/a.spacy"))
    assert not [one for one in found if isinstance(one, Failure)]
    return [one for one in found if not isinstance(one, Failure)]


@pytest.fixture(scope="module")
def nlp() -> spacy.Language:
    return spacy.blank("xx")


def test_spacy_reads_what_is_written(nlp: spacy.Language, tmp_path: Path) -> None:
    document, prediction = tagged(TEXT, *ENTITIES, so="17/CT-UBND")
    record: Any = Written({"symbol": "17/CT-UBND"})
    prediction = replace(prediction, model="vanban", doc_type_score=0.4, doc_type_scores=SCORES, record=record)
    data, losses = written((document, prediction), tagged(""), tagged("\n", doc_type="bao_cao"))
    assert losses == {"spans of doc.ents (doc.spans has them)": 1}
    (tmp_path / "a.spacy").write_bytes(data)
    first, empty, last = DocBin().from_disk(tmp_path / "a.spacy").get_docs(nlp.vocab)
    assert [doc.text for doc in (first, empty, last)] == [TEXT, "", "\n"]
    assert [(e.label_, e.text) for e in first.ents] == [(e.label, e.text) for e in ENTITIES[:3]]
    # the span of whole tokens, where it stands exactly, and tokens of which training learns nothing
    assert [(s.label_, s.text) for s in first.spans["vanban"]][3] == ("OFFICIAL", "Thượngtướng Anh")
    assert first.spans["vanban"].attrs["exact"][3][:4] == [ENTITIES[3].start, ENTITIES[3].end, "OFFICIAL", 0.5]
    assert [t.text for t in first if t.ent_iob_ == ""] == ["Thượngtướng", "Anh"]
    assert (first.cats, empty.cats, last.cats) == (SCORES, {}, {"bao_cao": 1.0})
    (again, found), _, (_, typed) = back(data)
    assert (again.id, again.where, again.name, again.fields) == ("a", "docs/a.spacy:1", "docs/a/a", document.fields)
    assert found.record is not None and found.record.to_dict() == record.to_dict()
    assert replace(found, record=record) == prediction
    assert typed == Prediction("\n", (), "", "bao_cao")


def test_spacy_trains_on_it(nlp: spacy.Language, tmp_path: Path) -> None:
    (tmp_path / "a.spacy").write_bytes(written(tagged(TEXT, *ENTITIES, doc_type="bao_cao"), tagged("Huế"))[0])
    first, last = Corpus(tmp_path / "a.spacy")(nlp)
    tags = dict(zip([token.text for token in first.predicted], first.get_aligned_ner(), strict=True))
    assert {word: tag for word, tag in tags.items() if tag != "O"} == {
        "Hà": "B-PLACE", "Nội": "L-PLACE", "24.973": "B-COUNT", "ca": "L-COUNT",
        "Quảng": "B-PLACE", "\n": "I-PLACE", "Nam": "L-PLACE", "Thượngtướng": None, "Anh": None,
    }  # fmt: skip
    assert (first.reference.cats, last.get_aligned_ner()) == ({"bao_cao": 1.0}, ["O"])


@given(texts_with_spans(visible_edges=False, flat=False))
def test_round_trip(pair: Tagged) -> None:
    data, losses = written(pair, pair)
    for document, prediction in back(data):
        assert (document.text, document.id, document.fields) == (pair[0].text, "a", {})
        assert positions(prediction) == positions(pair[1])
    assert sum(losses.values()) % 2 == 0


def test_fields_keep_what_json_holds() -> None:
    fields = {"n": 1 << 70, "half": "\ud83d", "list": [1, [None]], "path": "a/b.txt"}
    ((document, _),) = back(written(tagged("Hà Nội", **fields))[0])
    assert document.fields | {"path": document.path} == fields


def test_changed_spans_are_taken_as_they_are(nlp: spacy.Language) -> None:
    (doc,) = DocBin().from_bytes(written(tagged(TEXT, *ENTITIES))[0]).get_docs(nlp.vocab)
    group = doc.spans["vanban"]
    doc.spans["vanban"] = SpanGroup(
        doc, attrs=group.attrs, spans=[doc.char_span(0, 3, "X"), doc.char_span(4, 10, "PLACE"), list(group)[3]]
    )
    ((_, prediction),) = back(DocBin(docs=[doc]).to_bytes())
    assert prediction.entities == (Entity("X", 0, 3, "Tại"), ENTITIES[0], ENTITIES[3])


def test_docs_of_others(nlp: spacy.Language) -> None:
    docs = [nlp("Bà Lê đến Huế."), nlp("Hà Nội"), nlp("Huế"), nlp("Đà Nẵng"), nlp("Lào Cai")]
    docs[0].ents = [docs[0].char_span(0, 5, "PER"), docs[0].char_span(10, 13, "LOC")]
    docs[0].cats = {"a": 0.2, "b": 0.7}
    docs[1].spans["sc"] = [docs[1].char_span(0, 6, "LOC")]
    docs[1].spans["other"] = []
    docs[1].cats = {"a": 0.4}
    docs[2].spans["own"] = [docs[2].char_span(0, 3, "LOC")]
    docs[3].spans.update({"x": [], "y": []})
    docs[4].spans["sc"] = [docs[4].char_span(0, 3, "A"), docs[4].char_span(0, 7, "B")]
    found = list(read(io.BytesIO(DocBin(docs=docs).to_bytes()), "b.spacy"))
    predictions = [one[1] for one in found if not isinstance(one, Failure)]
    people = (Entity("PER", 0, 5, "Bà Lê"), Entity("LOC", 10, 13, "Huế"))
    assert predictions == [
        Prediction("Bà Lê đến Huế.", people, "", "b", 0.7, {"b": 0.7, "a": 0.2}),
        Prediction("Hà Nội", (Entity("LOC", 0, 6, "Hà Nội"),), "", None, 0.4, {"a": 0.4}),
        Prediction("Huế", (Entity("LOC", 0, 3, "Huế"),), ""),
        Prediction("Lào Cai", (Entity("A", 0, 3, "Lào"), Entity("B", 0, 7, "Lào Cai")), ""),
    ]
    assert [one[0].id for one in found if not isinstance(one, Failure)] == [
        "b.spacy:1", "b.spacy:2", "b.spacy:3", "b.spacy:5",
    ]  # fmt: skip
    assert [str(one) for one in found if isinstance(one, Failure)] == [
        "b.spacy:4: found the span groups x, y, expected one, or one named vanban",
    ]


@pytest.mark.parametrize("data", [b"", b"Xin ch\xc3\xa0o", b"x\x9c\x03\x00\x00\x00\x00\x01"])
def test_other_files(data: bytes) -> None:
    with pytest.raises(UserError, match=r"a\.spacy: found no DocBin of spaCy .*; write one with DocBin\.to_disk"):
        list(read(io.BytesIO(data), "a.spacy"))
    assert back(DocBin().to_bytes()) == []

"""The models that ship with the package, as they ship."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from project import ROOT
from vanban import DOCUMENT_TYPES, Predictor, load, predict
from vanban.documents.formats.brat import read_brat


@pytest.fixture(scope="module")
def shipped() -> Predictor:
    return load()


def test_the_sentence_of_the_readme() -> None:
    doc = predict("Chủ tịch UBND TP Hà Nội Chu Ngọc Anh ký Chỉ thị số 17/CT-UBND, phong tỏa 11 điểm.")
    assert [(e.label, e.start, e.end, e.text) for e in doc.entities] == [
        ("PLACE", 14, 23, "TP Hà Nội"),
        ("OFFICIAL", 24, 36, "Chu Ngọc Anh"),
        ("DIRECTIVE", 40, 61, "Chỉ thị số 17/CT-UBND"),
        ("COUNT", 73, 80, "11 điểm"),
    ]
    assert doc.model == "vanban-ner + vanban-doctype"
    assert all(0.8 < e.score <= 1 for e in doc.entities)


def test_no_offset_is_broken_on_the_seeds_and_nearly_every_span_is_found(
    shipped: Predictor, seeds: dict[str, str]
) -> None:
    right = total = 0
    for name, prediction in zip(seeds, shipped.stream(seeds.values()), strict=True):
        text = seeds[name]
        assert [text[e.start : e.end] for e in prediction.entities] == [e.text for e in prediction.entities]
        standoff = (ROOT / "annotations" / "seeds" / f"{name}.ann").read_text(encoding="utf-8")
        gold = {(e.label, e.start, e.end) for e in read_brat(standoff, text)}
        right += len(gold & {(e.label, e.start, e.end) for e in prediction.entities})
        total += len(gold)
    assert total == 307
    assert right >= 298  # it was trained on them among others; the rest is left to roundings of other processors


def test_the_types_of_documents_that_it_was_trained_on(shipped: Predictor, seeds: dict[str, str]) -> None:
    """The seeds, and the first document of each type among the authored ones."""
    rows = [
        json.loads(line) for line in (ROOT / "annotations/documents.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    authored = {row["type"]: row["path"] for row in reversed(rows) if row["origin"] != "seed"}
    types = {row["path"]: row["type"] for row in rows if row["origin"] == "seed"}
    types |= {path: name for name, path in authored.items()}
    assert set(authored) == set(DOCUMENT_TYPES) and len(types) == 18
    texts = [(ROOT / path).read_bytes().decode("utf-8") for path in types]
    right = 0
    for name, prediction in zip(types.values(), shipped.stream(texts), strict=True):
        assert set(prediction.doc_type_scores) == set(DOCUMENT_TYPES)
        assert sum(prediction.doc_type_scores.values()) == pytest.approx(1, abs=1e-3)
        likeliest, score = next(iter(prediction.doc_type_scores.items()))
        assert (prediction.doc_type in (likeliest, None), prediction.doc_type_score) == (True, score)
        right += likeliest == name
    assert right >= 16  # the rest is left to other roundings of other processors


def test_entities_and_types_share_their_tokens(shipped: Predictor) -> None:
    assert shipped.tagger is not None and shipped.classifier is not None
    assert shipped.tagger.encoder.reads_like(shipped.classifier.encoder)
    assert (shipped.name, list(shipped.info)) == ("vanban-ner + vanban-doctype", ["ner", "doctype"])
    assert sorted(shipped.classifier.types) == sorted(DOCUMENT_TYPES)


def test_each_task_alone(shipped: Predictor, seeds: dict[str, str]) -> None:
    texts = list(seeds.values())
    both = shipped.predict(texts)
    for one, two in zip(both, load(tasks=("ner",)).predict(texts), strict=True):
        assert [(e.label, e.start, e.end) for e in one.entities] == [(e.label, e.start, e.end) for e in two.entities]
        assert (two.doc_type, two.doc_type_scores) == (None, {})
    for one, two in zip(both, load(tasks=("doctype",)).predict(texts), strict=True):
        assert (one.doc_type, two.entities) == (two.doc_type, ())


def test_a_text_of_few_words_has_no_type(shipped: Predictor) -> None:
    sentence = "Chủ tịch UBND TP Hà Nội Chu Ngọc Anh ký Chỉ thị số 17/CT-UBND, phong tỏa 11 điểm."
    assert shipped.classifier is not None and shipped.classifier.least_words == 30
    for text in ("", " \n\n", ".", "OK", "CHỈ THỊ", sentence, "1 2 3 4 5 6 7 8 9 10 " * 9):
        prediction = shipped.predict(text)
        assert (prediction.doc_type, len(prediction.doc_type_scores)) == (None, len(DOCUMENT_TYPES)), text
    assert shipped.predict(f"{sentence} {sentence}").doc_type == "tin_bao_chi"


def test_decomposed_text_gives_the_same_entities(shipped: Predictor) -> None:
    import unicodedata

    composed = "Sáng 1/7, HĐND thành phố Đà Nẵng\r\nxem xét 42 nội dung."
    decomposed = unicodedata.normalize("NFD", composed)
    left, right = shipped.predict([composed, decomposed])
    assert [(e.label, e.text) for e in left.entities] == [("PLACE", "thành phố Đà Nẵng"), ("COUNT", "42 nội dung")]
    assert [unicodedata.normalize("NFC", e.text) for e in right.entities] == [e.text for e in left.entities]
    assert [decomposed[e.start : e.end] for e in right.entities] == [e.text for e in right.entities]


def test_prediction_imports_nothing_of_training() -> None:
    code = (
        "import sys; from vanban import predict; predict('Hà Nội'); "
        "print([m for m in ('datasets', 'seqeval', 'peft', 'vanban_training') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"

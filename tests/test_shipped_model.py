"""The model that ships with the package, as it ships."""

from __future__ import annotations

import subprocess
import sys

import pytest

from project import ROOT
from vanban import Predictor, load, predict
from vanban.brat import read_brat


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
    assert doc.model == "vanban-ner"
    assert all(0.9 < e.score <= 1 for e in doc.entities)


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
    assert right >= 304  # it was trained on them; the rest is left to other roundings of other processors


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

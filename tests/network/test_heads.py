from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from project import TYPES
from vanban import UserError
from vanban.network.checkpoint import load_checkpoint
from vanban.network.classification import Reading, pool
from vanban.network.heads import Classifier, sorted_tags
from vanban.reading.encoding import EncodedText, Window

LINE = "Hà Nội có 46 ca mắc, Đà Nẵng có 5.\n"
TEXTS = ["Chủ tịch Hà Nội", "".join(f"Ngày {i}: {LINE}" for i in range(9)), ""]


@pytest.fixture(scope="module")
def classifier(classifier_directory: Path) -> Classifier:
    return Classifier(load_checkpoint(classifier_directory), "cpu")


def test_sorted_tags() -> None:
    assert sorted_tags(["I-A", "B-B", "O", "B-A", "I-B"]) == ["O", "B-B", "I-B", "B-A", "I-A"]


@pytest.mark.parametrize("tags", [["O"], ["O", "B-A"], ["O", "O", "B-A", "I-A"], ["bao_cao", "thong_bao", "cong_van"]])
def test_tags_that_are_not_iob2(tags: list[str]) -> None:
    with pytest.raises(UserError) as error:
        sorted_tags(tags)
    assert str(error.value) == (f"the model's tags are {', '.join(tags)}; expected O, B-… and I-… of each label (IOB2)")


def test_what_is_recorded_is_taken_over(classifier: Classifier) -> None:
    assert (classifier.types, classifier.temperature, classifier.threshold) == (TYPES, 2.0, 0.5)
    assert (classifier.encoder.window_tokens, classifier.encoder.overlap) == (24, 4)


def test_window_logits_are_those_of_the_plain_network(classifier: Classifier, classifier_directory: Path) -> None:
    from transformers import AutoModelForSequenceClassification

    plain = AutoModelForSequenceClassification.from_pretrained(classifier_directory).eval()
    documents = classifier.encoder.encode_batch(TEXTS)
    rows = classifier.window_logits(documents)
    assert [row.shape for row in rows] == [(1, 3), (9, 3), (0, 3)]
    for document, row in zip(documents, rows, strict=True):
        for window, found in zip(document.windows, row, strict=True):
            ids = classifier.encoder.with_special_tokens(document.ids[window.start : window.end])
            with torch.inference_mode():
                expected = plain(input_ids=torch.tensor([ids])).logits[0].numpy()
            assert found == pytest.approx(expected, abs=1e-4)


def test_only_the_windows_that_are_read_are_run(classifier: Classifier, monkeypatch: pytest.MonkeyPatch) -> None:
    documents = classifier.encoder.encode_batch(TEXTS)
    every = classifier.window_logits(documents)
    given: list[tuple[str, Window]] = []
    run = classifier.runner.run

    def recorded(windows: Sequence[tuple[EncodedText, Window]]) -> Any:
        given.extend((document.text, window) for document, window in windows)
        return run(windows)

    monkeypatch.setattr(classifier.runner, "run", recorded)
    logits = classifier.logits(documents)
    read = [(TEXTS[1], documents[1].windows[i]) for i in (0, 4, 8)]
    assert given == [(TEXTS[0], documents[0].windows[0]), *read]
    assert logits.shape == (3, 3)
    assert logits[0] == pytest.approx(every[0][0], abs=1e-4)
    assert logits[1] == pytest.approx(every[1][[0, 4, 8]].mean(axis=0), abs=1e-4)
    assert np.abs(logits[1] - every[1].mean(axis=0)).max() > 1e-3
    assert logits[2].tolist() == [0, 0, 0]


def test_scores_are_of_the_logits_by_the_temperature(classifier: Classifier) -> None:
    documents = classifier.encoder.encode_batch(TEXTS)
    logits = classifier.logits(documents)
    for row, scores in zip(logits, classifier.scores(documents), strict=True):
        powers = np.exp(row.astype(float) / 2)
        expected = dict(zip(TYPES, powers / powers.sum(), strict=True))
        assert scores == pytest.approx(expected, abs=1e-4)
        assert list(scores.values()) == sorted(scores.values(), reverse=True)


def test_no_documents(classifier: Classifier) -> None:
    assert classifier.scores([]) == [] and classifier.window_logits([]) == []
    assert classifier.logits([]).shape == (0, 3)


@pytest.mark.parametrize("pooling", ["max", "probability"])
def test_other_poolings(classifier_directory: Path, classifier: Classifier, pooling: str) -> None:
    checkpoint = load_checkpoint(classifier_directory)
    other = Classifier(dataclasses.replace(checkpoint, reading=Reading(9, 0, 0, pooling)), "cpu")
    documents = other.encoder.encode_batch(TEXTS[:2])
    rows = classifier.window_logits(documents)
    assert other.logits(documents) == pytest.approx(np.stack([pool(row, pooling) for row in rows]), abs=1e-4)
    assert np.abs(other.logits(documents)[1] - rows[1].mean(axis=0)).max() > 1e-3

"""What cross-validation says of a token classifier: scores by origin and feature, and how far to believe it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from vanban_training.config import validate_config
from vanban_training.corpus.folds import Fold, FoldResult
from vanban_training.ner.report import report_spans
from vanban_training.ner.token_classification import TokenClassification


@pytest.fixture
def results(annotated):
    """Two folds of one document each: the first has one of two places found, the second both and one too many."""
    markup = "ở [PLACE Huế] và [PLACE Hà Nội], có Vinh"
    first = replace(annotated("a", markup, origin="seed"), features=("broken",))
    second = replace(annotated("b", markup, origin="authored"), features=("broken", "capitals"))
    spans = [{**e.to_dict(), "score": 0.9} for e in first.entities]
    place = first.text.index("Vinh")
    false = {"label": "PLACE", "start": place, "end": place + 4, "text": "Vinh", "score": 0.6}
    return [
        FoldResult(Fold("1", (first,)), 0, [[spans[0]]]),
        FoldResult(Fold("2", (second,)), 0, [[*spans, false]]),
    ]


@pytest.fixture
def reported(results, tiny_values, tmp_path, capsys):
    metrics = report_spans(validate_config(tiny_values, "tiny"), results, tmp_path)
    return metrics, capsys.readouterr().out


def test_scores_by_origin_and_feature(reported):
    metrics, printed = reported
    assert {name: row["f1"] for name, row in metrics["origins"].items()} == {"authored": 0.8, "seed": 0.6667}
    assert {name: row["support"] for name, row in metrics["features"].items()} == {"broken": 4, "capitals": 2}
    assert "| capitals   |     0.667 |  1.000 |     0.800 |       2 |     3 |" in printed
    assert "| PLACE      |      1 |     1 |            |             |" in printed


def test_the_temperature_is_written_for_train_to_find(reported, tiny_values, tmp_path, capsys):
    metrics, printed = reported
    calibration = json.loads((tmp_path / "calibration.json").read_text(encoding="utf-8"))
    assert calibration == metrics["calibration"]
    assert calibration["calibration_error"]["before"] == 0.225  # three say 0.9 and are right, one 0.6 and is not
    assert "|         0.7 |     1.000 |  0.750 |     0.857 |     3 |" in printed
    config = validate_config(tiny_values, "tiny")
    assert TokenClassification().settings(config, tmp_path) == {"temperature": calibration["temperature"]}
    assert capsys.readouterr().out.startswith(f"calibration: temperature {calibration['temperature']} (")
    assert TokenClassification().settings(config, None) == {}
    assert TokenClassification().settings(config, tmp_path / "none") == {}

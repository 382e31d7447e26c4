"""What cross-validation prints and writes of a document classifier, on predictions that are made up."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vanban.network.classification import softmax
from vanban_training.config import RunConfig, validate_config
from vanban_training.corpus.annotated import AnnotatedDocument
from vanban_training.corpus.folds import Fold, FoldResult
from vanban_training.doctype.calibration import calibration_error, fit_by_fold, fit_temperature
from vanban_training.doctype.report import report_types

TYPES = ("tin_bao_chi", "chi_thi", "bao_cao")
SURE, UNSURE = 4.0, 1.0


def predicted(document: AnnotatedDocument, seed: int) -> dict[str, Any]:
    """Return logits: right and sure of most; wrong and less sure of chi_thi/1, of which the masked text gives none."""
    right = TYPES.index(str(document.type))
    whole = [0.0] * 3
    whole[right] = SURE
    masked = list(whole)
    if document.id == "chi_thi/1" and seed == 0:
        whole, masked = [0.0, 0.0, UNSURE], []
    return {"whole": [whole], "masked": [masked] if masked else []}


@pytest.fixture
def results(typed_documents: Sequence[AnnotatedDocument]) -> list[FoldResult]:
    """Two random seeds over five folds, each with a document of each type; the first seed has one error."""
    folds = [Fold(f"fold {i + 1}", tuple(typed_documents[i::5])) for i in range(5)]
    return [FoldResult(f, seed, [predicted(d, seed) for d in f.held_out]) for seed in (0, 1) for f in folds]


@pytest.fixture
def reported(
    type_config: Callable[..., RunConfig],
    results: list[FoldResult],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> tuple[dict[str, Any], Path, str]:
    """The metrics, the folder and what was printed."""
    out = tmp_path / "out"
    out.mkdir()
    return report_types(type_config(), iter(results), out), out, capsys.readouterr().out


def test_scores_of_folds_and_of_all(reported):
    metrics, _, printed = reported
    # of 15: 14 right; chi_thi has a recall of 4/5, bao_cao a precision of 5/6
    whole = {"accuracy": 0.9333, "macro_f1": round((1 + 8 / 9 + 10 / 11) / 3, 4), "documents": 15}
    assert metrics["random seed 0"]["whole"] == whole
    assert metrics["random seed 0"]["masked"]["accuracy"] == 0.9333
    assert metrics["random seed 1"]["whole"] == {"accuracy": 1.0, "macro_f1": 1.0, "documents": 15}
    assert "\nfold 1 (random seed 0)\n|        | accuracy" in printed
    assert "| whole  |    0.667 |    0.556 |         3 |" in printed  # of the first fold
    assert "all folds pooled (random seed 0)" in printed and "all folds pooled (random seed 1)" in printed
    assert "| whole  |    0.933 |    0.933 |        15 |" in printed
    assert set(metrics) == {"random seed 0", "random seed 1", "baselines", "readings", "calibration"}


def test_the_calibration_is_kept_where_a_baseline_fails(type_config, results, tmp_path, monkeypatch):
    def fail(*args: Any) -> list[str]:
        raise KeyboardInterrupt

    monkeypatch.setattr("vanban_training.doctype.report.tfidf_predictions", fail)
    with pytest.raises(KeyboardInterrupt):
        report_types(type_config(), iter(results), tmp_path)
    assert json.loads((tmp_path / "calibration.json").read_text(encoding="utf-8")).keys() >= {"temperature"}


def test_baselines(reported):
    metrics, _, printed = reported
    names = [
        f"{name}, {variant}"
        for variant in ("whole", "masked")
        for name in (
            "type word in the first ten lines",
            "TF-IDF and logistic regression",
            "TF-IDF and logistic regression, masked variants learned too",
        )
    ]
    assert list(metrics["baselines"]) == names
    assert metrics["baselines"][names[0]] == {"accuracy": 1.0, "macro_f1": 1.0, "documents": 15}
    assert metrics["baselines"][names[3]] == {"accuracy": 0.3333, "macro_f1": 0.1667, "documents": 15}
    assert metrics["baselines"][names[5]]["accuracy"] == 1.0
    assert "baselines, on the same folds" in printed
    assert f"| {names[3]:<{max(map(len, names))}} |    0.333 |    0.167 |        15 |" in printed


def test_readings(reported):
    metrics, _, printed = reported
    assert [(row["windows"], row["pooling"]) for row in metrics["readings"]][:2] == [
        ("1 + 0 + 0 + 0", "mean"), ("1 + 0 + 0 + 0", "probability"),
    ]  # fmt: skip
    assert {row["whole"] for row in metrics["readings"]} == {0.9333}
    assert "what is read and how it is pooled" in printed
    assert "| all windows                   | max         | 0.933 |  0.933 |" in printed


def test_calibration(reported, results):
    metrics, out, printed = reported
    of_seed = results[:5]
    logits = np.array([row["whole"][0] for r in of_seed for row in r.predicted], dtype=np.float32)
    right = np.array([TYPES.index(d.type) for r in of_seed for d in r.fold.held_out])
    held_out = fit_by_fold(logits, right, np.repeat(np.arange(5), 3))
    before, after = calibration_error(softmax(logits), right), calibration_error(held_out, right)
    # asked for 95 of 100: only without the one that is wrong, whose own fold can't know that
    threshold = held_out.max(axis=1)[held_out.argmax(axis=1) == right].min()
    assert (
        metrics["calibration"]
        == json.loads((out / "calibration.json").read_text(encoding="utf-8"))
        == {
            "temperature": round(fit_temperature(logits, right), 4),
            "threshold": math.floor(float(threshold) * 1e4) / 1e4,
            "expected_calibration_error": {"before": round(before, 4), "after": round(after, 4)},
            "answered": 0.9333,
            "accuracy_of_answers": 1.0,
        }
    )
    assert f"calibration: temperature {metrics['calibration']['temperature']}, expected calibration error " in printed
    assert f"{before:.3f} before and {after:.3f} after\n" in printed
    assert (
        f"below {threshold:.3f} no type is given: 93.3% of the documents get one, 100.0% of these the right one\n"
        "(these figures: each fold with the temperature and the threshold of the others)\n" in printed
    )


def test_a_lower_accuracy_withholds_less(type_values, results, tmp_path):
    config = validate_config({**type_values, "calibration": {"accuracy": 0.9}}, "tiny")
    found = report_types(config, results, tmp_path)["calibration"]
    stricter = report_types(validate_config(type_values, "tiny"), results, tmp_path)["calibration"]
    assert found["threshold"] < stricter["threshold"]  # 14 of 15 are enough: the one that is wrong is answered
    # but not by the threshold of the other folds, in which all are right
    assert (found["answered"], found["accuracy_of_answers"]) == (0.9333, 1.0)


def test_scores_by_feature(type_config, results, tmp_path, capsys):
    features = {"chi_thi/1": ("fragment", "noise"), "chi_thi/2": ("fragment",)}
    stated = [
        replace(r, fold=Fold(r.fold.name, tuple(replace(d, features=features.get(d.id, ())) for d in r.fold.held_out)))
        for r in results
    ]
    found = report_types(type_config(), stated, tmp_path)["features"]
    assert {name: (row["accuracy"], row["documents"]) for name, row in found.items()} == {
        "fragment, whole": (0.5, 2), "fragment, masked": (0.5, 2), "noise, whole": (0.0, 1), "noise, masked": (0.0, 1),
        "no feature, whole": (1.0, 13), "no feature, masked": (1.0, 13),
    }  # fmt: skip
    printed = capsys.readouterr().out
    assert "by feature of the manifest\n" in printed
    assert "| fragment, whole    |    0.500 |    0.333 |         2 |" in printed


def test_confusions_and_errors(reported):
    _, out, printed = reported
    assert {path.name for path in out.iterdir()} == {
        "calibration.json", "confusion-masked.png", "confusion-whole.png", "confusion.md", "errors.jsonl",
    }  # fmt: skip
    table = (
        "| right       | tin_bao_chi | chi_thi | bao_cao |\n"
        "|-------------|------------:|--------:|--------:|\n"
        "| tin_bao_chi |           5 |         |         |\n"
        "| chi_thi     |{} |       4 |{} |\n"
        "| bao_cao     |             |         |       5 |"
    )
    whole, masked = table.format(" " * 12, "       1"), table.format("           1", " " * 8)
    assert (out / "confusion.md").read_text(encoding="utf-8") == f"## whole\n\n{whole}\n\n## masked\n\n{masked}\n"
    assert f"confusion, whole (rows: right; columns: found)\n{whole}\n" in printed
    assert f"confusion as pictures: {out}/confusion-whole.png, {out}/confusion-masked.png" in printed
    assert all((out / f"confusion-{v}.png").read_bytes().startswith(b"\x89PNG") for v in ("whole", "masked"))
    rows = [json.loads(line) for line in (out / "errors.jsonl").read_text(encoding="utf-8").splitlines()]
    assert rows == [  # of the first random seed
        {"document": "chi_thi/1", "variant": "whole", "right": "chi_thi", "found": "bao_cao", "score": 0.6444},
        {"document": "chi_thi/1", "variant": "masked", "right": "chi_thi", "found": "tin_bao_chi", "score": 0.3333},
    ]


def test_the_calibration_is_that_of_the_seed_of_the_config(type_config, results, tmp_path, capsys):
    metrics = report_types(type_config(seed=1), results, tmp_path)
    assert metrics["calibration"]["accuracy_of_answers"] == 1.0
    assert (tmp_path / "errors.jsonl").read_text(encoding="utf-8") == ""

"""What cross-validation found of a document classifier: scores, baselines, calibration, confusion."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from vanban.network.classification import FloatArray, softmax
from vanban_training.config import RunConfig
from vanban_training.corpus.annotated import AnnotatedDocument
from vanban_training.corpus.folds import CALIBRATION, FoldResult
from vanban_training.doctype.baselines import tfidf_predictions, type_by_rule
from vanban_training.doctype.calibration import (
    Indices,
    answered_by_fold,
    calibration_error,
    choose_threshold,
    fit_by_fold,
    fit_temperature,
)
from vanban_training.doctype.evaluation import (
    VARIANTS,
    compare_readings,
    confusion_table,
    pooled_logits,
    readings_table,
    scores_by_feature,
    scores_row,
    scores_table,
    type_ids,
)
from vanban_training.doctype.titles import mask_head


def report_types(config: RunConfig, results: Iterable[FoldResult], out: Path) -> dict[str, Any]:
    """Print the scores of each fold and of all, and write what they rest on.

    `calibration.json` (for `train`), `confusion.md`, `confusion-whole.png` and `confusion-masked.png`, `errors.jsonl`:
    all of the first random seed.
    """
    types, reading = config.data.labels, config.reading.as_read()
    by_seed: dict[int, list[FoldResult]] = {}
    for result in results:
        by_seed.setdefault(result.seed, []).append(result)
        right = type_ids(result.fold.held_out, types)
        found = {v: pooled_logits(result.predicted, v, reading).argmax(axis=1) for v in VARIANTS}
        scores = {v: scores_row(found[v], right) for v in VARIANTS}
        print(f"\n{result.fold.name} (random seed {result.seed})\n{scores_table(scores)}", flush=True)
    metrics: dict[str, Any] = {}
    for seed, of_seed in by_seed.items():
        documents = [d for result in of_seed for d in result.fold.held_out]
        predicted = [row for result in of_seed for row in result.predicted]
        right = type_ids(documents, types)
        logits = {v: pooled_logits(predicted, v, reading) for v in VARIANTS}
        found = {v: logits[v].argmax(axis=1) for v in VARIANTS}
        table = {v: scores_row(found[v], right) for v in VARIANTS}
        metrics[f"random seed {seed}"] = table
        print(f"\nall folds pooled (random seed {seed})\n{scores_table(table)}", flush=True)
        if seed != config.training.seed:
            continue
        folds = np.array([n for n, result in enumerate(of_seed) for _ in result.fold.held_out])
        metrics["calibration"] = _calibrate(logits["whole"], right, folds, config.calibration.accuracy)
        _write(out / CALIBRATION, metrics["calibration"])
        by_feature = scores_by_feature(documents, found, right)
        if by_feature:
            metrics["features"] = by_feature
            print(f"\nby feature of the manifest\n{scores_table(by_feature)}")
        metrics["baselines"] = _print_baselines(of_seed, types)
        metrics["readings"] = compare_readings(predicted, right)
        print(f"\nwhat is read and how it is pooled\n{readings_table(metrics['readings'])}")
        _write_confusions(logits, right, types, out)
        _write_errors(documents, logits, types, metrics["calibration"]["temperature"], out / "errors.jsonl")
    return metrics


def _print_baselines(results: Sequence[FoldResult], types: Sequence[str]) -> dict[str, Any]:
    everything = [d for result in results for d in result.fold.held_out]
    right = type_ids(everything, types)
    found: dict[str, list[str]] = {}
    for variant in VARIANTS:
        texts = {d.id: d.text if variant == "whole" else mask_head(d.text) for d in everything}
        found[f"type word in the first ten lines, {variant}"] = [type_by_rule(texts[d.id], types) for d in everything]
        for with_masked in (False, True):
            name = f"TF-IDF and logistic regression{', masked variants learned too' if with_masked else ''}, {variant}"
            found[name] = []
            for result in results:
                training = result.fold.training(everything)
                tested = [texts[d.id] for d in result.fold.held_out]
                found[name] += tfidf_predictions(training, tested, with_masked)
    rows = {name: scores_row(np.array([types.index(t) for t in named]), right) for name, named in found.items()}
    print(f"\nbaselines, on the same folds\n{scores_table(rows)}")
    return rows


def _calibrate(logits: FloatArray, right: Indices, folds: Indices, accuracy: float) -> dict[str, Any]:
    before = calibration_error(softmax(logits), right)
    held_out = fit_by_fold(logits, right, folds)
    after = calibration_error(held_out, right)
    threshold = choose_threshold(held_out, right, accuracy)
    answered = answered_by_fold(held_out, right, folds, accuracy)
    hits = held_out.argmax(axis=1) == right
    found: dict[str, Any] = {
        "temperature": round(fit_temperature(logits, right), 4),
        "threshold": math.floor(threshold * 1e4) / 1e4,  # rounded up it would withhold the answer that it was set by
        "expected_calibration_error": {
            "before": round(before, 4),
            "after": round(after, 4),
        },
        "answered": round(float(answered.mean()), 4),
        "accuracy_of_answers": round(float(hits[answered].mean()), 4) if answered.any() else None,
    }
    print(
        f"\ncalibration: temperature {found['temperature']}, expected calibration error {before:.3f} before and "
        f"{after:.3f} after\n"
        f"below {threshold:.3f} no type is given: {found['answered']:.1%} of the documents get one, "
        f"{found['accuracy_of_answers'] or 0:.1%} of these the right one\n"
        "(these figures: each fold with the temperature and the threshold of the others)"
    )
    return found


def _write_confusions(logits: dict[str, FloatArray], right: Indices, types: Sequence[str], out: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot
    from sklearn.metrics import ConfusionMatrixDisplay

    tables = []
    for variant in VARIANTS:
        found = logits[variant].argmax(axis=1)
        table = confusion_table(found, right, types)
        tables.append(f"## {variant}\n\n{table}\n")
        print(f"\nconfusion, {variant} (rows: right; columns: found)\n{table}")
        shown = ConfusionMatrixDisplay.from_predictions(
            right, found, labels=range(len(types)), display_labels=types, xticks_rotation="vertical", colorbar=False
        )
        shown.figure_.set_size_inches(8, 8)
        shown.ax_.set(xlabel="found", ylabel="right", title=f"document types, {variant}")
        shown.figure_.savefig(out / f"confusion-{variant}.png", bbox_inches="tight", dpi=80)
        pyplot.close(shown.figure_)
    (out / "confusion.md").write_text("\n".join(tables), encoding="utf-8")
    print(f"\nconfusion as pictures: {out / 'confusion-whole.png'}, {out / 'confusion-masked.png'}")


def _write_errors(
    documents: Sequence[AnnotatedDocument],
    logits: dict[str, FloatArray],
    types: Sequence[str],
    temperature: float,
    path: Path,
) -> None:
    rows = []
    for variant in VARIANTS:
        probabilities = softmax(logits[variant], temperature)
        for document, row in zip(documents, probabilities, strict=True):
            found = types[int(row.argmax())]
            if found != document.type:
                score = round(float(row.max()), 4)
                rows.append(
                    {
                        "document": document.id,
                        "variant": variant,
                        "right": document.type,
                        "found": found,
                        "score": score,
                    }
                )
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def _write(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

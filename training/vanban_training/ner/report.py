"""What cross-validation found of a token classifier: scores by fold, origin and feature, errors, reliability."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from vanban.documents.counting import counted
from vanban.documents.names import composed
from vanban.schema import Entity
from vanban_training.config import RunConfig
from vanban_training.corpus.annotated import AnnotatedDocument
from vanban_training.corpus.folds import CALIBRATION, FoldResult
from vanban_training.fitting.calibration import calibration_error
from vanban_training.ner.errors import errors_of, errors_report
from vanban_training.ner.evaluation import Score, score_table, strict_scores
from vanban_training.ner.reliability import fit_by_fold, fit_temperature, judged, least_scores_table


def report_spans(config: RunConfig, results: Iterable[FoldResult], out: Path) -> dict[str, Any]:
    """Print a table per fold and the pooled ones, and what they rest on; return the metrics.

    Writes `errors.jsonl` and `calibration.json` (for `train`), both of the first random seed.
    """
    by_seed: dict[int, list[FoldResult]] = {}
    for result in results:
        by_seed.setdefault(result.seed, []).append(result)
        table = score_table(scores_of(config, result.fold.held_out, result.predicted))
        print(f"\nheld out: {result.fold.name} (random seed {result.seed})\n{table}", flush=True)
    pooled = []
    metrics: dict[str, Any] = {}
    for seed, of_seed in by_seed.items():
        documents = [d for result in of_seed for d in result.fold.held_out]
        predicted = [rows for result in of_seed for rows in result.predicted]
        pooled.append(scores_of(config, documents, predicted))
        print(f"\nall folds pooled (random seed {seed})\n{score_table(pooled[-1])}", flush=True)
        if seed == config.training.seed:
            metrics = {**_by_part(config, documents, predicted), **_reliability(config, of_seed, out)}
            _write_errors(config, documents, predicted, out)
    means = summary(pooled)
    if len(by_seed) > 1:
        print(f"\n{summary_table(means, len(by_seed))}")
    return {"pooled": means, **metrics}


def _by_part(
    config: RunConfig, documents: Sequence[AnnotatedDocument], predicted: Sequence[Any]
) -> dict[str, dict[str, Any]]:
    """Print and return the micro scores of the documents of each origin, and with each feature, of a manifest."""
    parts = {
        "origins": {d.origin for d in documents if d.origin},
        "features": {feature for d in documents for feature in d.features},
    }
    metrics: dict[str, dict[str, Any]] = {}
    for part, names in parts.items():
        rows = []
        for name in sorted(names):
            here = [i for i, d in enumerate(documents) if name == d.origin or name in d.features]
            micro = scores_of(config, [documents[i] for i in here], [predicted[i] for i in here])[-1]
            rows.append(replace(micro, label=name))
        if rows:
            metrics[part] = {row.label: row.to_dict() for row in rows}
            print(f"\n{score_table(rows, part)}", flush=True)
    return metrics


def _reliability(config: RunConfig, results: Sequence[FoldResult], out: Path) -> dict[str, Any]:
    """Print how far the scores of entities can be believed, and write the temperature for `train` to find."""
    gold = [[list(d.entities) for d in result.fold.held_out] for result in results]
    found = [entities_of(result.predicted) for result in results]
    parts = [judged(g, f) for g, f in zip(gold, found, strict=True)]
    scores, right = [part[0] for part in parts], [part[1] for part in parts]
    if len(results) < 2 or not sum(map(len, scores)):
        return {}
    all_gold, all_found = [d for fold in gold for d in fold], [d for fold in found for d in fold]
    all_scores, all_right = np.concatenate(scores), np.concatenate(right)
    temperature = round(fit_temperature(all_scores, all_right), 4)
    before, after = (round(calibration_error(s, all_right), 4) for s in (all_scores, fit_by_fold(scores, right)))
    print(
        f"\ncalibration of entity scores: temperature {temperature}; expected calibration error {before:.3f} before, "
        f"{after:.3f} with the temperature of the other folds\n\n"
        f"{least_scores_table(all_gold, all_found, config.data.labels)}",
        flush=True,
    )
    calibration = {"temperature": temperature, "calibration_error": {"before": before, "after": after}}
    (out / CALIBRATION).write_text(json.dumps(calibration, indent=1) + "\n", encoding="utf-8")
    return {"calibration": calibration}


def _write_errors(
    config: RunConfig, documents: Sequence[AnnotatedDocument], predicted: Sequence[Any], out: Path
) -> None:
    pairs = zip(documents, entities_of(predicted), strict=True)
    errors = [row for d, found in pairs for row in errors_of(d.id, d.text, d.entities, found)]
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in errors)
    (out / "errors.jsonl").write_text(lines, encoding="utf-8")
    print(f"\n{errors_report(errors, config.data.labels, 0)}\n")
    print(f"{counted(len(errors), 'errors')} with context: {out / 'errors.jsonl'}")


def entities_of(predicted: Sequence[Any]) -> list[list[Entity]]:
    """Return predictions in their JSON form as entities; those of a model of another maker may have labels in NFD."""
    return [[Entity(**{**row, "label": composed(row["label"])}) for row in rows] for rows in predicted]


def scores_of(config: RunConfig, documents: Sequence[AnnotatedDocument], predicted: Sequence[Any]) -> list[Score]:
    """Return strict scores by label, and micro, of predictions in their JSON form."""
    return strict_scores([d.entities for d in documents], entities_of(predicted), config.data.labels)


def summary(pooled: Sequence[Sequence[Score]]) -> dict[str, dict[str, Any]]:
    """Return, by label, the mean over random seeds and the F1 of each seed."""
    return {
        scores[0].label: {
            "precision": round(statistics.mean(s.precision for s in scores), 4),
            "recall": round(statistics.mean(s.recall for s in scores), 4),
            "f1": round(statistics.mean(s.f1 for s in scores), 4),
            "f1_by_random_seed": [round(s.f1, 4) for s in scores],
            "support": scores[0].support,
        }
        for scores in zip(*pooled, strict=True)
    }


def summary_table(rows: dict[str, dict[str, Any]], seeds: int) -> str:
    """Return a Markdown table of the means, with the lowest and the highest F1."""
    lines = [
        f"mean over {seeds} random seeds",
        "| label      | precision | recall | strict F1 | lowest to highest | support |",
        "|------------|----------:|-------:|----------:|:-----------------:|--------:|",
    ]
    for label, row in rows.items():
        spread = f"{min(row['f1_by_random_seed']):.3f} to {max(row['f1_by_random_seed']):.3f}"
        figures = f"{row['precision']:9.3f} | {row['recall']:6.3f} | {row['f1']:9.3f}"
        lines.append(f"| {label:<10} | {figures} | {spread:^17} | {row['support']:7d} |")
    return "\n".join(lines)

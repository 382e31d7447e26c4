"""Leave one seed document out: the honest figure for a small corpus, over one or more random seeds."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vanban.errors import UserError
from vanban.schema import Entity
from vanban_training import processes
from vanban_training.corpus import AnnotatedDocument
from vanban_training.evaluation import Score, errors_of, score_table, strict_scores
from vanban_training.run import Prepared, check_same_run

FOLDS_OF_MANY = 5


@dataclass(frozen=True)
class Fold:
    """A name and the documents that are held out; all others train."""

    name: str
    held_out: tuple[AnnotatedDocument, ...]

    def training(self, documents: Sequence[AnnotatedDocument]) -> list[AnnotatedDocument]:
        """Return the documents that are not held out."""
        held = {d.id for d in self.held_out}
        return [d for d in documents if d.id not in held]


def make_folds(documents: Sequence[AnnotatedDocument]) -> list[Fold]:
    """Return one fold for each seed document; without seeds, one for each of up to ten documents, else five.

    Raises UserError for fewer than two documents.
    """
    if len(documents) < 2:
        raise UserError(f"cross-validation needs at least two documents, found {len(documents)}")
    alone = [d for d in documents if d.origin == "seed"] or (list(documents) if len(documents) <= 10 else [])
    if len(alone) > 1 or (alone and len(alone) < len(documents)):
        return [Fold(d.id, (d,)) for d in alone]
    return [Fold(f"fold {i + 1}", tuple(documents[i::FOLDS_OF_MANY])) for i in range(FOLDS_OF_MANY)]


def cross_validate(prepared: Prepared, seeds: int = 1, resume: bool = False) -> dict[str, Any]:
    """Train once per fold and random seed, print a table per fold and the pooled ones, and return the metrics.

    Writes `cross-validation/` in the output directory: one JSON per fold as it is done (which `resume` passes over),
    `metrics.json`, and `errors.jsonl` of the first seed. Of several processes the main one alone predicts and writes,
    and the others return no metrics.
    """
    config = prepared.config
    out = Path(config.output) / "cross-validation"
    folds = make_folds(prepared.documents)
    processes.from_main(lambda: _begin(out, prepared.identity(), resume))
    random_seeds = range(config.training.seed, config.training.seed + seeds)
    if not processes.is_main():
        for seed in random_seeds:
            for _ in _run_folds(prepared, folds, seed, out):
                pass
        processes.part()
        return {}
    labels = config.data.labels
    pooled: list[list[Score]] = []
    errors: list[dict[str, Any]] = []
    for seed in random_seeds:
        gold: list[Sequence[Entity]] = []
        found: list[Sequence[Entity]] = []
        for fold, predictions in _run_folds(prepared, folds, seed, out):
            gold += [d.entities for d in fold.held_out]
            found += predictions
            scores = strict_scores([d.entities for d in fold.held_out], predictions, labels)
            print(f"\nheld out: {fold.name} (random seed {seed})\n{score_table(scores)}", flush=True)
            if seed == config.training.seed:
                for document, entities in zip(fold.held_out, predictions, strict=True):
                    errors += errors_of(document.id, document.text, document.entities, entities)
        pooled.append(strict_scores(gold, found, labels))
        print(f"\nall folds pooled (random seed {seed})\n{score_table(pooled[-1])}", flush=True)
    processes.part()
    means = summary(pooled)
    metrics = {"folds": [f.name for f in folds], "random_seeds": seeds, "pooled": means}
    (out / "metrics.json").write_text(json.dumps(metrics, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    rows = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in errors)
    (out / "errors.jsonl").write_text(rows, encoding="utf-8")
    if seeds > 1:
        print(f"\n{summary_table(means, seeds)}")
    print(f"\n{len(errors)} errors with context: {out / 'errors.jsonl'}")
    return metrics


def _begin(out: Path, identity: str, resume: bool) -> None:
    if resume:
        check_same_run(out, identity)
    elif out.is_dir():
        for stale in (*out.glob("seed-*"), out / "metrics.json", out / "errors.jsonl"):
            stale.unlink(missing_ok=True)
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / "config.yaml").write_text(identity, encoding="utf-8")
    except OSError as error:
        raise UserError(f"output: {out}: can't be written ({error.strerror})") from None


def _run_folds(
    prepared: Prepared, folds: Sequence[Fold], seed: int, out: Path
) -> Iterator[tuple[Fold, list[list[Entity]]]]:
    """Yield each fold and what was predicted for it; processes beside the main one train along, and yield nothing."""
    from vanban_training.ner import predict_documents, train_ner

    training = prepared.config.training.model_copy(update={"seed": seed})
    config = prepared.config.model_copy(update={"training": training})
    for number, fold in enumerate(folds, 1):
        done = out / f"seed-{seed}-fold-{number}.json"
        if processes.from_main(done.is_file):
            if not processes.is_main():
                continue
            rows = json.loads(done.read_text(encoding="utf-8"))
            yield fold, [[Entity(**row) for row in document] for document in rows]
            continue
        started = time.perf_counter()
        print(f"\nfold {number} of {len(folds)}, random seed {seed}: {fold.name} is held out", flush=True)
        checkpoint, _ = train_ner(config, prepared.encoder.path, fold.training(prepared.documents), None)
        if not processes.is_main():
            continue
        predictions = predict_documents(checkpoint, fold.held_out)
        rows = [[e.to_dict() for e in entities] for entities in predictions]
        partial = done.with_suffix(".partial")
        partial.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
        partial.replace(done)
        print(f"{time.perf_counter() - started:.0f} s")
        yield fold, predictions


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

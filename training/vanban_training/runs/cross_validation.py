"""Cross-validation: train without each fold in turn and judge what is predicted for it, over some random seeds."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from vanban.documents.counting import counted
from vanban.errors import UserError
from vanban_training.corpus.folds import Fold, FoldResult
from vanban_training.fitting import processes
from vanban_training.runs.training import Prepared, check_same_run

# the logits of all windows are kept: other ways to read and pool them can be judged without training again
JUDGED_AFTERWARDS: Final = ("reading", "calibration")
WRITTEN: Final = ("*.json", "*.jsonl", "confusion*", "seed-*")


def cross_validate(prepared: Prepared, seeds: int = 1, resume: bool = False) -> dict[str, Any]:
    """Train once per fold and random seed, print what the task reports of them, and return its metrics.

    Writes `cross-validation/` in the output directory: one JSON per fold as it is done (which `resume` passes over),
    `metrics.json`, and what the task adds. Of several processes the main one alone predicts and writes, and the others
    return no metrics.
    """
    config = prepared.config
    out = Path(config.output) / "cross-validation"
    folds = prepared.task.folds(config, prepared.documents)
    processes.from_main(lambda: _begin(out, prepared.identity(), folds, resume))
    seen_by_teacher = _seen_by_teacher(prepared, folds)
    results = _run_folds(prepared, folds, range(config.training.seed, config.training.seed + seeds), out)
    if not processes.is_main():
        for _ in results:
            pass
        return {}
    metrics = {
        "folds": [f.name for f in folds],
        "random_seeds": seeds,
        **seen_by_teacher,
        **prepared.task.report(config, results, out),
    }
    (out / "metrics.json").write_text(json.dumps(metrics, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return metrics


def _seen_by_teacher(prepared: Prepared, folds: Sequence[Fold]) -> dict[str, Any]:
    """Warn of a teacher that has seen what is held out, or may have, and return what the metrics say of that.

    Nothing without a teacher. What it was trained on stands in its `training.json`, by checksum.
    """
    taught, folder = prepared.config.distillation, prepared.teacher
    if taught is None or folder is None:
        return {}
    held_out = {d.sha256 for fold in folds for d in fold.held_out}
    number, seen = counted(len(held_out), "held-out documents"), None
    try:
        record = json.loads((folder / "training.json").read_text(encoding="utf-8"))
        seen = len(held_out & {d["sha256"] for d in record["documents"]})
    except (OSError, ValueError, LookupError, TypeError):  # a model of others, or a record of theirs
        said = f"may have seen some of the {number}: it does not say what it was trained on"
    else:
        said = f"was trained on {seen} of the {number}"
    if seen != 0:
        print(
            f"warning: distillation.teacher: {taught.teacher} {said}. A student that copies it scores better here than "
            "on documents that both have never seen",
            file=sys.stderr,
        )
    return {"teacher": {"model": taught.teacher, "held_out_documents_seen": seen}}


def _begin(out: Path, identity: str, folds: Sequence[Fold], resume: bool) -> None:
    if resume:
        check_same_run(out, identity, JUDGED_AFTERWARDS)
        for number, fold in enumerate(folds, 1):
            for done in out.glob(f"seed-*-fold-{number}.json"):
                _check_held_out(done, fold)
    # what an earlier call reported must not be taken for this one's, should this one be interrupted
    for stale in {path for pattern in WRITTEN for path in out.glob(pattern)}:
        if not (resume and stale.name.startswith("seed-")):
            stale.unlink(missing_ok=True)
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / "config.yaml").write_text(identity, encoding="utf-8")
    except OSError as error:
        raise UserError(f"output: {out}: can't be written ({error.strerror})") from None


def _check_held_out(done: Path, fold: Fold) -> None:
    found, expected = _read(done).get("held_out"), [d.id for d in fold.held_out]
    if found != expected:
        raise UserError(
            f"--resume: {done}: found predictions for {', '.join(found or ['documents that it does not name'])}, "
            f"expected those for {', '.join(expected)}; start without --resume"
        )


def _read(done: Path) -> dict[str, Any]:
    fold = json.loads(done.read_text(encoding="utf-8"))
    return fold if isinstance(fold, dict) else {}


def _run_folds(prepared: Prepared, folds: Sequence[Fold], seeds: Sequence[int], out: Path) -> Iterator[FoldResult]:
    """Yield what was predicted for each fold, seed by seed; processes beside the main one train along."""
    task = prepared.task
    for seed, (number, fold) in ((seed, numbered) for seed in seeds for numbered in enumerate(folds, 1)):
        done = out / f"seed-{seed}-fold-{number}.json"
        if processes.from_main(done.is_file):
            if processes.is_main():
                yield FoldResult(fold, seed, _read(done)["predicted"])
            continue
        started = time.perf_counter()
        print(f"\nfold {number} of {len(folds)}, random seed {seed}: {fold.name} is held out", flush=True)
        training = prepared.config.training.model_copy(update={"seed": seed})
        config = prepared.config.model_copy(update={"training": training})
        checkpoint, _ = task.train(config, prepared.encoder.path, fold.training(prepared.documents), None)
        if not processes.is_main():
            continue
        predicted = task.predict(checkpoint, fold.held_out)
        partial = done.with_suffix(".partial")
        kept = {"held_out": [d.id for d in fold.held_out], "predicted": predicted}
        partial.write_text(json.dumps(kept, ensure_ascii=False), encoding="utf-8")
        partial.replace(done)
        print(f"{time.perf_counter() - started:.0f} s")
        yield FoldResult(fold, seed, predicted)
    processes.part()

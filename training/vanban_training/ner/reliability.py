"""Whether the scores of entities mean what they say: calibration error, temperature, and what a least score costs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from vanban.network.tagging import tempered
from vanban.schema import Entity
from vanban_training.fitting.calibration import least_surprising
from vanban_training.ner.evaluation import strict_scores

LEAST_SCORES: Final = (0.0, 0.5, 0.7, 0.9)
TEMPERATURES: Final = (0.2, 5.0)

Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]
Found = Sequence[Sequence[Entity]]


def judged(gold: Found, found: Found) -> tuple[Floats, Booleans]:
    """Return the scores of all found entities, and which of these are strictly right: two arrays, (found entities,)."""
    scores, right = [], []
    for annotated, predicted in zip(gold, found, strict=True):
        spans = {(e.label, e.start, e.end) for e in annotated}
        scores += [e.score for e in predicted]
        right += [(e.label, e.start, e.end) in spans for e in predicted]
    return np.array(scores, dtype=np.float64), np.array(right, dtype=np.bool_)


def fit_temperature(scores: Floats, right: Booleans) -> float:
    """Return the temperature of the log odds under which right entities are most probable; 1 where all are of a kind.

    `scores` are of documents that the network was not trained on.
    """
    if right.all() or not right.any():
        return 1.0

    def surprise(temperature: float) -> float:
        probabilities = np.clip(tempered(scores, temperature), 1e-6, 1 - 1e-6)
        return -float(np.where(right, np.log(probabilities), np.log(1 - probabilities)).mean())

    return least_surprising(surprise, TEMPERATURES)


def fit_by_fold(scores: Sequence[Floats], right: Sequence[Booleans]) -> Floats:
    """Return the scores of all folds, those of each with the temperature that was fitted on the others."""
    out = []
    for fold, of_fold in enumerate(scores):
        others = [np.concatenate([part for i, part in enumerate(parts) if i != fold]) for parts in (scores, right)]
        out.append(tempered(of_fold, fit_temperature(others[0], others[1].astype(bool))))
    return np.concatenate(out)


def least_scores_table(gold: Found, found: Found, labels: Sequence[str]) -> str:
    """Return a Markdown table of precision, recall and F1 over all labels when entities below a score are left out."""
    lines = [
        "| least score | precision | recall | strict F1 | found |",
        "|------------:|----------:|-------:|----------:|------:|",
    ]
    for least in LEAST_SCORES:
        kept = [[e for e in entities if e.score >= least] for entities in found]
        micro = strict_scores(gold, kept, labels)[-1]
        lines.append(
            f"| {least:11.1f} | {micro.precision:9.3f} | {micro.recall:6.3f} | {micro.f1:9.3f} | {micro.found:5d} |"
        )
    return "\n".join(lines)

"""Strict span scores: a span counts when label, start and end are all right. Counting is seqeval's, in strict mode."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from vanban.schema import Entity


@dataclass(frozen=True, slots=True)
class Score:
    """Precision, recall and strict F1 in [0, 1] over `support` gold spans and `found` predicted ones."""

    label: str
    precision: float
    recall: float
    f1: float
    support: int
    found: int

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form, fractions rounded to 4 digits."""
        return {
            "precision": round(self.precision, 4),
            "recall": round(self.recall, 4),
            "f1": round(self.f1, 4),
            "support": self.support,
            "found": self.found,
        }


def aligned_tags(gold: Sequence[Entity], found: Sequence[Entity]) -> tuple[list[str], list[str]]:
    """Return two IOB2 sequences over the stretches between all the boundaries of both, so that no tokenizer has a say.

    Two spans are equal in the sequences exactly when their label, start and end are.
    """
    edges = sorted({edge for e in (*gold, *found) for edge in (e.start, e.end)})
    index = {edge: i for i, edge in enumerate(edges)}
    sequences = []
    for entities in (gold, found):
        tags = ["O"] * max(len(edges) - 1, 0)
        for entity in entities:
            first, last = index[entity.start], index[entity.end]
            tags[first:last] = [f"I-{entity.label}"] * (last - first)
            tags[first] = f"B-{entity.label}"
        sequences.append(tags)
    return sequences[0], sequences[1]


def strict_scores(
    gold: Sequence[Sequence[Entity]], found: Sequence[Sequence[Entity]], labels: Sequence[str]
) -> list[Score]:
    """Return a score for each label and, last, `micro` over all; one sequence of entities per document.

    Raises ValueError when the two hold different numbers of documents. An empty denominator scores 0.
    """
    if len(gold) != len(found):
        raise ValueError(f"different numbers of documents: gold {len(gold)}, found {len(found)}")
    from seqeval.metrics.v1 import precision_recall_fscore_support
    from seqeval.scheme import IOB2

    pairs = [aligned_tags(g, f) for g, f in zip(gold, found, strict=True)]
    scores = []
    for label in (*labels, None):
        true = [[t if label in (None, t[2:]) else "O" for t in g] for g, _ in pairs]
        predicted = [[t if label in (None, t[2:]) else "O" for t in f] for _, f in pairs]
        if not any(t != "O" for tags in (*true, *predicted) for t in tags):
            scores.append(Score(label or "micro", 0.0, 0.0, 0.0, 0, 0))
            continue
        precision, recall, f1, _ = precision_recall_fscore_support(
            true, predicted, average="micro", scheme=IOB2, zero_division=0
        )
        support, number = (sum(t[0] == "B" for tags in sequences for t in tags) for sequences in (true, predicted))
        scores.append(Score(label or "micro", float(precision), float(recall), float(f1), support, number))
    return scores


def score_table(scores: Sequence[Score], title: str = "label") -> str:
    """Return a Markdown table, which also reads well on a terminal."""
    rows = [
        f"| {title:<10} | precision | recall | strict F1 | support | found |",
        "|------------|----------:|-------:|----------:|--------:|------:|",
    ]
    rows += [
        f"| {s.label:<10} | {s.precision:9.3f} | {s.recall:6.3f} | {s.f1:9.3f} | {s.support:7d} | {s.found:5d} |"
        for s in scores
    ]
    return "\n".join(rows)

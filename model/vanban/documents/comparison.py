"""Two annotations of the same documents side by side: what is missed, false, wrong at an edge or in its label."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final

from vanban.documents.differences import KINDS, NAME_OF_KIND, Difference, differences
from vanban.documents.matching import Matching, Pair
from vanban.documents.report.embedding import data_block
from vanban.documents.report.page import whole_head, whole_tail
from vanban.documents.report.records import lines_of, summary_of
from vanban.schema import LABELS

TITLE: Final = "vanban compare"
NONE: Final = ""  # in tables: no span there, no type


@dataclass(slots=True)
class Comparison:
    """The counts of the documents that were compared.

    `confusion` and `types` count pairs of gold and predicted labels and types, NONE where one is missing. A gold span
    counts once, with the label that it was found with; a false one counts as (NONE, label).
    """

    right: Counter[str] = field(default_factory=Counter)
    gold: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    confusion: Counter[tuple[str, str]] = field(default_factory=Counter)
    types: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, pair: Pair) -> list[Difference]:
        """Count one document; return its differences."""
        (_, gold), (_, predicted) = pair
        rows = differences(gold.entities, predicted.entities)
        wrong = {(d.gold.label, d.gold.start, d.gold.end) for d in rows if d.gold}
        self.gold.update(e.label for e in gold.entities)
        self.found.update(e.label for e in predicted.entities)
        right = [e.label for e in gold.entities if (e.label, e.start, e.end) not in wrong]
        self.right.update(right)
        self.confusion.update((label, label) for label in right)
        for row in rows:
            self.kinds[NAME_OF_KIND[row.kind]] += 1
            self.confusion[row.gold.label if row.gold else NONE, row.taken_for or NONE] += 1
        if gold.doc_type is not None:
            self.types[gold.doc_type, predicted.doc_type or NONE] += 1
        return rows

    @property
    def labels(self) -> list[str]:
        """All labels of both sides, vanban's own first."""
        there = self.gold.keys() | self.found.keys()
        return [*(label for label in LABELS if label in there), *sorted(there - set(LABELS))]

    def scores(self) -> list[dict[str, Any]]:
        """Return precision, recall and strict F1 of each label, and of all, which has the label NONE.

        An empty denominator scores 0, as in training.
        """
        rows = [(label, self.right[label], self.gold[label], self.found[label]) for label in self.labels]
        rows.append((NONE, self.right.total(), self.gold.total(), self.found.total()))
        return [
            {
                "label": label, "precision": _share(right, found), "recall": _share(right, gold),
                "f1": _share(2 * right, gold + found), "gold": gold, "found": found,
            }
            for label, right, gold, found in rows
        ]  # fmt: skip


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0


def comparison_record(pair: Pair, rows: list[Difference]) -> dict[str, Any]:
    """Return what the page shows of one document: the text, the spans of both sides, and their differences.

    `gold` and `found` of a difference are numbers of spans.
    """
    (document, gold), (_, predicted) = pair
    place = {id(e): i for side in (gold.entities, predicted.entities) for i, e in enumerate(side)}
    return {
        "id": document.id,
        "text": document.text,
        "gold": [{"label": e.label, "start": e.start, "end": e.end} for e in gold.entities],
        "found": [{"label": e.label, "start": e.start, "end": e.end, "score": e.score} for e in predicted.entities],
        "types": [gold.doc_type, predicted.doc_type],
        "differences": [
            {
                "kind": NAME_OF_KIND[row.kind],
                "gold": place[id(row.gold)] if row.gold else None,
                "found": [place[id(f)] for f in row.found],
                "labels": [row.gold.label if row.gold else NONE, row.taken_for or NONE],
            }
            for row in rows
        ],
    }


def write_comparison(matching: Matching, names: tuple[str, str], file: BinaryIO) -> Comparison:
    """Write the page of a comparison; `names` are those of gold and predicted. Returns its counts."""
    comparison = Comparison()
    file.write(whole_head(TITLE).encode("utf-8"))
    summaries = []
    for pair in matching.pairs:
        rows = comparison.add(pair)
        (document, gold), (_, predicted) = pair
        file.write(data_block("record", comparison_record(pair, rows)).encode("utf-8"))
        about = {"id": document.id, "title": document.fields.get("title"), "text": document.text}
        if predicted.record:  # the subject of a document says more than its first line
            about["record"] = predicted.record.to_dict()
        summary = summary_of(about | {"doc_type": gold.doc_type})
        summary["entities"] = [
            [NAME_OF_KIND[row.kind], 1, row.gold.label if row.gold else NONE, row.taken_for or NONE] for row in rows
        ]
        summary["texts"] = lines_of(span.text for row in rows for span in row.spans)
        summaries.append(summary)
    data = {
        "names": names,
        "summaries": summaries,
        "labels": comparison.labels,
        "scores": comparison.scores(),
        "kinds": {kind: comparison.kinds[kind] for kind in KINDS},
        "confusion": [[*pair, number] for pair, number in sorted(comparison.confusion.items())],
        "types": [[*pair, number] for pair, number in sorted(comparison.types.items())],
        "only": [matching.only_gold, matching.only_predicted],
        "failed": [str(failure) for failure in matching.failures],
    }
    file.write(data_block("comparison", data).encode("utf-8"))
    file.write(whole_tail().encode("utf-8"))
    return comparison

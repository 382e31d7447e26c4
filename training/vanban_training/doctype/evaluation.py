"""How well document types are told, from the logits of all windows of the documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from vanban.network.classification import POOLINGS, FloatArray, Reading, pool
from vanban_training.config import RunConfig
from vanban_training.corpus.annotated import AnnotatedDocument
from vanban_training.doctype.calibration import Indices

VARIANTS: Final = ("whole", "masked")  # as it stands, and without type line, number and symbol
# what cross-validation compares
READINGS: Final = (  # head, body, tail, formulae
    (1, 0, 0, 0), (1, 0, 1, 0), (1, 2, 1, 0), (2, 0, 1, 0), (2, 2, 2, 0), (1, 0, 1, 2), (2, 0, 1, 2), (2, 2, 2, 2),
    (2, 2, 2, 4), (10**6, 0, 0, 0),
)  # fmt: skip


def pooled_logits(predicted: Sequence[dict[str, Any]], variant: str, reading: Reading) -> FloatArray:
    """Return (documents, types) logits from those of every window."""
    types = max((len(row) for d in predicted for name in VARIANTS for row in d[name]), default=0)
    pooled = np.zeros((len(predicted), types), dtype=np.float32)
    for number, document in enumerate(predicted):
        rows = np.array(document[variant], dtype=np.float32)
        if len(rows):
            chosen = reading.choose(len(rows), document.get(f"{variant}_formulae", ()))
            pooled[number] = pool(rows[chosen], reading.pooling)
    return pooled


def type_ids(documents: Sequence[AnnotatedDocument], types: Sequence[str]) -> Indices:
    """Return (documents,) ids of the right types."""
    return np.array([types.index(str(d.type)) for d in documents], dtype=np.int64)


def scores_of(found: Indices, right: Indices) -> dict[str, float]:
    """Return accuracy and macro F1 in [0, 1]."""
    from sklearn.metrics import accuracy_score, f1_score

    return {
        "accuracy": round(float(accuracy_score(right, found)), 4),
        "macro_f1": round(float(f1_score(right, found, average="macro", zero_division=0)), 4),
    }


def scores_row(found: Indices, right: Indices) -> dict[str, Any]:
    """Return a row of `scores_table`: the scores, and the number of documents."""
    return {**scores_of(found, right), "documents": len(right)}


def scores_by_feature(
    documents: Sequence[AnnotatedDocument], found: Mapping[str, Indices], right: Indices
) -> dict[str, dict[str, Any]]:
    """Return the scores of the documents with each feature of the manifest and without any; none if none is stated."""
    features = sorted({feature for d in documents for feature in d.features})
    rows = {}
    for feature in [*features, None] if features else []:
        here = np.array([feature in d.features if feature else not d.features for d in documents])
        for variant, of_variant in found.items() if here.any() else []:
            name = f"{feature or 'no feature'}, {variant}"
            rows[name] = scores_row(of_variant[here], right[here])
    return rows


def accuracy_table(
    config: RunConfig, documents: Sequence[AnnotatedDocument], predicted: Sequence[Any]
) -> tuple[str, dict[str, Any]]:
    """Return accuracy and macro F1 of each variant, as a table and as JSON."""
    right = type_ids(documents, config.data.labels)
    reading = config.reading.as_read()
    scores = {v: scores_of(pooled_logits(predicted, v, reading).argmax(axis=1), right) for v in VARIANTS}
    return scores_table({name: {"documents": len(documents), **score} for name, score in scores.items()}), scores


def confusions(
    config: RunConfig, documents: Sequence[AnnotatedDocument], predicted: Sequence[Any], examples: int, variant: str
) -> str:
    """Return which types are taken for which, the most frequent first, with the ids of up to `examples` documents."""
    types = config.data.labels
    logits = pooled_logits(predicted, variant, config.reading.as_read())
    wrong: dict[tuple[str, str], list[str]] = {}
    for document, found in zip(documents, logits.argmax(axis=1), strict=True):
        if types[found] != document.type:
            wrong.setdefault((str(document.type), types[found]), []).append(document.id)
    if not wrong:
        return f"errors, {variant}: none"
    lines = [f"errors, {variant}: {sum(map(len, wrong.values()))}"]
    for (right, found_type), ids in sorted(wrong.items(), key=lambda item: (-len(item[1]), item[0])):
        shown = ", ".join(ids[:examples]) + (" …" if len(ids) > examples else "")
        lines.append(f"  {right} taken for {found_type}: {len(ids)}{f' ({shown})' if examples else ''}")
    return "\n".join(lines)


def scores_table(rows: dict[str, dict[str, Any]]) -> str:
    """Return a Markdown table of named rows of accuracy and macro F1."""
    width = max(len(name) for name in rows)
    lines = [
        f"| {'':<{width}} | accuracy | macro F1 | documents |",
        f"|{'-' * (width + 2)}|---------:|---------:|----------:|",
    ]
    lines += [
        f"| {name:<{width}} | {row['accuracy']:8.3f} | {row['macro_f1']:8.3f} | {row['documents']:9d} |"
        for name, row in rows.items()
    ]
    return "\n".join(lines)


def compare_readings(predicted: Sequence[dict[str, Any]], right: Indices) -> list[dict[str, Any]]:
    """Return the accuracy of each way to read and pool, whole and masked."""
    rows = []
    for head, body, tail, formulae in READINGS:
        for pooling in POOLINGS:
            reading = Reading(head, body, tail, pooling, formulae)
            hits = {v: float((pooled_logits(predicted, v, reading).argmax(axis=1) == right).mean()) for v in VARIANTS}
            name = "all windows" if head > 2 else f"{head} + {body} + {tail} + {formulae}"
            rows.append({"windows": name, "pooling": pooling, **{v: round(hit, 4) for v, hit in hits.items()}})
    return rows


def readings_table(rows: Sequence[dict[str, Any]]) -> str:
    """Return a Markdown table of `compare_readings`."""
    lines = [
        "| head + body + tail + formulae | pooling     | whole | masked |",
        "|-------------------------------|-------------|------:|-------:|",
    ]
    lines += [f"| {r['windows']:<29} | {r['pooling']:<11} | {r['whole']:5.3f} | {r['masked']:6.3f} |" for r in rows]
    return "\n".join(lines)


def confusion_table(found: Indices, right: Indices, types: Sequence[str]) -> str:
    """Return a Markdown table: a row for each right type, a column for each type that was found."""
    from sklearn.metrics import confusion_matrix

    counts = confusion_matrix(right, found, labels=list(range(len(types))))
    width = max(len(name) for name in types)
    lines = [
        f"| {'right':<{width}} | {' | '.join(types)} |",
        f"|{'-' * (width + 2)}|{'|'.join('-' * (len(name) + 1) + ':' for name in types)}|",
    ]
    for name, row in zip(types, counts, strict=True):
        cells = " | ".join(f"{count or '':>{len(t)}}" for t, count in zip(types, row, strict=True))
        lines.append(f"| {name:<{width}} | {cells} |")
    return "\n".join(lines)

"""The differences between annotated and predicted spans as they are reported: with their contexts, counted by kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, TypeVar

from vanban.documents.differences import KINDS, Difference, differences
from vanban.schema import Entity

Row = TypeVar("Row")


def errors_of(
    document: str, text: str, gold: Sequence[Entity], found: Sequence[Entity], context: int = 40
) -> list[dict[str, Any]]:
    """Return the differences between gold and found spans of one document, each with its context.

    `kind` is that of `Difference`.
    """
    return [_error(document, text, one, context) for one in differences(gold, found)]


def _error(document: str, text: str, one: Difference, context: int) -> dict[str, Any]:
    start, end = one.start, one.end
    return {
        "document": document,
        "kind": one.kind,
        "start": start,
        "end": end,
        "gold": one.gold and {"label": one.gold.label, "text": one.gold.text},
        "found": [{"label": f.label, "text": f.text, "score": f.score} for f in one.found],
        "context": f"{text[max(0, start - context) : start]}[{text[start:end]}]{text[end : end + context]}",
    }


def errors_report(rows: Sequence[dict[str, Any]], labels: Sequence[str], examples: int) -> str:
    """Return a table of the errors by label and kind, and up to `examples` of each kind in their contexts.

    An error counts for the label of the annotated span, or of the predicted one where none was annotated.
    """
    if not rows:
        return "errors: none"
    by_kind = {name: [row for row in rows if row["kind"] in kinds] for name, kinds in KINDS.items()}
    counts = Counter((_label(row), name) for name, of_kind in by_kind.items() for row in of_kind)
    lines = [
        f"| {'errors':<10} | {' | '.join(KINDS)} |",
        f"|------------|{'|'.join('-' * (len(name) + 1) + ':' for name in KINDS)}|",
    ]
    for label in labels:
        cells = " | ".join(f"{counts[label, name] or '':>{len(name)}}" for name in KINDS)
        lines.append(f"| {label:<10} | {cells} |")
    for name, of_kind in by_kind.items() if examples else []:
        if of_kind:
            lines += ["", f"{name} ({len(of_kind)}):", *(f"  {_shown(row)}" for row in spread(of_kind, examples))]
    return "\n".join(lines)


def _label(row: dict[str, Any]) -> str:
    return str((row["gold"] or row["found"][0])["label"])


def spread(rows: Sequence[Row], number: int) -> list[Row]:
    """Return up to `number` rows, as far apart as they can be, so that not all are of one document."""
    step = max(1.0, len(rows) / number)
    return [rows[int(i * step)] for i in range(min(number, len(rows)))]


def _shown(row: dict[str, Any]) -> str:
    found = ", ".join(f"{f['label']} {f['text']!r} {f['score']:.2f}" for f in row["found"])
    gold = f"{row['gold']['label']} {row['gold']['text']!r}" if row["gold"] else ""
    said = f"{gold}, found {found}" if gold and found else gold or found
    return f"{row['document']}: {said} in {row['context']!r}"

"""The differences between annotated and predicted spans: missed, false, with a wrong edge, with a wrong label."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final, TypeVar

from vanban.schema import Entity

Row = TypeVar("Row")

KINDS: Final = {  # as they are counted, and the kinds of `errors_of` in each
    "missed": ("missed",),
    "false": ("spurious",),
    "wrong edge": ("boundary",),
    "wrong label": ("label", "confused"),
}


def errors_of(
    document: str, text: str, gold: Sequence[Entity], found: Sequence[Entity], context: int = 40
) -> list[dict[str, Any]]:
    """Return the differences between gold and found spans of one document, each with its context.

    `kind` is `boundary` (same label, overlapping), `label` (same span), `confused` (another label, overlapping),
    `missed` or `spurious`.
    """
    right = {(e.label, e.start, e.end) for e in gold} & {(e.label, e.start, e.end) for e in found}
    wrong = [e for e in found if (e.label, e.start, e.end) not in right]
    rows = []
    paired: set[Entity] = set()
    for g in gold:
        if (g.label, g.start, g.end) in right:
            continue
        overlapping = [f for f in wrong if f.start < g.end and g.start < f.end]
        paired.update(overlapping)
        kind = "missed"
        if overlapping:
            same_span = any((f.start, f.end) == (g.start, g.end) for f in overlapping)
            same_label = any(f.label == g.label for f in overlapping)
            kind = "label" if same_span else "boundary" if same_label else "confused"
        rows.append(_error(document, text, kind, g, overlapping, context))
    rows += [_error(document, text, "spurious", None, [f], context) for f in wrong if f not in paired]
    return sorted(rows, key=lambda row: int(row["start"]))


def _error(
    document: str, text: str, kind: str, gold: Entity | None, found: Sequence[Entity], context: int
) -> dict[str, Any]:
    spans = [*([gold] if gold else []), *found]
    start, end = min(e.start for e in spans), max(e.end for e in spans)
    return {
        "document": document,
        "kind": kind,
        "start": start,
        "end": end,
        "gold": gold and {"label": gold.label, "text": gold.text},
        "found": [{"label": f.label, "text": f.text, "score": f.score} for f in found],
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

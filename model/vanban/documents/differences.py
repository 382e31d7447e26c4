"""The differences between annotated and predicted spans of a document: missed, false, with a wrong edge or label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from vanban.schema import Entity

Kind = Literal["boundary", "label", "confused", "missed", "spurious"]

KINDS: Final[dict[str, tuple[Kind, ...]]] = {  # as they are counted, and the kinds of `Difference` in each
    "missed": ("missed",),
    "false": ("spurious",),
    "wrong edge": ("boundary",),
    "wrong label": ("label", "confused"),
}
NAME_OF_KIND: Final = {kind: name for name, kinds in KINDS.items() for kind in kinds}


@dataclass(frozen=True, slots=True)
class Difference:
    """A gold span that was not found as it is, with the wrong spans that overlap it; or a wrong one that overlaps none.

    `kind` is `boundary` (same label, overlapping), `label` (same span), `confused` (another label, overlapping),
    `missed` or `spurious`, which has no `gold`.
    """

    kind: Kind
    gold: Entity | None
    found: tuple[Entity, ...]

    @property
    def start(self) -> int:
        """Where the first of the spans begins."""
        return min(e.start for e in self.spans)

    @property
    def end(self) -> int:
        """Where the last of the spans ends."""
        return max(e.end for e in self.spans)

    @property
    def spans(self) -> tuple[Entity, ...]:
        """All spans, the gold one first."""
        return (*((self.gold,) if self.gold else ()), *self.found)

    @property
    def taken_for(self) -> str | None:
        """The label that the span was found with: that of the same span, else its own, else of the longest overlap."""
        gold = self.gold
        if gold is None or not self.found:
            return self.found[0].label if self.found else None
        return max(
            self.found,
            key=lambda f: (
                (f.start, f.end) == (gold.start, gold.end),
                f.label == gold.label,
                min(f.end, gold.end) - max(f.start, gold.start),
            ),
        ).label


def differences(gold: Sequence[Entity], found: Sequence[Entity]) -> list[Difference]:
    """Return the differences between gold and found spans of one document, sorted by where they begin."""
    right = {(e.label, e.start, e.end) for e in gold} & {(e.label, e.start, e.end) for e in found}
    wrong = [e for e in found if (e.label, e.start, e.end) not in right]
    rows = []
    paired: set[Entity] = set()
    for g in gold:
        if (g.label, g.start, g.end) in right:
            continue
        overlapping = tuple(f for f in wrong if f.start < g.end and g.start < f.end)
        paired.update(overlapping)
        kind: Kind = "missed"
        if overlapping:
            same_span = any((f.start, f.end) == (g.start, g.end) for f in overlapping)
            same_label = any(f.label == g.label for f in overlapping)
            kind = "label" if same_span else "boundary" if same_label else "confused"
        rows.append(Difference(kind, g, overlapping))
    rows += [Difference("spurious", None, (f,)) for f in wrong if f not in paired]
    return sorted(rows, key=lambda row: row.start)

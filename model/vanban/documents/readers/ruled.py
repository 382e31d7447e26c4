"""Tables with lines on a page of a PDF: which letters stand in which cell, and its rows as text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from vanban.documents.readers.cells import row_of

Box = tuple[float, float, float, float]
"""x0, y0, x1, y1 in points; y grows upwards."""

_THIN: Final = 2.5  # points; rulings are drawn as lines, or as rectangles that are this high
_LONG: Final = 8.0
_NEAR: Final = 3.0
_MOST: Final = 3_000  # rulings of a page; more are a drawing


@dataclass
class Table:
    """The rulings of a table, `across` and `down`, and the box around them."""

    across: list[Box]
    down: list[Box]
    box: Box

    def holds(self, box: Box) -> bool:
        """True of a line of text whose middle is in the table."""
        x, y = _middle(box)
        return self.box[0] <= x <= self.box[2] and self.box[1] <= y <= self.box[3]

    def rows(self, lines: Sequence[Sequence[tuple[str, Box | None]]]) -> list[str]:
        """Return the text of the table from its lines of letters; blanks that nobody drew have no box."""
        cells: dict[tuple[float, float], list[str]] = defaultdict(list)
        for line in lines:
            parts: dict[tuple[float, float], str] = {}
            place = None
            for letter, box in line:
                place = self._cell(box) if box else place
                if place is not None:
                    parts[place] = parts.get(place, "") + letter
            for place, text in parts.items():
                if text.strip():
                    cells[place].append(text.strip())
        tops = sorted({top for top, _ in cells}, reverse=True)
        lefts = sorted({left for _, left in cells})
        rows = [[cells[top, left] for left in lefts if (top, left) in cells] for top in tops]
        return [line for row in rows for line in row_of(row)]

    def _cell(self, box: Box) -> tuple[float, float]:
        """Return the ruling above and the one to the left of a letter, of those that reach it: cells may be merged."""
        x, y = _middle(box)
        above = min((r[1] for r in self.across if r[1] >= y and r[0] <= x <= r[2]), default=self.box[3])
        left = max((r[0] for r in self.down if r[0] <= x and r[1] <= y <= r[3]), default=self.box[0])
        return round(above / _NEAR), round(left / _NEAR)


def tables_of(shapes: Iterable[Any]) -> list[Table]:
    """Return the tables among the lines and rectangles of a page: two columns at least, all sides drawn."""
    rulings: list[tuple[Box, bool]] = []
    for shape in shapes:
        rulings += _rulings(shape)
        if len(rulings) > _MOST:
            return []
    tables = []
    for group in _joined(rulings):
        across, down = ([box for box, is_across in group if is_across is wanted] for wanted in (True, False))
        if _places(box[1] for box in across) >= 2 and _places(box[0] for box in down) >= 3:
            boxes = across + down
            around = (
                min(b[0] for b in boxes),
                min(b[1] for b in boxes),
                max(b[2] for b in boxes),
                max(b[3] for b in boxes),
            )
            tables.append(Table(across, down, around))
    return tables


def _rulings(shape: Any) -> Iterator[tuple[Box, bool]]:
    """Yield the rulings of a line or rectangle, and whether each goes across."""
    x0, y0, x1, y1 = shape.bbox
    width, height = x1 - x0, y1 - y0
    if height <= _THIN < _LONG <= width:
        yield (x0, y0, x1, y1), True
    elif width <= _THIN < _LONG <= height:
        yield (x0, y0, x1, y1), False
    elif width >= _LONG and height >= _LONG and getattr(shape, "stroke", False):
        yield (x0, y0, x1, y0), True
        yield (x0, y1, x1, y1), True
        yield (x0, y0, x0, y1), False
        yield (x1, y0, x1, y1), False


def _joined(rulings: Sequence[tuple[Box, bool]]) -> Iterator[list[tuple[Box, bool]]]:
    """Yield the rulings that touch each other, over others too, as groups."""
    left = list(rulings)
    while left:
        group = [left.pop()]
        for ruling in group:
            near = [other for other in left if _touch(ruling[0], other[0])]
            group += near
            if near:
                left = [other for other in left if not _touch(ruling[0], other[0])]
        yield group


def _touch(a: Box, b: Box) -> bool:
    return a[0] <= b[2] + _NEAR and b[0] <= a[2] + _NEAR and a[1] <= b[3] + _NEAR and b[1] <= a[3] + _NEAR


def _middle(box: Box) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def _places(positions: Iterable[float]) -> int:
    """Return how many of the positions are apart."""
    ordered = sorted(positions)
    return sum(i == 0 or position - ordered[i - 1] > _NEAR for i, position in enumerate(ordered))

"""A row of a table as text: on one line with tabs where its cells have a line each, else cell by cell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def row_of(cells: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a row from those of its cells.

    A row of numbers stays together; the head of an act, two cells of several lines, is read one cell after the other.
    """
    filled = [_without_blank_ends(cell) for cell in cells]
    if any(len(cell) > 1 for cell in filled):
        return [line for cell in filled for line in cell]
    return ["\t".join(cell[0].strip() if cell else "" for cell in filled)]


def _without_blank_ends(lines: Sequence[str]) -> Sequence[str]:
    full = [i for i, line in enumerate(lines) if line.strip()]
    return lines[full[0] : full[-1] + 1] if full else []

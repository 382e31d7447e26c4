"""The recursions over columns of groups: best paths (Viterbi) and log sums over all paths (forward, backward).

Each goes on from a state at the border of two columns: one score of all paths up to there after which anything may come
but I, and one for each label of those that end inside it. (Backward: of all paths from there on that do not begin with
I, and of those that begin with I of a label.) Arrays of states have an axis for several of them a row: (states, rows)
and (labels, states, rows).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]
ScoreArray = npt.NDArray[np.float64]  # log sums over a line: in float32 a line of 40,000 tokens is off by 0.3
IntArray = npt.NDArray[np.int64]
TagArray = npt.NDArray[np.int16]

NEVER: Final = -1e9
State = tuple[ScoreArray, ScoreArray]


@dataclass(frozen=True, slots=True)
class Grid:
    """Scores of groups, in the order of the lines down the columns.

    `outside`, and `leave`, which is what it costs to end an entity at a group: (columns, rows). `begin`, `inside`:
    (columns, labels, 1, rows).
    """

    outside: ScoreArray
    begin: ScoreArray
    inside: ScoreArray
    leave: ScoreArray

    def of_rows(self, rows: IntArray) -> Grid:
        """Return the grid of some rows."""
        return Grid(self.outside[:, rows], self.begin[..., rows], self.inside[..., rows], self.leave[:, rows])

    def edge(self) -> State:
        """Return the state at the beginning, or at the end, of a line: outside of entities for certain."""
        labels, rows = self.begin.shape[1], self.outside.shape[1]
        return np.zeros((1, rows)), np.full((labels, 1, rows), NEVER)

    def every_state(self) -> State:
        """Return the states in each of which one thing is certain: outside of entities, then inside each label."""
        labels, rows = self.begin.shape[1], self.outside.shape[1]
        certain = np.where(np.eye(1 + labels, dtype=np.bool_), 0.0, NEVER)[..., None].repeat(rows, axis=2)
        return certain[0], certain[1:]


@dataclass(frozen=True, slots=True)
class Pointers:
    """The best way to each border but the first: `tag`, (columns + 1, states, rows), of the column before it, whatever
    goes on; `by_begin`, (columns + 1, labels, states, rows), True where I goes on from B, not from I."""

    tag: TagArray
    by_begin: npt.NDArray[np.bool_]


def best_paths(grid: Grid, best: ScoreArray, within: ScoreArray) -> tuple[ScoreArray, ScoreArray, Pointers]:
    """Return the state behind the last column, scores being those of the best path alone, and how it came to be."""
    columns, labels = len(grid.outside), len(within)
    pointers = Pointers(
        np.zeros((columns + 1, *best.shape), dtype=np.int16), np.zeros((columns + 1, *within.shape), dtype=np.bool_)
    )
    together = np.empty((1 + 2 * labels, *best.shape))  # O, then B and I of each label
    for c in range(columns):
        begin, inside = grid.begin[c] + best, grid.inside[c] + within
        together[0] = grid.outside[c] + best
        together[1::2], together[2::2] = begin + grid.leave[c], inside + grid.leave[c]
        pointers.tag[c + 1] = together.argmax(axis=0)
        best = together.max(axis=0)
        np.greater_equal(begin, inside, out=pointers.by_begin[c + 1])
        within = np.maximum(begin, inside)
    return best, within, pointers


def step_back(pointers: Pointers, border: int, tag: TagArray) -> TagArray:
    """Return the tags before a border, (ends, rows), on the best paths to those behind it. There is one state a row."""
    inside = (tag > 0) & (tag % 2 == 0)
    by_begin = pointers.by_begin[border, np.maximum(tag - 1, 0) // 2, 0, np.arange(tag.shape[1])]
    before: TagArray = np.where(inside, np.where(by_begin, tag - 1, tag), pointers.tag[border])
    return before


def tags_back(pointers: Pointers, ends: TagArray) -> TagArray:
    """Return the tags of the best paths to some tags of the last column, (ends, rows): (columns, ends, rows)."""
    tags = np.empty((len(pointers.tag) - 1, *ends.shape), dtype=np.int16)
    tag = ends
    for c in range(len(tags) - 1, -1, -1):
        tags[c] = tag
        tag = step_back(pointers, c, tag)
    return tags


def sums_before(grid: Grid, before: ScoreArray, within: ScoreArray) -> tuple[ScoreArray, ScoreArray]:
    """Return the log sum of the paths up to each border, (columns + 1, states, rows), and of those that end inside."""
    sums = np.empty((len(grid.outside) + 1, *before.shape))
    sums[0] = before
    for c in range(len(grid.outside)):
        within = np.logaddexp(grid.begin[c] + before, grid.inside[c] + within)
        before = sums[c + 1] = log_sum(grid.outside[c] + before, within + grid.leave[c])
    return sums, within


def sums_after(grid: Grid, after: ScoreArray, going_on: ScoreArray) -> tuple[ScoreArray, ScoreArray]:
    """Return the log sum of the paths from each border on that do not begin with I, and of those from the first on that
    do: (labels, states, rows)."""
    columns = len(grid.outside)
    sums = np.empty((columns + 1, *after.shape))
    sums[columns] = after
    for c in range(columns - 1, -1, -1):
        from_entity = np.logaddexp(after + grid.leave[c], going_on)
        going_on = grid.inside[c] + from_entity
        after = sums[c] = log_sum(grid.outside[c] + after, grid.begin[c] + from_entity)
    return sums, going_on


def log_sum(one: ScoreArray, many: ScoreArray) -> ScoreArray:
    """Return log(exp(one) + sum over the first axis of exp(many))."""
    return log_sum_of(np.concatenate([one[None], many]))


def log_sum_of(many: ScoreArray) -> ScoreArray:
    """Return the log of the sum over the first axis of exp(many)."""
    top = many.max(axis=0)
    result: ScoreArray = top + np.log(np.exp(many - top).sum(axis=0))
    return result

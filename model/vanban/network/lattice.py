"""The best tag sequences of lines of tokens, among those that are valid, and exact probabilities of their spans.

A sequence is valid when I of a label follows B or I of the same label, when no entity begins or ends at a token that
continues a unit, and none begins with a unit that none of `opens` is in, or ends with one without `closes`. So tokens
are taken together in groups, each of which begins where an entity may begin, or a line does.

Lines run through the recursions side by side. One that is very long would run alone, and is folded (`long_line.py`).
"""

from __future__ import annotations

import numpy as np

from vanban.network.recursions import (
    NEVER,
    Grid,
    IntArray,
    ScoreArray,
    TagArray,
    best_paths,
    sums_after,
    sums_before,
    tags_back,
)
from vanban.network.token_scores import TokenScores

FoundSpan = tuple[int, int, int, float]
"""First token, last token + 1, label, probability."""


class Groups:
    """The scores of the groups of some tokens."""

    def __init__(self, tokens: TokenScores) -> None:
        scores = tokens.log_probs.astype(np.float64)
        scores[~tokens.has_say] = 0.0
        self.starts = starts = tokens.group_starts()
        self.inside = np.add.reduceat(scores[:, 2::2], starts, axis=0)  # (groups, labels)
        self.outside = np.add.reduceat(scores[:, 0], starts)  # (groups,)
        self.begin = self.inside - scores[starts, 2::2] + scores[starts, 1::2]
        # nothing begins in the middle of a unit, in the invisible, or with a mark
        self.begin[~(tokens.can_begin[starts] & np.logical_or.reduceat(tokens.opens, starts))] = NEVER
        self.leave = np.where(
            np.logical_or.reduceat(tokens.closes, starts), 0.0, NEVER
        )  # what it costs to end an entity

    def grid(self, columns: int, rows: int, column: IntArray, row: IntArray) -> Grid:
        """Lay the groups out in a grid, each at its `column` and `row`."""
        labels = self.inside.shape[1]
        # padding is O for certain, so that it changes neither the best path nor the sums
        grid = Grid(
            outside=np.zeros((columns, rows)),
            begin=np.full((columns, labels, 1, rows), NEVER),
            inside=np.full((columns, labels, 1, rows), NEVER),
            leave=np.zeros((columns, rows)),
        )
        grid.outside[column, row], grid.leave[column, row] = self.outside, self.leave
        grid.begin[column, :, 0, row], grid.inside[column, :, 0, row] = self.begin, self.inside
        return grid

    def scores_of(self, tags: TagArray) -> ScoreArray:
        """Return the score of a tag of each group, 0 for O: (groups,)."""
        groups, label = np.arange(len(tags)), np.maximum(tags - 1, 0) // 2
        entity = np.where(tags % 2 == 1, self.begin[groups, label], self.inside[groups, label])
        return np.where(tags > 0, entity, 0.0)


class Lattice:
    """Lines of tokens in one grid."""

    def __init__(self, tokens: TokenScores) -> None:
        self._groups = Groups(tokens)
        starts, first = self._groups.starts, np.flatnonzero(tokens.line_starts)
        self._token_of_group = np.append(starts, len(tokens))
        self._line = np.searchsorted(first, starts, side="right") - 1
        edges = np.append(np.searchsorted(starts, first), len(starts))
        self._column = np.arange(len(starts)) - edges[self._line]
        self._grid = self._groups.grid(int(np.diff(edges).max(initial=0)), len(first), self._column, self._line)

    def best_spans(self) -> list[FoundSpan]:
        """Return the entities of the best path, in order."""
        *_, pointers = best_paths(self._grid, *self._grid.edge())
        tags = tags_back(pointers, pointers.tag[-1])[self._column, 0, self._line]
        first, last = ends_of_entities(tags)
        # probabilities are asked for of lines that have an entity
        lines, row = np.unique(self._line[first], return_inverse=True)
        before, total, after = self._marginals(lines)
        scores = sums_of_spans(self._groups.scores_of(tags), first, last)
        log_probability = before[row, self._column[first]] + scores + after[row, self._column[last] + 1] - total[row]
        return found_spans(first, last, tags, log_probability, self._token_of_group)

    def _marginals(self, lines: IntArray | None = None) -> tuple[ScoreArray, ScoreArray, ScoreArray]:
        """Return log sums over valid paths, of some lines or of all.

        `before[l, c]`: all paths over the columns before c. `total[l]`: all paths. `after[l, c]`: all paths over the
        columns from c on that do not begin with I.
        """
        grid = self._grid if lines is None else self._grid.of_rows(lines)
        before, _ = sums_before(grid, *grid.edge())
        after, _ = sums_after(grid, *grid.edge())
        return before[:, 0].T, before[-1, 0], after[:, 0].T


def ends_of_entities(tags: TagArray) -> tuple[IntArray, IntArray]:
    """Return the first and the last group of each entity of a valid path."""
    first = np.flatnonzero(tags % 2 == 1)
    goes_on = np.append((tags > 0) & (tags % 2 == 0), False)
    stops = np.flatnonzero(~goes_on)
    return first, stops[np.searchsorted(stops, first, side="right")] - 1


def sums_of_spans(scores: ScoreArray, first: IntArray, last: IntArray) -> ScoreArray:
    """Return the sum of `scores` from each `first` to its `last`."""
    if not len(first):
        return np.zeros(0)
    edges = np.stack([first, last + 1], axis=1).ravel()
    return np.add.reduceat(np.append(scores, 0.0), edges)[::2]


def found_spans(
    first: IntArray, last: IntArray, tags: TagArray, log_probability: ScoreArray, token_of_group: IntArray
) -> list[FoundSpan]:
    """Return the entities from their groups, with tokens in the place of these."""
    columns = (
        token_of_group[first],
        token_of_group[last + 1],
        tags[first] // 2,
        np.exp(np.minimum(log_probability, 0.0)),
    )
    return list(zip(*(column.tolist() for column in columns), strict=True))

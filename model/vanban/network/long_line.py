"""A line of tens of thousands of groups, folded into rows that run through the recursions side by side.

What a row makes of a path depends on how the path comes to it: outside of entities, or inside one of a label. So each
row is run through for all of these, then the rows are linked one by one, and each is run through again as it is come
to. All is exact but for rounding: spans are those of `Lattice`, probabilities are the same to 1e-9.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import numpy as np

from vanban.network.lattice import FoundSpan, Groups, ends_of_entities, found_spans, sums_of_spans
from vanban.network.recursions import (
    NEVER,
    Grid,
    Pointers,
    ScoreArray,
    State,
    TagArray,
    best_paths,
    log_sum_of,
    sums_after,
    sums_before,
    tags_back,
)
from vanban.network.token_scores import TokenScores

_CELLS: Final = 1 << 16  # groups that run together, so that memory is bounded


class LongLine:
    """One line of tokens. Some 40 bytes are kept for each group."""

    def __init__(self, tokens: TokenScores) -> None:
        self._tokens = tokens
        self._token_of_group = np.append(tokens.group_starts(), len(tokens))
        groups = len(self._token_of_group) - 1
        self._columns = math.isqrt(groups)
        rows, together = -(-groups // self._columns), max(1, _CELLS // self._columns)
        self._parts = [slice(first, min(first + together, rows)) for first in range(0, rows, together)]

    def best_spans(self) -> list[FoundSpan]:
        """Return the entities of the best path, in order."""
        links = [_links(self._grid(part)[1]) for part in self._parts]
        of_best, of_before, of_after = (np.concatenate(kind, axis=2) for kind in zip(*links, strict=True))
        best, before = _linked(of_best, _greatest), _linked(of_before, log_sum_of)
        after = _linked(of_after[..., ::-1], log_sum_of)[:, ::-1]
        groups = len(self._token_of_group) - 1
        tags = np.zeros(groups, dtype=np.int16)
        scores, sums_to, sums_from = np.zeros(groups), np.zeros(groups), np.zeros(groups + 1)
        tag = 0  # the first of the row behind
        for part in reversed(self._parts):
            of_part, grid = self._grid(part)
            *_, pointers = best_paths(grid, *_state(best, part.start, part.stop))
            path, tag = _path(pointers, len(of_part.begin[0]), tag)
            here = slice(part.start * self._columns, part.start * self._columns + len(of_part.starts))
            number = len(of_part.starts)
            tags[here] = path[:number]
            scores[here] = of_part.scores_of(tags[here])
            sums_to[here] = _in_line(sums_before(grid, *_state(before, part.start, part.stop))[0][:-1], number)
            sums_from[here] = _in_line(sums_after(grid, *_state(after, part.start + 1, part.stop + 1))[0][:-1], number)
        first, last = ends_of_entities(tags)
        log_probability = sums_to[first] + sums_of_spans(scores, first, last) + sums_from[last + 1] - before[0, -1]
        return found_spans(first, last, tags, log_probability, self._token_of_group)

    def _grid(self, part: slice) -> tuple[Groups, Grid]:
        """Return the groups of some rows, and these laid out."""
        edges = self._token_of_group[part.start * self._columns : part.stop * self._columns + 1]
        groups = Groups(self._tokens[edges[0] : edges[-1]])
        row, column = np.divmod(np.arange(len(groups.starts)), self._columns)
        return groups, groups.grid(self._columns, part.stop - part.start, column, row)


def _links(grid: Grid) -> tuple[ScoreArray, ScoreArray, ScoreArray]:
    """Return what each row makes of a path in each state, from the state to the one behind: (before, behind, rows).

    That is for best paths, for sums of all paths, and, from the end of the row to its beginning, for sums after.
    """
    best, within, _ = best_paths(grid, *grid.every_state())
    before, inside = sums_before(grid, *grid.every_state())
    after, going_on = sums_after(grid, *grid.every_state())
    pairs = ((best, within), (before[-1], inside), (after[0], going_on))
    of_best, of_before, of_after = (np.concatenate([one[None], more]).swapaxes(0, 1) for one, more in pairs)
    return of_best, of_before, of_after


def _linked(links: ScoreArray, over: Callable[[ScoreArray], ScoreArray]) -> ScoreArray:
    """Return the state before each row and behind the last, (states, rows + 1), taken `over` the states before."""
    states = np.full((len(links), links.shape[2] + 1), NEVER)
    states[0, 0] = 0.0
    for row in range(links.shape[2]):
        states[:, row + 1] = over(links[:, :, row] + states[:, row, None])
    return states


def _greatest(many: ScoreArray) -> ScoreArray:
    greatest: ScoreArray = many.max(axis=0)
    return greatest


def _state(states: ScoreArray, first: int, stop: int) -> State:
    """Return some columns of `_linked` as the recursions take them, one state a row."""
    return states[:1, first:stop], states[1:, None, first:stop]


def _path(pointers: Pointers, labels: int, tag: int) -> tuple[TagArray, int]:
    """Return the tags of some rows in one line, given the first of the row behind, and the first of their own."""
    rows = pointers.tag.shape[2]
    ends = np.arange(1 + 2 * labels, dtype=np.int16)[:, None].repeat(rows, axis=1)
    paths = tags_back(pointers, ends)
    chosen = np.zeros(rows, dtype=np.int64)
    for row in range(rows - 1, -1, -1):
        if tag > 0 and tag % 2 == 0:
            chosen[row] = tag - 1 if pointers.by_begin[-1, tag // 2 - 1, 0, row] else tag
        else:
            chosen[row] = pointers.tag[-1, 0, row]
        tag = int(paths[0, chosen[row], row])
    return paths[:, chosen, np.arange(rows)].T.ravel(), tag


def _in_line(sums: ScoreArray, number: int) -> ScoreArray:
    """Return the first `number` of the sums of a grid, (columns, 1, rows), row by row."""
    return sums[:, 0].T.ravel()[:number]

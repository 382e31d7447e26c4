"""Spans ↔ BIO tags, constrained decoding and the merging of windows: the only BIO code of the project.

Tags are IOB2. With L labels there are 1 + 2L tags: 0 is O, 1 + 2i is B of label i, 2 + 2i is I of label i.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from vanban.network.edges import USUAL_MARKS, BoolArray, EdgeMarks
from vanban.network.rules import Rules, keeps
from vanban.reading.encoding import EncodedText, Window, batches_by_length
from vanban.schema import Entity, Span

FloatArray = npt.NDArray[np.float32]
ScoreArray = npt.NDArray[np.float64]  # log sums over a line: in float32 a line of 40,000 tokens is off by 0.3
IntArray = npt.NDArray[np.int64]

OUTSIDE: Final = 0
IGNORED: Final = -100  # the index that torch's cross-entropy passes over
NO_RULES: Final[Rules] = {}
_NEVER: Final = -1e9
_GRID_CELLS: Final = 1 << 18  # lines x longest line that go through a lattice together


def tag_names(labels: Sequence[str]) -> list[str]:
    """Return the names of the tags in the order of their ids: O, B-…, I-… of each label."""
    return ["O", *(f"{position}-{label}" for label in labels for position in "BI")]


def labels_of(names: Sequence[str]) -> tuple[str, ...]:
    """Return the labels behind `tag_names`; raises ValueError when the names are not laid out as `tag_names` does."""
    labels = tuple(name[2:] for name in names if name.startswith("B-"))
    if list(names) != tag_names(labels):
        raise ValueError(f"expected tags in the order {tag_names(labels)}, found {list(names)}")
    return labels


def tags_of_spans(encoded: EncodedText, entities: Iterable[Entity], labels: Sequence[str]) -> IntArray:
    """Return (tokens,) tags: B for the first token that overlaps an entity, I for its other tokens.

    Tokens without a label (invisible characters, the later pieces of a word) get `IGNORED`, which the loss passes over.

    Raises ValueError when an entity has no token of its own.
    """
    tags = np.zeros(len(encoded.ids), dtype=np.int64)
    starts, ends = encoded.spans[:, 0], encoded.spans[:, 1]
    tags[~encoded.has_label] = IGNORED
    # for each token the one that carries its label: itself, or the first of its word
    carrier = np.maximum.accumulate(np.where(encoded.has_label, np.arange(len(tags)), -1))
    for entity in entities:
        tokens = np.unique(carrier[(starts < entity.end) & (ends > entity.start) & (starts < ends) & (carrier >= 0)])
        if not len(tokens) or (tags[tokens] > OUTSIDE).any():
            raise ValueError(f"the entity {entity} has no token of its own")
        label = labels.index(entity.label)
        tags[tokens] = 2 + 2 * label
        tags[tokens[0]] = 1 + 2 * label
    return tags


def merge_windows(windows: Sequence[Window], scores: Sequence[FloatArray], tokens: int) -> FloatArray:
    """Return (tokens, tags): for each token the row of the window in which it is farthest from an edge.

    `scores`: one (window tokens, tags) array per window. The edges of the document count as infinitely far.
    """
    merged = np.zeros((tokens, scores[0].shape[1]), dtype=np.float32)
    best = np.full(tokens, -1, dtype=np.int64)
    for window, rows in zip(windows, scores, strict=True):
        offsets = np.arange(window.start, window.end)
        left = offsets - window.start if window.start > 0 else np.full(len(offsets), tokens)
        right = window.end - 1 - offsets if window.end < tokens else np.full(len(offsets), tokens)
        distance = np.minimum(left, right)
        better = distance > best[window.start : window.end]
        merged[window.start : window.end][better] = rows[better]
        best[window.start : window.end][better] = distance[better]
    assert (best >= 0).all(), "a token is in no window"
    return merged


class Lattice:
    """The valid tag sequences of lines of tokens, with their scores: Viterbi and exact span probabilities.

    A sequence is valid when I of a label follows B or I of the same label, when no entity begins or ends at a token
    that continues a unit, and none begins with a unit that none of `opens` is in, or ends with one without `closes`.
    `log_probs`: (tokens, tags). `can_begin`, `line_starts`, `opens`, `closes`: (tokens,) booleans.
    Lines run through the recursions side by side, in a (lines, longest line) grid.
    """

    def __init__(
        self, log_probs: FloatArray, can_begin: BoolArray, line_starts: BoolArray, opens: BoolArray, closes: BoolArray
    ) -> None:
        log_probs = log_probs.astype(np.float64)
        first = np.flatnonzero(line_starts)
        group_starts = np.flatnonzero(can_begin | line_starts)
        self._token_of_group = np.append(group_starts, len(log_probs))
        self._line_of_group = np.searchsorted(first, group_starts, side="right") - 1
        line_edges = np.append(np.searchsorted(group_starts, first), len(group_starts))
        self._lengths = np.diff(line_edges)
        self._column = np.arange(len(group_starts)) - line_edges[self._line_of_group]

        inside = np.add.reduceat(log_probs[:, 2::2], group_starts, axis=0)  # (groups, labels)
        outside = np.add.reduceat(log_probs[:, OUTSIDE], group_starts)  # (groups,)
        beginning = inside - log_probs[group_starts, 2::2] + log_probs[group_starts, 1::2]

        lines, longest, labels = len(first), int(self._lengths.max(initial=0)), inside.shape[1]
        at = (self._line_of_group, self._column)
        # padding is O for certain, so that it changes neither the best path nor the sums
        # nothing begins in the middle of a unit, in the invisible, or with a mark
        beginning[~(can_begin[group_starts] & np.logical_or.reduceat(opens, group_starts))] = _NEVER
        self._o = np.zeros((lines, longest), dtype=np.float64)
        self._b = np.full((lines, longest, labels), _NEVER, dtype=np.float64)
        self._i = np.full((lines, longest, labels), _NEVER, dtype=np.float64)
        self._leave = np.zeros((lines, longest), dtype=np.float64)  # what it costs to end an entity at a group
        self._o[at], self._b[at], self._i[at] = outside, beginning, inside
        self._leave[at] = np.where(np.logical_or.reduceat(closes, group_starts), 0, _NEVER)

    def best_spans(self) -> list[tuple[int, int, int, float]]:
        """Return (first token, last token + 1, label, probability) of the entities of the best path, in order."""
        tags = self._viterbi()
        before, total, after = self._marginals()
        spans = []
        for line, column in zip(*np.nonzero(tags % 2 == 1), strict=True):
            label = int(tags[line, column]) // 2
            end = column + 1
            while end < self._lengths[line] and tags[line, end] == 2 + 2 * label:
                end += 1
            weight = before[line, column] + self._b[line, column, label] + self._i[line, column + 1 : end, label].sum()
            log_probability = float(weight) + after[line, end] - total[line]
            spans.append((*self._tokens(line, column, end), label, float(np.exp(min(log_probability, 0.0)))))
        return spans

    def _tokens(self, line: int, start: int, end: int) -> Span:
        group = int(np.searchsorted(self._line_of_group, line)) + start
        return int(self._token_of_group[group]), int(self._token_of_group[group + end - start])

    def _viterbi(self) -> IntArray:
        """Return (lines, columns) tags of the best valid path of each line."""
        lines, columns, labels = self._b.shape
        tags = np.zeros((lines, columns), dtype=np.int64)
        if not columns:
            return tags
        # scores of the best path into each tag: (lines,) for O and (lines, labels) for B and I
        best_tag = np.zeros((lines, columns), dtype=np.int64)  # best tag before column c, whatever it is
        entered_by_b = np.zeros((lines, columns, labels), dtype=np.bool_)  # I at c comes from B at c - 1
        o, b, i = self._o[:, 0], self._b[:, 0], np.full((lines, labels), _NEVER, dtype=np.float64)
        for c in range(1, columns):
            best, best_tag[:, c] = _best(o, b, i, self._leave[:, c - 1])
            entered_by_b[:, c] = b >= i
            o, b, i = self._o[:, c] + best, self._b[:, c] + best[:, None], self._i[:, c] + np.maximum(b, i)
        tag = _best(o, b, i, self._leave[:, -1])[1]
        rows = np.arange(lines)
        for c in range(columns - 1, -1, -1):
            tags[:, c] = tag
            if c:
                is_inside = (tag > 0) & (tag % 2 == 0)
                from_b = entered_by_b[rows, c, np.maximum(tag - 1, 0) // 2]
                tag = np.where(is_inside, np.where(from_b, tag - 1, tag), best_tag[:, c])
        return tags

    def _marginals(self) -> tuple[ScoreArray, ScoreArray, ScoreArray]:
        """Return log sums over valid paths.

        `before[l, c]`: all paths over the columns before c. `total[l]`: all paths. `after[l, c]`: all paths over the
        columns from c on that do not begin with I.
        """
        lines, columns, labels = self._b.shape
        before = np.zeros((lines, columns + 1), dtype=np.float64)
        inside = np.full((lines, labels), _NEVER, dtype=np.float64)
        for c in range(columns):
            begin = self._b[:, c] + before[:, c, None]
            inside = np.logaddexp(begin, self._i[:, c] + inside)  # paths that are in an entity at c
            before[:, c + 1] = _log_sum(self._o[:, c] + before[:, c], inside + self._leave[:, c, None])
        after = np.zeros((lines, columns + 1), dtype=np.float64)
        # columns from c on, after B or I of the label at c - 1; `leave[:, c]` is that of column c - 1
        leave = np.concatenate([np.zeros((lines, 1)), self._leave], axis=1)
        going_on = np.repeat(leave[:, -1:], labels, axis=1)
        for c in range(columns - 1, -1, -1):
            after[:, c] = _log_sum(self._o[:, c] + after[:, c + 1], self._b[:, c] + going_on)
            going_on = np.logaddexp((after[:, c] + leave[:, c])[:, None], self._i[:, c] + going_on)
        return before, before[:, -1], after


def _best(o: ScoreArray, b: ScoreArray, i: ScoreArray, leave: ScoreArray) -> tuple[ScoreArray, IntArray]:
    """Return the best of all tags to go on from with O or B, and its id, for each line."""
    together = np.empty((len(o), 1 + 2 * b.shape[1]), dtype=np.float64)
    together[:, 0], together[:, 1::2], together[:, 2::2] = o, b + leave[:, None], i + leave[:, None]
    tag = together.argmax(axis=1)
    return together[np.arange(len(o)), tag], tag


def _log_sum(one: ScoreArray, many: ScoreArray) -> ScoreArray:
    """Return log(exp(one) + sum over the last axis of exp(many))."""
    together = np.concatenate([one[:, None], many], axis=1)
    top = together.max(axis=1)
    result: ScoreArray = top + np.log(np.exp(together - top[:, None]).sum(axis=1))
    return result


def _best_spans(
    log_probs: FloatArray, can_begin: BoolArray, line_starts: BoolArray, opens: BoolArray, closes: BoolArray
) -> list[tuple[int, int, int, float]]:
    """Return what `Lattice.best_spans` does; lines of like length share a grid, so that its size is bounded.

    One grid for all would need gigabytes for a document with thousands of short lines and a very long one.
    """
    edges = np.append(np.flatnonzero(line_starts), len(line_starts))
    spans = []
    for batch in batches_by_length(np.diff(edges).tolist(), _GRID_CELLS, most_padding=1.0):
        tokens = np.concatenate([np.arange(edges[line], edges[line + 1]) for line in sorted(batch)])
        lattice = Lattice(*(array[tokens] for array in (log_probs, can_begin, line_starts, opens, closes)))
        for first, last, label, probability in lattice.best_spans():
            spans.append((int(tokens[first]), int(tokens[last - 1]) + 1, label, probability))
    return sorted(spans)


def tempered(probabilities: float | ScoreArray, temperature: float) -> ScoreArray:
    """Return probabilities with their log odds divided by `temperature`; 0 and 1 stay."""
    scaled = np.power(probabilities, 1 / temperature)
    result: ScoreArray = scaled / (scaled + np.power(1 - np.asarray(probabilities), 1 / temperature))
    return result


def decode(
    encoded: EncodedText,
    log_probs: FloatArray,
    labels: Sequence[str],
    marks: EdgeMarks = USUAL_MARKS,
    rules: Rules = NO_RULES,
    temperature: float = 1.0,
) -> list[Entity]:
    """Return the entities of the best valid tag sequence of each line, in order, without overlap.

    `log_probs`: (tokens, tags), normalised over the tags. `marks`: those at which entities may begin and end. An entity
    that breaks one of the `rules` of its label is left out.
    `Entity.score` is the probability of the whole span under the distribution over valid sequences (forward-backward),
    its log odds divided by `temperature`.
    """
    if not len(encoded.ids):
        return []
    has_text = encoded.spans[:, 0] < encoded.spans[:, 1]
    log_probs = np.where(encoded.has_label[:, None], log_probs, np.float32(0))  # the others have no say
    entities = []
    best = _best_spans(log_probs, encoded.can_begin, encoded.line_starts, *marks.edges(encoded))
    for first, last, label, probability in best:
        spans = encoded.spans[first:last][has_text[first:last]]
        if len(spans):
            start, end = marks.trim(encoded.text, int(spans[0, 0]), int(spans[-1, 1]))
            score = round(float(tempered(probability, temperature)), 4)
            entity = Entity(labels[label], start, end, encoded.text[start:end], score)
            if keeps(rules, entity.label, entity.text):
                entities.append(entity)
    return entities

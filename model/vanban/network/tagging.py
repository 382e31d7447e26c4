"""Spans ↔ BIO tags, constrained decoding and the merging of windows: the only BIO code of the project.

Tags are IOB2. With L labels there are 1 + 2L tags: 0 is O, 1 + 2i is B of label i, 2 + 2i is I of label i.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import numpy as np

from vanban.network.edges import USUAL_MARKS, EdgeMarks
from vanban.network.lattice import FoundSpan, Lattice
from vanban.network.long_line import LongLine
from vanban.network.recursions import FloatArray as FloatArray
from vanban.network.recursions import IntArray as IntArray
from vanban.network.recursions import ScoreArray
from vanban.network.rules import Rules, keeps
from vanban.network.token_scores import TokenScores
from vanban.reading.encoding import EncodedText, Window, batches_by_length
from vanban.schema import Entity

OUTSIDE: Final = 0
IGNORED: Final = -100  # the index that torch's cross-entropy passes over
NO_RULES: Final[Rules] = {}
_GRID_CELLS: Final = 1 << 16  # lines x longest line, in groups, that go through a lattice together
_LONG_LINE: Final = 2_000  # groups of a line that are still in a grid with others
_TOKENS_TOGETHER: Final = 1 << 17  # of several documents, that are decoded side by side


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

    Raises ValueError, which says what to do, when an entity has no token of its own.
    """
    owners: dict[int, Entity] = {}
    tags = np.zeros(len(encoded.ids), dtype=np.int64)
    starts, ends = encoded.spans[:, 0], encoded.spans[:, 1]
    tags[~encoded.has_label] = IGNORED
    # for each token the one that carries its label: itself, or the first of its word
    carrier = np.maximum.accumulate(np.where(encoded.has_label, np.arange(len(tags)), -1))
    for entity in entities:
        tokens = np.unique(carrier[(starts < entity.end) & (ends > entity.start) & (starts < ends) & (carrier >= 0)])
        found = f"{entity.label} {entity.start} {entity.end} {entity.text!r}"
        if not len(tokens):
            raise ValueError(f"{found} has no token of its own, as it holds nothing that is read; remove it")
        other = next((owners[token] for token in tokens.tolist() if token in owners), None)
        if other is not None:
            raise ValueError(
                f"{found} shares its token with {other.label} {other.start} {other.end} {other.text!r}; widen one of "
                "them and remove the other"
            )
        owners |= dict.fromkeys(tokens.tolist(), entity)
        label = labels.index(entity.label)
        tags[tokens] = 2 + 2 * label
        tags[tokens[0]] = 1 + 2 * label
    return tags


def merge_windows(windows: Sequence[Window], scores: Iterable[FloatArray], tokens: int) -> FloatArray:
    """Return (tokens, tags): for each token the row of the window in which it is farthest from an edge.

    `scores`: one (window tokens, tags) array per window; no more are taken of an iterator. The edges of the document
    count as infinitely far.
    """
    merged = np.zeros((0, 0), dtype=np.float32)
    best = np.full(tokens, -1, dtype=np.int32)
    number = 0
    for number, (window, rows) in enumerate(zip(windows, scores, strict=False), 1):
        if number == 1:
            merged = np.zeros((tokens, rows.shape[1]), dtype=np.float32)
        offsets = np.arange(window.start, window.end)
        left = offsets - window.start if window.start > 0 else np.full(len(offsets), tokens)
        right = window.end - 1 - offsets if window.end < tokens else np.full(len(offsets), tokens)
        distance = np.minimum(left, right)
        better = distance > best[window.start : window.end]
        merged[window.start : window.end][better] = rows[better]
        best[window.start : window.end][better] = distance[better]
    assert number == len(windows), "a window has no scores"
    assert (best >= 0).all(), "a token is in no window"
    return merged


def _best_spans(tokens: TokenScores) -> list[FoundSpan]:
    """Return the entities of the best paths of any number of lines, in order.

    Lines of like length share a grid, so that its size is bounded. One grid for all would need gigabytes for a document
    with thousands of short lines and a very long one.
    """
    edges = np.append(np.flatnonzero(tokens.line_starts), len(tokens))
    # a line whose every token is O rather than anything else is O
    tells = (tokens.log_probs[:, 1:].max(axis=1) > tokens.log_probs[:, OUTSIDE]) & tokens.has_say
    telling = np.flatnonzero(np.logical_or.reduceat(tells, edges[:-1]))
    groups = np.add.reduceat((tokens.can_begin | tokens.line_starts).astype(np.int64), edges[:-1])
    spans: list[FoundSpan] = []
    for line in telling[groups[telling] > _LONG_LINE].tolist():
        start, end = edges[line : line + 2].tolist()
        for first, last, label, probability in LongLine(tokens[start:end]).best_spans():
            spans.append((start + first, start + last, label, probability))
    short = telling[groups[telling] <= _LONG_LINE]
    for batch in batches_by_length(groups[short].tolist(), _GRID_CELLS, most_padding=1.0):
        places = np.concatenate([np.arange(edges[line], edges[line + 1]) for line in short[sorted(batch)]])
        for first, last, label, probability in Lattice(tokens[places]).best_spans():
            spans.append((int(places[first]), int(places[last - 1]) + 1, label, probability))
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
    """Return the entities of one document; see `decode_all`."""
    return decode_all([encoded], [log_probs], labels, marks, rules, temperature)[0]


def decode_all(
    documents: Sequence[EncodedText],
    log_probs: Sequence[FloatArray],
    labels: Sequence[str],
    marks: EdgeMarks = USUAL_MARKS,
    rules: Rules = NO_RULES,
    temperature: float = 1.0,
) -> list[list[Entity]]:
    """Return the entities of the best valid tag sequence of each line of each document, in order, without overlap.

    `log_probs`: (tokens, tags) of each, normalised over the tags. `marks`: those at which entities may begin and end.
    An entity that breaks one of the `rules` of its label is left out.
    `Entity.score` is the probability of the whole span under the distribution over valid sequences (forward-backward),
    its log odds divided by `temperature`. The lines of all documents are decoded side by side.
    """
    entities: list[list[Entity]] = [[] for _ in documents]
    for together in _by_tokens(documents):
        first_tokens = np.cumsum([0, *(len(documents[number].ids) for number in together)])
        parts = [
            # tokens without a label have no say
            TokenScores(log_probs[number], d.can_begin, d.line_starts, *marks.edges(d), d.has_label)
            for number, d in ((number, documents[number]) for number in together)
        ]
        best = _best_spans(TokenScores.joined(parts))
        scores = tempered(np.array([probability for *_, probability in best]), temperature).tolist()
        places = np.searchsorted(first_tokens, [first for first, *_ in best], side="right") - 1
        for (first, last, label, _), score, place in zip(best, scores, places.tolist(), strict=True):
            number, before = together[place], int(first_tokens[place])
            entity = _entity(documents[number], first - before, last - before, labels[label], score, marks)
            if entity is not None and keeps(rules, entity.label, entity.text):
                entities[number].append(entity)
    return entities


def _by_tokens(documents: Sequence[EncodedText]) -> Iterator[list[int]]:
    """Yield runs of the documents that have tokens, so many that together they have some `_TOKENS_TOGETHER`."""
    run: list[int] = []
    tokens = 0
    for number, document in enumerate(documents):
        if run and tokens + len(document.ids) > _TOKENS_TOGETHER:
            yield run
            run, tokens = [], 0
        if len(document.ids):
            run.append(number)
            tokens += len(document.ids)
    if run:
        yield run


def _entity(encoded: EncodedText, first: int, last: int, label: str, score: float, marks: EdgeMarks) -> Entity | None:
    """Return the entity of the tokens from `first` to `last`, None when they have no text."""
    spans = encoded.spans[first:last]
    spans = spans[spans[:, 0] < spans[:, 1]]
    if not len(spans):
        return None
    start, end = marks.trim(encoded.text, int(spans[0, 0]), int(spans[-1, 1]))
    return Entity(label, start, end, encoded.text[start:end], round(score, 4))

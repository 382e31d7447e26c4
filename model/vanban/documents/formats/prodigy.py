"""Prodigy: JSON Lines of tasks with tokens and spans, in code points; `token_end` is the number of the last token.

Tokens are cut where an entity begins or ends, so that every span has tokens. Types are written as `cats`, all with
their scores, and the one that was found as `accept`.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, BinaryIO, Final

from vanban.documents.document import Document, Failure
from vanban.documents.formats.annotated import entities_of_spans, list_of, read_lines
from vanban.documents.formats.format import Format, Losses, Tagged
from vanban.documents.formats.json_values import to_json_line
from vanban.documents.formats.losses import Kept, count, count_losses
from vanban.documents.formats.origin import KEY, document_of, origin_of
from vanban.documents.formats.pieces import cut
from vanban.errors import UserError
from vanban.reading.text import NUMBER_OR_WORD
from vanban.schema import Entity, Prediction

LEAST: Final = 0.5  # of the score of a category that is taken without an `accept`

_KEPT: Final[tuple[Kept, ...]] = ("scores", "types", "probabilities", "fields")
_OWN: Final = frozenset({"tokens", "spans", "cats", "accept", "answer", "meta", "options", "relations", KEY})
_TOKEN: Final = re.compile(rf"{NUMBER_OR_WORD}| +|[^\S ]+|\S")
_IS_ONE: Final = re.compile(rb'\s*\{.*?"(?:tokens"\s*:\s*\[|spans"\s*:\s*\[|answer"\s*:\s*"|_input_hash")', re.DOTALL)


def tokens_of(text: str, entities: Sequence[Entity]) -> list[dict[str, Any]]:
    """Return the tokens of `text`: words, numbers, marks, and white space but the one space that `ws` stands for.

    The text is the tokens' texts, each with a space behind it where `ws` is true.
    """
    tokens: list[dict[str, Any]] = []
    position = 0
    for piece, entity in cut(text, entities):
        for match in _TOKEN.finditer(piece):
            start, end = position + match.start(), position + match.end()
            at_edge = match.start() == 0 or match.end() == len(piece)
            may_ride = match.group()[0] == " " and bool(tokens) and tokens[-1]["end"] == start
            if may_ride and not (entity and at_edge):  # the tokens of an entity are all of it
                tokens[-1]["ws"] = True
                start += 1
            if start < end:
                tokens.append({"text": text[start:end], "start": start, "end": end, "id": len(tokens), "ws": False})
        position += len(piece)
    return tokens


def write(documents: Iterable[Tagged], file: BinaryIO, losses: Losses) -> None:
    """Write a task for each document; annotations by hand are answered with accept."""
    for document, prediction in documents:
        file.write(to_json_line(_task(document, prediction)).encode())
        count_losses(losses, document, prediction, _KEPT)


def _task(document: Document, prediction: Prediction) -> dict[str, Any]:
    tokens = tokens_of(document.text, prediction.entities)
    first = {token["start"]: token["id"] for token in tokens}
    last = {token["end"]: token["id"] for token in tokens}
    spans = [
        {"start": e.start, "end": e.end, "token_start": first[e.start], "token_end": last[e.end], "label": e.label}
        | ({"score": e.score} if e.score != 1 else {})
        for e in prediction.entities
    ]
    task: dict[str, Any] = {"id": document.id, "text": document.text, "tokens": tokens, "spans": spans}
    if prediction.doc_type_scores:
        task["cats"] = dict(prediction.doc_type_scores)
        task["accept"] = [prediction.doc_type] if prediction.doc_type else []
    task |= {"meta": {"model": prediction.model}} if prediction.model else {"answer": "accept"}
    origin = origin_of(document, prediction)
    return task | ({KEY: origin} if origin else {})


def read(file: BinaryIO, where: str, losses: Losses) -> Iterator[Tagged | Failure]:
    """Return the documents of a database that was put out (`db-out`), or of tasks.

    A task that was answered with accept is by hand, one without an answer is a prediction with its scores. Those that
    were rejected or ignored are left out. These, relations and further categories are counted in `losses`.
    """
    return read_lines(file, where, lambda line, number: _tagged(line, where, number, losses))


def _tagged(document: Document, where: str, number: int, losses: Losses) -> Tagged | None:
    record, text = document.fields, document.text
    if record.get("answer") in ("reject", "ignore"):
        losses["rejected documents" if record["answer"] == "reject" else "ignored documents"] += 1
        return None
    count(losses, "relations", len(list_of(record, "relations")))
    is_by_hand = record.get("answer") == "accept"
    spans = [_span(one, text, is_by_hand) for one in list_of(record, "spans")]
    scores = _scores(record)
    if "accept" in record:
        accepted = record["accept"] if isinstance(record["accept"], list) else [record["accept"]]
        count(losses, "further types", len(accepted) - 1)
        doc_type = str(accepted[0]) if accepted else None
    else:
        doc_type = next((name for name, score in scores.items() if score >= LEAST), None)
    if is_by_hand:
        scores = {doc_type: 1.0} if doc_type else {}
    elif doc_type and doc_type not in scores:
        scores = {doc_type: 1.0, **scores}
    meta = record.get("meta")
    model = "" if is_by_hand or not isinstance(meta, dict) else str(meta.get("model") or "")
    score = next(iter(scores.values()), None)
    prediction = Prediction(text, entities_of_spans(text, spans, losses), model, doc_type, score, scores)
    origin = record.get(KEY)
    if not isinstance(origin, dict):
        own = {name: value for name, value in record.items() if name not in _OWN and not name.startswith("_")}
        origin = {"fields": own}
    found = document_of(text, document.id, origin, where, number)
    return dataclasses.replace(found, where=document.where), prediction


def _scores(record: dict[str, Any]) -> dict[str, float]:
    """Return the scores of categories, the highest first."""
    cats = record.get("cats")
    if not isinstance(cats, dict):
        return {}
    found = {str(name): float(score) for name, score in cats.items() if isinstance(score, (int, float))}
    return dict(sorted(found.items(), key=lambda one: -one[1]))


def _span(given: object, text: str, is_by_hand: bool) -> tuple[str, int, int, float]:
    label, start, end = (
        (given.get(name) for name in ("label", "start", "end")) if isinstance(given, dict) else [None] * 3
    )
    if not (isinstance(label, str) and type(start) is int and type(end) is int and isinstance(given, dict)):
        raise UserError(f"expected spans with start, end and label, found {given!r:.80}")
    written = given.get("text", text[start:end])
    if written != text[start:end]:
        raise UserError(
            f"found the span {written!r:.60} from {start} to {end}, where the text has {text[start:end]!r:.60}; "
            "expected offsets in code points into the text of the task"
        )
    score = given.get("score")
    return label, start, end, float(score) if isinstance(score, (int, float)) and not is_by_hand else 1.0


FORMAT: Final = Format(
    "prodigy",
    "JSON Lines of Prodigy with tokens and spans",
    suffixes=(".jsonl",),
    is_one=lambda head: _IS_ONE.match(head) is not None,
    write=write,
    read=read,
    in_lines=True,
)

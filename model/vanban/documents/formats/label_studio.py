"""Label Studio: tasks with predictions to correct there, and its exports (JSON, JSON-MIN). It counts code points.

Predictions of a model are written as `predictions`, annotations by hand as `annotations`. A task's `data` holds the
text, and in `document` the id, path and fields of the document, so that all come back from an export.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, BinaryIO, Final
from xml.sax.saxutils import quoteattr

from vanban.documents.document import Document, Failure
from vanban.documents.formats.flat_spans import by_hand, flat_entities
from vanban.documents.formats.format import Format, Losses, Tagged
from vanban.documents.formats.json_values import json_values, to_json
from vanban.documents.formats.label_studio_results import Found, read_results
from vanban.documents.formats.left_out import count, count_left_out
from vanban.documents.formats.origin import KEY, document_of, origin_of
from vanban.errors import UserError
from vanban.schema import DOCUMENT_TYPES, LABELS, Prediction

TEXT: Final = "text"  # the names of the configuration below
SPANS: Final = "label"
TYPE: Final = "type"

_COLOURS: Final = ("#1b9e77", "#d95f02", "#7570b3", "#e7298a", "#66a61e", "#e6ab02", "#a6761d", "#666666")
_KEPT: Final = frozenset({"scores", "types"})
_OF_ROWS: Final = frozenset({"id", SPANS, TYPE, "annotator", "annotation_id", "created_at", "updated_at", "lead_time"})
_IS_ONE: Final = re.compile(
    rb'(?:\xef\xbb\xbf)?\s*(?:\[\s*[{\]]|\{\s*"data"\s*:\s*\{|\{.*?"(?:predictions|annotations|annotation_id)"\s*:)',
    re.DOTALL,
)


def label_config(labels: Sequence[str] = LABELS, types: Sequence[str] = tuple(DOCUMENT_TYPES)) -> str:
    """Return the labeling configuration (XML) of a project for what `write` writes; without `types` it asks for none.

    Types of `DOCUMENT_TYPES` are shown by their Vietnamese names.
    """
    rows = [
        f"    <Label value={quoteattr(label)} background={quoteattr(_COLOURS[i % len(_COLOURS)])}/>"
        for i, label in enumerate(labels)
    ]
    choices = [
        f"    <Choice value={quoteattr(DOCUMENT_TYPES.get(name, name))} alias={quoteattr(name)}/>" for name in types
    ]
    if choices:
        opening = f'  <Choices name="{TYPE}" toName="{TEXT}" choice="single-radio" showInline="true">'
        choices = [opening, *choices, "  </Choices>"]
    return "\n".join(
        [
            "<View>",
            f'  <Labels name="{SPANS}" toName="{TEXT}">',
            *rows,
            "  </Labels>",
            f'  <Text name="{TEXT}" value="${TEXT}" saveTextResult="yes"/>',
            *choices,
            "</View>",
            "",
        ]
    )


def results(prediction: Prediction, with_scores: bool = True) -> list[dict[str, Any]]:
    """Return the regions of a prediction for `label_config`: a span each, and the type as a choice."""
    regions: list[dict[str, Any]] = []
    for number, entity in enumerate(prediction.entities, 1):
        value = {"start": entity.start, "end": entity.end, "text": entity.text, "labels": [entity.label]}
        regions.append({"id": f"{SPANS}{number}", "from_name": SPANS, "type": "labels", "value": value})
    scores = [entity.score for entity in prediction.entities]
    if prediction.doc_type is not None:
        regions.append({"id": TYPE, "from_name": TYPE, "type": "choices", "value": {"choices": [prediction.doc_type]}})
        scores.append(1.0 if prediction.doc_type_score is None else prediction.doc_type_score)
    return [
        region | {"to_name": TEXT} | ({"score": score} if with_scores else {})
        for region, score in zip(regions, scores, strict=True)
    ]


def predicted(prediction: Prediction) -> dict[str, Any]:
    """Return a prediction as tasks and machine learning back ends give it; its score is the mean of its regions'."""
    regions = results(prediction)
    found: dict[str, Any] = {"model_version": prediction.model, "result": regions}
    if regions:
        found["score"] = sum(region["score"] for region in regions) / len(regions)
    return found


def write(documents: Iterable[Tagged], file: BinaryIO, losses: Losses) -> None:
    """Write an array of tasks, one on a line."""
    before = "[\n"
    for document, prediction in documents:
        file.write((before + to_json(_task(document, prediction))).encode())
        before = ",\n"
        count_left_out(prediction, losses, _KEPT)
    file.write(b"[]\n" if before == "[\n" else b"\n]\n")


def _task(document: Document, prediction: Prediction) -> dict[str, Any]:
    data = {TEXT: document.text, KEY: {"id": document.id, **origin_of(document, prediction)}}
    if prediction.model:
        return {"data": data, "predictions": [predicted(prediction)]}
    return {"data": data, "annotations": [{"result": results(prediction, with_scores=False)}]}


def read(file: BinaryIO, where: str, losses: Losses | None = None) -> Iterator[Tagged | Failure]:
    """Yield the documents of an export, of tasks that `write` wrote, or of annotations that a storage was synced with.

    Of several annotations of a task the one that was changed last is taken. A task without one is read as predicted;
    one whose annotations were all skipped, or that has neither, is left out. What is not read is counted in `losses`.
    """
    losses = Counter() if losses is None else losses
    tasks = enumerate(json_values(file, where), 1)
    for _, group in groupby(tasks, _identity):
        (number, task), *others = group
        try:
            if not isinstance(task, dict):
                raise UserError(f'expected a task with "data" and "annotations", found {task!r:.60}')
            rows = [task, *(row for _, row in others)]
            tagged = (
                _read_rows(rows, where, number, losses) if _is_row(task) else _read_task(task, where, number, losses)
            )
        except UserError as error:
            yield Failure(f"{where}:{number}", str(error))
        else:
            if tagged is not None:
                yield tagged


def _identity(numbered: tuple[int, Any]) -> object:
    """Return what rows of JSON-MIN, one for each annotation, have in common when they are of one task."""
    number, task = numbered
    return (task["id"],) if isinstance(task, dict) and _is_row(task) and "id" in task else number


def _is_row(task: dict[str, Any]) -> bool:
    return "annotation_id" in task and not isinstance(task.get("data"), dict)


def _read_task(task: dict[str, Any], where: str, number: int, losses: Losses) -> Tagged | None:
    if isinstance(task.get("task"), dict) and "result" in task:  # as a storage has it
        task = {**task["task"], "annotations": [task]}
    data = task.get("data")
    if not isinstance(data, dict):
        raise UserError(f'expected a task with "data" and "annotations", found the keys {list(task)}')
    given = _dicts(task.get("annotations", task.get("completions")))
    kept = [one for one in given if not (one.get("was_cancelled") or one.get("skipped"))]
    predictions = [] if given else _dicts(task.get("predictions"))
    if not (kept or predictions):
        losses["skipped documents" if given else "unannotated documents"] += 1
        return None
    document = _document(data, task.get("id"), where, number)
    chosen = _last(kept or predictions)
    count(losses, "further annotations", len(kept or predictions) - 1)
    found = read_results(document.text, _dicts(chosen.get("result")), TYPE, losses)
    if kept:  # regions that were taken over from a prediction still have its scores
        return document, _by_hand(document.text, found, losses)
    return document, _predicted(document.text, found, chosen, losses)


def _predicted(text: str, found: Found, chosen: dict[str, Any], losses: Losses) -> Prediction:
    entities = flat_entities(text, found.spans, losses)
    model = str(chosen.get("model_version") or "undefined")  # as Label Studio calls it
    if found.doc_type is None:
        return Prediction(text, entities, model)
    scores = {found.doc_type: found.doc_type_score}
    return Prediction(text, entities, model, found.doc_type, found.doc_type_score, scores)


def _by_hand(text: str, found: Found, losses: Losses) -> Prediction:
    spans = ((label, start, end, 1.0) for label, start, end, _ in found.spans)
    return by_hand(text, flat_entities(text, spans, losses), found.doc_type)


def _read_rows(rows: list[Any], where: str, number: int, losses: Losses) -> Tagged:
    """Return the document of the rows of one task in JSON-MIN, in which the names of controls stand beside the data."""
    row = _last([row for row in rows if isinstance(row, dict)])
    count(losses, "further annotations", len(rows) - 1)
    regions: list[dict[str, Any]] = []
    others: dict[str, Any] = {}
    for name, value in row.items():
        if _is_spans(value):
            regions += [{"type": "labels", "value": one} for one in value]
        elif name == TYPE and value:
            choices = value["choices"] if isinstance(value, dict) and "choices" in value else value
            choices = choices if isinstance(choices, list) else [choices]
            regions.append({"type": "choices", "from_name": TYPE, "value": {"choices": choices}})
        elif name not in _OF_ROWS:
            others[name] = value
    document = _document(others, row.get("id"), where, number)
    found = read_results(document.text, regions, TYPE, losses)
    return document, _by_hand(document.text, found, losses)


def _is_spans(value: object) -> bool:
    return isinstance(value, list) and any(isinstance(one, dict) and "start" in one and "end" in one for one in value)


def _document(data: dict[str, Any], identity: object, where: str, number: int) -> Document:
    """Return the document of a task's data: under `text`, or as the only string that it holds."""
    origin = data.get(KEY)
    strings = [name for name, value in data.items() if isinstance(value, str)]
    name = strings[0] if TEXT not in data and len(strings) == 1 else TEXT
    if not isinstance(data.get(name), str):
        raise UserError(f'expected the text of the task in "{TEXT}", found the data {list(data)}')
    if isinstance(origin, dict):
        return document_of(data[name], origin.get("id", identity), origin, where, number)
    fields = {key: value for key, value in data.items() if key != name}
    return document_of(data[name], data.get("id", identity), {"fields": fields}, where, number)


def _dicts(value: object) -> list[dict[str, Any]]:
    """Return the objects of a list; exports may hold numbers of predictions in their place."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _last(annotations: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the annotation that was changed last, by its time, else by its place."""
    times = [str(one.get("updated_at") or one.get("created_at") or "") for one in annotations]
    return annotations[max(range(len(times)), key=lambda i: (times[i], i))]


FORMAT: Final = Format(
    "label-studio",
    "tasks of Label Studio with predictions, and its exports (JSON, JSON-MIN)",
    suffixes=(".json",),
    is_one=lambda head: _IS_ONE.match(head) is not None,
    write=write,
    read=read,
)

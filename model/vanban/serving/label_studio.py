"""The protocol of Label Studio's ML backends: tasks in, predictions in its shape out, in code points as it counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from vanban.documents.batch import Answer
from vanban.errors import UserError
from vanban.schema import DOCUMENT_TYPES, Prediction
from vanban.serving.bodies import Tasks
from vanban.serving.label_config import LabelConfig, known_as, read_label_config
from vanban.serving.limits import Refusal

_NO_LINK: Final = ("http://", "https://", "s3://", "gs://", "/data/")


def config_of(tasks: Tasks) -> LabelConfig:
    """Return the configuration that comes with tasks; raise Refusal where nothing can be read with it."""
    try:
        return read_label_config(tasks.label_config)
    except UserError as error:
        raise Refusal(422, str(error)) from None


def texts_of_tasks(tasks: Tasks, config: LabelConfig) -> list[str | None]:
    """Return the text of each task, None where it has none; raise Refusal where none has one."""
    texts = [_text_of(task.data, config.key) for task in tasks.tasks]
    if all(text is None for text in texts):
        raise Refusal(
            422,
            f'tasks: no task has a text in data["{config.key}"], where label_config says that it is; '
            "texts behind a link are not fetched: import them as text",
        )
    return texts


def _text_of(data: Mapping[str, Any], key: str) -> str | None:
    text = data.get(key)
    if not isinstance(text, str) or (text.startswith(_NO_LINK) and not any(map(str.isspace, text))):
        return None
    return text


def results(answers: Sequence[Answer | None], config: LabelConfig, model: str) -> dict[str, Any]:
    """Return the answer to tasks, whose predictions are in their order; one that has no text has an empty one."""
    made = [
        prediction_for(answer, config)
        if isinstance(answer, Prediction)
        else {"model_version": model, "score": 0.0, "result": [], "error": answer or "found no text"}
        for answer in answers
    ]
    return {"results": made, "model_version": model}


def prediction_for(prediction: Prediction, config: LabelConfig) -> dict[str, Any]:
    """Return a prediction in Label Studio's shape. What the project does not offer is left out.

    Its score is the lowest of what it holds: tasks in doubt come first when they are sorted by it.
    """
    regions: list[dict[str, Any]] = []
    for number, entity in enumerate(prediction.entities if config.labels else ()):
        label = _offered(config.label_values, entity.label)
        if label is not None:
            value = {"start": entity.start, "end": entity.end, "text": entity.text, "labels": [label]}
            regions.append(_region(f"e{number}", config.labels, config.text, "labels", value, entity.score))
    kind = prediction.doc_type
    if kind is not None and config.choices:
        choice = _offered(config.choice_values, kind, DOCUMENT_TYPES.get(kind, kind))
        if choice is not None:
            score = prediction.doc_type_score or 0.0
            regions.append(_region("t", config.choices, config.text, "choices", {"choices": [choice]}, score))
    score = min((region["score"] for region in regions), default=0.0)
    return {"model_version": prediction.model, "score": score, "result": regions}


def _region(id: str, name: str | None, text: str, kind: str, value: dict[str, Any], score: float) -> dict[str, Any]:
    return {"id": id, "from_name": name, "to_name": text, "type": kind, "value": value, "score": score}


def _offered(values: Mapping[str, str], *names: str) -> str | None:
    """Return what a project calls the first of the names that it offers, None where it offers none of them."""
    if not values:
        return names[0]
    return next((values[known_as(name)] for name in names if known_as(name) in values), None)

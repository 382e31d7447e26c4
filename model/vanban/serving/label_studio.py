"""The protocol of Label Studio's ML backends: tasks in, predictions in its shape out, in code points as it counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from vanban.documents.batch import Answer
from vanban.documents.formats.label_studio import predicted
from vanban.schema import DOCUMENT_TYPES, Prediction
from vanban.serving.bodies import Tasks
from vanban.serving.label_config import LabelConfig, known_as

_LINKS: Final = ("http://", "https://", "s3://", "gs://", "/data/")


def texts_of_tasks(tasks: Tasks, config: LabelConfig) -> list[str | None]:
    """Return the text of each task, None where it has none: a text behind a link is not fetched."""
    return [_text_of(task.data, config.key) for task in tasks.tasks]


def _text_of(data: Mapping[str, Any], key: str) -> str | None:
    text = data.get(key)
    if not isinstance(text, str) or (text.startswith(_LINKS) and not any(map(str.isspace, text))):
        return None
    return text


def no_text(config: LabelConfig) -> str:
    """Return why a task is not read whose data have no text where the configuration says."""
    return f'found no text in data["{config.key[:60]}"]; texts behind a link are not fetched: import them as text'


def results(answers: Sequence[Answer], config: LabelConfig, model: str) -> dict[str, Any]:
    """Return the answer to tasks, whose predictions are in their order.

    A task that could not be read has an empty one, with an `error`: without it Label Studio would take none of them.
    """
    made = [
        prediction_for(answer, config)
        if isinstance(answer, Prediction)
        else {"model_version": model, "score": 0.0, "result": [], "error": answer}
        for answer in answers
    ]
    return {"results": made, "model_version": model}


def prediction_for(prediction: Prediction, config: LabelConfig) -> dict[str, Any]:
    """Return a prediction in Label Studio's shape, with the names of a project. What this does not offer is left out.

    A `score` is there in any case: that of a prediction without regions is 0.
    """
    found = predicted(prediction)
    regions = [region for given in found["result"] if (region := _in_project(given, config)) is not None]
    return found | {"result": regions, "score": _mean(regions)}


def _in_project(region: dict[str, Any], config: LabelConfig) -> dict[str, Any] | None:
    kind = region["type"]
    name, values = (config.labels, config.label_values) if kind == "labels" else (config.choices, config.choice_values)
    [given] = region["value"][kind]
    offered = _offered(values, given, DOCUMENT_TYPES.get(given, given))
    if name is None or offered is None:
        return None
    return region | {"from_name": name, "to_name": config.text, "value": region["value"] | {kind: [offered]}}


def _offered(values: Mapping[str, str], *names: str) -> str | None:
    """Return what a project calls the first of the names that it offers, None where it offers none of them."""
    if not values:
        return names[0]
    return next((values[known_as(name)] for name in names if known_as(name) in values), None)


def _mean(regions: Sequence[Mapping[str, Any]]) -> float:
    return sum(region["score"] for region in regions) / len(regions) if regions else 0.0

"""The shapes of answers, for OpenAPI alone: answers are made without them."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict


class Open(BaseModel):
    """Fields that are not named here may come with later versions."""

    model_config = ConfigDict(extra="allow")


class Error(BaseModel):
    """Why a request was refused, and what to do."""

    error: str


class Entity(Open):
    """A labelled span: half-open code points of the text as it was sent."""

    label: str
    start: int
    end: int
    text: str
    score: float
    value: dict[str, Any] | None = None


class Read(Open):
    """What was read in a text."""

    entities: list[Entity]
    model: str
    doc_type: str | None
    doc_type_score: float | None
    doc_type_scores: dict[str, float]
    record: dict[str, Any] | None = None


class ManyRead(Open):
    """What was read in each text, in order."""

    predictions: list[Read]


class ReadDocument(Open):
    """The record of a document, as `tag` writes it, with its text. What was not looked for is not in it."""

    id: str | int | float
    text: str
    entities: list[Entity]
    model: str


class Failed(BaseModel):
    """A document that could not be read."""

    where: str
    reason: str


class Documents(Open):
    """The documents of a file that were read, and those that were not."""

    documents: list[ReadDocument]
    failures: list[Failed]


class TaskPrediction(Open):
    """A prediction in Label Studio's shape."""

    model_version: str
    score: float
    result: list[dict[str, Any]]


class TaskResults(Open):
    """The predictions of tasks, in order."""

    results: list[TaskPrediction]
    model_version: str


class Health(Open):
    """That the service answers, and with which model."""

    status: str
    model_version: str


class Setup(Open):
    """The model of the service."""

    model_version: str


class Versions(Open):
    """The models of the service: one."""

    versions: list[str]


class Told(Open):
    """What was made of an event: nothing."""

    status: str


class Info(Open):
    """What runs, what it finds, and what it takes at most."""

    vanban: str
    model: str
    models: dict[str, Any]
    labels: list[str]
    types: dict[str, str]
    limits: dict[str, Any]

"""What OpenAPI says of each path beyond its name: bodies, answers, refusals, examples."""

from __future__ import annotations

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from vanban.serving.bodies import LABEL_CONFIG, SENTENCE, Anything, ManyTexts, OneText, Task, Tasks
from vanban.serving.limits import Limits
from vanban.serving.shapes import Documents, Error, ManyRead, Read, TaskResults

Answers = dict[int | str, dict[str, Any]]

_REFUSALS: Final = {
    400: "not JSON, or not a form, that can be read",
    401: "the token is missing, or another",
    408: "the body came too slowly",
    413: "more bytes than a body may have",
    415: "another kind of body",
    422: "another shape, or more texts or characters than a request may have",
    500: "the service failed",
    503: "too much is waiting: `Retry-After` says for how many seconds",
    504: "not read in time",
}
_ALWAYS: Final = (400, 401, 408, 413, 415, 422, 500, 503)
_REF: Final = "#/components/schemas/"
_BODIES: Final[tuple[type[BaseModel], ...]] = (OneText, ManyTexts, Tasks, Task, Anything)
_ANSWERS: Final[tuple[type[BaseModel], ...]] = (Read, ManyRead, TaskResults)
_RETRY: Final = {"Retry-After": {"description": "seconds", "schema": {"type": "integer", "minimum": 1}}}

DESCRIPTION: Final = (
    "Reads Vietnamese administrative and press documents. Offsets are half-open code points of the text that was sent. "
    'A refusal is `{"error": …}`, which says what was found, what was expected and what to do.'
)


def refusals(*more: int) -> Answers:
    """Return what a path that takes a body may refuse with."""
    return {
        status: {"model": Error, "description": _REFUSALS[status], **({"headers": _RETRY} if status == 503 else {})}
        for status in sorted({*_ALWAYS, *more})
    }


def _refs(*models: type[BaseModel]) -> list[dict[str, str]]:
    return [{"$ref": f"{_REF}{model.__name__}"} for model in models]


def _json(schema: dict[str, Any], **examples: Any) -> dict[str, Any]:
    held = {name: {"value": value} for name, value in examples.items()}
    return {"content": {"application/json": {"schema": schema, **({"examples": held} if held else {})}}}


def predict_body() -> dict[str, Any]:
    """Return what `/predict` takes."""
    body = _json(
        {"oneOf": _refs(OneText, ManyTexts, Tasks)},
        one={"text": SENTENCE},
        several={"texts": [SENTENCE, "Tối 18/7, cả nước có 46 ca mắc mới."]},
        label_studio={"tasks": [{"data": {"text": SENTENCE}}], "label_config": LABEL_CONFIG},
    )
    return {"requestBody": {"required": True, **body}}


def predict_answers() -> Answers:
    """Return what `/predict` answers."""
    found = {"label": "PLACE", "start": 14, "end": 23, "text": "TP Hà Nội", "score": 0.9784}
    read = {
        "entities": [found], "model": "vanban-ner + vanban-doctype", "doc_type": None, "doc_type_score": 0.8848,
        "doc_type_scores": {"chi_thi": 0.8848, "tin_bao_chi": 0.0928},
    }  # fmt: skip
    answer = _json({"anyOf": _refs(Read, ManyRead, TaskResults)}, one=read, several={"predictions": [read]})
    return {200: {"description": "what was read", **answer}, **refusals(504)}


def object_body() -> dict[str, Any]:
    """Return what the paths of Label Studio take that look at nothing."""
    return {"requestBody": {"required": True, **_json({"$ref": f"{_REF}Anything"})}}


def file_body() -> dict[str, Any]:
    """Return what `/documents` takes."""
    file = {"type": "string", "contentMediaType": "application/octet-stream", "format": "binary"}
    schema = {
        "type": "object", "required": ["file"], "properties": {"file": file}, "additionalProperties": False,
    }  # fmt: skip
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}}


def file_answers() -> Answers:
    """Return what `/documents` answers."""
    return {200: {"model": Documents, "description": "the documents of the file"}, **refusals(504)}


def described(app: FastAPI, limits: Limits, with_token: bool) -> dict[str, Any]:
    """Return the OpenAPI of an application, with the models of bodies, their limits and the token."""
    spec = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    schemas = spec["components"]["schemas"]
    _, bodies = models_json_schema([(m, "validation") for m in _BODIES], ref_template=_REF + "{model}")
    _, answers = models_json_schema([(m, "serialization") for m in _ANSWERS], ref_template=_REF + "{model}")
    schemas |= answers["$defs"] | bodies["$defs"]
    schemas["OneText"]["properties"]["text"]["maxLength"] = limits.characters
    schemas["ManyTexts"]["properties"]["texts"]["maxItems"] = limits.texts
    schemas["Tasks"]["properties"]["tasks"]["maxItems"] = limits.texts
    if with_token:
        spec["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        for path, methods in spec["paths"].items():
            for operation in methods.values():
                operation["security"] = [] if path == "/health" else [{"token": []}]
    return spec

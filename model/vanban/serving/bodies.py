"""Bodies of requests, JSON and strict: what is asked for, or a Refusal that says what was found and expected."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import from_json

from vanban.serving.limits import Limits, Refusal

SENTENCE: Final = "Chủ tịch UBND TP Hà Nội ký Chỉ thị số 17/CT-UBND."
LABEL_CONFIG: Final = (
    '<View><Labels name="label" toName="text"><Label value="PLACE"/></Labels><Text name="text" value="$text"/></View>'
)


class OneText(BaseModel):
    """One text."""

    model_config = ConfigDict(extra="forbid", strict=True, json_schema_extra={"examples": [{"text": SENTENCE}]})
    text: str


class ManyTexts(BaseModel):
    """Several texts, answered in their order."""

    model_config = ConfigDict(
        extra="forbid", strict=True, json_schema_extra={"examples": [{"texts": [SENTENCE, "Có 46 ca mắc."]}]}
    )
    texts: Annotated[list[str], Field(min_length=1)]


class Task(BaseModel):
    """A task of Label Studio: its data, and what else it has."""

    model_config = ConfigDict(strict=True)
    data: dict[str, Any]


class Tasks(BaseModel):
    """What Label Studio asks of its ML backend; fields that are not named here are not looked at."""

    model_config = ConfigDict(
        strict=True,
        json_schema_extra={"examples": [{"tasks": [{"data": {"text": SENTENCE}}], "label_config": LABEL_CONFIG}]},
    )
    tasks: Annotated[list[Task], Field(min_length=1)]
    label_config: str | None = None


class Anything(BaseModel):
    """An object: what Label Studio tells of a project."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"project": "1.1700000000", "schema": LABEL_CONFIG}]})


Asked = OneText | ManyTexts | Tasks
_BY_FIELD: Final[dict[str, type[OneText] | type[ManyTexts] | type[Tasks]]] = {
    "tasks": Tasks, "texts": ManyTexts, "text": OneText,
}  # fmt: skip
_OBJECT: Final = TypeAdapter(dict[str, Any], config=ConfigDict(strict=True))
_EXPECTED: Final = 'expected an object with a "text", with "texts", or with the "tasks" of Label Studio'


def asked(body: bytes, limits: Limits) -> Asked:
    """Return what a body asks for; raise Refusal where it is no JSON, of another shape, or too much."""
    found = json_object(body)
    named = [field for field in _BY_FIELD if field in found]
    if not named:
        raise Refusal(422, f"{_EXPECTED}; found {_keys(found)}")
    if len(named) > 1 and "tasks" not in named:
        raise Refusal(422, f'{_EXPECTED}; found "text" and "texts": give one of them')
    try:
        request = _BY_FIELD[named[0]].model_validate(found)
    except ValidationError as error:
        raise Refusal(422, _told(error)) from None
    limits.check_texts(texts_of(request))
    if isinstance(request, Tasks) and len(request.tasks) > limits.texts:
        raise Refusal(422, f"found {len(request.tasks)} tasks, expected {limits.texts} at most: send several requests")
    return request


def texts_of(request: Asked) -> list[str]:
    """Return the texts of a request; those of tasks are told by their project's configuration."""
    if isinstance(request, OneText):
        return [request.text]
    return request.texts if isinstance(request, ManyTexts) else []


def json_object(body: bytes) -> dict[str, Any]:
    """Return the object that a body is; raise Refusal for what is none."""
    try:
        found = from_json(body, allow_inf_nan=False)
    except ValueError as error:  # its message has places, and nothing of the body
        raise Refusal(400, f"the body is not JSON in UTF-8 that can be read: {error}") from None
    try:
        return _OBJECT.validate_python(found)
    except ValidationError:
        raise Refusal(422, f"expected a JSON object, found {_kind(found)}") from None


def _told(error: ValidationError) -> str:
    """Return the first fault of a body by its place, without what stands there."""
    first = error.errors(include_url=False, include_context=False, include_input=True)[0]
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"]).lstrip(".")
    if first["type"] == "extra_forbidden":
        return f"the field {place[:60]!r} is not known here: leave it out"
    return f"{place}: {first['msg']}; found {_kind(first['input'])}"


def _keys(found: dict[str, Any]) -> str:
    return f"the fields {', '.join(key[:40] for key in list(found)[:8])}" if found else "no field"


def _kind(value: object) -> str:
    kinds = {dict: "an object", list: "an array", str: "a string", bool: "true or false", type(None): "null"}
    return kinds.get(type(value), "a number")

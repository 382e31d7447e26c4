"""The application: its paths. Everything that a request is refused with is JSON, and says what to do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from fastapi import FastAPI, Request
from fastapi.routing import APIRoute
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import Response

from vanban import __version__
from vanban.schema import DOCUMENT_TYPES
from vanban.serving import openapi
from vanban.serving.answers import JSON, in_json, json_answer
from vanban.serving.batching import Batcher
from vanban.serving.bodies import json_object
from vanban.serving.gate import Gate, say_to_stderr
from vanban.serving.limits import Limits, Refusal
from vanban.serving.metrics import CONTENT_TYPE, Metrics
from vanban.serving.page import ASSETS, HEADERS, PAGE, asset
from vanban.serving.reading import Reading
from vanban.serving.shapes import Health, Info, Setup, Told, Versions
from vanban.serving.uploads import name_of

if TYPE_CHECKING:
    from vanban.predictor import Predictor

PATHS: Final = frozenset(
    {"/", "/predict", "/documents", "/health", "/info", "/metrics", "/openapi.json", "/setup", "/webhook", "/versions"}
)
FORM: Final = "multipart/form-data"


def create_app(
    predictor: Predictor,
    limits: Limits | None = None,
    token: str | None = None,
    workers: int = 1,
    say: Callable[[str], None] = say_to_stderr,
    log: bool = False,
) -> FastAPI:
    """Return the application. With `log` a line is said for each request: method, path, status, time.

    It computes from its start to its end, as the lifespan of ASGI has them.
    """
    limits = limits or Limits()
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        batcher = Batcher(predictor, limits, workers, metrics.tell_batch)
        metrics.watch(lambda: batcher.waiting)
        app.state.reading = Reading(batcher, limits, metrics, predictor.name, say)
        batcher.start()
        yield
        await batcher.stop()
        app.state.reading.stop()

    app = FastAPI(
        title="vanban", version=__version__, description=openapi.DESCRIPTION, lifespan=lifespan, docs_url=None,
        redoc_url=None, openapi_url=None,
    )  # fmt: skip
    app.add_middleware(Gate, limits, token, metrics, PATHS, say, log)
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(HTTPException, _refused)
    _reading_paths(app)
    _label_studio_paths(app, predictor.name)
    _telling_paths(app, predictor, limits, metrics)
    _page_paths(app)
    spec: list[bytes] = []

    @app.get("/openapi.json", include_in_schema=False)
    async def describe() -> Response:
        if not spec:
            spec.append(in_json(openapi.described(app, limits, token is not None)))
        return Response(spec[0], media_type=JSON)

    _answer_heads(app)
    return app


def _answer_heads(app: FastAPI) -> None:
    """Answer HEAD wherever GET is answered: supervisors and proxies ask so. The description has GET alone."""
    for route in list(app.routes):
        if isinstance(route, APIRoute) and "GET" in (route.methods or ()):
            app.add_api_route(route.path, route.endpoint, methods=["HEAD"], include_in_schema=False)


async def _refused(request: Request, error: Exception) -> Response:
    if isinstance(error, HTTPException):
        headers = dict(error.headers or {})
        found = {404: f"there is no path {request.url.path[:60]!r} here", 405: f"{request.method} is not for this path"}
        told = found.get(error.status_code, str(error.detail))
        return json_answer(Refusal(error.status_code, f"{told}; /openapi.json says what there is", headers))
    assert isinstance(error, Refusal)
    return json_answer(error)


def _need(request: Request, kind: str, option: str) -> None:
    """Raise Refusal for a body of another kind."""
    found = request.headers.get("content-type", "")
    if found.partition(";")[0].strip().lower() != kind:
        raise Refusal(415, f"found a body of the type {found[:60] or 'none'!r}, expected {kind}: curl {option}")


def _need_json(request: Request) -> None:
    _need(request, JSON, f"-H 'Content-Type: {JSON}'")


def _reading_paths(app: FastAPI) -> None:
    @app.post(
        "/predict", tags=["read"], summary="Read one text or several, or tasks of Label Studio",
        openapi_extra=openapi.predict_body(), responses=openapi.predict_answers(),
    )  # fmt: skip
    async def predict(request: Request) -> Response:
        _need_json(request)
        return Response(await request.app.state.reading.asked(await request.body()), media_type=JSON)

    @app.post(
        "/documents", tags=["read"], summary="Read a file", openapi_extra=openapi.file_body(),
        responses=openapi.file_answers(),
    )  # fmt: skip
    async def documents(request: Request) -> Response:
        _need(request, FORM, "-F file=@FILE")
        async with request.form(max_files=1, max_fields=0) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile) or len(form) != 1:
                raise Refusal(422, f"expected one file in the field 'file', found {_fields(form)}: curl -F file=@FILE")
            data, name = await file.read(), name_of(file.filename)
        return Response(await request.app.state.reading.file(data, name), media_type=JSON)


def _fields(form: Any) -> str:
    return ", ".join(repr(key[:40]) for key in list(form)[:4]) or "no field"


def _label_studio_paths(app: FastAPI, model: str) -> None:
    @app.post(
        "/setup", tags=["Label Studio"], summary="Which model a project gets", openapi_extra=openapi.object_body(),
        responses={200: {"model": Setup, "description": "the model"}, **openapi.refusals()},
    )  # fmt: skip
    async def setup(request: Request) -> Response:
        _need_json(request)
        json_object(await request.body())
        return Response(in_json({"model_version": model}), media_type=JSON)

    @app.post(
        "/webhook", tags=["Label Studio"], summary="Take an event, of which nothing is made",
        openapi_extra=openapi.object_body(),
        responses={200: {"model": Told, "description": "nothing was done"}, **openapi.refusals()},
    )  # fmt: skip
    async def webhook(request: Request) -> Response:
        _need_json(request)
        json_object(await request.body())
        told = "nothing was learned: export the annotations, and train on them with the command train"
        return Response(in_json({"status": told}), media_type=JSON)

    @app.get("/versions", tags=["Label Studio"], response_model=Versions, summary="Which models there are")
    async def versions() -> Response:
        return Response(in_json({"versions": [model]}), media_type=JSON)


def _telling_paths(app: FastAPI, predictor: Predictor, limits: Limits, metrics: Metrics) -> None:
    told = in_json(info_of(predictor, limits))

    @app.get("/health", tags=["about"], response_model=Health, summary="Whether it answers")
    async def health() -> Response:
        return Response(in_json({"status": "UP", "model_version": predictor.name}), media_type=JSON)

    @app.get("/info", tags=["about"], response_model=Info, summary="What runs, and its limits")
    async def info() -> Response:
        return Response(told, media_type=JSON)

    @app.get(
        "/metrics", tags=["about"], summary="Counts for Prometheus", response_class=Response,
        responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
    )  # fmt: skip
    async def counts() -> Response:
        return Response(await asyncio.to_thread(metrics.text), headers={"Content-Type": CONTENT_TYPE})


def _page_paths(app: FastAPI) -> None:
    @app.get("/", include_in_schema=False)
    async def page() -> Response:
        return Response(asset(PAGE), media_type="text/html; charset=utf-8", headers=HEADERS)

    @app.get("/assets/{name}", include_in_schema=False)
    async def part(name: str) -> Response:
        if name not in ASSETS:
            raise HTTPException(404)
        return Response(asset(name), headers={**HEADERS, "Content-Type": ASSETS[name]})


def info_of(predictor: Predictor, limits: Limits) -> dict[str, Any]:
    """Return what `/info` tells; no path of this machine is in it."""
    models = {
        task: {
            "name": record.get("name"),
            "encoder": record.get("encoder", {}).get("used"),
            "back_end": "onnx" if "export" in record else "torch",
            "precision": record.get("export", {}).get("precision"),
        }
        for task, record in predictor.info.items()
    }
    tags = predictor.info.get("ner", {}).get("classes", [])
    types = predictor.info.get("doctype", {}).get("classes", [])
    return {
        "vanban": __version__,
        "model": predictor.name,
        "models": models,
        "labels": [tag[2:] for tag in tags if tag.startswith("B-")],
        "types": {name: DOCUMENT_TYPES.get(name, name) for name in types},
        "limits": asdict(limits),
    }

"""`vanban serve` between its options and its exit status. What serves is loaded after the options were found right."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from vanban.commands.messages import say
from vanban.documents.extras import optional
from vanban.documents.loading import load_predictor
from vanban.interruption import Terminated
from vanban.schema import TASKS, Backend
from vanban.serving.access import bound, token_of
from vanban.serving.limits import Limits

if TYPE_CHECKING:
    from vanban.predictor import Predictor

PACKAGES: Final = ("fastapi", "uvicorn", "prometheus_client", "python_multipart")
SENTENCE: Final = "Chủ tịch UBND TP Hà Nội ký Chỉ thị số 17/CT-UBND."  # the first one that is read takes longer
_USUAL: Final = Limits()


def serve(
    host: Annotated[str, typer.Option(help="Address; one beyond this machine needs a token.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = 8000,
    model: Annotated[
        list[str] | None, typer.Option(help="As of tag.", show_default="the models of the package")
    ] = None,
    device: Annotated[str, typer.Option(help="As of tag.")] = "auto",
    backend: Annotated[Backend, typer.Option(help="As of tag.")] = "auto",
    no_values: Annotated[bool, typer.Option("--no-values", help="As of tag.")] = False,
    workers: Annotated[
        int, typer.Option(min=1, help="Threads that compute, each on all cores, or OMP_NUM_THREADS.")
    ] = 1,
    token_file: Annotated[
        Path | None,
        typer.Option(
            help="File with the token that requests must show; or it is in VANBAN_TOKEN.", show_default="none"
        ),
    ] = None,
    max_bytes: Annotated[int, typer.Option(min=1, help="Bytes of a request's body.")] = _USUAL.body_bytes,
    max_characters: Annotated[int, typer.Option(min=1, help="Characters of a request's texts.")] = _USUAL.characters,
    max_texts: Annotated[int, typer.Option(min=1, help="Texts or documents of a request.")] = _USUAL.texts,
    queue: Annotated[int, typer.Option(min=1, help="Texts that wait; beyond it requests get 503.")] = _USUAL.waiting,
    timeout: Annotated[
        float, typer.Option(min=0.1, help="Seconds for a body to arrive, and again for the answer.")
    ] = _USUAL.seconds,
    log: Annotated[bool, typer.Option("--log", help="Print a line for each request; texts are never printed.")] = False,
) -> None:
    """Serve over HTTP: POST /predict and /documents, a page at /, and Label Studio's ML backend. See docs/serving.md.

    SIGTERM and Ctrl-C let it finish what it has; then the exit status is 0.
    """
    token = token_of(token_file)
    for package in PACKAGES:
        optional(package, "serve", "vanban serve")
    at = bound(host, port, token)
    limits = Limits(max_bytes, max_characters, max_texts, queue, timeout, min(timeout, _USUAL.header_seconds))
    try:
        predictor = load_predictor(model or [], device, TASKS, backend, not no_values)
        predictor.predict_batch([SENTENCE])
        _run(predictor, at, limits, token, workers, log)
    finally:
        at.close()


def _run(predictor: Predictor, at: socket.socket, limits: Limits, token: str | None, workers: int, log: bool) -> None:
    from vanban.serving.app import create_app
    from vanban.serving.logs import tell_places_alone
    from vanban.serving.server import serve as run

    host, port = at.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    guarded = "" if token is None else ", with a token"
    tell_places_alone(say)
    app = create_app(predictor, limits, token, workers, say, log)
    try:
        run(
            app, at, limits,
            lambda: say(f"serving {predictor.name} on http://{shown}:{port}{guarded}; Ctrl-C stops it"),
            lambda: say("stopping: finishing what there is"),
        )  # fmt: skip
    except (KeyboardInterrupt, Terminated):
        say("stopped")

"""What every request passes: the token, and limits of bytes and time. What it did is counted and told, not its text."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from time import perf_counter
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vanban.serving.access import may_pass
from vanban.serving.answers import json_answer
from vanban.serving.limits import Limits, Refusal, busy
from vanban.serving.logs import place_of
from vanban.serving.metrics import Metrics

CHUNK: Final = 1 << 16  # bytes; a large body is handed on in such, with others served between them
# while the rest of a body that is too large is thrown away, so that who sends it comes to read the answer
DRAIN_SECONDS: Final = 2.0
DRAIN_BODIES: Final = 4  # of the largest that are taken


class _TooLarge(Refusal):
    """A body of which the rest may still come."""


class Gone(Exception):
    """Who asked has closed the connection."""


class Gate:
    """Stands before the application. `paths` are those that are counted by their name."""

    def __init__(
        self,
        app: ASGIApp,
        limits: Limits,
        token: str | None,
        metrics: Metrics,
        paths: frozenset[str],
        say: Callable[[str], None],
        log: bool = False,
    ) -> None:
        self.app, self._limits, self._token, self._metrics = app, limits, token, metrics
        self._paths, self._say, self._log = paths, say, log
        self._held = 0  # bytes of bodies
        self._in_flight = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path = scope["path"] if scope["path"] in self._paths else "other"
        begun, status = perf_counter(), 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        self._in_flight += 1
        self._metrics.in_flight.inc()
        try:
            await self._pass(scope, receive, sending)
        except Gone:
            pass
        except _TooLarge as refusal:
            await json_answer(refusal)(scope, receive, _before_closing(self._limits.body_bytes, receive, sending))
        except Refusal as refusal:
            await json_answer(refusal)(scope, receive, sending)
        except Exception as error:
            self._say(f"{scope['method']} {path}: {place_of(error)}")
            if not status:
                await json_answer(Refusal(500, "the service failed; its log says where"))(scope, receive, sending)
        finally:
            self._in_flight -= 1
            self._metrics.in_flight.dec()
            seconds = perf_counter() - begun
            self._metrics.requests.labels(path, str(status or "gone")).inc()
            self._metrics.seconds.labels(path).observe(seconds)
            if self._log:
                self._say(f"{scope['method']} {path} {status or 'gone'} {seconds * 1000:.1f} ms")

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        if not may_pass(scope["path"], headers.get(b"authorization", b""), self._token):
            raise Refusal(
                401, "expected the header Authorization: Bearer TOKEN, with the token of this service",
                {"WWW-Authenticate": "Bearer"},
            )  # fmt: skip
        if scope["method"] != "POST" or scope["path"] not in self._paths:
            await self.app(scope, receive, send)
            return
        if self._in_flight > self._limits.waiting:
            raise busy(1)
        body = bytearray()
        try:
            await self._receive(headers.get(b"content-length", b""), body, receive)
            await _unless_gone(self.app, scope, body, receive, send)
        finally:
            self._held -= len(body)
            body.clear()  # the rest of one that is too large may take its time

    async def _receive(self, length: bytes, body: bytearray, receive: Receive) -> None:
        """Receive into `body`, whose bytes are counted as held."""
        most = self._limits.body_bytes
        if length.isdigit() and int(length) > most:
            raise self._too_large(f"{int(length):,}", _TooLarge)
        try:
            async with asyncio.timeout(self._limits.seconds):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise Gone
                    chunk = message.get("body", b"")
                    body += chunk
                    self._held += len(chunk)
                    if len(body) > most:
                        kind = _TooLarge if message.get("more_body", False) else Refusal
                        raise self._too_large(f"more than {most:,}", kind)
                    if self._held > self._limits.held_bytes:
                        raise busy(1)
                    if not message.get("more_body", False):
                        return
        except TimeoutError:
            raise Refusal(
                408, f"the body did not arrive within {self._limits.seconds:g} s: found {len(body):,} bytes of it",
                {"Connection": "close"},
            ) from None  # fmt: skip

    def _too_large(self, found: str, kind: type[Refusal]) -> Refusal:
        most = self._limits.body_bytes
        return kind(
            413, f"found a body of {found} bytes, expected {most:,} at most: send several requests",
            {"Connection": "close"},
        )  # fmt: skip


def _before_closing(largest: int, receive: Receive, send: Send) -> Send:
    """Return a `send` that throws away what still comes between the answer and its end, which closes the connection.

    Bytes that nobody has read when a connection is closed make the other side lose the answer.
    """

    async def sending(message: Message) -> None:
        if message["type"] != "http.response.body" or message.get("more_body", False):
            await send(message)
            return
        await send({**message, "more_body": True})
        await _drain(receive, DRAIN_BODIES * largest)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    return sending


async def _drain(receive: Receive, most: int) -> None:
    """Throw away what still comes of a body, not more than `most` bytes and not for long."""
    try:
        async with asyncio.timeout(DRAIN_SECONDS):
            while most > 0:
                message = await receive()
                most -= len(message.get("body", b""))
                if not message.get("more_body", False):
                    return
    except TimeoutError:
        return


async def _unless_gone(app: ASGIApp, scope: Scope, body: bytearray, receive: Receive, send: Send) -> None:
    """Let the application answer, unless who asked closes the connection before: then it is cancelled."""
    position, is_read = 0, asyncio.Event()

    async def replay() -> Message:
        nonlocal position
        if is_read.is_set():
            return await asyncio.shield(leaving)
        chunk = bytes(body[position : position + CHUNK])
        if position:
            await asyncio.sleep(0)
        position += CHUNK
        more = position < len(body)
        if not more:
            is_read.set()
        return {"type": "http.request", "body": chunk, "more_body": more}

    leaving = asyncio.ensure_future(receive())
    answering = asyncio.ensure_future(app(scope, replay, send))
    try:
        await asyncio.wait({answering, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not answering.done():
            raise Gone
        answering.result()
    finally:
        for task in (answering, leaving):
            task.cancel()
        await asyncio.gather(answering, leaving, return_exceptions=True)


def say_to_stderr(message: str) -> None:
    """Print a line to standard error."""
    print(message, file=sys.stderr, flush=True)

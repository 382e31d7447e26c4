"""Connections that don't wait for ever: for the head of a request, and for who does not read the answer."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

LATE = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


def impatient(header_seconds: float, answer_seconds: float) -> type[asyncio.Protocol]:
    """Return uvicorn's protocol with limits of time.

    A connection is closed whose request has no whole head `header_seconds` after its first byte (or after it was
    opened), and one whose answer is not taken for `answer_seconds`. Bodies and answers have limits of their own.
    """

    class Impatient(H11Protocol):
        _head: asyncio.TimerHandle | None = None
        _taking: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            super().connection_made(transport)  # type: ignore[arg-type]
            self._expect_head()

        def connection_lost(self, exc: Exception | None) -> None:
            for timer in (self._head, self._taking):
                if timer is not None:
                    timer.cancel()
            super().connection_lost(exc)

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            if self._is_answering():
                if self._head is not None:
                    self._head.cancel()
                    self._head = None
            elif self._head is None and not self.transport.is_closing():
                self._expect_head()

        def _is_answering(self) -> bool:
            return self.cycle is not None and not self.cycle.response_complete

        def _expect_head(self) -> None:
            self._head = self.loop.call_later(header_seconds, self._late)

        def _late(self) -> None:
            self._head = None
            if not self._is_answering() and self.timeout_keep_alive_task is None:
                if self.cycle is None:
                    self.transport.write(LATE)
                self.transport.close()
                self._expect_taken()

        def pause_writing(self) -> None:
            super().pause_writing()
            self._expect_taken()

        def resume_writing(self) -> None:
            super().resume_writing()
            if self._taking is not None and not self.transport.is_closing():
                self._taking.cancel()
                self._taking = None

        def timeout_keep_alive_handler(self) -> None:
            super().timeout_keep_alive_handler()
            self._expect_taken()

        def _expect_taken(self) -> None:
            if self._taking is None:
                self._taking = self.loop.call_later(answer_seconds, self.transport.abort)

    return Impatient


def settings(header_seconds: float, answer_seconds: float) -> dict[str, Any]:
    """Return what uvicorn is told of connections."""
    return {
        "http": impatient(header_seconds, answer_seconds),
        "ws": "none",
        "timeout_keep_alive": 30,
        "proxy_headers": False,
        "server_header": False,
        "access_log": False,
        "log_config": None,
        "log_level": 60,  # nothing: its messages have addresses and tracebacks, and ours are in their place
    }

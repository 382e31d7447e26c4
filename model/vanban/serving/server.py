"""The service runs until it is told to stop; then it takes no more, and finishes what it has."""

from __future__ import annotations

import math
import socket
from collections.abc import Callable
from typing import Any, Final

import uvicorn

from vanban.serving.connections import settings
from vanban.serving.limits import Limits

GRACE: Final = 5  # seconds beyond those that an answer may take


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: Callable[[], None], stopping: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready, self._stopping = ready, stopping

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._stopping()
        await super().shutdown(sockets)


def serve(app: Any, at: socket.socket, limits: Limits, ready: Callable[[], None], stopping: Callable[[], None]) -> int:
    """Serve an application at a bound socket until SIGTERM or Ctrl-C; return the number of requests answered.

    `ready` is called when it listens, `stopping` when it begins to stop. The signal is raised again at the end.
    """
    config = uvicorn.Config(
        app,
        timeout_graceful_shutdown=math.ceil(limits.seconds) + GRACE,
        **settings(limits.header_seconds, limits.seconds),
    )
    server = _Server(config, ready, stopping)
    server.run([at])
    return server.server_state.total_requests

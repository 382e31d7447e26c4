"""Fixtures of the service: `client` asks an application in this process, `live` a server that listens.

Both have the predictor of `fake_predictor`, which marks the first character of a text.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import uvicorn
from starlette.testclient import TestClient

from fake_predictor import Fake
from vanban.serving.access import bound
from vanban.serving.app import create_app
from vanban.serving.connections import settings
from vanban.serving.limits import Limits

Serve = Callable[..., Any]


@pytest.fixture
def said() -> list[str]:
    """What the service prints."""
    return []


@pytest.fixture
def ask(said: list[str]) -> Iterator[Serve]:
    """Return `ask(predictor=Fake(), limits=Limits(), **options)`, which gives a client of such an application."""
    open_clients: list[TestClient] = []

    def make(predictor: Any = None, limits: Limits | None = None, **options: Any) -> TestClient:
        app = create_app(predictor or Fake(), limits, say=said.append, **options)
        client = TestClient(app)
        client.__enter__()
        open_clients.append(client)
        return client

    yield make
    for client in open_clients:
        client.__exit__(None, None, None)


@pytest.fixture
def client(ask: Serve) -> TestClient:
    """A client of an application with the usual limits."""
    client: TestClient = ask()
    return client


@contextmanager
def listening(predictor: Any = None, limits: Limits | None = None, **options: Any) -> Iterator[tuple[str, int]]:
    """Serve in a thread; yield the address."""
    limits = limits or Limits()
    at = bound("127.0.0.1", 0, None)
    app = create_app(predictor or Fake(), limits, **options)
    server = uvicorn.Server(uvicorn.Config(app, **settings(limits.header_seconds, limits.seconds)))
    thread = threading.Thread(target=server.run, args=([at],))
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
        yield at.getsockname()[:2]
    finally:
        server.should_exit = True
        thread.join(20)
        at.close()
    assert not thread.is_alive()


@pytest.fixture(scope="session")
def live() -> Serve:
    """Return `live(predictor=Fake(), limits=Limits(), **options)`, a context that serves and yields the address."""
    return listening

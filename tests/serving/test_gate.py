from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Sequence
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from fake_predictor import Fake
from vanban.schema import Prediction
from vanban.serving.gate import Gate
from vanban.serving.limits import Limits, Refusal
from vanban.serving.metrics import Metrics

JSON = {"Content-Type": "application/json"}


class Held(Fake):
    """Computes nothing until it is let go."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.seen: list[str] = []

    def predict_batch(self, texts: Sequence[str]) -> list[Prediction]:
        self.seen += texts
        self.go.wait(10)
        return super().predict_batch(texts)


def test_a_body_is_bounded_whether_it_says_its_length_or_not(ask: Any) -> None:
    client: TestClient = ask(limits=Limits(body_bytes=100))
    body = b'{"text": "' + b"a" * 87 + b'"}'
    assert len(body) == 99
    assert client.post("/predict", content=body, headers=JSON).status_code == 200
    said = client.post("/predict", content=body + b"  ", headers=JSON)
    told = "expected 100 at most: send several requests"
    assert (said.status_code, said.json()) == (413, {"error": f"found a body of 101 bytes, {told}"})
    silent = client.post("/predict", content=iter([body, b"  "]), headers=JSON)
    assert (silent.status_code, silent.json()) == (413, {"error": f"found a body of more than 100 bytes, {told}"})


def request(address: tuple[str, int], head: bytes, body: bytes = b"", length: int | None = None) -> socket.socket:
    """Return a connection on which a request was sent; `length` is what it says of its body."""
    connection = socket.create_connection(address, 10)
    said = b"Content-Length: %d\r\n" % (len(body) if length is None else length)
    connection.sendall(head + b" HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n" + said + b"\r\n" + body)
    return connection


def answer(connection: socket.socket) -> bytes:
    """Return what comes until the connection is closed."""
    parts = []
    while part := connection.recv(1 << 16):
        parts.append(part)
    connection.close()
    return b"".join(parts)


def test_a_body_that_does_not_come_is_not_waited_for(live: Any) -> None:
    with live(limits=Limits(seconds=0.3)) as address:
        late = answer(request(address, b"POST /predict", b'{"text": ', 100))
        assert late.startswith(b"HTTP/1.1 408 ")
        assert b'{"error": "the body did not arrive within 0.3 s: found 9 bytes of it"}' in late
        request(address, b"POST /predict", b'{"text": ', 100).close()  # half of it, and gone
        assert httpx.post(f"http://{address[0]}:{address[1]}/predict", json={"text": "7"}).status_code == 200


def test_who_sends_too_much_comes_to_read_why(live: Any) -> None:
    with live(limits=Limits(body_bytes=1000)) as (host, port):
        refused = httpx.post(f"http://{host}:{port}/predict", content=b"a" * 1_000_000, headers=JSON)
        assert refused.status_code == 413 and "found a body of 1,000,000 bytes" in refused.json()["error"]
        parts = (b"a" * 400 for _ in range(4))
        assert httpx.post(f"http://{host}:{port}/predict", content=parts, headers=JSON).status_code == 413


@pytest.mark.parametrize("path", ["/predict", "/documents"])
@pytest.mark.parametrize("chunked", [False, True])
def test_the_answer_comes_before_a_large_rest_is_thrown_away(live: Any, path: str, chunked: bool) -> None:
    """A plain client sends all before it reads; bytes that nobody took would make it lose the answer."""
    megabyte = b"a" * (1 << 20)
    with live(limits=Limits(body_bytes=1 << 20)) as address:
        head = f"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=x\r\n".encode()
        said = b"Transfer-Encoding: chunked\r\n\r\n" if chunked else b"Content-Length: %d\r\n\r\n" % (4 << 20)
        connection = socket.create_connection(address, 10)
        begun = time.monotonic()
        connection.sendall(head + said)
        for _ in range(4):
            connection.sendall(b"%x\r\n%s\r\n" % (len(megabyte), megabyte) if chunked else megabyte)
            time.sleep(0.02)
        connection.sendall(b"0\r\n\r\n" if chunked else b"")
        found = answer(connection)
        assert found.startswith(b"HTTP/1.1 413 ") and b"expected 1,048,576 at most" in found
        assert time.monotonic() - begun < 1.5


def test_a_rest_without_end_is_not_taken(live: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vanban.serving.gate.DRAIN_SECONDS", 0.3)
    with live(limits=Limits(body_bytes=1000)) as address:
        slow = request(address, b"POST /predict", b"a" * 10, 1 << 40)  # and no more of it
        begun = time.monotonic()
        assert answer(slow).startswith(b"HTTP/1.1 413 ")
        assert 0.2 < time.monotonic() - begun < 5
        endless = request(address, b"POST /predict", b"a" * 10, 1 << 40)
        sent = 0
        with pytest.raises(OSError):
            while sent < 1 << 30:
                endless.sendall(b"a" * (1 << 16))
                sent += 1 << 16
        endless.close()


def test_what_waits_for_who_has_gone_is_not_read(live: Any) -> None:
    predictor = Held()
    with live(predictor) as address:
        url = f"http://{address[0]}:{address[1]}"
        first = request(address, b"POST /predict", b'{"text": "first"}')
        until(lambda: predictor.seen == ["first"])
        gone = request(address, b"POST /predict", b'{"text": "gone"}')
        until(lambda: "vanban_waiting_texts 1.0" in httpx.get(f"{url}/metrics").text)
        gone.close()
        until(lambda: "vanban_waiting_texts 0.0" in httpx.get(f"{url}/metrics").text)
        assert httpx.get(f"{url}/health", timeout=2).status_code == 200  # while the model computes
        predictor.go.set()
        first.shutdown(socket.SHUT_WR)
        assert httpx.post(f"{url}/predict", json={"text": "last"}).status_code == 200
        first.close()
    assert predictor.seen == ["first", "last"]


def test_beyond_the_queue_who_asks_is_told_when_to_come_back(live: Any) -> None:
    predictor = Held()
    with live(predictor, Limits(waiting=2)) as address:
        url = f"http://{address[0]}:{address[1]}"
        waiting = [request(address, b"POST /predict", b'{"text": "%d"}' % i) for i in range(2)]
        until(lambda: "vanban_requests_in_flight 3.0" in httpx.get(f"{url}/metrics").text)
        refused = httpx.post(f"{url}/predict", json={"text": "one too many"})
        assert refused.status_code == 503 and refused.headers["retry-after"] == "1"
        assert refused.json() == {"error": "too much is waiting already: try again in 1 s, as Retry-After says"}
        predictor.go.set()
        for connection in waiting:
            assert connection.recv(1000).startswith(b"HTTP/1.1 200 OK")
            connection.close()


def until(holds: Any) -> None:
    ends = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.01)


def test_all_bodies_together_are_bounded() -> None:
    """Two bodies arrive at once, of which each may be as large; together they may not."""
    limits = Limits(body_bytes=10)
    answers: list[int] = []
    done = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise Refusal(400, "read")

    async def whole() -> None:
        gate = Gate(app, limits, None, Metrics(), frozenset({"/predict"}), lambda line: None)
        scope = {"type": "http", "method": "POST", "path": "/predict", "headers": []}
        sizes = [10] * 16 + [1]

        async def one(size: int) -> None:
            sent = 0

            async def receive() -> Any:
                nonlocal sent
                sent += 1
                if sent > 1:
                    await done.wait()
                return {"type": "http.request", "body": b"a" * size if sent == 1 else b"", "more_body": sent == 1}

            async def send(message: Any) -> None:
                if message["type"] == "http.response.start":
                    answers.append(message["status"])

            await gate(scope, receive, send)

        tasks = [asyncio.create_task(one(size)) for size in sizes]
        await asyncio.sleep(0.01)
        assert answers == [503]
        done.set()
        await asyncio.gather(*tasks)
        assert answers == [503] + [400] * 16 and gate._held == 0

    asyncio.run(whole())


@pytest.mark.parametrize("kind", ["lifespan", "websocket"])
def test_what_is_no_request_passes_on(kind: str) -> None:
    passed: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        passed.append(scope["type"])

    gate = Gate(app, Limits(), "correct-horse-battery", Metrics(), frozenset(), lambda line: None)
    asyncio.run(gate({"type": kind}, None, None))  # type: ignore[arg-type]
    assert passed == [kind]

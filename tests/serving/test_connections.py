from __future__ import annotations

import socket
import time
from typing import Any

import httpx

from vanban.serving.limits import Limits

HEAD = b"GET /health HTTP/1.1\r\nHost: a\r\n"


def closed_after(connection: socket.socket) -> tuple[bytes, float]:
    """Return what came before the connection was closed, and after how many seconds."""
    begun, came = time.monotonic(), b""
    connection.settimeout(10)
    try:
        while part := connection.recv(1 << 16):
            came += part
    except ConnectionResetError:
        pass
    connection.close()
    return came, time.monotonic() - begun


def test_a_head_that_does_not_come_is_not_waited_for(live: Any) -> None:
    with live(limits=Limits(header_seconds=0.3, seconds=1)) as address:
        silent = socket.create_connection(address)
        slow = socket.create_connection(address)
        slow.sendall(HEAD)
        for connection in (silent, slow):
            came, seconds = closed_after(connection)
            assert came.startswith(b"HTTP/1.1 408 Request Timeout\r\n") and seconds < 5


def test_neither_is_the_head_of_a_second_request(live: Any) -> None:
    with live(limits=Limits(header_seconds=0.3, seconds=1)) as address:
        connection = socket.create_connection(address)
        connection.sendall(HEAD + b"\r\n")
        came = b""
        while not came.endswith(b"}"):
            came += connection.recv(1000)
        connection.sendall(HEAD)  # and nothing more
        came, seconds = closed_after(connection)
        assert came == b"" and seconds < 5


def test_a_connection_is_used_again(live: Any) -> None:
    with live(limits=Limits(header_seconds=0.3, seconds=1)) as (host, port), httpx.Client() as client:
        for _ in range(3):
            assert client.get(f"http://{host}:{port}/health").status_code == 200
            time.sleep(0.2)
        time.sleep(0.3)  # longer than a head may take: nothing has begun
        assert client.get(f"http://{host}:{port}/health").status_code == 200


def test_an_answer_that_is_not_read_is_given_up(live: Any) -> None:
    body = b"7 ca " * 2_000_000  # more than the system holds for a connection
    form = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n' + body + b"\r\n--x--\r\n"
    head = b"POST /documents HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=x\r\n"
    with live(limits=Limits(characters=len(body), seconds=2)) as address:
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(address)
        connection.sendall(head + b"Content-Length: %d\r\n\r\n" % len(form) + form)
        assert connection.recv(15) == b"HTTP/1.1 200 OK"
        time.sleep(2.5)
        came, _ = closed_after(connection)
        assert len(came) < len(body)


def test_what_is_no_http_is_answered(live: Any) -> None:
    with live() as address:
        connection = socket.create_connection(address)
        connection.sendall(b"\x16\x03\x01 hello\r\n\r\n")
        assert closed_after(connection)[0].startswith(b"HTTP/1.1 400 ")

"""A client that costs little: requests as bytes over connections that stay open, timed from when they were due."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

Address = tuple[str, int]


@dataclass(slots=True)
class Answer:
    """What came: status (0 where the connection was closed first), body, and seconds since the request was due."""

    status: int
    body: bytes
    seconds: float

    def json(self) -> Any:
        """Return the body as what it says."""
        return json.loads(self.body)


def post(body: bytes, path: str = "/predict", kind: str = "application/json") -> bytes:
    """Return a request as bytes."""
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


class Connection:
    """One connection, opened when it is needed."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: bytes, due: float | None = None) -> Answer:
        """Send a request and return its answer."""
        due = time.perf_counter() if due is None else due
        try:
            if self._streams is None:
                self._streams = await asyncio.open_connection(*self._address, limit=1 << 22)
            reader, writer = self._streams
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
            answer = Answer(int(head[9:12]), await reader.readexactly(length), time.perf_counter() - due)
        except (OSError, asyncio.IncompleteReadError):
            await self.close()
            return Answer(0, b"", time.perf_counter() - due)
        if b"connection: close" in head.lower():
            await self.close()
        return answer

    async def half(self, request: bytes) -> None:
        """Send the first half of a request, and go."""
        await self.close()
        _, writer = await asyncio.open_connection(*self._address)
        writer.write(request[: len(request) // 2])
        writer.close()

    async def close(self) -> None:
        """Close it; the next request opens another."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


async def by_clients(
    address: Address, clients: int, act: Callable[[Connection, int], Awaitable[Any]], times: int
) -> Any:
    """Let clients act one after another, `times` in all, each with its connection; return what they give, in order."""
    results: list[Any] = [None] * times
    numbers = iter(range(times))

    async def client() -> None:
        connection = Connection(address)
        for number in numbers:
            results[number] = await act(connection, number)
        await connection.close()

    await asyncio.gather(*(client() for _ in range(clients)))
    return results


async def at_rate(address: Address, requests: Sequence[bytes], rate: float) -> list[Answer]:
    """Send requests at that many a second, whether answers have come or not."""
    free = [Connection(address) for _ in range(64)]
    begun = time.perf_counter()

    async def one(number: int) -> Answer:
        due = begun + number / rate
        await asyncio.sleep(due - time.perf_counter())
        connection = free.pop() if free else Connection(address)
        answer = await connection.ask(requests[number], due)
        free.append(connection)
        return answer

    answers = await asyncio.gather(*map(one, range(len(requests))))
    for connection in free:
        await connection.close()
    return list(answers)

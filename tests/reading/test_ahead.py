from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from vanban.reading.ahead import one_ahead


def counted(number: int, taken: list[int], closed: list[str] | None = None) -> Iterator[int]:
    try:
        for i in range(number):
            taken.append(i)
            yield i
    finally:
        if closed is not None:
            closed.append(threading.current_thread().name)


def wait_for(condition: object) -> None:
    deadline = time.monotonic() + 10
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_all_in_order_and_one_ahead() -> None:
    taken: list[int] = []
    stream = one_ahead(counted(20, taken), str)
    assert taken == []  # nothing is taken before the first is asked for
    for i, found in enumerate(stream):
        assert found == str(i)
        wait_for(lambda i=i: len(taken) == min(i + 2, 20))
        time.sleep(0.002)
        assert len(taken) == min(i + 2, 20)
    assert list(one_ahead([], str)) == []


def test_the_next_is_prepared_while_one_is_in_use() -> None:
    threads: dict[int, str] = {}
    for item in one_ahead(range(3), lambda i: threads.setdefault(i, threading.current_thread().name) and i):
        wait_for(lambda item=item: min(item + 1, 2) in threads)
    assert threads == {0: threading.current_thread().name, 1: "vanban-ahead", 2: "vanban-ahead"}


@pytest.mark.parametrize("at", [0, 1, 3])
@pytest.mark.parametrize("error", [ValueError("no"), KeyboardInterrupt()])
def test_errors_come_at_their_turn(at: int, error: BaseException) -> None:
    def items() -> Iterator[int]:
        yield from range(at)
        raise error

    def prepare(item: int) -> int:
        if item == at:
            raise error
        return item

    for stream in (one_ahead(items(), int), one_ahead(range(9), prepare)):
        found = []
        with pytest.raises(type(error)):
            found += [next(stream) for _ in range(9)] if at == 0 else []
            for item in stream:
                found.append(item)
        assert found == list(range(at))
        assert list(stream) == []


def test_a_stream_that_is_closed_closes_its_source() -> None:
    closed: list[str] = []
    taken: list[int] = []
    prepared: list[int] = []

    def prepare(item: int) -> int:
        time.sleep(0.05 * (item > 0))
        prepared.append(item)
        return item

    stream = one_ahead(counted(9, taken, closed), prepare)
    next(stream)
    wait_for(lambda: len(taken) == 2)
    stream.close()  # type: ignore[attr-defined]
    assert closed == [threading.current_thread().name]
    assert len(taken) == 2
    assert threading.active_count() < 50


def test_nothing_waits_for_an_item_that_never_comes() -> None:
    comes = threading.Event()
    taken: list[int] = []
    closed: list[str] = []

    def items() -> Iterator[int]:
        try:
            yield 0
            taken.append(1)
            comes.wait(20)
            yield 1
        finally:
            closed.append(threading.current_thread().name)

    prepared: list[int] = []
    stream = one_ahead(items(), lambda item: prepared.append(item) or item)  # type: ignore[func-returns-value]
    began = time.monotonic()
    assert next(stream) == 0  # what is there is given out, whether more comes or not
    wait_for(lambda: taken == [1])
    stream.close()  # type: ignore[attr-defined]
    assert time.monotonic() - began < 5
    comes.set()
    wait_for(lambda: closed == ["vanban-ahead"])
    assert prepared == [0]


PROCESS = """
import os, signal, sys, threading, time
from vanban.reading.ahead import one_ahead
reader, writer = os.pipe()
def items():
    yield b"one"
    yield os.read(reader, 9)  # never comes
def slow(item):
    time.sleep(0.2)  # as a tokenizer: it is waited for
    print("prepared", flush=True)
stream = one_ahead(items() if sys.argv[1] == "blocked" else iter([1, 2]), slow)
next(stream)
if sys.argv[2] == "interrupted":
    os.kill(os.getpid(), signal.SIGINT)
"""


FORKED = """
import os, time
from vanban.reading.ahead import one_ahead

def slow(item):
    time.sleep(0.3)
    return item

stream = one_ahead(iter([1, 2, 3]), slow)
next(stream)
if os.fork() == 0:
    try:
        next(stream)
    except RuntimeError as error:
        print("child:", error, flush=True)
    raise SystemExit
print("parent:", list(stream), os.wait()[1], flush=True)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no forks here")
def test_a_child_that_was_forked_while_a_stream_is_open_ends() -> None:
    ran = subprocess.run([sys.executable, "-c", FORKED], capture_output=True, text=True, timeout=20)
    child, parent = sorted(ran.stdout.splitlines())
    assert child == "child: the process was forked while texts were read: open the stream again"
    assert parent == "parent: [2, 3] 0"


@pytest.mark.parametrize(
    ("way", "ends", "prepared"),
    [("blocked", "left", 1), ("blocked", "interrupted", 1), ("prepares", "left", 2), ("prepares", "interrupted", 2)],
)
def test_a_process_ends_at_once(way: str, ends: str, prepared: int) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", PROCESS, way, ends], capture_output=True, text=True, timeout=20, stdin=subprocess.DEVNULL
    )
    assert ran.stdout.splitlines() == ["prepared"] * prepared
    assert (ran.returncode != 0) == (ends == "interrupted")
    assert "Fatal" not in ran.stderr

from __future__ import annotations

import threading
import time

import pytest

from vanban.documents.behind import one_behind


def test_all_is_written_in_order_in_a_thread_of_its_own() -> None:
    written: list[int] = []
    threads: set[str] = set()

    def write(item: int) -> None:
        time.sleep(0.0001)
        threads.add(threading.current_thread().name)
        written.append(item)

    with one_behind(write) as leave:
        for item in range(300):
            leave(item)
            assert item - len(written) <= 66  # what waits is bounded
    assert (written, threads) == (list(range(300)), {"vanban-behind"})


def test_one_goes_on_while_another_is_written() -> None:
    goes_on = threading.Event()
    with one_behind(lambda item: goes_on.wait(10)) as leave:  # type: ignore[func-returns-value]
        leave(1)
        leave(2)
        goes_on.set()


@pytest.mark.parametrize("number", [1, 5, 300])
def test_an_error_is_raised_once_and_nothing_is_written_after_it(number: int) -> None:
    written: list[int] = []

    def write(item: int) -> None:
        if item == 2:
            raise OSError("full")
        written.append(item)

    left = []
    if number > 2:
        with pytest.raises(OSError, match="full"), one_behind(write) as leave:
            for item in range(number):
                leave(item)
                left.append(item)
        assert written == [0, 1] and len(left) <= number
    else:
        with one_behind(write) as leave:
            leave(0)
        assert written == [0]
    assert "vanban-behind" not in {thread.name for thread in threading.enumerate()}


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_what_was_left_is_written_after_an_exception(error: type[BaseException]) -> None:
    written: list[int] = []

    def write(item: int) -> None:
        time.sleep(0.001)
        written.append(item)

    with pytest.raises(error), one_behind(write) as leave:
        for item in range(20):
            leave(item)
        raise error
    assert written == list(range(20))

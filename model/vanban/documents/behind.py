"""One thread behind: what is done is written while the next is computed."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

T = TypeVar("T")

_WAITING: Final = 64  # items that are not written yet


@contextmanager
def one_behind(write: Callable[[T], None]) -> Iterator[Callable[[T], None]]:
    """Yield a function that leaves what it is given to `write`, which is called in order in a thread of its own.

    At the end all is written, after an exception too. What `write` raises is raised by the next call or at the end, and
    nothing is written after it.
    """
    items: queue.Queue[tuple[T] | None] = queue.Queue(_WAITING)
    raised: list[BaseException] = []

    def work() -> None:
        while (item := items.get()) is not None:
            if not raised:
                try:
                    write(item[0])
                except BaseException as error:  # raised again where it is waited for
                    raised.append(error)

    def leave(item: T) -> None:
        if raised:
            raise raised[0]
        items.put((item,))

    thread = threading.Thread(target=work, name="vanban-behind")
    thread.start()
    try:
        yield leave
    finally:
        items.put(None)
        thread.join()
    if raised:
        raise raised[0]

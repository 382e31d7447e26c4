"""One thread ahead: what is read next is made ready while the last is in use."""

from __future__ import annotations

import atexit
import os
import threading
import weakref
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


def one_ahead(items: Iterable[T], prepare: Callable[[T], R]) -> Iterator[R]:
    """Yield `prepare(item)` of each of the `items`, in order; while one is in use a thread takes and prepares the next.

    The first is prepared in the thread that asks. What `items` or `prepare` raises is raised at its turn, after what
    came before. A stream that is closed, or left by an exception, waits for what is being prepared, but not for an item
    that is yet to come; `items` is closed then if it can be.
    """
    source = iter(items)
    step = _Step(source, prepare)
    step.run()
    try:
        while True:
            step.wait()
            if step.error is not None:
                raise step.error
            if not step.found:
                return
            (result,) = step.found
            step = _Step(source, prepare)
            # a daemon: an item that never comes must not keep the process from ending
            _running.add(step)
            threading.Thread(target=step.run, name="vanban-ahead", daemon=True).start()
            yield result
    finally:
        step.leave()


class _Step(Generic[T, R]):
    """One item, taken and prepared: `found` holds it, or nothing where the items end; `error` what was raised."""

    def __init__(self, source: Iterator[T], prepare: Callable[[T], R]) -> None:
        self._source, self._prepare = source, prepare
        self._lock = threading.Lock()
        self._done = threading.Event()
        self._is_left = self._is_preparing = self._closes = False
        self.found: tuple[R, ...] = ()
        self.error: BaseException | None = None

    def run(self) -> None:
        """Take an item and prepare it."""
        try:
            for item in self._source:
                with self._lock:
                    self._is_preparing = not self._is_left
                if self._is_preparing:
                    self.found = (self._prepare(item),)
                break
        except BaseException as error:  # raised again where it is waited for
            self.error = error
        with self._lock:
            self._is_preparing = False
            self._done.set()
        if self._closes:
            self._close()

    def wait(self) -> None:
        """Return when that is done, or there was none."""
        self._done.wait()

    def leave(self) -> None:
        """Let no more be prepared. The library of tokenizers aborts a process that ends in the middle of its work."""
        with self._lock:
            if self._is_left:
                return
            self._is_left = True
            self._closes = not self._done.is_set() and not self._is_preparing  # the thread will, if ever an item comes
        if not self._closes:
            self._done.wait()
            self._close()

    def orphan(self) -> None:
        """In a forked child: let go of what was being prepared, since its thread is not in this process."""
        if not self._done.is_set():
            self._lock, self._done = threading.Lock(), threading.Event()
            self._is_left = True  # what the thread was in the middle of can't be closed
            self.error = RuntimeError("the process was forked while texts were read: open the stream again")
            self._done.set()

    def _close(self) -> None:
        close = getattr(self._source, "close", None)
        if close is not None:
            close()


_running: weakref.WeakSet[_Step[Any, Any]] = weakref.WeakSet()


@atexit.register
def _leave_all() -> None:
    for step in list(_running):
        step.leave()


def _after_fork() -> None:
    for step in list(_running):
        step.orphan()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)

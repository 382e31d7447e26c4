"""Threads and forks: a process that loads models, or has predicted, and is forked (gunicorn --preload, Celery,
multiprocessing) must be answered in its children.

OpenMP keeps a pool of threads for each thread that computes; a forked child has the pool's books and none of its
threads, and waits for them for ever. So nothing computes on several threads while a model is loaded, and in a child the
thread that lived on through the fork leaves computing to one that is new, and has a new pool.
"""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

from vanban.errors import UserError
from vanban.network.threads import wait_passively

P = ParamSpec("P")
T = TypeVar("T")


class _State:
    """`lock`: of the thread that loads. `survivor`: the thread of a forked process that lived on through the fork, and
    `stand_in` what computes for it."""

    lock = threading.RLock()
    survivor: int | None = None
    stand_in: ThreadPoolExecutor | None = None


@contextmanager
def loading() -> Iterator[None]:
    """Let one thread load at a time.

    transformers imports its parts when they are asked for, which goes wrong in several threads at once.
    """
    with _State.lock:
        wait_passively()
        yield


@contextmanager
def alone(what: str = "it") -> Iterator[None]:
    """Let torch compute in this thread alone, as all do that load. Raises UserError: `what` needs torch."""
    try:
        import torch
    except ImportError:
        raise UserError(
            f"{what} needs torch, which is not installed: pip install torch, or name a model that was exported, and "
            "leave out the task that has none (tasks=['ner'], --no-doc-type)"
        ) from None
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # of this thread, and of those that first compute meanwhile
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def computes(function: Callable[P, T]) -> Callable[P, T]:
    """Let a function that computes do so in the thread that calls it or, if the pool of that was lost in a fork, in
    another."""

    @functools.wraps(function)
    def whole(*args: P.args, **kwargs: P.kwargs) -> T:
        if threading.get_ident() != _State.survivor:
            return function(*args, **kwargs)
        if _State.stand_in is None:
            _State.stand_in = ThreadPoolExecutor(1, "vanban")
        return _State.stand_in.submit(function, *args, **kwargs).result()

    return whole


def _after_fork() -> None:
    _State.lock = threading.RLock()  # the thread that held the other is not in this process
    _State.survivor, _State.stand_in = threading.get_ident(), None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)

"""Chunks of texts are tagged here, or in several processes that have the models each; answers come in order."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from vanban.documents.batch import Answer, tag_texts
from vanban.errors import UserError
from vanban.reading.ahead import one_ahead

if TYPE_CHECKING:
    from vanban.predictor import Predictor

T = TypeVar("T")
Load = Callable[[], "Predictor"]
Work = Iterable[tuple[T, list[str]]]
"""Texts, each list with what it is known by."""

CHUNKS_PER_WORKER: Final = 2  # handed out and not taken back: one that is tagged, one that waits
# after this process was ended at once, Python's own process that tidies up behind it says so; the user asked for it
LEAKED: Final = "ignore:resource_tracker:UserWarning"


@dataclass(frozen=True, slots=True)
class Models:
    """What is told of loaded models: their name, their record, and whether they find entities."""

    name: str
    info: dict[str, Any]
    find_entities: bool


class Tagging(Protocol):
    """Tags lists of texts."""

    def models(self) -> Models:
        """Load, and tell what was loaded. Raise UserError where there is no such model."""

    def answers(self, work: Work[T]) -> Iterator[tuple[T, Sequence[Answer]]]:
        """Yield the answers to each list of texts, in order. Lists are taken as they are needed."""


class Here:
    """Tags in this process."""

    def __init__(self, load: Load, ahead: bool = True) -> None:
        """With `ahead`, work is taken and tokenised one list ahead, in a thread of its own.

        That is not for what comes from standard input: Python can't end while a thread reads it.
        """
        self._predictor, self._ahead = load(), ahead

    def models(self) -> Models:
        """Tell what was loaded."""
        return _models(self._predictor)

    def answers(self, work: Work[T]) -> Iterator[tuple[T, Sequence[Answer]]]:
        """Yield the answers to each list of texts, in order."""
        for known_by, texts in one_ahead(work, self._read) if self._ahead else map(self._read, work):
            yield known_by, tag_texts(texts, self._predictor)

    def _read(self, list_of_work: tuple[T, list[str]]) -> tuple[T, Sequence[str]]:
        """Tokenise the texts, where that can be done before they are tagged."""
        known_by, texts = list_of_work
        try:
            return known_by, self._predictor.read(texts) if texts and hasattr(self._predictor, "read") else texts
        except Exception:  # raised again when they are tagged, where it is found which text is at fault
            return known_by, texts


class Workers:
    """Tags in processes of their own, which end when the block is left, and when this process does.

    They are spawned: `load` must be importable by its name. When one of them dies, all are started again and what was
    handed out is handed out again; when none got further since the last time, that is an error.
    """

    def __init__(self, load: Load, workers: int, reading_threads: int = 1) -> None:
        """Each computes on one thread, or on OMP_NUM_THREADS, and splits texts into tokens on `reading_threads`.

        On how many threads a network computes changes last digits of scores in bfloat16. It may not depend on the
        number of workers, for results not to do so either.
        """
        self._load, self._workers, self._reading_threads = load, workers, reading_threads
        self._pool: ProcessPoolExecutor | None = None
        self._others = set(multiprocessing.active_children())

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *error: object) -> None:
        self._stop()

    def _start(self) -> list[Future[Models]]:
        """Start all processes, and let them load."""
        if LEAKED not in sys.warnoptions:
            sys.warnoptions.append(LEAKED)  # what processes are started with
        context = multiprocessing.get_context("spawn")  # a fork of a process with threads may hang
        self._pool = ProcessPoolExecutor(self._workers, context, _begin, (self._load, self._reading_threads))
        with _without_interrupts():
            return [self._pool.submit(_models_of_worker) for _ in range(self._workers)]

    def _stop(self) -> None:
        """End the processes at once: what they are at is of no use any more."""
        if self._pool is not None:
            for process in set(multiprocessing.active_children()) - self._others:
                process.kill()
            self._pool.shutdown(cancel_futures=True)
            self._pool = None

    def models(self) -> Models:
        """Load in every process, and tell what was loaded."""
        try:
            return self._start()[0].result()
        except BrokenProcessPool:
            raise _died("while it loaded") from None

    def answers(self, work: Work[T]) -> Iterator[tuple[T, Sequence[Answer]]]:
        """Yield the answers to each list of texts, in order; two lists a process are read ahead."""
        lists = iter(work)
        ahead: deque[tuple[T, list[str], Future[Sequence[Answer]]]] = deque()
        is_second = False  # death since the last answer
        while True:
            try:
                while len(ahead) < self._workers * CHUNKS_PER_WORKER:
                    following = next(lists, None)
                    if following is None:
                        break
                    ahead.append((*following, self._hand_out(following[1])))
                if not ahead:
                    return
                answers = ahead[0][2].result()
            except BrokenProcessPool:
                if is_second:
                    raise _died("twice at the same documents") from None
                is_second = True
                self._stop()
                self._start()
                ahead = deque((known_by, texts, self._hand_out(texts)) for known_by, texts, _ in ahead)
                continue
            is_second = False
            yield ahead.popleft()[0], answers

    def _hand_out(self, texts: list[str]) -> Future[Sequence[Answer]]:
        assert self._pool is not None, "models() comes first"
        try:
            with _without_interrupts():  # one of them may be started only now
                return self._pool.submit(_answer, texts)
        except BrokenProcessPool as broken:  # known before the first answer is asked for
            lost: Future[Sequence[Answer]] = Future()
            lost.set_exception(broken)
            return lost


def _died(when: str) -> UserError:
    return UserError(
        f"a worker process died {when}: it was killed, or memory did not suffice. What was done is kept; go on with "
        "--resume and fewer --workers, or a smaller --batch-size"
    )


def _models(predictor: Predictor) -> Models:
    return Models(predictor.name, predictor.info, predictor.tagger is not None)


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Let processes that are started here never see Ctrl-C, which a terminal sends to all; it waits until then."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


# ---- in a worker


class _Worker:
    load: Load
    predictor: Predictor | None = None


def _begin(load: Load, reading_threads: int) -> None:
    """Make ready for loading: before torch is imported, which reads the number of threads then."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("RAYON_NUM_THREADS", str(reading_threads))
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _Worker.load = staticmethod(load)


def _end_with_parent() -> None:
    """End when the process that hands out work has: one that was killed tells nobody."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os._exit(1)


def _loaded() -> Predictor:
    if _Worker.predictor is None:
        _Worker.predictor = _Worker.load()
    return _Worker.predictor


def _models_of_worker() -> Models:
    return _models(_loaded())


def _answer(texts: list[str]) -> Sequence[Answer]:
    return tag_texts(texts, _loaded())

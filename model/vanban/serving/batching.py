"""Texts of many requests → batches for the model, which computes in threads of its own.

What comes together is read together: a batch holds the text that has waited longest, and those that are most like it in
length, so that a short text need not wait for long ones to be padded to. The next batch is split into tokens while the
model computes, if it is full.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Final

from vanban.documents.batch import Answer, tag_texts
from vanban.serving.limits import Limits, busy

if TYPE_CHECKING:
    from vanban.predictor import Predictor

TEXTS_PER_BATCH: Final = 32
CHARACTERS_PER_BATCH: Final = 50_000  # more is hardly faster, and who comes next waits for it
WAIT: Final = 0.010  # seconds that a text waits, at most, for others to come
QUIET: Final = 0.001  # seconds without another, after which no more are expected
LONGEST_RETRY: Final = 60


@dataclass(eq=False, slots=True)
class _Waiting:
    text: str
    answer: asyncio.Future[Answer]


class Batcher:
    """Hands texts to a predictor. All but what computes runs in the event loop in which `start` was called."""

    def __init__(
        self,
        predictor: Predictor,
        limits: Limits,
        workers: int = 1,
        tell: Callable[[int, float], None] = lambda texts, seconds: None,
    ) -> None:
        """`workers` are threads that compute; `tell` is told the texts of each batch and the seconds that it took."""
        self._predictor, self._limits, self._tell = predictor, limits, tell
        self._waiting: list[_Waiting] = []
        self._characters = 0
        self._arrived = 0  # counts up
        self._idle = 0  # workers that have nothing to do
        self._rate = 50_000.0  # characters a second, as they were read lately
        self._changed = asyncio.Event()
        self._handed: asyncio.Queue[tuple[list[_Waiting], Sequence[str]]] = asyncio.Queue(1)
        self._reading = ThreadPoolExecutor(1, "vanban-reading")
        self._computing = ThreadPoolExecutor(workers, "vanban-computing")
        self._workers = workers
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def waiting(self) -> int:
        """The texts that no batch has taken."""
        return len(self._waiting)

    def start(self) -> None:
        """Begin to take texts."""
        self._tasks = [asyncio.create_task(self._gather())]
        self._tasks += [asyncio.create_task(self._work()) for _ in range(self._workers)]

    async def stop(self) -> None:
        """End; what waits is not answered any more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._reading.shutdown(wait=False, cancel_futures=True)
        self._computing.shutdown(wait=False, cancel_futures=True)

    async def answers(self, texts: Sequence[str]) -> list[Answer]:
        """Return the answer to each text, in order; when this is cancelled, texts that still wait are not read.

        Raises Refusal where too much waits; texts that find nothing before them are always taken.
        """
        characters = sum(map(len, texts))
        is_full = (
            len(self._waiting) + len(texts) > self._limits.waiting
            or self._characters + characters > self._limits.waiting_characters
        )
        if is_full and self._waiting:
            raise busy(min(LONGEST_RETRY, math.ceil((self._characters + 1) / self._rate)))
        loop = asyncio.get_running_loop()
        waiting = [_Waiting(text, loop.create_future()) for text in texts]
        self._waiting += waiting
        self._characters += characters
        self._arrived += len(texts)
        self._changed.set()
        try:
            return await asyncio.gather(*(one.answer for one in waiting))
        finally:
            if any(one.answer.cancelled() for one in waiting):
                self._keep([one for one in self._waiting if not one.answer.done()])

    def _keep(self, waiting: list[_Waiting]) -> None:
        self._waiting = waiting
        self._characters = sum(len(one.text) for one in waiting)

    @property
    def _is_full(self) -> bool:
        return len(self._waiting) >= TEXTS_PER_BATCH or self._characters >= CHARACTERS_PER_BATCH

    async def _gather(self) -> None:
        """Take batches, each as late as it can be: when it is full, or someone has nothing to do and no more come."""
        loop = asyncio.get_running_loop()
        while True:
            while not (self._waiting and (self._is_full or self._idle)):
                self._changed.clear()
                await self._changed.wait()
            begun = loop.time()
            while not self._is_full and loop.time() - begun < WAIT - QUIET:
                arrived = self._arrived
                await asyncio.sleep(QUIET)
                if self._arrived == arrived:
                    break
            if not self._waiting:  # who asked has gone
                continue
            batch = self._take()
            read = await loop.run_in_executor(self._reading, self._read, [one.text for one in batch])
            self._idle -= self._idle > 0
            await self._handed.put((batch, read))

    def _take(self) -> list[_Waiting]:
        """Return the text that has waited longest and those that are most like it in length, as many as a batch has."""
        oldest, *others = self._waiting
        if self._is_full:
            others.sort(key=lambda one: abs(len(one.text) - len(oldest.text)))
        batch, characters = [oldest], len(oldest.text)
        for one in others:
            characters += len(one.text)
            if len(batch) >= TEXTS_PER_BATCH or characters > CHARACTERS_PER_BATCH:
                break
            batch.append(one)
        taken = set(map(id, batch))
        self._keep([one for one in self._waiting if id(one) not in taken])
        return batch

    def _read(self, texts: list[str]) -> Sequence[str]:
        """Split texts into tokens, where the predictor can do so before it computes."""
        try:
            return self._predictor.read(texts) if hasattr(self._predictor, "read") else texts
        except Exception:  # raised again when they are read, where it is found which text is at fault
            return texts

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            if self._handed.empty():
                self._idle += 1
                self._changed.set()
            batch, texts = await self._handed.get()
            begun = perf_counter()
            answers = await loop.run_in_executor(self._computing, tag_texts, texts, self._predictor)
            seconds = perf_counter() - begun
            rate = sum(map(len, texts)) / max(seconds, 1e-6)
            self._rate = max(1.0, 0.8 * self._rate + 0.2 * rate)
            self._tell(len(batch), seconds)
            for one, answer in zip(batch, answers, strict=True):
                if not one.answer.done():
                    one.answer.set_result(answer)

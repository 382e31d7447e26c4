from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from fake_predictor import Fake
from vanban.schema import Prediction
from vanban.serving.batching import CHARACTERS_PER_BATCH, TEXTS_PER_BATCH, Batcher
from vanban.serving.limits import Limits, Refusal


class Watched(Fake):
    """Keeps the texts of each batch, and computes nothing until it is let go."""

    def __init__(self, go: bool = True) -> None:
        self.batches: list[list[str]] = []
        self.threads: set[str] = set()
        self.go = threading.Event()
        if go:
            self.go.set()

    def predict_batch(self, texts: Sequence[str]) -> list[Prediction]:
        self.batches.append(list(texts))
        self.threads.add(threading.current_thread().name)
        self.go.wait(10)
        return super().predict_batch(texts)


def run(
    predictor: Watched, act: Callable[[Batcher], Awaitable[Any]], limits: Limits | None = None, workers: int = 1
) -> Any:
    async def whole() -> Any:
        batcher = Batcher(predictor, limits or Limits(), workers)  # type: ignore[arg-type]
        batcher.start()
        try:
            return await asyncio.wait_for(act(batcher), 10)
        finally:
            predictor.go.set()
            await batcher.stop()

    return asyncio.run(whole())


async def begun(predictor: Watched, batches: int = 1) -> None:
    while len(predictor.batches) < batches:
        await asyncio.sleep(0.001)


def texts_of(answers: Any) -> list[str]:
    return [answer.text for answer in answers]


def test_requests_that_come_together_share_a_batch() -> None:
    predictor = Watched()

    async def act(batcher: Batcher) -> Any:
        return await asyncio.gather(*(batcher.answers([f"văn bản {i}", str(i)]) for i in range(5)))

    found = run(predictor, act)
    assert [texts_of(answers) for answers in found] == [[f"văn bản {i}", str(i)] for i in range(5)]
    assert len(predictor.batches) == 1 and len(predictor.batches[0]) == 10
    assert predictor.threads == {"vanban-computing_0"}


def test_a_batch_has_the_oldest_text_and_those_most_like_it_in_length() -> None:
    predictor = Watched(go=False)
    long, short = "dài " * 3000, "ngắn"

    async def act(batcher: Batcher) -> Any:
        first = asyncio.create_task(batcher.answers(["đầu"]))
        await begun(predictor)
        others = [long, *[short] * 3, long, long, *[short] * 3, long, long]
        waiting = [asyncio.create_task(batcher.answers([text])) for text in others]
        await asyncio.sleep(0.05)  # full of characters: the next is split into tokens while the first is computed
        predictor.go.set()
        return await asyncio.gather(first, *waiting)

    assert len(run(predictor, act)) == 12
    assert predictor.batches == [["đầu"], [long] * 4, [short] * 6 + [long]] or predictor.batches == [
        ["đầu"], [long] * 4, [short] * 6, [long],
    ]  # fmt: skip
    assert 4 * len(long) <= CHARACTERS_PER_BATCH < 5 * len(long)


def test_a_batch_is_bounded_and_many_texts_of_one_request_are_several() -> None:
    predictor = Watched()
    texts = [str(i) for i in range(TEXTS_PER_BATCH * 2 + 1)]
    assert texts_of(run(predictor, lambda batcher: batcher.answers(texts))) == texts
    assert max(map(len, predictor.batches)) == TEXTS_PER_BATCH
    assert sorted(text for batch in predictor.batches for text in batch) == sorted(texts)


def test_beyond_the_queue_a_request_is_refused_with_a_time() -> None:
    predictor = Watched(go=False)

    async def act(batcher: Batcher) -> Any:
        first = asyncio.create_task(batcher.answers(["một"]))
        await begun(predictor)
        waiting = asyncio.create_task(batcher.answers(["hai", "ba"]))
        await asyncio.sleep(0.02)
        with pytest.raises(Refusal) as refused:
            await batcher.answers(["bốn", "năm"])
        predictor.go.set()
        return refused.value, texts_of(await first), texts_of(await waiting), texts_of(await batcher.answers(["sáu"]))

    refusal, *answers = run(predictor, act, Limits(waiting=3))
    assert answers == [["một"], ["hai", "ba"], ["sáu"]]
    assert refusal.status == 503 and refusal.headers == {"Retry-After": "1"}
    assert refusal.message == "too much is waiting already: try again in 1 s, as Retry-After says"


def test_what_finds_nothing_before_it_is_taken_whatever_its_size() -> None:
    predictor = Watched()
    texts = ["a", "b", "c"]
    assert texts_of(run(predictor, lambda batcher: batcher.answers(texts), Limits(waiting=2, characters=1))) == texts


def test_texts_of_who_has_gone_are_not_read() -> None:
    predictor = Watched(go=False)

    async def act(batcher: Batcher) -> Any:
        first = asyncio.create_task(batcher.answers(["một"]))
        await begun(predictor)
        gone = asyncio.create_task(batcher.answers(["hai"] * 3))
        await asyncio.sleep(0.02)
        assert batcher.waiting == 3
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)
        assert batcher.waiting == 0
        predictor.go.set()
        return texts_of(await first) + texts_of(await batcher.answers(["ba"]))

    assert run(predictor, act) == ["một", "ba"]
    assert predictor.batches == [["một"], ["ba"]]


def test_a_text_that_can_not_be_read_does_not_hurt_its_neighbours() -> None:
    predictor = Watched()
    found = run(predictor, lambda batcher: batcher.answers(["7 ca", "BOOM", "8 ca"]))
    assert [type(answer) for answer in found] == [Prediction, str, Prediction]
    assert found[1] == "could not be tagged: RuntimeError: no such token"


def test_several_workers_compute_at_a_time() -> None:
    predictor = Watched(go=False)

    async def act(batcher: Batcher) -> Any:
        tasks = []
        for number in range(3):
            tasks.append(asyncio.create_task(batcher.answers([str(number)])))
            await begun(predictor, number + 1)
        predictor.go.set()
        return [texts_of(await task) for task in tasks]

    assert run(predictor, act, workers=3) == [["0"], ["1"], ["2"]]
    assert predictor.threads == {f"vanban-computing_{i}" for i in range(3)}


def test_texts_are_split_into_tokens_before_they_are_computed() -> None:
    class Reader(Watched):
        def read(self, texts: Sequence[str]) -> list[str]:
            if "hỏng" in texts:
                raise RuntimeError
            return [f"{text}!" for text in texts]

    assert texts_of(run(Reader(), lambda batcher: batcher.answers(["a", "b"]))) == ["a!", "b!"]
    assert texts_of(run(Reader(), lambda batcher: batcher.answers(["hỏng"]))) == ["hỏng"]

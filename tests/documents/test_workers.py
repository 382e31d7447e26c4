"""Texts are tagged in other processes: in order, in bounded numbers, and to an end when these die."""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import pytest

import fake_predictor
from vanban.documents.workers import CHUNKS_PER_WORKER, Here, Workers
from vanban.errors import UserError
from vanban.predictor import Predictor, ReadTexts

Lists = list[tuple[int, list[str]]]


def shown(tagging: Here | Workers, work: Lists) -> list[tuple[int, list[object]]]:
    return [(n, [a if isinstance(a, str) else a.entities for a in found]) for n, found in tagging.answers(iter(work))]


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with Workers(fake_predictor.load, 2, 1) as tagging:
        assert tagging.models().name == "fake"
        yield tagging


def test_answers_are_those_of_one_process(workers: Workers) -> None:
    work: Lists = [(n, [f"{i} văn bản" for i in range(n)]) for n in (3, 0, 40, 1)]
    work += [(5, ["a", "BOOM", ""])]
    here = Here(fake_predictor.load)
    assert shown(workers, work) == shown(here, work)
    assert shown(workers, work)[-1][1][1] == "could not be tagged: RuntimeError: no such token"
    assert (workers.models().find_entities, here.models()) == (True, here.models())


def test_no_more_is_read_than_is_needed(workers: Workers) -> None:
    read: list[int] = []

    def work() -> Iterator[tuple[int, list[str]]]:
        for i in range(50):
            read.append(i)
            yield i, ["x"]

    answers = workers.answers(work())
    next(answers)
    assert len(read) == 2 * CHUNKS_PER_WORKER
    assert [n for n, _ in answers] == list(range(1, 50))


@pytest.mark.parametrize("ahead", [True, False])
def test_this_process_reads_one_list_ahead(ahead: bool) -> None:
    read: list[int] = []

    def work() -> Iterator[tuple[int, list[str]]]:
        for i in range(50):
            read.append(i)
            yield i, ["x"]

    answers = Here(fake_predictor.load, ahead).answers(work())
    assert read == []
    for number, _ in answers:
        assert number + 1 <= len(read) <= number + 1 + ahead
    assert read == list(range(50))


def test_what_is_read_ahead_is_tokenised_there(reads_both: Predictor) -> None:
    threads: dict[str, set[str]] = {"read": set(), "predict_batch": set()}

    class Watched:
        """`reads_both`, whose calls are noted with their thread."""

        def read(self, texts: Sequence[str]) -> Any:
            threads["read"].add(threading.current_thread().name)
            return reads_both.read(texts)

        def predict_batch(self, texts: Sequence[str]) -> Any:
            threads["predict_batch"].add(threading.current_thread().name)
            assert isinstance(texts, ReadTexts) == bool(texts)
            return reads_both.predict_batch(texts)

    work: Lists = [(0, ["Hà Nội có 24.973 ca", ""]), (1, ["Huế"]), (2, []), (3, ["Ủy ban", "👧"])]
    expected = list(Here(lambda: reads_both, ahead=False).answers(work))
    assert list(Here(lambda: cast(Any, Watched())).answers(work)) == expected
    here = threading.current_thread().name
    assert threads == {"read": {here, "vanban-ahead"}, "predict_batch": {here}}  # the first is not read ahead


@pytest.mark.parametrize("ahead", [True, False])
def test_what_can_not_be_tokenised_is_told_of_its_text_alone(ahead: bool, reads_both: Predictor) -> None:
    class Picky:
        def read(self, texts: Sequence[str]) -> Any:
            if "bad" in texts:
                raise RuntimeError("no such token")
            return reads_both.read(texts)

        def predict_batch(self, texts: Sequence[str]) -> Any:
            return reads_both.predict_batch(texts if isinstance(texts, ReadTexts) else self.read(texts))

    work: Lists = [(0, ["Huế"]), (1, ["Huế", "bad", "Hà Nội"]), (2, ["Huế"])]
    found = dict(Here(lambda: cast(Any, Picky()), ahead).answers(work))
    assert found[1][1] == "could not be tagged: RuntimeError: no such token"
    assert [answer if isinstance(answer, str) else answer.text for answer in found[1]][::2] == ["Huế", "Hà Nội"]
    assert found[0] == found[2] == [found[1][0]]


@pytest.mark.parametrize("ahead", [True, False])
def test_what_the_work_raises_comes_at_its_turn(ahead: bool) -> None:
    def work() -> Iterator[tuple[int, list[str]]]:
        yield from ((number, ["x"]) for number in range(3))
        raise OSError("gone")

    answers = Here(fake_predictor.load, ahead).answers(work())
    assert [next(answers)[0] for _ in range(3)] == [0, 1, 2]
    with pytest.raises(OSError, match="gone"):
        next(answers)


def test_a_worker_that_dies_is_started_again(tmp_path: Path) -> None:
    work: Lists = [(n, [f"die {tmp_path / 'once'}" if n == 3 else f"{n}"]) for n in range(20)]
    with Workers(fake_predictor.load, 2, 1) as tagging:
        tagging.models()
        assert [n for n, _ in tagging.answers(iter(work))] == list(range(20))
    assert (tmp_path / "once").exists()


def test_a_worker_that_dies_again_is_an_error() -> None:
    work: Lists = [(0, ["a"]), (1, ["die always"]), (2, ["b"])]
    before = set(multiprocessing.active_children())
    with Workers(fake_predictor.load, 2, 1) as tagging:
        tagging.models()
        with pytest.raises(UserError, match="a worker process died twice at the same documents: it was killed, or mem"):
            list(tagging.answers(iter(work)))
    assert set(multiprocessing.active_children()) == before


def test_what_is_wrong_with_the_model_is_told() -> None:
    with (
        Workers(fake_predictor.load_in_vain, 2, 1) as tagging,
        pytest.raises(UserError, match=r"^modle: no such folder"),
    ):
        tagging.models()


def test_processes_end_when_the_block_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(fake_predictor.DELAY, "60")
    before = set(multiprocessing.active_children())
    started = time.monotonic()
    with Workers(fake_predictor.load, 2, 1) as tagging, pytest.raises(KeyboardInterrupt):
        tagging.models()
        own = set(multiprocessing.active_children()) - before
        assert len(own) == 2

        def work() -> Iterator[tuple[int, list[str]]]:
            yield 0, ["a"]
            raise KeyboardInterrupt

        list(tagging.answers(work()))
    assert time.monotonic() - started < 30
    assert all(not process.is_alive() for process in own)


def test_a_worker_computes_on_one_thread_and_reads_on_its_share(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS")
    assert "OMP_NUM_THREADS" not in os.environ
    with Workers(fake_predictor.load_with_threads, 1, 3) as tagging:
        assert tagging.models().name == "1 3"

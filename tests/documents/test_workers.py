"""Texts are tagged in other processes: in order, in bounded numbers, and to an end when these die."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import fake_predictor
from vanban.documents.workers import CHUNKS_PER_WORKER, Here, Workers
from vanban.errors import UserError

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

"""Threads that load at once, and processes that are forked after loading and after predicting; with what ships."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from vanban import load
from vanban.network.forks import loading

TEXT = "Chủ tịch UBND TP Hà Nội Chu Ngọc Anh ký Chỉ thị số 17/CT-UBND, phong tỏa 11 điểm.\n"

FIRST_CALL = """
import sys, threading
import vanban, vanban.predictor as module
loaded, found, barrier = [], [], threading.Barrier(6)
real = module.find_model
module.find_model = lambda *given: loaded.append(given) or real(*given)

def call():
    barrier.wait()
    found.append(vanban.predict(sys.argv[1]))

threads = [threading.Thread(target=call) for _ in range(6)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(loaded, len(found), len(set(map(str, found))), [e.text for e in found[0].entities])
"""

FORKS = """
import os, signal, sys
import torch, vanban
torch.set_num_threads(2)  # else, on a machine of one core, there is no pool to lose
predictor, text = vanban.load(device="cpu"), sys.argv[1] * 10

def in_a_child(what):
    sys.stdout.flush()
    if child := os.fork():
        _, status = os.waitpid(child, 0)
        assert status == 0, f"{what}: {status}"
        return
    signal.alarm(100)  # a hang ends the child with a signal
    print(what, len(predictor.predict([text] * 3)[0].entities), torch.get_num_threads())
    if what == "after a prediction":
        in_a_child("of a child")
    sys.stdout.flush()
    os._exit(0)

in_a_child("after loading")
print("here", len(predictor.predict([text] * 3)[0].entities), torch.get_num_threads())
in_a_child("after a prediction")
"""


def run(code: str) -> str:
    ran = subprocess.run([sys.executable, "-c", code, TEXT], capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_threads_that_call_first_load_once() -> None:
    assert run(FIRST_CALL) == (
        "[(None, 'ner'), (None, 'doctype')] 6 1 ['TP Hà Nội', 'Chu Ngọc Anh', 'Chỉ thị số 17/CT-UBND', '11 điểm']\n"
    )


def test_a_fork_is_answered() -> None:
    assert run(FORKS).splitlines() == [
        "after loading 40 2",
        "here 40 2",
        "after a prediction 40 2",
        "of a child 40 2",
    ]


@pytest.mark.parametrize("model", ["model_directory", "phobert_model"])
def test_one_predictor_serves_many_threads(model: str, request: pytest.FixtureRequest, seeds: dict[str, str]) -> None:
    predictor = load(request.getfixturevalue(model), device="cpu")
    texts = [line for text in seeds.values() for line in text.splitlines() if line.strip()][:40]
    alone = [predictor.predict(text) for text in texts]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(predictor.predict, texts)) == alone


def test_threads_load_one_after_the_other(model_directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    from vanban.network import checkpoint as module

    real, at_once, most = module.load_whole, [0], [0]

    def counted(*given: Any) -> Any:
        at_once[0] += 1
        most[0] = max(most[0], at_once[0])
        assert torch.get_num_threads() == 1  # no pool is started that a fork would lose
        try:
            return real(*given)
        finally:
            at_once[0] -= 1

    monkeypatch.setattr(module, "load_whole", counted)
    before = torch.get_num_threads()
    with ThreadPoolExecutor(4) as pool:
        predictors = list(pool.map(lambda _: load(model_directory, tasks=("ner",)), range(4)))
    assert len({id(predictor) for predictor in predictors}) == 4
    assert (most, torch.get_num_threads()) == ([1], before)


def test_who_loads_may_load_another() -> None:
    done = []

    def twice() -> None:
        with loading(), loading():
            done.append(True)

    thread = threading.Thread(target=twice, daemon=True)
    thread.start()
    thread.join(10)
    assert done == [True]

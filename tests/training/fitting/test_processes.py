"""Several processes: what each may do, and two of them started as a user starts them.

They train the model of one process: the same windows in the same steps, so that only rounding tells the two apart.
"""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

import vanban
from project import ROOT
from vanban.errors import UserError
from vanban_training.fitting import launching, processes
from vanban_training.fitting.interruption import Interrupted
from vanban_training.runs.cross_validation import cross_validate
from vanban_training.runs.training import prepare, train

ACCELERATE = [sys.executable, "-m", "accelerate.commands.accelerate_cli", "launch"]
TWO_ON_CPU = [*ACCELERATE, "--num_processes", "2", "--cpu"]
TRAIN = ["-m", "vanban_training"]
# a config whose steps are the same ones in any number of processes: no dropout
EVEN = {"dropout": 0.0, "epochs": 10, "batch_size": 4}

# `train`, with Ctrl-C in the second process alone while step 3 is under way
INTERRUPTED = """
import os, signal
from vanban_training import cli
from vanban_training.fitting import processes, trainer

def press(self, args, state, control, **kwargs):
    if state.global_step == 2 and processes.rank() == 1:
        os.kill(os.getpid(), signal.SIGINT)

trainer._StopAfterStep.on_step_begin = press
cli.main()
"""


def torchrun(number: int = 2) -> list[str]:
    """Return a command that starts so many processes, which meet at a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    run = [sys.executable, "-m", "torch.distributed.run", "--master_addr", "127.0.0.1", "--master_port", str(port)]
    return [*run, "--nproc_per_node", str(number)]


def launch(command: Sequence[str], *arguments: object) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'model'}:{ROOT / 'training'}"}
    line = [*command, *map(str, arguments)]
    return subprocess.run(line, env=environment, capture_output=True, text=True, timeout=120)


def settings(**training: Any) -> list[str]:
    return [part for key, value in training.items() for part in ("--set", f"training.{key}={value}")]


def assert_the_same_model(left: Path, right: Path) -> None:
    first, second = load_file(left / "model.safetensors"), load_file(right / "model.safetensors")
    assert first.keys() == second.keys()
    for name in first:
        # a key's bias shifts all the scores of a query alike: its gradient is rounding alone, which Adam makes large
        if "key.bias" not in name:
            assert (first[name] - second[name]).abs().max() < 1e-3, name


# ---- two processes for real


@pytest.mark.parametrize("method", ["full", pytest.param("lora", marks=pytest.mark.slow)])
def test_two_processes_train_the_model_of_one(method, config_file, tiny_config, tmp_path, documents):
    training = {**EVEN, "method": method}
    alone = tiny_config(**training, **({"lora": {"dropout": 0.0}} if method == "lora" else {}))
    train(prepare(alone.model_copy(update={"output": str(tmp_path / "alone")})))
    lora = {"lora.dropout": 0.0} if method == "lora" else {}
    result = launch(TWO_ON_CPU, *TRAIN, "--config", config_file, *settings(**training, **lora))
    assert result.returncode == 0, result.stderr

    out = tmp_path / "run"
    assert_the_same_model(tmp_path / "alone", out)
    assert {path.name for path in out.iterdir()} == {path.name for path in (tmp_path / "alone").iterdir()}
    assert json.loads((out / "training.json").read_text(encoding="utf-8"))["processes"] == 2
    of_one, metrics = (
        json.loads((folder / "metrics.json").read_text(encoding="utf-8"))["scores"]
        for folder in (tmp_path / "alone", out)
    )
    assert metrics["micro"]["support"] == 9
    assert metrics["micro"]["f1"] == pytest.approx(
        of_one["micro"]["f1"], abs=0.1
    )  # predicted in bfloat16, where there is any
    one, two = (vanban.load(folder, device="cpu", tasks=("ner",)).tagger for folder in (tmp_path / "alone", out))
    for document in documents:
        left, right = (p.log_probabilities(p.encoder.encode_batch([document.text]))[0] for p in (one, two))
        assert abs(left - right).max(initial=0) < 1e-2

    lines = result.stdout.splitlines()
    for start in ("encoder: ", "documents: 4 with 9 spans", "| micro ", f"model: {out}", "wall time: "):
        assert len([line for line in lines if line.startswith(start)]) == 1, start
    steps = re.findall(r"^  step (\d+) of (\d+), ", result.stderr, flags=re.MULTILINE)
    assert len(set(steps)) == len(steps) == 20
    assert steps[-1] == ("20", "20")  # two an epoch: six windows, four in a step


@pytest.mark.slow
def test_two_processes_train_the_classifier_of_one(type_config_file, type_config, tmp_path, typed_documents):
    # 15 documents give 65 examples: the last step of the epoch is not full
    alone = type_config(dropout=0.0, batch_size=4)
    train(prepare(alone.model_copy(update={"output": str(tmp_path / "alone")})))
    result = launch(TWO_ON_CPU, *TRAIN, "--config", type_config_file, *settings(dropout=0.0, batch_size=4))
    assert result.returncode == 0, result.stderr
    out = tmp_path / "run"
    assert_the_same_model(tmp_path / "alone", out)
    assert json.loads((out / "training.json").read_text(encoding="utf-8"))["processes"] == 2
    assert result.stdout.count("calibration: none, ") == 1
    one, two = (vanban.load(f, device="cpu", tasks=("doctype",)).classifier for f in (tmp_path / "alone", out))
    documents = [one.encoder.encode(d.text) for d in typed_documents]
    assert abs(one.logits(documents) - two.logits(documents)).max() < 1e-2


def test_a_mistake_is_told_once_and_ends_all(config_file, tmp_path):
    started = time.monotonic()
    result = launch(TWO_ON_CPU, *TRAIN, "--config", config_file, *settings(batch_size=3))
    assert (result.returncode, result.stdout) == (1, "")
    assert re.findall("^error: .*$", result.stderr, flags=re.MULTILINE) == [
        "error: training.batch_size: 3 windows a step can't be dealt out evenly to 2 processes; "
        "set training.batch_size=2 or 4, or launch another number of processes"
    ]
    assert "returned non-zero exit status 2." in result.stderr  # what accelerate says of the program it started
    assert not (tmp_path / "run").exists()
    assert time.monotonic() - started < 60


@pytest.mark.slow
def test_what_the_main_process_finds_ends_all(config_file, tmp_path):
    (tmp_path / "run").mkdir()
    for name in ("training.json", "vanban.json"):
        (tmp_path / "run" / name).touch()
    result = launch(torchrun(), *TRAIN, "--config", config_file)
    assert result.returncode == 1
    assert re.findall("^error: .*$", result.stderr, flags=re.MULTILINE) == [
        f"error: output: {tmp_path}/run: holds a finished run: --overwrite it, or name another with --set output=…; "
        f"to train its model on, with --set encoder.name={tmp_path}/run too"
    ]
    assert "exitcode  : 2 " in result.stderr


@pytest.mark.slow
def test_ctrl_c_in_one_process_stops_all_and_any_number_resumes(config_file, tiny_config, tmp_path, interrupt_in_step):
    driver = tmp_path / "driver.py"
    driver.write_text(INTERRUPTED)
    whole = tiny_config(**EVEN).model_copy(update={"output": str(tmp_path / "whole")})
    train(prepare(whole))
    arguments = ("--config", config_file, *settings(**EVEN))

    for resumed_by in (2, 1):
        result = launch(torchrun(), driver, *arguments, "--overwrite")
        assert result.returncode == 1
        assert result.stderr.count("stopped after step 3 of 20; go on with --resume\n") == 1
        assert re.findall(r"exitcode  : (-?\d+)", result.stderr) == ["130", "130"]
        (checkpoint,) = (tmp_path / "run/checkpoints").glob("checkpoint-*")
        assert checkpoint.name == "checkpoint-3"
        start = torchrun() if resumed_by == 2 else [sys.executable]
        result = launch(start, *TRAIN, *arguments, "--resume")
        assert result.returncode == 0, result.stderr
        assert "step 3 of" not in result.stderr
        assert_the_same_model(tmp_path / "whole", tmp_path / "run")

    with interrupt_in_step(3), pytest.raises(Interrupted):
        train(prepare(tiny_config(**EVEN)))
    assert launch(torchrun(), *TRAIN, *arguments, "--resume").returncode == 0
    assert_the_same_model(tmp_path / "whole", tmp_path / "run")


@pytest.mark.slow
def test_cross_validation(config_file, tiny_config, tmp_path):
    alone = cross_validate(prepare(tiny_config(**EVEN).model_copy(update={"output": str(tmp_path / "alone")})), seeds=2)
    arguments = ("--config", config_file, *settings(**EVEN), "--cross-validate", "--seeds", 2)
    result = launch(torchrun(), *TRAIN, *arguments)
    assert result.returncode == 0, result.stderr
    out = tmp_path / "run/cross-validation"
    names = {path.name for path in out.iterdir()}
    assert names == {path.name for path in (tmp_path / "alone/cross-validation").iterdir()}
    metrics = json.loads((out / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["pooled"]["micro"]["f1"] == pytest.approx(alone["pooled"]["micro"]["f1"], abs=0.1)
    assert result.stdout.count("fold 3 of 4, random seed 1: second is held out") == 1

    (out / "seed-1-fold-3.json").unlink()
    result = launch(torchrun(), *TRAIN, *arguments, "--resume")
    assert result.returncode == 0, result.stderr
    assert re.findall(r"^fold \d of 4, random seed \d", result.stdout, flags=re.MULTILINE) == [
        "fold 3 of 4, random seed 1"
    ]
    assert json.loads((out / "metrics.json").read_text(encoding="utf-8")) == metrics


# ---- what a process may do

AsProcess = Callable[[int, int], None]


@pytest.fixture
def as_process(monkeypatch) -> AsProcess:
    """Return `as_process(rank, count)`: from here on this is one of several processes; the others are not there."""

    def become(rank: int, count: int) -> None:
        for name, value in (("RANK", rank), ("LOCAL_RANK", rank), ("WORLD_SIZE", count)):
            monkeypatch.setenv(name, str(value))

    return become


def test_one_process_is_the_main_one(monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "4")  # of something else: no launcher has given this process a rank
    assert (processes.count(), processes.rank(), processes.is_main()) == (1, 0, True)
    assert processes.gather("a") == ["a"]
    assert (processes.any_of(False), processes.any_of(True)) == (False, True)
    assert processes.from_main(lambda: 3) == processes.main_first(lambda: 3) == 3
    processes.part()


def test_one_of_several(as_process):
    as_process(2, 4)
    assert (processes.count(), processes.rank(), processes.is_main()) == (4, 2, False)
    as_process(0, 4)
    assert processes.is_main()


@pytest.mark.parametrize(
    ("size", "count", "fitting"),
    [(8, 1, None), (8, 2, None), (8, 8, None), (8, 3, "6 or 9"), (2, 4, "4"), (1, 2, "2"), (9, 2, "8 or 10")],
)
def test_the_windows_of_a_step_are_dealt_out_evenly(as_process, size, count, fitting):
    as_process(0, count)
    if fitting is None:
        processes.check_batch(size)
        return
    with pytest.raises(UserError) as error:
        processes.check_batch(size)
    assert str(error.value) == (
        f"training.batch_size: {size} windows a step can't be dealt out evenly to {count} processes; "
        f"set training.batch_size={fitting}, or launch another number of processes"
    )


def test_the_main_process_acts_and_the_others_hear_of_it(as_process, monkeypatch):
    ran: list[int] = []

    def act() -> str:
        ran.append(processes.rank())
        return f"by {processes.rank()}"

    monkeypatch.setattr(processes, "gather", lambda outcome: [("by 0", None), outcome])
    as_process(1, 2)
    assert processes.from_main(act) == "by 0"
    assert ran == []
    assert processes.main_first(act) == "by 1"
    assert ran == [1]
    monkeypatch.setattr(processes, "gather", lambda outcome: [outcome, (None, None)])
    as_process(0, 2)
    assert processes.main_first(act) == "by 0"
    assert ran == [1, 0]


def test_what_goes_wrong_in_the_main_process_goes_wrong_in_all(as_process, monkeypatch):
    def act() -> None:
        raise UserError("no such folder")

    monkeypatch.setattr(processes, "gather", lambda outcome: [outcome, outcome])
    as_process(0, 2)
    with pytest.raises(UserError, match=r"^no such folder$"):
        processes.from_main(act)
    monkeypatch.setattr(processes, "gather", lambda outcome: [(None, "no such folder"), outcome])
    as_process(1, 2)
    with pytest.raises(UserError, match=r"^no such folder$"):
        processes.main_first(lambda: pytest.fail("ran"))


def test_another_process_is_silent_and_lets_the_main_one_fail_first(as_process, monkeypatch, capsys):
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)

    def speak(error: BaseException | None) -> None:
        with processes.main_speaks():
            print("out")
            print("err", file=sys.stderr)
            if error:
                raise error

    speak(None)
    assert capsys.readouterr() == ("out\n", "err\n")
    as_process(1, 2)
    speak(None)
    for error in (SystemExit(0), SystemExit(130), Interrupted("stopped"), ZeroDivisionError()):
        with pytest.raises(type(error)):
            speak(error)
    assert slept == []
    for error in (UserError("wrong"), ModuleNotFoundError("no pydantic"), SystemExit(2)):
        with pytest.raises(type(error)):
            speak(error)
    assert slept == [10.0, 10.0, 10.0]
    assert capsys.readouterr() == ("", "")


# ---- accelerate launch --cpu


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("python accelerate launch --num_processes 2 --cpu -m vanban_training", 2),
        ("python accelerate launch --cpu --num-processes=3 -m vanban_training --config a.yaml", 3),
        ("python accelerate launch --cpu -m vanban_training", None),
        ("python accelerate launch --cpu --num_processes 4 --num_machines 2 -m vanban_training", None),
        ("bash", None),
    ],
)
def test_processes_wanted(line, wanted):
    assert launching.processes_wanted(line.split()) == wanted


def test_the_command_line_of_the_parent_is_read():
    code = "from vanban_training.fitting import launching; print(launching._parents_command())"
    parent = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1]])"
    result = launch([sys.executable], "-c", parent, code, "--num_processes", 2)
    assert result.stdout == f"{[sys.executable, '-c', parent, code, '--num_processes', '2']}\n"


@pytest.fixture
def launched(monkeypatch) -> list[tuple[int, Sequence[str]]]:
    """What was launched, in the place of launching it; accelerate asked for two processes."""
    calls: list[tuple[int, Sequence[str]]] = []

    def note(number: int, arguments: Sequence[str]) -> int:
        calls.append((number, arguments))
        return 2

    monkeypatch.setattr(launching, "_launch", note)
    monkeypatch.setattr(launching, "_parents_command", lambda: ["accelerate", "launch", "--num_processes", "2"])
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    for name in ("ACCELERATE_USE_CPU", "MASTER_ADDR", "LOCAL_RANK"):
        monkeypatch.delenv(name, raising=False)
    return calls


def test_without_accelerate_nothing_happens(launched):
    launching.heed_accelerate(["--config", "a.yaml"])
    assert (launched, os.environ["CUDA_VISIBLE_DEVICES"]) == ([], "0")


def test_cpu_hides_the_gpus(launched, monkeypatch):
    monkeypatch.setenv("ACCELERATE_USE_CPU", "True")
    launching.heed_accelerate([])
    assert (launched, os.environ["CUDA_VISIBLE_DEVICES"]) == ([], "")
    assert not torch.cuda.is_available()


def test_cpu_starts_the_processes_that_were_asked_for(launched, monkeypatch, capsys):
    monkeypatch.setenv("ACCELERATE_USE_CPU", "True")
    monkeypatch.setenv("MASTER_ADDR", "127.0.0.1")
    with pytest.raises(SystemExit) as stop:
        launching.heed_accelerate(["--config", "a.yaml"])
    assert (stop.value.code, launched) == (2, [(2, ["--config", "a.yaml"])])

    monkeypatch.setattr(launching, "_parents_command", lambda: ["accelerate", "launch", "--config_file", "four.yaml"])
    launching.heed_accelerate([])
    assert capsys.readouterr().err == (
        "accelerate launch --cpu has started one process; for several, give it --num_processes on its command line, "
        "or use torchrun --nproc_per_node N -m vanban_training …\n"
    )
    monkeypatch.setenv("LOCAL_RANK", "0")  # one of those that were started
    launching.heed_accelerate([])
    assert len(launched) == 1

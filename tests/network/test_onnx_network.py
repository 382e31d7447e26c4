"""ONNX Runtime as a back end: files that it can't read, forks, threads, and no torch nor transformers."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from project import ROOT
from vanban import load
from vanban.errors import UserError
from vanban.network.onnx_network import OnnxNetwork, import_runtime, threads_of_this_process

FORKS = """
import os, signal, sys
import vanban
from vanban.network.onnx_network import OnnxNetwork
predictor, text = vanban.load(sys.argv[1], tasks=("ner",)), sys.argv[2] * 10
network = predictor.tagger.runner.network
network.threads = 2  # else, on a machine of one core, there is no pool to lose
assert text and len(predictor.tagger.encoder.encode(text).windows) > 1

def in_a_child(what):
    sys.stdout.flush()
    if child := os.fork():
        _, status = os.waitpid(child, 0)
        assert status == 0, f"{what}: {status}"
        return
    signal.alarm(60)  # a hang ends the child with a signal
    print(what, len(predictor.predict([text] * 3)[0].entities), network.threads)
    if what == "after a prediction":
        in_a_child("of a child")
    sys.stdout.flush()
    os._exit(0)

in_a_child("after loading")
for predicts in (False, True):
    if not (child := os.fork()):
        signal.alarm(60)
        if predicts:
            predictor.predict([text] * 3)
        sys.exit(5)  # not all leave by os._exit
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 5
print("here", len(predictor.predict([text] * 3)[0].entities), network.threads)
in_a_child("after a prediction")
"""

WITHOUT = """
import json, sys
sys.modules["torch"] = sys.modules["transformers"] = None
import vanban
predictor = vanban.load(sys.argv[1], tasks=("ner",))
text = open(sys.argv[2], encoding="utf-8", newline="").read()
print(json.dumps([entity.to_dict() for entity in predictor.predict(text).entities]))
"""

TAG_WITHOUT = """
import sys
sys.modules["torch"] = sys.modules["transformers"] = None
from vanban import cli
sys.argv = ["tag", sys.argv[2], "--model", sys.argv[1], "--no-doc-type", *sys.argv[3:]]
cli.tag_main()
"""

SEED = sorted((ROOT / "seeds").glob("*.txt"))[0]


def run(code: str, *arguments: str | Path, **environment: str) -> str:
    ran = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT / "model"), **environment},
        capture_output=True, text=True, timeout=200,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.mark.parametrize("data", [b"", b"not a network", "cut"])
def test_a_file_that_is_damaged(data: bytes | str, exported_directory: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(exported_directory, tmp_path / "model")
    whole = (folder / "model.onnx").read_bytes()
    (folder / "model.onnx").write_bytes(data if isinstance(data, bytes) else whole[: len(whole) // 2])
    with pytest.raises(
        UserError, match=r"model/model\.onnx: ONNX Runtime can't read it \(.+\); export the model again"
    ):
        load(folder, tasks=("ner",))


def test_a_folder_that_is_damaged(exported_directory: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(exported_directory, tmp_path / "model")
    record = json.loads((folder / "vanban.json").read_text(encoding="utf-8"))
    for lacking in ("classes", "windows", "export"):
        less = {name: value for name, value in record.items() if name != lacking}
        (folder / "vanban.json").write_text(json.dumps(less), encoding="utf-8")
        with pytest.raises(UserError, match=r"vanban\.json: expected classes, windows and export\.tokenizer; the fold"):
            load(folder, tasks=("ner",))
    (folder / "vanban.json").write_text(json.dumps(record), encoding="utf-8")
    (folder / "tokenizer.json").write_text("{}", encoding="utf-8")
    with pytest.raises(UserError, match=r"tokenizer\.json: can't be read \(.+\); export the model again"):
        load(folder, tasks=("ner",))
    (folder / "model.onnx").unlink()
    with pytest.raises(UserError, match="holds no model"):
        load(folder, tasks=("ner",))


def test_the_runtime_that_is_not_there(exported_directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    lacks = r"the back end onnx needs onnxruntime: pip install 'vanban\[onnx\]', or take torch"
    with pytest.raises(UserError, match=lacks):
        import_runtime()
    with pytest.raises(UserError, match=lacks):
        load(exported_directory, tasks=("ner",))


def test_the_runtime_tells_its_makers_nothing(exported_directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import onnxruntime

    asked: list[str] = []
    monkeypatch.setattr(onnxruntime, "disable_telemetry_events", lambda: asked.append("none"))
    OnnxNetwork(exported_directory / "model.onnx")
    assert asked == ["none"]


def test_batches_are_answered_in_their_order(exported_directory: Path) -> None:
    network = OnnxNetwork(exported_directory / "model.onnx", threads=1)
    batches = [(np.full((n, 4), 5 + n), np.ones((n, 4), dtype=np.int64)) for n in (3, 1, 2)]
    found = list(network.logits(iter(batches)))
    assert [rows.shape for rows in found] == [(3, 4, 9), (1, 4, 9), (2, 4, 9)]
    for rows, batch in zip(found, batches, strict=True):
        np.testing.assert_array_equal(rows, next(network.logits([batch])))


@pytest.mark.parametrize(
    ("wished", "threads"),
    [("3", 3), ("2,1", 2), (" 4 ", 4), ("", None), ("0", None), ("many", None), (None, None)],
)
def test_as_many_threads_as_are_wished(
    wished: str | None, threads: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if wished is None:
        monkeypatch.delenv("OMP_NUM_THREADS")
    else:
        monkeypatch.setenv("OMP_NUM_THREADS", wished)
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {0, 2, 5, 7, 11}, raising=False)
    assert threads_of_this_process() == (threads or 5)


def test_a_network_takes_as_many(exported_directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    path = exported_directory / "model.onnx"
    for network, threads in ((OnnxNetwork(path), 3), (OnnxNetwork(path, 2), 2)):
        assert network.threads == threads
        assert network._session.get_session_options().intra_op_num_threads == 1  # a batch is computed by one


def test_several_threads_answer_as_one_does(exported_directory: Path) -> None:
    """In the order of the batches, of which no more are taken than threads are busy with, and one waits."""
    rows = np.random.default_rng(5).integers(5, 30, (40, 3, 6))
    batches = [(ids, np.ones_like(ids)) for ids in rows]
    path, taken = exported_directory / "model.onnx", []

    def asked() -> Iterator[Any]:
        for number, batch in enumerate(batches):
            taken.append(number)
            yield batch

    alone, several = OnnxNetwork(path, threads=1), OnnxNetwork(path, threads=3)
    expected = list(alone.logits(batches))
    for number, (one, other) in enumerate(zip(expected, several.logits(asked()), strict=True)):
        np.testing.assert_array_equal(one, other)
        assert len(taken) <= number + 5
    assert alone._pool is None
    assert list(several.logits([])) == []


def test_a_batch_that_fails_and_a_stream_that_is_left(exported_directory: Path) -> None:
    network = OnnxNetwork(exported_directory / "model.onnx", threads=2)
    good = (np.full((2, 4), 6), np.ones((2, 4), dtype=np.int64))
    bad = (good[0][0], good[1])
    logits = network.logits([good, bad, good])
    assert next(logits).shape == (2, 4, 9)
    with pytest.raises(Exception, match="input_ids"):
        next(logits)
    left = network.logits([good] * 50)
    next(left)
    left.close()
    assert [rows.shape for rows in network.logits([good] * 3)] == [(2, 4, 9)] * 3


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no forks here")
def test_a_fork_is_answered(exported_directory: Path) -> None:
    lines = [line.split() for line in run(FORKS, exported_directory, "Hà Nội có 24.973 ca mắc. ").splitlines()]
    assert [" ".join(line[:-2]) for line in lines] == ["after loading", "here", "after a prediction", "of a child"]
    assert {line[-1] for line in lines} == {"2"}
    assert len({line[-2] for line in lines}) == 1
    assert lines[0][-2] != "0"


def test_it_reads_what_torch_reads(exported_directory: Path, model_directory: Path) -> None:
    text = SEED.read_bytes().decode("utf-8")
    one = load(model_directory, "cpu", ("ner",), "torch").predict(text)
    other = load(exported_directory, "cpu", ("ner",)).predict(text)
    assert len(one.entities) > 20
    assert [(e.label, e.start, e.end, e.text) for e in other.entities] == [
        (e.label, e.start, e.end, e.text) for e in one.entities
    ]
    np.testing.assert_allclose([e.score for e in other.entities], [e.score for e in one.entities], atol=1e-3)
    assert other.model == one.model == "tiny"


def test_neither_torch_nor_transformers_are_needed(exported_directory: Path) -> None:
    found = json.loads(run(WITHOUT, exported_directory, SEED))
    here = load(exported_directory, "cpu", ("ner",)).predict(SEED.read_bytes().decode("utf-8"))
    assert found == [entity.to_dict() for entity in here.entities]
    assert found


@pytest.mark.parametrize("options", [(), ("--workers", "1"), ("--workers", "auto"), ("--backend", "onnx")])
def test_tag_needs_neither(options: tuple[str, ...], exported_directory: Path) -> None:
    record = json.loads(run(TAG_WITHOUT, exported_directory, SEED, *options))
    assert (record["model"], "doc_type" in record) == ("tiny", False)
    assert len(record["entities"]) > 20

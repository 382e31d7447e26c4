"""Many documents: `tag` in several processes, to shards and Parquet; killed again and again, and resumed, it comes to
the output of a run that nothing disturbed."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import fake_predictor
from project import ROOT

DOCUMENTS = 300
CODE = (
    "import fake_predictor; from vanban import cli; from vanban.commands import tag; "
    "tag.load_predictor = fake_predictor.load_as_tag; cli.tag_main()"
)
ENVIRONMENT = {
    **os.environ,
    "PYTHONPATH": os.pathsep.join(map(str, (ROOT / "model", ROOT / "training", ROOT / "tests"))),
}


def start(*arguments: str, delay: float = 0) -> subprocess.Popen[bytes]:
    """Start `tag` with a predictor of no weight, in a group of processes of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", CODE, *arguments],
        env={**ENVIRONMENT, fake_predictor.DELAY: str(delay)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def tag(*arguments: str) -> tuple[int, str]:
    with start(*arguments) as process:
        _, err = process.communicate(timeout=120)
    return process.returncode, err.decode("utf-8")


@pytest.fixture
def rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Documents as JSON Lines; some have a text that fails, or none."""
    monkeypatch.chdir(tmp_path)
    texts: list[object] = [f"{i} văn bản " * (1 + i % 7) for i in range(DOCUMENTS)]
    texts[40], texts[41], texts[200] = "BOOM", None, ""
    path = Path("in.jsonl")
    path.write_text("".join(json.dumps({"id": i, "text": text, "n": i % 3}) + "\n" for i, text in enumerate(texts)))
    return path


def outputs(stem: str) -> dict[str, bytes]:
    """Return what a run wrote, without what it keeps for the next one, by what its name has beyond the stem."""
    paths = [path for path in Path().glob(f"{stem}*") if ".partial" not in path.name]
    return {path.name.removeprefix(stem): path.read_bytes().replace(b'"' + stem.encode(), b'"') for path in paths}


KINDS = [
    (".jsonl", []),
    (".jsonl.zst", ["--workers", "2"]),
    (".parquet", ["--shards", "3"]),
]


@pytest.mark.parametrize(("suffix", "options"), KINDS)
def test_a_run_that_is_killed_at_random_moments_loses_nothing(rows: Path, suffix: str, options: Sequence[str]) -> None:
    """Seven kills for each of three kinds of output; `tests/benchmarks/many_documents.py` does it at large."""
    options = [*options, "--batch-size", "8"]
    assert tag(str(rows), "-o", f"whole{suffix}", *options)[0] == 1
    chance = random.Random(11)
    partial = Path(f"out{suffix}.partial")
    for kill in range(7):
        process = start(str(rows), "-o", f"out{suffix}", *options, *(["--resume"] if kill else []), delay=0.003)
        before = partial.stat().st_size if partial.exists() else 0
        while process.poll() is None and not (partial.exists() and partial.stat().st_size > before):
            time.sleep(0.01)
        time.sleep(chance.random() * 0.25)
        process.kill()
        process.communicate()
    status, err = tag(str(rows), "-o", f"out{suffix}", *options, "--resume")
    assert status == 1 and "of them done before" in err
    assert outputs("out") == outputs("whole")


def test_the_output_does_not_depend_on_the_number_of_workers(rows: Path) -> None:
    errors = []
    for number in ("1", "2", "3", "auto"):
        options = ["--workers", number, "--batch-size", "7", "--device", "cpu"]
        status, err = tag(str(rows), "-o", f"{number}.jsonl", *options)
        assert status == 1
        errors.append(err.replace(f"{number}.jsonl;", "out;"))
    assert errors[1:] == errors[:1] * 3
    assert len({Path(f"{number}.jsonl").read_bytes() for number in ("1", "2", "3", "auto")}) == 1


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_run_with_workers_is_stopped(rows: Path, number: signal.Signals, status: int) -> None:
    """Every process of the group gets the signal, as from a terminal or a scheduler."""
    with start(str(rows), "-o", "out.jsonl", "--workers", "2", "--batch-size", "4", delay=0.01) as process:
        while not (Path("out.jsonl.partial").exists() and Path("out.jsonl.partial").stat().st_size):
            assert process.poll() is None
            time.sleep(0.01)
        os.killpg(process.pid, number)
        _, err = process.communicate(timeout=30)
    assert (process.returncode, b"Traceback" in err) == (status, False)
    assert b"documents done and kept; go on with the same command and --resume" in err
    assert tag(str(rows), "-o", "out.jsonl", "--batch-size", "4", "--resume")[0] == 1
    assert tag(str(rows), "-o", "whole.jsonl", "--batch-size", "4")[0] == 1
    assert Path("out.jsonl").read_bytes() == Path("whole.jsonl").read_bytes()


def test_a_worker_that_dies_ends_the_run_with_what_is_done(rows: Path) -> None:
    with open(rows, "a", encoding="utf-8") as more:
        more.write('{"id": "x", "text": "die always"}\n')
    status, err = tag(str(rows), "-o", "out.jsonl", "--workers", "2", "--batch-size", "10")
    assert status == 2
    assert err.splitlines()[-1].startswith("error: a worker process died twice at the same documents: it was killed")
    assert len(Path("out.jsonl.partial").read_bytes().splitlines()) >= 200


def test_parquet_in_and_out(rows: Path) -> None:
    pq.write_table(pa.table({"no": ["a", "b"], "body": ["7 ca", None], "n": [1, 2]}), "in.parquet")
    status, err = tag("in.parquet", "-o", "out.parquet", "--text-column", "body", "--id-column", "no")
    assert (status, err.splitlines()[0]) == (
        1,
        'error: in.parquet:2: expected a "body" that is a string, found "body": null',
    )
    (row,) = pq.read_table("out.parquet").to_pylist()
    assert (row["id"], row["no"], row["body"], row["n"]) == ("a", "a", "7 ca", 1)
    assert row["entities"] == [{"label": "COUNT", "start": 0, "end": 1, "text": "7", "score": 0.004, "value": None}]
    status, err = tag("in.parquet", "-o", "out2.parquet", "--text-column", "boddy")
    assert err.splitlines()[0] == (
        "error: in.parquet: found the columns no, body, n, expected boddy; name the right one with --text-column"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--format", "parquet"], "Parquet is a file, not a stream: name one with -o, for example -o entities.parquet"),
        (["--format", "jsonl", "-o", "a.parquet"],
         "a.parquet: --format jsonl is no Parquet; give -o another name, or leave out --format"),
        (["-o", "a.parquet.gz"], "a.parquet.gz: Parquet is packed inside; give -o a name without .gz"),
        (["--shards", "2"], "--shards needs -o: the files are named after it, for example -o entities.jsonl"),
        (["--shards", "2", "--format", "brat", "-o", "b"],
         "--format brat writes two files for each document: --shards goes with the other formats"),
        (["--workers", "0"], "--workers 0: expected a number from 1 on, or auto"),
        (["--workers", "many"], "--workers many: expected a number from 1 on, or auto"),
        (["--workers", "-2"], "--workers -2: expected a number from 1 on, or auto"),
    ],
)  # fmt: skip
def test_options_that_do_not_go_together(rows: Path, arguments: list[str], message: str) -> None:
    assert tag(str(rows), *arguments) == (2, f"error: {message}\n")
    assert [path.name for path in Path().iterdir()] == ["in.jsonl"]


def test_shards_are_not_read_among_the_documents(rows: Path) -> None:
    for _ in range(2):
        status, err = tag(".", "-o", "out.jsonl", "--shards", "2", "--overwrite")
        assert (status, err.splitlines()[-2]) == (1, "298 documents, 297 entities → out.jsonl in 2 shards; model fake")

"""Options → a job, and its counts → messages and an exit status; no cluster runs here."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from project import write
from vanban import UserError
from vanban.cli import tag_app
from vanban.cluster.results import Counts
from vanban.interruption import Terminated


@pytest.fixture
def tag(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Return `tag(*arguments)`, with --engine ray over a folder `in`; raises what the command raises."""
    monkeypatch.chdir(tmp_path)
    write("in/a.txt", "x")

    def run(*arguments: str, engine: tuple[str, ...] = ("--engine", "ray")) -> Any:
        result = CliRunner().invoke(tag_app, ["in", *engine, *arguments])
        if isinstance(result.exception, UserError):
            raise result.exception
        return result

    return run


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "--engine ray writes a folder that all workers see: name it with -o"),
        (["-o", "-"], "name it with -o"),
        (["-o", "out", "--format", "brat"], "--format brat is not for --engine ray: expected jsonl or parquet"),
        (["-o", "out", "--format", "conll"], "--format conll is not for --engine ray"),
        (["-o", "out", "--format", "pretty"], "--format pretty is not for --engine ray"),
        (["-o", "out", "--resume", "--overwrite"], "give one of them"),
        (["-o", "out", "--workers", "2"], "--workers and --shards go with one machine"),
        (["-o", "out", "--batch-size", "8"], "--batch-size goes with one machine"),
        (["-o", "in"], "in: is both read and written"),
        (["-o", "in/a.txt"], r"in/a\.txt: --engine ray writes a folder, found a file"),
        (["-o", "out", "nowhere"], "nowhere: no such file or folder"),
        (["-o", "nowhere://x"], "nowhere:/x: no file system that pyarrow knows"),
    ],
)
def test_options_that_are_wrong_together_are_told(tag: Callable[..., Any], arguments: list[str], message: str) -> None:
    with pytest.raises(UserError, match=message):
        tag(*arguments)


def test_an_address_goes_with_the_engine(tag: Callable[..., Any]) -> None:
    with pytest.raises(UserError, match="--ray-address auto goes with --engine ray"):
        tag("-o", "out", "--ray-address", "auto", engine=())


def test_ray_that_is_not_installed_is_named(tag: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray.data", None)
    with pytest.raises(UserError, match=r"Ray Data is not installed .*: pip install 'vanban\[ray\]'"):
        tag("-o", "out")


def test_what_a_file_system_refuses_is_told(tag: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def run(job: Any, address: str | None, say: Any) -> None:
        raise OSError("When getting information for key 'found': no credentials")

    monkeypatch.setattr("vanban.cluster.job.run", run)
    with pytest.raises(UserError, match=r"^out: When getting information for key 'found': no credentials"):
        tag("-o", "out")


@pytest.mark.parametrize(
    ("outcome", "status", "said"),
    [
        (Counts(2, 7, 0), 0, ["2 documents, 7 entities → s3:/b/out, in files tagged_* and in no order"]),
        (Counts(2, 7, 1), 1, ["2 documents, 7", "1 of 3 documents failed: their rows have an error"]),
        (None, 0, ["s3:/b/out is complete, nothing to resume"]),
        (KeyboardInterrupt(), 130, ["interrupted; what is written is kept"]),
        (Terminated(), 143, ["interrupted; what is written is kept"]),
    ],
)
def test_what_came_of_a_job_is_told(
    tag: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, outcome: Any, status: int, said: list[str]
) -> None:
    asked: list[Any] = []

    def run(job: Any, address: str | None, say: Any) -> Any:
        asked.append((job, address))
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    monkeypatch.setattr("vanban.cluster.job.run", run)
    result = tag("-o", "s3://b/out", "--ray-address", "auto", "--model", "m", "--no-doc-type", "--min-score", "0.5")
    assert result.exit_code == status and all(words in result.stderr for words in said)
    ((job, address),) = asked
    assert (address, job.inputs, job.out, job.models, job.tasks, job.min_score) == (
        "auto", ["in"], "s3:/b/out", ["m"], ("ner",), 0.5,
    )  # fmt: skip

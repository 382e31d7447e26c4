"""A whole job on a cluster of two nodes, each in processes of its own, with small random models."""

from __future__ import annotations

import json
import os
import signal
import socket
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from project import ROOT, write
from ray_faults import FOLDER
from vanban.cluster import files, job, results
from vanban.cluster.job import Job, run
from vanban.documents.batch import tag_documents
from vanban.documents.document import Failure
from vanban.documents.formats.jsonl import to_jsonl
from vanban.documents.reader import read_documents
from vanban.documents.records import Columns
from vanban.documents.sources import find_sources
from vanban.errors import UserError

LINES = [
    json.dumps(
        {"id": f"n{i}", "text": f"Chủ tịch UBND tỉnh Hà Nội số {i} có 46 ca mắc.\r\n", "số": i}, ensure_ascii=False
    )
    for i in range(4)
]


@pytest.fixture(scope="module")
def faults(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that tells what went wrong; the results of the job that is to fail go to `out` in it."""
    return tmp_path_factory.mktemp("faults")


@pytest.fixture(scope="module")
def address(faults: Path) -> Iterator[str]:
    """A cluster of two nodes with a core each, whose workers have the faults of ray_faults."""
    from ray.cluster_utils import Cluster

    before = {child.pid for child in psutil.Process().children(recursive=True)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT / "model"), str(ROOT / "tests")]))
        patch.setenv(FOLDER, str(faults))
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        node = {"num_cpus": 1, "object_store_memory": 100 << 20, "memory": 4 << 30, "include_dashboard": False}
        cluster = Cluster(initialize_head=True, head_node_args=node)
        cluster.add_node(**{name: value for name, value in node.items() if name != "include_dashboard"})
        import ray

        patch.setattr(ray, "init", partial(ray.init, runtime_env={"worker_process_setup_hook": "ray_faults.install"}))
        # a task for each file, blocks of a few documents, a file for each block
        patch.setattr(files, "BYTES_PER_TASK", 1)
        patch.setattr(job, "BYTES_PER_BLOCK", 300)
        patch.setattr(results, "BYTES_PER_FILE", 1)
        yield cluster.address
        cluster.shutdown()
    left = [child for child in psutil.Process().children(recursive=True) if child.pid not in before]
    _, alive = psutil.wait_procs(left, timeout=10)
    assert alive == []


@pytest.fixture
def ordered(tmp_path: Path, model_directory: Path, classifier_directory: Path, monkeypatch: pytest.MonkeyPatch) -> Job:
    """A job over the working directory's `in`, whose results go to `out`."""
    monkeypatch.chdir(tmp_path)
    models = [str(model_directory), str(classifier_directory)]
    return Job(
        ["in"],
        "out",
        "jsonl",
        models,
        "cpu",
        "torch",
        ("ner", "doctype"),
        0.0,
        True,
        "auto",
        Columns(),
        resume=False,
        overwrite=False,
    )


def lines_of_tag(predictor: Any) -> dict[Any, str]:
    """Return the line that `tag` writes for each document of `in`, by id."""
    documents = (d for d in read_documents(find_sources(["in"])) if not isinstance(d, Failure))
    tagged = (item for item in tag_documents(documents, predictor) if not isinstance(item, Failure))
    return {document.id: to_jsonl(document, prediction) for document, prediction in tagged}


def written(folder: str) -> list[str]:
    return [line for path in Path(folder).iterdir() for line in path.read_bytes().decode("utf-8").splitlines(True)]


def test_results_are_those_of_tag_though_a_worker_is_killed(
    ordered: Job, address: str, faults: Path, reads_both: Any, seeds: dict[str, str]
) -> None:
    for name, text in [*seeds.items()][:2]:
        write(f"in/seeds/{name}.txt", text[:600])
    write("in/bom.TXT", "\ufeffỦy ban nhân dân\r\ntỉnh Hà Nội\n")
    write("in/empty.txt")
    write("in/bad.txt", b"\xe1\xba\n\xff")
    write("in/.hidden.txt", "x")
    write(
        "in/lines.jsonl",
        "\n".join([*LINES, "{}", '{"text": "Hà Nội FAULTY", "model": 1}', '{"text": "DEADLY", "id": 7}']),
    )
    expected = lines_of_tag(reads_both)
    assert 7 in expected and "in/lines.jsonl:6" in expected
    del expected["in/lines.jsonl:6"]

    counts = run(ordered, address)

    assert (faults / "DEADLY").exists()
    lines = written("out")
    found = {json.loads(line)["id"]: line for line in lines}
    failed = {id: json.loads(found.pop(id)) for id in [id for id, line in found.items() if '"error"' in line]}
    assert found == expected
    assert failed == {
        "in/bad.txt": {
            "id": "in/bad.txt", "path": "in/bad.txt",
            "error": "found the byte 0xe1 at 0, expected UTF-8; convert it first: iconv -f CHARSET -t UTF-8, or name "
            "its encoding with --encoding",
        },
        "in/lines.jsonl:5": {
            "id": "in/lines.jsonl:5",
            "error": 'expected a "text" that is a string, found the keys []',
        },
        "in/lines.jsonl:6": {
            "id": "in/lines.jsonl:6", "text": "Hà Nội FAULTY", "input_model": 1,
            "error": "could not be tagged: ValueError: a fault of the tests",
        },
    }  # fmt: skip
    entities = sum(len(json.loads(line)["entities"]) for line in found.values())
    assert counts == (len(expected), entities, 3) and len(lines) == len(expected) + 3
    assert not Path("out.partial").exists()
    with pytest.raises(UserError, match="out: holds results already; --overwrite replaces them"):
        run(ordered, address)
    assert run(replace(ordered, resume=True), address) is None


def test_another_version_or_model_of_the_same_name_is_another_job(
    ordered: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("tiny/config.json", "{}")
    ordered = replace(ordered, models=["tiny"])
    before = job._settings(ordered)
    assert job._settings(replace(ordered, resume=True)) == before
    write("tiny/config.json", "{ }")
    assert [name for name, value in job._settings(ordered).items() if value != before[name]] == ["model files"]
    monkeypatch.setattr(job, "__version__", "0")
    assert job._settings(ordered)["vanban"] == "0" != before["vanban"]


def test_a_job_that_failed_is_gone_on_with(ordered: Job, address: str, faults: Path, reads_both: Any) -> None:
    for i, line in enumerate(LINES):
        write(f"in/{i}.jsonl", line)
    write("in/9.parquet")
    pq.write_table(pa.table({"id": ["p"], "text": ["FINAL Đà Nẵng"], "số": [9]}), "in/9.parquet")
    ordered = replace(ordered, out=str(faults / "out"), output_format="parquet")
    with pytest.raises(UserError, match="RuntimeError: the last fault of the tests\nwhat is written is kept"):
        run(ordered, address)
    before = {path: path.read_bytes() for path in (faults / "out").iterdir()}
    kept = sum(pq.read_metadata(path).num_rows for path in before)
    assert 0 < kept < 5
    with pytest.raises(UserError, match="a run was interrupted: go on with --resume"):
        run(ordered, address)
    with pytest.raises(UserError, match=r"the interrupted run had min-score 0.0, found 0.5"):
        run(replace(ordered, resume=True, min_score=0.5), address)
    for other in ({"input_format": "jsonl"}, {"columns": Columns("body")}, {"columns": Columns(id="no")}):
        with pytest.raises(UserError, match=r"the interrupted run had (input-format|text-column|id-column) "):
            run(replace(ordered, resume=True, **other), address)

    counts = run(replace(ordered, resume=True), address)

    assert counts is not None and counts.documents == 5 - kept
    assert all(path.read_bytes() == data for path, data in before.items())
    rows = [row for path in (faults / "out").iterdir() for row in pq.read_table(path).to_pylist()]
    assert sorted(row["id"] for row in rows) == [*(f"n{i}" for i in range(4)), "p"]
    expected = {id: json.loads(line) for id, line in lines_of_tag(reads_both).items()}
    for row in rows:
        if row["id"] in expected:
            row["doc_type_scores"], row["record"] = dict(row["doc_type_scores"]), json.loads(row["record"])
            for entity in row["entities"]:
                entity["value"] = entity["value"] and json.loads(entity["value"])
            row["entities"] = [{k: v for k, v in e.items() if v is not None} for e in row["entities"]]
            assert row | expected[row["id"]] == row and row["error"] is None
    assert {row["số"] for row in rows} == {*range(4), 9}


def test_an_address_where_nothing_answers_is_told_at_once(ordered: Job) -> None:
    write("in/a.txt", "Hà Nội")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for address in (f"127.0.0.1:{port}", f"ray://127.0.0.1:{port}"):
        with pytest.raises(UserError, match=f"--ray-address {address}: nothing answers there"):
            run(ordered, address)


def test_joining_keeps_what_a_signal_does_and_says_nothing(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    asked: list[dict[str, Any]] = []

    def begin(**options: Any) -> None:
        asked.append(options)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        os.write(2, b"noise")

    monkeypatch.setattr("ray.init", begin)
    monkeypatch.setattr("ray.shutdown", lambda: asked.append({}))
    before = signal.getsignal(signal.SIGTERM)
    with job._joined(None):
        assert signal.getsignal(signal.SIGTERM) == before
    assert asked[0]["address"] == "local" and asked[0]["num_cpus"] >= 2 and asked[1:] == [{}]
    with job._joined("auto"):
        assert asked[2]["address"] == "auto"
    assert capfd.readouterr().err == ""


def test_a_cluster_that_is_not_there_is_told(ordered: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**options: Any) -> None:
        raise ConnectionError("Could not find any running Ray instance.\nMore of it.")

    monkeypatch.setattr("ray.init", fail)
    write("in/a.txt", "Hà Nội")
    with pytest.raises(UserError, match=r"^--ray-address auto: Could not find any running Ray instance.; start"):
        run(ordered, "auto")
    assert not Path("out.partial").exists()

"""Files, packed files and shards: whole or not at all, whatever the moment at which a run ends."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import zstandard

from vanban.documents import file_output, shards
from vanban.documents.document import Document
from vanban.documents.file_output import FileOutput
from vanban.documents.fingerprint import fingerprint, models_digest
from vanban.documents.formats.conll import to_conll
from vanban.documents.formats.jsonl import to_jsonl
from vanban.documents.output import Render
from vanban.documents.parquet_output import ParquetForm
from vanban.errors import UserError
from vanban.schema import Entity, Prediction

pytestmark = pytest.mark.usefixtures("working_folder")

NAMES = ["out.jsonl", "out.jsonl.gz", "out.jsonl.zst", "out.parquet", "out"]


def document(number: int) -> Document:
    return Document(number, f"{number} ca", f"in:{number}", f"in:{number}", f"in/{number}", fields={"n": number})


def prediction(number: int) -> Prediction:
    text = f"{number} ca"
    return Prediction(text, (Entity("COUNT", 0, len(text), text, 0.5),) if number % 2 else (), "m")


def opened(name: str, resume: bool = False, number: int = 0, render: Render = to_jsonl) -> FileOutput:
    form = ParquetForm(True, False) if name.endswith(".parquet") else None
    return FileOutput(Path(name), render, resume, False, form, number)


def run(output: FileOutput, documents: range, failed: int = 0) -> None:
    output.start({"model": "m"})
    for n in documents:
        if not output.has(document(n)):
            output.write(document(n), prediction(n))
    output.finish(failed)
    output.close()


def plain(path: str) -> bytes:
    data = Path(path).read_bytes()
    if path.endswith(".gz"):
        return gzip.decompress(data)
    return zstandard.ZstdDecompressor().decompressobj().decompress(data) if path.endswith(".zst") else data


def rows(path: str) -> list[dict[str, Any]]:
    if path.endswith(".parquet"):
        return pq.read_table(path).to_pylist()
    return [json.loads(line) for line in plain(path).splitlines()]


def contents() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(Path().iterdir())}


@pytest.mark.parametrize("name", NAMES)
def test_a_file_holds_what_was_written(name: str) -> None:
    run(opened(name), range(10))
    first = contents()
    assert list(first) == [name]
    assert [(r["id"], r["n"], len(r["entities"])) for r in rows(name)] == [(n, n, n % 2) for n in range(10)]
    run(opened(name), range(10))
    assert contents() == first  # to the byte: no time of the clock is in it


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("number", [1, 3, 12])
def test_shards_hold_the_documents_in_order(name: str, number: int) -> None:
    run(opened(name, number=number), range(10))
    bare, dot, suffix = name.partition(".")
    files = [f"{bare}-{i:05}-of-{number:05}{dot}{suffix}" for i in range(number)]
    assert sorted(contents()) == sorted([*files, "out.manifest.json"])
    assert [r["id"] for file in files for r in rows(file)] == list(range(10))
    manifest = json.loads(Path("out.manifest.json").read_bytes())
    assert (manifest["documents"], manifest["entities"], manifest["failed"]) == (10, 5, 0)
    assert manifest["fingerprint"] == fingerprint({"model": "m"})
    assert [row["file"] for row in manifest["shards"]] == files
    for row in manifest["shards"]:
        data = Path(row["file"]).read_bytes()
        found = rows(row["file"])
        assert (row["bytes"], row["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
        assert (row["documents"], row["entities"]) == (len(found), sum(len(r["entities"]) for r in found))
    counts = [row["documents"] for row in manifest["shards"]]
    assert max(counts) - min(counts) <= 1


@pytest.mark.parametrize("earlier", [1, 4])
def test_shards_of_an_earlier_run_go_and_no_other_file(earlier: int) -> None:
    mine = {"out-00000-of-00009.jsonl": b"mine", "other-00000-of-00004.jsonl": b"mine"}
    for name, data in mine.items():
        Path(name).write_bytes(data)
    run(opened("out.jsonl", number=earlier), range(6))
    run(opened("out.jsonl", number=2), range(6))
    shards = [f"out-0000{i}-of-00002.jsonl" for i in range(2)]
    assert sorted(contents()) == sorted([*mine, *shards, "out.manifest.json"])
    assert [r["id"] for file in shards for r in rows(file)] == list(range(6))
    for odd in b"", b"[]", b'{"shards": 5}', b'{"shards": [{"file": "../x"}, {}]}':
        Path("out.manifest.json").write_bytes(odd)
        run(opened("out.jsonl", number=2), range(6))
        assert len(contents()) == 5 and all(contents()[name] == data for name, data in mine.items())


@pytest.mark.parametrize("stop_at", range(5))
def test_shards_of_an_earlier_run_go_though_the_run_is_killed(monkeypatch: pytest.MonkeyPatch, stop_at: int) -> None:
    run(opened("out.jsonl", number=4), range(6))
    calls: list[Path] = []

    def unlink(path: Path, missing_ok: bool = False) -> None:
        calls.append(path)
        if len(calls) > stop_at:
            raise Killed
        if path.exists():
            os.unlink(path)

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(Path, "unlink", unlink)
        run(opened("out.jsonl", number=2), range(6))
    run(opened("out.jsonl", resume=True, number=2), range(6))
    assert sorted(contents()) == ["out-00000-of-00002.jsonl", "out-00001-of-00002.jsonl", "out.manifest.json"]


def test_shards_of_lines_that_are_no_records() -> None:
    run(opened("out.conll", number=2, render=to_conll), range(3))
    one, two = Path("out-00000-of-00002.conll").read_text(), Path("out-00001-of-00002.conll").read_text()
    assert (one.count("-DOCSTART-"), two.count("-DOCSTART-")) == (1, 2)
    run(opened("whole.conll", render=to_conll), range(3))
    assert one + two == Path("whole.conll").read_text()


class Killed(BaseException):
    """What ends a run at once, in the place of a signal."""


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("number", [0, 3])
@pytest.mark.parametrize("failed", [0, 1])
def test_a_run_that_ends_at_any_moment_of_its_finish(
    monkeypatch: pytest.MonkeyPatch, name: str, number: int, failed: int
) -> None:
    """Every call that changes the disk while the output is made is the last one in turn."""
    run(opened(name, number=number), range(10), failed)
    whole = contents()
    for path in whole:
        Path(path).unlink()
    calls = stop_at = 0

    def stopping(function: Any) -> Any:
        def called(*given: Any, **named: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls == stop_at:
                raise Killed
            return function(*given, **named)

        return called

    for stop_at in range(1, 40):  # noqa: B007
        calls = 0
        with monkeypatch.context() as patch:
            for owner, called in (
                (os, "replace"), (os, "fsync"), (Path, "unlink"), (shards, "write_whole"), (file_output, "write_shards")
            ):  # fmt: skip
                patch.setattr(owner, called, stopping(getattr(owner, called)))
            try:
                run(opened(name, number=number), range(10), failed)
                break
            except Killed:
                pass
        targets = {path for path in contents() if ".partial" not in path}
        if number and "out.manifest.json" in targets:
            assert targets == {path for path in whole if ".partial" not in path}
        for path in targets:
            assert Path(path).read_bytes() == whole[path]  # whole, or not there
        again = opened(name, resume=True, number=number)
        if not again.is_complete:
            run(again, range(10), failed)
        kept = contents()
        assert failed or not [path for path in kept if ".partial" in path and not path.endswith(".lock")]
        assert {path: data for path, data in kept.items() if ".partial" not in path} == {
            path: data for path, data in whole.items() if ".partial" not in path
        }
        for path in contents():
            Path(path).unlink()
    assert stop_at > 2, "no moment was tried"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("number", [0, 2])
def test_documents_that_failed_come_last(name: str, number: int) -> None:
    run(opened(name, number=number), range(5), failed=2)
    assert Path(f"{name}.partial").exists()
    output = opened(name, resume=True, number=number)
    assert (output.done, output.is_complete) == (5, False)
    run(output, range(7))
    left = sorted(path for path in contents() if path != "out.manifest.json")
    assert len(left) == (number or 1)
    assert [r["id"] for path in left for r in rows(path)] == list(range(7))
    assert opened(name, resume=True, number=number).is_complete


@pytest.mark.parametrize("flags", [{}, {"resume": True}])
def test_a_second_run_does_not_touch_what_the_first_one_writes(flags: dict[str, bool]) -> None:
    first = opened("out.jsonl")
    with pytest.raises(UserError, match=r"^another run writes out\.jsonl now; wait for it"):
        opened("out.jsonl", **flags)  # before the first has started: it loads its model
    first.start({"model": "m"})
    first.write(document(0), prediction(0))
    with pytest.raises(UserError, match="another run writes"):
        opened("out.jsonl", **flags)
    first.finish()
    first.close()
    assert [row["id"] for row in rows("out.jsonl")] == [0] and list(contents()) == ["out.jsonl"]
    run(opened("out.jsonl"), range(2))
    assert [row["id"] for row in rows("out.jsonl")] == [0, 1] and list(contents()) == ["out.jsonl"]


def test_the_journal_is_read_in_bounded_memory() -> None:
    output = opened("out.jsonl")
    output.start({"model": "m"})
    for n in range(1000):
        output.write(document(n), prediction(n))
    del output
    again = opened("out.jsonl", resume=True)
    assert again.done == 1000
    assert [again.has(document(n)) for n in (0, 500, 999, 1000)] == [True, True, True, False]
    assert (again._journal._keys.itemsize, len(again._journal._keys)) == (8, 1000)
    changed = Document(1, "another text", "in:1", "in:1", "in/1")
    with pytest.raises(UserError, match="was changed after the interrupted run tagged it"):
        again.has(changed)


@pytest.mark.parametrize("odd", [b"\0" * 64, b"\0" * 64 + b"\n", b"\xff\n", b"[1, 2\n", b'{"no": "end"'])
def test_a_journal_ends_where_its_lines_are_none(odd: bytes) -> None:
    """As after a power cut: whatever was noted behind it is done again."""
    output = opened("out.jsonl")
    output.start({"model": "m"})
    for n in range(4):
        output.write(document(n), prediction(n))
    del output
    journal = Path("out.jsonl.partial.journal")
    lines = journal.read_bytes().splitlines(keepends=True)
    for whole in (3, 0):
        journal.write_bytes(b"".join(lines[:whole]) + odd + b"".join(lines[whole + 1 :]))
        again = opened("out.jsonl", resume=True)
        assert again.done == max(0, whole - 1)
        run(again, range(4), failed=1)
        assert [row["id"] for row in rows("out.jsonl")] == [0, 1, 2, 3]


def test_the_digest_of_models_knows_their_files() -> None:
    Path("model").mkdir()
    Path("model/model.safetensors").write_bytes(b"1")
    before = models_digest(["model"], {"ner": {"f1": 0.9}})
    assert models_digest(["model"], {"ner": {"f1": 0.9}}) == before
    assert models_digest(["model"], {"ner": {"f1": 0.8}}) != before
    Path("model/model.safetensors").write_bytes(b"2")
    assert models_digest(["model"], {"ner": {"f1": 0.9}}) != before
    Path("model/model.safetensors").rename("model/adapter_model.safetensors")
    Path("model/adapter_model.safetensors").write_bytes(b"1")
    assert models_digest(["model"], {"ner": {"f1": 0.9}}) != before
    before = models_digest(["model"], {})
    Path("model/found.jsonl.partial").write_bytes(b"1")  # what `tag` writes into the folder of its model
    assert models_digest(["model"], {}) == before
    assert models_digest(["a/hub-name"], {}) == models_digest([], {})

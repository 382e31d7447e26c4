"""`tag` with a report as its output: one file by its name, else a folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fake_predictor import Fake
from project import write
from vanban import cli
from vanban.commands import tag as command
from vanban.documents.report.embedding import data_of


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(command, "load_predictor", lambda *_: Fake())
    write("in/a.txt", "Huế\u2028</script>")
    write("in/b.txt", "")


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr("sys.argv", ["tag", *arguments])
    with pytest.raises(SystemExit) as stop:
        cli.tag_main()
    return int(stop.value.code or 0)


def blocks(path: Path, kind: str) -> list[Any]:
    lines = path.read_text(encoding="utf-8").split("\n")
    return [value for value in (data_of(line, kind) for line in lines) if value is not None]


def test_one_file(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, "in", "-o", "report.html") == 0
    assert run(monkeypatch, "in", "-o", "t.jsonl") == 0
    tagged = [json.loads(line) for line in Path("t.jsonl").read_text(encoding="utf-8").split("\n") if line]
    records = blocks(Path("report.html"), "record")
    assert [record.pop("text") for record in records] == ["Huế\u2028</script>", ""]
    assert records == tagged
    assert [len(one["entities"]) for one in blocks(Path("report.html"), "summaries")[0]] == [1, 0]
    assert sorted(path.name for path in Path().iterdir()) == ["in", "report.html", "t.jsonl"]


def test_a_folder(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    write("in/c.txt", "BOOM")
    assert run(monkeypatch, "in", "--format", "html", "-o", "report") == 1
    assert [one["id"] for one in blocks(Path("report/index.html"), "index")[0]] == ["in/a.txt", "in/b.txt"]
    assert run(monkeypatch, "in", "--format", "html", "-o", "report") == 2
    assert "holds pages of a report already: go on with --resume" in capsys.readouterr().err
    write("in/c.txt", "mended")
    assert run(monkeypatch, "in", "--format", "html", "-o", "report", "--resume") == 0
    assert "3 documents → report, 2 of them done before, 1 entity in the others" in capsys.readouterr().err
    assert len(blocks(Path("report/index.html"), "index")[0]) == 3
    assert blocks(Path("report/documents/c.html"), "record")[0]["text"] == "mended"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--format", "html"), "--format html is written when all documents are there: name a file with -o"),
        (("--format", "html", "-o", "report", "--shards", "2"), "--shards goes with the other formats"),
    ],
)
def test_what_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], message: str
) -> None:
    assert run(monkeypatch, "in", *arguments) == 2
    assert message in capsys.readouterr().err

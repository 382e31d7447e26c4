"""`vanban cite` and `vanban table`: what they read, what they write, and how they end."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from fake_predictor import Fake, load_as_tag
from marked_documents import tagged_record
from project import write
from vanban import cli
from vanban.commands import valued

Run = Callable[..., tuple[int, str]]
RECORD = tagged_record("a", "Ở ⟦P:Hà Nội⟧ có ⟦C:46 ca mắc⟧ theo ⟦D:Chỉ thị số 17/CT-UBND⟧ năm 2021.")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Return what runs `vanban` and gives its exit status and what it says. No model can be loaded."""

    def call(*arguments: str, stdin: str = "") -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["vanban", *arguments])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        with pytest.raises(SystemExit) as exit_:
            cli.main()
        return int(exit_.value.code or 0), capsys.readouterr().err

    def no_load(*_: Any) -> Any:
        raise AssertionError("a model was loaded")

    monkeypatch.setattr(valued, "load_predictor", no_load)
    monkeypatch.chdir(tmp_path)
    write("tagged.jsonl", json.dumps(RECORD) + "\n")
    return call


def test_cite_writes_the_graph(run: Run) -> None:
    status, said = run("cite", "tagged.jsonl", "-o", "out/graph.jsonl")
    assert status == 0
    assert said == "1 document: 1 act or other document, 1 more act that is cited, 1 edge → out/graph.jsonl\n"
    rows = [json.loads(line) for line in Path("out/graph.jsonl").read_text("utf-8").splitlines()]
    assert rows[1]["symbol"] == "17/CT-UBND" and rows[2]["source"] == "document:a"
    for name in ("graph.html", "graph.graphml"):
        assert run("cite", "tagged.jsonl", "-o", name)[0] == 0
        assert "17/CT-UBND" in Path(name).read_text("utf-8")


def test_table_writes_rows(run: Run) -> None:
    status, said = run("table", "tagged.jsonl", "--label", "COUNT", "-o", "counts.csv")
    assert (status, said) == (0, "1 document, 1 row → counts.csv\n")
    (row,) = csv.DictReader(Path("counts.csv").read_text("utf-8-sig").splitlines())
    assert (row["document"], row["number"], row["noun"], row["scope"]) == ("a", "46", "ca mắc", "Hà Nội")


def test_records_of_text_files_come_from_standard_input(run: Run) -> None:
    write("a.txt", RECORD["text"])
    record = {"id": "a.txt", "path": "a.txt", "entities": RECORD["entities"]}
    assert run("table", "-", "--label", "COUNT", "-o", "counts.csv", stdin=json.dumps(record))[0] == 0
    assert "46 ca mắc" in Path("counts.csv").read_text("utf-8-sig")


def test_texts_are_tagged_first(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Sequence[Any]] = []

    def load(*arguments: Any) -> Fake:
        asked.append(arguments)
        return load_as_tag(*arguments)  # type: ignore[no-any-return]

    monkeypatch.setattr(valued, "load_predictor", load)
    write("texts/a.txt", "7 người")
    write("texts/b.txt", "BOOM")
    status, said = run("table", "texts", "--label", "COUNT", "-o", "c.csv", "--model", "fast")
    assert status == 1
    assert "could not be tagged: RuntimeError" in said and "1 of 2 documents failed, and are not in it" in said
    assert asked == [(["fast"], "auto", ("ner", "doctype"), "auto", False)]
    assert len(Path("c.csv").read_text("utf-8-sig").splitlines()) == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["cite", "tagged.jsonl", "-o", "graph.pdf"], "graph.pdf: expected a name that ends in .jsonl"),
        (["cite", "gone", "-o", "graph.html"], "gone: no such file or folder"),
        (["cite", "tagged.jsonl", "-o", "tagged.jsonl"], "tagged.jsonl: is both read and written"),
        (["table", "tagged.jsonl", "--label", "count", "-o", "a.csv"], "--label count: expected one of OFFICIAL"),
        (["table", "tagged.jsonl", "--label", "COUNT", "-o", "a"], "a: expected a name that ends in .csv"),
    ],
)
def test_wrong_use_is_told(run: Run, arguments: list[str], message: str) -> None:
    status, said = run(*arguments)
    assert status == 2 and message in said
    assert sorted(path.name for path in Path().iterdir()) == ["tagged.jsonl"]


@pytest.mark.parametrize("command", [["cite", "-o", "g.html"], ["table", "--label", "COUNT", "-o", "c.csv"]])
def test_annotations_of_other_formats_are_converted_first(run: Run, command: list[str]) -> None:
    write("a.conll", "-DOCSTART- (a)\tO\n\nHuế\tB-PLACE\n")
    write("ls.json", '[{"data": {"text": "Huế"}, "annotations": []}]')
    status, said = run(command[0], "a.conll", "ls.json", *command[1:])
    assert status == 1 and said.count("vanban convert FILE FILE.jsonl") == 2
    assert "a.conll: found CoNLL, " in said and "ls.json: found JSON of Label Studio, " in said


def test_the_output_of_before_is_not_read(run: Run) -> None:
    for _ in range(2):
        assert run("cite", ".", "-o", "graph.jsonl")[0] == 0
    assert len(Path("graph.jsonl").read_text("utf-8").splitlines()) == 3

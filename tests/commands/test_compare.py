"""The command `vanban compare`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from project import write
from vanban.cli import main


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["vanban", "compare", *arguments])
    with pytest.raises(SystemExit) as stop:
        main()
    return int(stop.value.code or 0)


def record(identity: str, text: str, *spans: tuple[str, int, int]) -> str:
    entities = [{"label": label, "start": start, "end": end} for label, start, end in spans]
    return json.dumps({"id": identity, "text": text, "entities": entities}) + "\n"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write("gold/a.txt", "Hà Nội có 5 ca.")
    write("gold/a.ann", "T1\tPLACE 0 6\tHà Nội\nT2\tCOUNT 10 14\t5 ca\n")
    write("gold/b.txt", "")
    write("gold/b.ann", "")


def test_brat_against_what_tag_wrote(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    write(
        "t.jsonl",
        record("x", "Hà Nội có 5 ca.", ("PLACE", 0, 6), ("PLACE", 10, 14)) + record("b", "") + record("c", "c"),
    )
    assert run(monkeypatch, "gold", "t.jsonl", "-o", "out/compare.html") == 0
    assert capsys.readouterr().err == (
        "1 document only in t.jsonl: c\n2 documents: F1 0.5000, 1 wrong label → out/compare.html\n"
    )
    assert Path("out/compare.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_documents_whose_texts_differ_are_told_last(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in "cdefgh":
        write(f"gold/{name}.txt", f"Huế có 5 ca {name}.")
        write(f"gold/{name}.ann", "T1\tPLACE 0 3\tHuế\n")
    others = "".join(record(name, f"Huế  có 5 ca {name}.", ("PLACE", 0, 3)) for name in "acdefgh")
    write("t.jsonl", others + record("b", ""))
    assert run(monkeypatch, "gold", "t.jsonl", "-o", "c.html") == 1
    said = capsys.readouterr().err.splitlines()
    assert [line for line in said if "is another one in PREDICTED" in line] == said[:5]
    assert said[5:] == [
        "error: 2 more documents can't be compared",
        "1 document: no spans, and so no F1 → c.html",
        "error: 7 documents with the same id have other texts in t.jsonl, and nothing above or in c.html counts them",
    ]
    write("u.jsonl", record("a", "Hà Nội"))
    assert run(monkeypatch, "gold", "u.jsonl", "-o", "d.html") == 2
    assert capsys.readouterr().err.splitlines()[-1] == (
        "error: nothing can be compared: 1 document with the same id has other texts in u.jsonl; tag the texts of gold"
    )
    assert not Path("d.html").exists()


def test_what_goes_wrong_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    write("t.jsonl", record("a", "Hà Nội có 6 ca.") + record("b", ""))
    assert run(monkeypatch, "gold", "t.jsonl", "-o", "c.html") == 1
    assert "error: gold/a.ann: its text is another one in PREDICTED from character 10 on: '5 ca.' and '6 ca.'" in (
        capsys.readouterr().err
    )
    for arguments, message in (
        (("gold", "none.jsonl", "-o", "c.html"), "error: none.jsonl: no such file or folder"),
        (("gold", "t.jsonl", "-o", "c.txt"), "error: c.txt: expected a name that ends in .html"),
        (("gold", "u.jsonl", "-o", "c.html"), "error: gold and u.jsonl have no document in common"),
    ):
        write("u.jsonl", record("z", "z"))
        assert run(monkeypatch, *arguments) == 2
        assert message in capsys.readouterr().err

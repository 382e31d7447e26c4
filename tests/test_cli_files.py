"""`tag`, `cite` and `table` on the files that people have: a folder of all kinds, resumed, in several processes."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import docx
import pyarrow.parquet as pq
import pytest

from made_pdf import pdf_of
from project import ROOT, write

CODE: Final = (
    "import sys, fake_predictor; from vanban import cli; from vanban.commands import tag, valued\n"
    "tag.load_predictor = valued.load_predictor = fake_predictor.load_as_tag\n"
    "name = sys.argv.pop(1); sys.argv[0] = name; cli.tag_main() if name == 'tag' else cli.main()"
)
FOLDERS: Final = os.pathsep.join(map(str, (ROOT / "model", ROOT / "training", ROOT / "tests")))


def run(*arguments: str) -> tuple[int, str]:
    """Run a command with a predictor of no weight; return its exit status and what it says."""
    process = subprocess.run(
        [sys.executable, "-c", CODE, *arguments],
        env={**os.environ, "PYTHONPATH": FOLDERS},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=120,
    )
    return process.returncode, process.stderr.decode("utf-8")


def records_of(path: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]


def word(text: str) -> bytes:
    document = docx.Document()
    document.add_paragraph(text)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts of a folder `in` of 30 files of five kinds, the sixth of which is cut off."""
    monkeypatch.chdir(tmp_path)
    texts = []
    for number in range(30):
        text = f"Văn bản số {number}/QĐ-UBND"
        data = (
            word(text),
            pdf_of([text]),
            f"<html><p>{text}</p>".encode(),
            text.encode("utf-16"),
            f"Subject: {text}\n\n".encode(),
        )[number % 5]
        suffix = ("docx", "pdf", "html", "txt", "eml")[number % 5]
        write(f"in/{number:02}.{suffix}", data[: len(data) // 2] if number == 6 else data)
        texts.append(f"Subject: {text}\n" if suffix == "eml" else text)
    return texts


def test_a_folder_of_all_kinds_is_tagged_and_resumed(folder: list[str]) -> None:
    status, said = run("tag", "in", "-o", "out.jsonl")
    assert status == 1
    assert said.splitlines()[0] == "error: in/06.pdf: found a PDF file without an end: it is cut off, copy it again"
    assert "29 documents" in said and "1 of 30 documents failed" in said
    write("in/06.pdf", pdf_of([folder[6]]))
    status, said = run("tag", "in", "-o", "out.jsonl", "--resume")
    assert status == 0 and "30 documents → out.jsonl, 29 of them done before, 1 entity in the others" in said
    records = {record["id"]: record for record in records_of("out.jsonl")}
    assert [records[id_]["text"] for id_ in sorted(records)] == folder
    assert {record["source"]["format"] for record in records.values()} == {"docx", "pdf", "html", "text", "eml"}
    assert records["in/01.pdf"]["source"]["pages"] == [[0, len(folder[1])]]
    assert records["in/03.txt"]["source"]["encoding"] == "UTF-16"
    for record in records.values():
        assert [record["text"][e["start"] : e["end"]] for e in record["entities"]] == [record["text"][0]]


def test_processes_and_formats_give_the_same(folder: list[str]) -> None:
    run("tag", "in", "-o", "one.jsonl")
    assert run("tag", "in", "-o", "two.jsonl", "--workers", "2")[0] == 1
    assert Path("two.jsonl").read_bytes() == Path("one.jsonl").read_bytes()
    run("tag", "in", "-o", "one.parquet")
    rows = pq.read_table("one.parquet").to_pylist()
    records = records_of("one.jsonl")
    assert [row["text"] for row in rows] == [record["text"] for record in records]
    assert [row["source"]["sha256"] for row in rows] == [record["source"]["sha256"] for record in records]
    assert rows[1]["source"]["pages"] == [[0, len(folder[1])]]


def test_brat_beside_the_files_is_not_read_again(folder: list[str]) -> None:
    run("tag", "in", "-o", "in", "--format", "brat")
    assert Path("in/00.docx.txt").read_text(encoding="utf-8") == folder[0]
    assert Path("in/00.docx.ann").is_file() and Path("in/02.html.ann").is_file()
    before = Path("in/03.txt").read_bytes()
    status, said = run("tag", "in", "-o", "in", "--format", "brat", "--overwrite")
    assert status == 1 and "7 of 30 documents failed" in said  # texts in UTF-16 are not replaced, one is cut off
    assert "in/03.txt is the file itself, and not in UTF-8; give -o another folder" in said
    assert Path("in/03.txt").read_bytes() == before


def test_cite_and_table_read_files_and_what_was_made_of_them(folder: list[str]) -> None:
    status, said = run("vanban", "table", "in", "--label", "COUNT", "-o", "counts.csv")
    assert status == 1 and "29 documents, 29 rows → counts.csv" in said
    run("tag", "in", "-o", "out.jsonl")
    status, said = run("vanban", "table", "out.jsonl", "--label", "COUNT", "-o", "again.csv")
    assert (status, said) == (0, "29 documents, 29 rows → again.csv\n")
    assert Path("again.csv").read_bytes() == Path("counts.csv").read_bytes()
    assert run("vanban", "cite", "out.jsonl", "-o", "graph.jsonl")[0] == 0


def test_an_encoding_is_forced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write("a.txt", "H\u00b5".encode("latin-1"))
    status, said = run("tag", "a.txt", "-o", "out.jsonl")
    assert status == 1 and "or name its encoding with --encoding" in said
    status, said = run("tag", "a.txt", "-o", "out.jsonl", "--encoding", "tcvn3", "--overwrite")
    assert (status, records_of("out.jsonl")[0]["text"]) == (0, "Hà")
    assert records_of("out.jsonl")[0]["source"]["encoding"] == "TCVN3"
    status, said = run("tag", "a.txt", "-o", "out.jsonl", "--encoding", "viscii", "--overwrite")
    assert status == 2 and "tcvn3" in said
    status, said = run("vanban", "table", "a.txt", "--label", "COUNT", "-o", "a.csv", "--encoding", "vni")
    assert (status, said) == (0, "1 document, 1 row → a.csv\n")
    assert run("vanban", "cite", "a.txt", "-o", "a.jsonl", "--encoding", "tcvn3")[0] == 0

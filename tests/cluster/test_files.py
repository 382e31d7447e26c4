"""Files → rows, without a cluster: the tasks that Ray would run are run here."""

from __future__ import annotations

import datetime
import gzip
import json
import os
import unicodedata
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow.fs import LocalFileSystem

from made_pdf import pdf_of
from project import write
from vanban.cluster import files
from vanban.cluster.files import Documents, File, find_files, locate
from vanban.documents.records import Columns
from vanban.errors import UserError


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def rows_of(*inputs: str, **options: Any) -> list[dict[str, Any]]:
    """Return the rows of the files behind `inputs`, as dicts."""
    columns = options.get("columns", Columns())
    how = options.get("input_format", "auto"), columns, options.get("encoding")
    tasks = Documents([find_files(inputs, "/out")], *how).get_read_tasks(1)
    return [row for task in tasks for table in task() for row in table.to_pylist()]


def test_texts_are_read_exactly() -> None:
    write("in/b/a.txt", "\ufeffHà Nội\r\ncuối\x85")
    write("in/a.txt", "")
    assert rows_of("in") == [
        {"key": path, "id": json.dumps(path), "path": path, "fields": None, "text": text, "failure": None}
        for path, text in (("in/a.txt", ""), ("in/b/a.txt", "\ufeffHà Nội\r\ncuối\x85"))
    ]


def test_records_keep_their_fields_in_order_and_their_ids() -> None:
    first = '\ufeff{"a": 1.50, "id": 7, "text": "x\\r\\n", "z": {"b": [null]}}'
    write("in/r.JSONL", f'{first}\n\n{{"text": "y", "id": 7}}\n{{"text": 1}}\n')
    rows = rows_of("in")
    assert [row["key"] for row in rows] == ["in/r.JSONL:1", "in/r.JSONL:3", "in/r.JSONL:4"]
    assert [json.loads(row["id"]) for row in rows] == [7, 7, "in/r.JSONL:4"]
    assert json.loads(rows[0]["fields"]) == {"a": 1.5, "id": 7, "text": None, "z": {"b": [None]}}
    assert list(json.loads(rows[0]["fields"])) == ["a", "id", "text", "z"]
    assert [row["text"] for row in rows] == ["x\r\n", "y", None] and all(row["path"] is None for row in rows)
    assert [row["failure"] for row in rows][:2] == [None, None]
    assert rows[2]["failure"] == 'expected a "text" that is a string, found "text": 1'


def test_parquet_is_read_as_records() -> None:
    day = datetime.date(2021, 7, 23)
    table = {"text": ["a\r\nb", None], "ngày": [day, day], "n": [1, 2], "f": [0.5, float("nan")], "l": [["x"], None]}
    Path("in").mkdir()
    pq.write_table(pa.table(table), "in/t.parquet")
    rows = rows_of("in")
    assert [(row["id"], row["text"]) for row in rows] == [('"in/t.parquet:1"', "a\r\nb"), ('"in/t.parquet:2"', None)]
    assert json.loads(rows[0]["fields"]) == {"text": None, "ngày": "2021-07-23", "n": 1, "f": 0.5, "l": ["x"]}
    assert "expected" in rows[1]["failure"]


def test_documents_of_offices_are_read_as_on_one_machine() -> None:
    write("in/a.pdf", pdf_of(["Hà Nội"], ["Huế"]))
    write("in/b.txt", "H\u00b5".encode("latin-1"))
    first, second = rows_of("in", encoding="tcvn3")
    assert (first["text"], first["path"], second["text"]) == ("Hà Nội\nHuế", "in/a.pdf", "Hà")
    fields = json.loads(first["fields"])
    assert fields["text"] is None and fields["source"]["pages"] == [[0, 6], [7, 10]]
    assert json.loads(second["fields"])["source"]["encoding"] == "TCVN3"


def test_what_can_not_be_read_is_a_row() -> None:
    write("in/bad.txt", b"a\n\xff")
    write("in/broken.parquet", b"PAR1 and no more")
    write("in/p.txt", b"%PDF-1.7")
    rows = {row["id"]: row for row in rows_of("in")}
    assert list(rows) == ['"in/bad.txt"', '"in/broken.parquet"', '"in/p.txt"']
    assert rows['"in/bad.txt"']["failure"].startswith("found the byte 0xff at 2, expected UTF-8")
    assert rows['"in/bad.txt"']["path"] == "in/bad.txt"
    assert "can't be read" in rows['"in/broken.parquet"']["failure"]
    assert rows['"in/p.txt"']["failure"].startswith("found a PDF file")
    gone = File("gone.txt", "/nowhere/gone.txt", LocalFileSystem(), 1)
    (table,) = Documents([[gone]], "auto", Columns()).get_read_tasks(1)[0]()
    assert table.to_pylist()[0]["failure"].startswith("can't be read: ")


def test_a_document_that_fails_has_an_id_of_its_own() -> None:
    write("in/rows.txt", '{"text": "x"}\n{"text": 5}\n{"text": "\\ud800"}\n')
    mail = EmailMessage()
    mail["Subject"] = "x"
    mail.set_content("Hà Nội")
    mail.add_attachment(b"no office", maintype="application", subtype="octet-stream", filename="a.docx")
    mail.add_attachment(b"a\n\x81\xff", maintype="application", subtype="octet-stream", filename="b.txt")
    write("in/m.eml", mail.as_bytes())
    found = {json.loads(row["id"]): row["failure"] is not None for row in rows_of("in")}
    assert found == {
        "in/m.eml": False, "in/m.eml/a.docx": True, "in/m.eml/b.txt": True,
        "in/rows.txt:1": False, "in/rows.txt:2": True, "in/rows.txt:3": True,
    }  # fmt: skip
    assert [row["path"] for row in rows_of("in/rows.txt")] == [None] * 3


def test_links_to_folders_are_left_out_and_told() -> None:
    write("in/a.txt", "x")
    write("other/b.txt", "y")
    Path("in/round").symlink_to("../in")
    Path("in/other").symlink_to("../other")
    Path("in/c.txt").symlink_to("../other/b.txt")
    said: list[str] = []
    assert [file.path for file in find_files(["in"], "/out", said.append)] == ["in/a.txt", "in/c.txt"]
    assert said[0].startswith("in: left out 2 files and folders (2 links to folders)")


def test_names_in_other_bytes_and_forms_are_found() -> None:
    write(os.fsdecode(b"in/b\xff.txt"), "Huế")
    write(os.fsdecode(b"in/c\xff.jsonl"), '{"text": 5}')
    name = unicodedata.normalize("NFD", "in/Số.txt")
    write(name, "x")
    rows = {row["key"]: row for row in rows_of("in")}
    assert [*rows] == [name, "in/b\\xff.txt", "in/c\\xff.jsonl:1"]
    assert [row["text"] for row in rows.values()] == ["x", "Huế", None]
    assert rows["in/b\\xff.txt"]["path"] == json.loads(rows["in/b\\xff.txt"]["id"]) == "in/b\\xff.txt"
    assert [row["path"] for row in rows_of("in/Số.txt")] == [name]
    assert [row["text"] for row in rows_of(os.fsdecode(b"in/b\xff.txt"))] == ["Huế"]


def test_a_folder_is_read_without_hidden_files_and_without_the_output(tmp_path: Path) -> None:
    for name in ("in/a.txt", "in/.b.txt", "in/.git/c.txt", "in/d.TXT", "in/e.png", "in/out/f.txt", "in/outer/g.txt",
                 "in/out.partial/h.parquet"):  # fmt: skip
        write(name, "x")
    said: list[str] = []
    found = find_files(["in/", "in/a.txt", f"file://{tmp_path}/in/outer"], str(tmp_path / "in/out"), said.append)
    assert [file.path for file in found] == ["in/a.txt", "in/d.TXT", "in/outer/g.txt"]
    (told,) = said
    assert told.startswith("in/: left out 3 files and folders (1 .png, 1 hidden, 1 hidden folder); .txt, .jsonl")
    (outer,) = find_files([f"file://{tmp_path}/in/outer/"], "/out")
    assert (outer.path, outer.location) == (f"file://{tmp_path}/in/outer/g.txt", f"{tmp_path}/in/outer/g.txt")
    (text,) = [row["text"] for row in rows_of(f"file://{tmp_path}/in/outer")]
    assert text == "x"


def test_a_uri_that_went_through_a_path_is_one() -> None:
    assert locate("file:/tmp/x")[1] == locate("file:///tmp/x")[1] == "/tmp/x"
    filesystem, location = locate(str(Path("mock://bucket/x")))
    assert filesystem.type_name == "mock" and location == "x"
    with pytest.raises(UserError, match="ftp://x/y: no file system that pyarrow knows"):
        locate("ftp://x/y")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("-", "--engine ray reads files and folders"),
        ("inn", "inn: no such file or folder"),
        ("in/*.txt", "takes files, folders and URIs, no patterns"),
        ("empty", r"empty: no \.txt, \.jsonl, .*, \.eml file in there"),
        ("in", "in: is both read and written"),
    ],
)
def test_inputs_that_hold_nothing_are_errors(given: str, message: str, tmp_path: Path) -> None:
    write("in/a.txt", "x")
    write("empty/a.png")
    with pytest.raises(UserError, match=message):
        find_files([given], str(tmp_path / "in"))


def test_large_files_come_in_blocks_and_small_ones_share_a_task(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "BYTES_PER_BLOCK", 100)
    monkeypatch.setattr(files, "BYTES_PER_TASK", 3000)
    write("in/a.jsonl", '{"text": "0123456789012345678901234567890123456789"}\n' * 50)
    for i in range(4):
        write(f"in/b{i}.txt", "x" * 200)
    groups = files._by_size(find_files(["in"], "/out"))
    assert [len(group) for group in groups] == [2, 3]
    tasks = Documents(groups, "auto", Columns()).get_read_tasks(2)
    assert [[table.num_rows for table in task()] for task in tasks] == [[3] * 16 + [2 + 1, 0], [1, 1, 1, 0]]


def test_the_form_that_the_user_says_holds() -> None:
    write("in/a.txt", '{"text": "x"}\n')
    assert [row["text"] for row in rows_of("in")] == ["x"]
    assert [row["text"] for row in rows_of("in", input_format="text")] == ['{"text": "x"}\n']
    write("in/b.jsonl.gz", gzip.compress(b'{"body": "y", "n": 3}'))
    (packed,) = rows_of("in/b.jsonl.gz", columns=Columns("body", "n"))
    assert (packed["id"], packed["text"], packed["fields"]) == ("3", "y", '{"body": null, "n": 3}')
    write("in/cut.jsonl.gz", gzip.compress(b'{"text": "y"}' * 99)[:-9])
    assert "can't be read" in rows_of("in/cut.jsonl.gz")[-1]["failure"]

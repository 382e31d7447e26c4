from __future__ import annotations

import io
import json
import sys
import unicodedata
from pathlib import Path

import pytest

from vanban.documents.sources import Document, Failure, Source, find_sources, read_documents
from vanban.errors import UserError


@pytest.fixture(autouse=True)
def working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(path: str, data: bytes | str = b"") -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_bytes(data if isinstance(data, bytes) else data.encode("utf-8"))


def paths_and_names(*inputs: str, output: str | None = None, may_replace: bool = False) -> list[tuple[str, str]]:
    found = find_sources(inputs, output=Path(output) if output else None, may_replace=may_replace)
    return [(s.path, s.name) for s in found if isinstance(s, Source)]


def read(*inputs: str) -> list[Document | Failure]:
    return list(read_documents(find_sources(inputs)))


def test_folder_is_read_recursively_and_sorted() -> None:
    for path in (
        "docs/b.txt",
        "docs/a/Công điện số 1.TXT",
        "docs/rows.jsonl",
        "docs/c.pdf",
        "docs/.hidden/d.txt",
        "docs/._b.txt",
    ):
        write(path)
    assert paths_and_names("docs") == [
        ("docs/b.txt", "b"),
        ("docs/rows.jsonl", "rows"),
        ("docs/a/Công điện số 1.TXT", "a/Công điện số 1"),
    ]
    assert paths_and_names("./docs/") == paths_and_names("docs")


def test_files_globs_and_repetitions() -> None:
    for path in ("docs/a.txt", "docs/deep/b.txt", "docs/[draft].txt", "notes.md"):
        write(path)
    assert paths_and_names("notes.md", "docs/a.txt", "./docs/a.txt", "docs") == [
        ("notes.md", "notes.md"),
        ("docs/a.txt", "a"),
        ("docs/[draft].txt", "[draft]"),
        ("docs/deep/b.txt", "deep/b"),
    ]
    assert paths_and_names("docs/**/*.txt") == [
        ("docs/[draft].txt", "[draft]"),
        ("docs/a.txt", "a"),
        ("docs/deep/b.txt", "deep/b"),
    ]
    assert paths_and_names("docs/[draft].txt") == [("docs/[draft].txt", "[draft]")]


def test_input_that_is_not_there() -> None:
    write("documents/first.txt")
    Path("empty").mkdir()
    with pytest.raises(
        UserError, match=r"^document: no such file or folder \(looked in .*\)\. Did you mean documents\?$"
    ):
        find_sources(["documents", "document"])
    with pytest.raises(UserError, match=r"Did you mean documents/first\.txt\?$"):
        find_sources(["documents/frist.txt"])
    with pytest.raises(UserError, match=r"Did you mean documents/first\.txt\?$"):
        find_sources(["docments/first.txt"])
    with pytest.raises(UserError, match=r"^\*\.xyz: nothing matches \(looked in "):
        find_sources(["*.xyz"])
    with pytest.raises(UserError, match=r"^empty: no \.txt or \.jsonl file in there"):
        find_sources(["documents", "empty"])


def test_the_output_is_not_read() -> None:
    for path in ("docs/a.txt", "docs/out.jsonl", "docs/out.jsonl.partial", "docs/brat/a.txt"):
        write(path)
    rest = [("docs/a.txt", "a"), ("docs/brat/a.txt", "brat/a")]
    assert paths_and_names("docs", output="docs/out.jsonl", may_replace=True) == rest
    for inputs in ("docs", "docs/*.jsonl", "docs/**"):  # a document of that name would be lost
        with pytest.raises(UserError) as error:
            find_sources([inputs], output=Path("docs/out.jsonl"))
        assert str(error.value) == (
            "docs/out.jsonl: is both read and written; give -o another name, or --overwrite if it is an earlier result"
        )
    Path("docs/out.jsonl").rename("docs/out.jsonl.partial")
    assert paths_and_names("docs", output="docs/out.jsonl") == rest
    write("docs/out.jsonl")
    assert paths_and_names("docs", output="docs/brat") == [("docs/a.txt", "a"), ("docs/out.jsonl", "out")]
    assert paths_and_names("docs/brat", output="docs") == [("docs/brat/a.txt", "a")]
    with pytest.raises(UserError, match=r"^docs/out\.jsonl: is both read and written"):
        find_sources(["docs/out.jsonl"], output=Path("docs/out.jsonl"))


def test_text_is_raw() -> None:
    nfd = unicodedata.normalize("NFD", "Hà Nội")
    write("docs/1.txt", "\ufeffHà Nội\r\nngày 1\r")
    write("docs/2.txt", nfd)
    write("docs/3.txt", "")
    documents = read("docs")
    assert [d.text for d in documents if isinstance(d, Document)] == ["\ufeffHà Nội\r\nngày 1\r", nfd, ""]
    first = documents[0]
    assert isinstance(first, Document)
    assert (first.id, first.where, first.path, first.fields) == ("docs/1.txt", "docs/1.txt", "docs/1.txt", {})


def test_files_of_offices_are_named() -> None:
    write("a.docx", b"PK\x03\x04\x14\x00\x06\xff")
    write("b.doc", b"\xd0\xcf\x11\xe0\xa1\xb1")
    write("c.pdf", b"%PDF-1.7\n%\xe2\xe3")
    assert [str(failure) for failure in read("a.docx", "b.doc", "c.pdf")] == [
        "a.docx:1: found a .docx, .xlsx or other zipped file, expected plain text; save it as text in UTF-8 first",
        "b.doc:1: found a .doc, .xls or other file of the older Office, expected plain text; save it as text in UTF-8 "
        "first",
        "c.pdf:2: found a PDF file, expected plain text; save it as text in UTF-8 first",
    ]


def test_unreadable_files_are_failures_at_their_place() -> None:
    write("docs/1.txt", b"one")
    write("docs/2.txt", b"line 1\nline \xff 2")
    write("docs/3.txt", "Hà Nội".encode("utf-16"))
    Path("docs/4.txt").symlink_to("nowhere.txt")
    write("docs/5.txt", b"five")
    found = [item if isinstance(item, Failure) else item.text for item in read("docs")]
    assert found == [
        "one",
        Failure(
            "docs/2.txt:2", "found the byte 0xff at 12, expected UTF-8; convert it first: iconv -f CHARSET -t UTF-8"
        ),
        Failure("docs/3.txt:1", "found the byte 0xff at 0, expected UTF-8; convert it first: iconv -f UTF-16 -t UTF-8"),
        Failure("docs/4.txt", "can't be read: No such file or directory"),
        "five",
    ]


def test_records() -> None:
    rows = [
        b'\xef\xbb\xbf{"id": "a/1", "text": "x\xe2\x80\xa8y", "year": 2021}',
        b"",
        b'{"id": 7, "text": ""}',
        b'{"id": null, "text": "t"}',
        b'{"text": "t", broken',
        b'{"id": 8}',
        b'{"text": 5}',
        b'["text"]',
        b'{"text": "\xff"}',
        b'{"text": "\\ud800"}',
        b'{"id": true, "text": "last"}',
    ]
    write("in.jsonl", b"\n".join(rows))
    documents = [d for d in read("in.jsonl") if isinstance(d, Document)]
    assert [(d.id, d.text, d.where, d.name) for d in documents] == [
        ("a/1", "x\u2028y", "in.jsonl:1", "in/a%2F1"),
        (7, "", "in.jsonl:3", "in/7"),
        ("in.jsonl:4", "t", "in.jsonl:4", "in/4"),
        ("in.jsonl:11", "last", "in.jsonl:11", "in/11"),
    ]
    assert documents[0].fields == {"id": "a/1", "text": "x\u2028y", "year": 2021}
    assert documents[0].path is None
    assert [str(f) for f in read("in.jsonl") if isinstance(f, Failure)] == [
        "in.jsonl:5: not JSON: Expecting property name enclosed in double quotes at column 15",
        "in.jsonl:6: expected a \"text\" that is a string, found the keys ['id']",
        'in.jsonl:7: expected a "text" that is a string, found "text": 5',
        'in.jsonl:8: expected an object with a "text", found list',
        "in.jsonl:9: found the byte 0xff at 10, expected UTF-8; convert it first: iconv -f CHARSET -t UTF-8",
        "in.jsonl:10: found half a surrogate pair at 0 of the text, expected Unicode characters",
    ]


def test_numbers_and_nesting_beyond_python_are_failures() -> None:
    write("in.jsonl", b'{"text": "a", "n": ' + b"1" * 5000 + b'}\n{"text": "b", "n": ' + b"[" * 100_000 + b"\n")
    failures = read("in.jsonl")
    assert [f.where for f in failures] == ["in.jsonl:1", "in.jsonl:2"]
    assert all(isinstance(f, Failure) for f in failures)


def test_names_stay_apart_and_inside_the_folder() -> None:
    ids = ["../../etc", "..", ".", "", "a/b", "a%2Fb", "a\x00b", "Công văn 1"]
    write("in.jsonl", "\n".join(json.dumps({"id": i, "text": ""}) for i in ids))
    names = [d.name for d in read("in.jsonl") if isinstance(d, Document)]
    assert names == [
        "in/%2E.%2F..%2Fetc",
        "in/%2E.",
        "in/%2E",
        "in/%",
        "in/a%2Fb",
        "in/a%252Fb",
        "in/a%00b",
        "in/Công văn 1",
    ]


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    def feed(data: bytes) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))

    feed(b'{"text": "a"}\r\n')
    (document,) = read("-")
    assert document == Document("-", '{"text": "a"}\r\n', "standard input", "-", "stdin")
    feed(b'{"text": "a"}\r\n')
    (document,) = read_documents(find_sources(["-"], "jsonl"))
    assert isinstance(document, Document)
    assert (document.id, document.text, document.name) == ("-:1", "a", "stdin/1")


def test_a_number_that_is_none_is_no_json(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "a", "n": NaN}\n{"text": "b"}\n', encoding="utf-8")
    first, second = read_documents(find_sources([str(path)]))
    assert str(first) == f"{path}:1: not JSON that can be read: NaN is no JSON"
    assert isinstance(second, Document) and second.text == "b"

from __future__ import annotations

import os
import re
import unicodedata
from pathlib import Path

import pytest

from project import write
from vanban.documents.sources import Source, find_sources
from vanban.errors import UserError

SUFFIXES = ".txt, .jsonl, .ndjson, .parquet, .docx, .docm, .dotx, .pdf, .html, .htm, .xhtml, .rtf, .eml"
READ = f"{SUFFIXES}, also packed (.gz, .zst),"

pytestmark = pytest.mark.usefixtures("working_folder")


def paths_and_names(*inputs: str, output: str | None = None, may_replace: bool = False) -> list[tuple[str, str]]:
    found = find_sources(inputs, output=Path(output) if output else None, may_replace=may_replace)
    return [(s.path, s.name) for s in found if isinstance(s, Source)]


def test_folder_is_read_recursively_and_sorted() -> None:
    for path in (
        "docs/b.txt",
        "docs/a/Công điện số 1.TXT",
        "docs/rows.jsonl",
        "docs/c.pdf",
        "docs/c.docx.gz",
        "docs/c.xls",
        "docs/.hidden/d.txt",
        "docs/._b.txt",
    ):
        write(path)
    assert paths_and_names("docs") == [
        ("docs/b.txt", "b"),
        ("docs/c.docx.gz", "c.docx"),
        ("docs/c.pdf", "c.pdf"),  # c.docx may be beside it
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
    with pytest.raises(UserError, match=f"^empty: no {re.escape(SUFFIXES)} file in there"):
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


def test_a_folder_says_what_it_leaves_out() -> None:
    for path in ("docs/a.txt", "docs/b.XLSX", "docs/deep/c.xlsx", "docs/d.json", "docs/LICENSE", "docs/.hidden.doc"):
        write(path)
    said: list[str] = []
    find_sources(["docs", "docs/a.txt"], say=said.append)
    held = "5 files (2 .xlsx, 1 .json, 1 hidden, 1 without a suffix)"
    assert said == [f"docs: left out {held}; {READ} are read of a folder"]
    Path("docs/a.txt").unlink()
    with pytest.raises(UserError) as error:
        find_sources(["docs"])
    assert str(error.value) == f"docs: no {SUFFIXES} file in there, expected at least one (found {held})"


def test_what_is_hidden_or_linked_is_said() -> None:
    for path in ("docs/.a.txt", "docs/deep/._b.txt", "docs/.git/c.txt", "elsewhere/d.txt"):
        write(path)
    with pytest.raises(UserError) as error:
        find_sources(["docs"])
    held = "3 files and folders (2 hidden, 1 hidden folder)"
    assert str(error.value) == f"docs: no {SUFFIXES} file in there, expected at least one (found {held})"
    for link in ("docs/more", "docs/deep/even more"):
        Path(link).symlink_to(Path("elsewhere").resolve(), target_is_directory=True)
    Path("docs/e.txt").symlink_to(Path("elsewhere/d.txt").resolve())  # a link to a file is read
    said: list[str] = []
    found = find_sources(["docs"], say=said.append)
    assert [s.path for s in found if isinstance(s, Source)] == ["docs/e.txt"]
    held = "5 files and folders (2 hidden, 2 links to folders, 1 hidden folder)"
    assert said == [f"docs: left out {held}; {READ} are read of a folder"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_pipes_in_a_folder_are_not_waited_for() -> None:
    write("docs/a.txt")
    os.mkfifo("docs/b.txt")
    os.mkfifo("docs/c.pdf")
    said: list[str] = []
    assert [s.path for s in find_sources(["docs"], say=said.append) if isinstance(s, Source)] == ["docs/a.txt"]
    assert said == [f"docs: left out 2 files (2 pipes or devices); {READ} are read of a folder"]


def test_a_name_in_another_unicode_form_is_found() -> None:
    nfd = {name: unicodedata.normalize("NFD", name) for name in ("Công văn", "Số 1.txt", "Số 2.txt")}
    written, other = f"{nfd['Công văn']}/Số 1.txt", f"{nfd['Công văn']}/{nfd['Số 2.txt']}"
    write(written)
    write(other)
    assert paths_and_names(f"Công văn/{nfd['Số 1.txt']}", "Công văn/Số 2.txt") == [
        (written, "Số 1"),
        (other, nfd["Số 2.txt"][:-4]),
    ]
    assert [path for path, _ in paths_and_names("Công văn")] == sorted([written, other])
    assert [path for path, _ in paths_and_names(f"{nfd['Công văn']}/*.txt", "Công văn/*.txt")] == sorted(
        [written, other]
    )
    with pytest.raises(UserError, match=r"Did you mean "):
        find_sources(["Công văn/Số 3.txt"])


def test_what_was_written_is_not_what_is_left_out() -> None:
    for path in ("docs/a.txt", "docs/a.ann", "docs/out.csv", "docs/brat/a.txt", "docs/brat/a.ann"):
        write(path)
    for output, left_out in (("docs/brat", "2 files (1 .ann, 1 .csv)"), ("docs/out.csv", "2 files (2 .ann)")):
        said: list[str] = []
        find_sources(["docs"], output=Path(output), say=said.append)
        assert said == [f"docs: left out {left_out}; {READ} are read of a folder"]
    find_sources(["docs"], output=Path("docs"), say=pytest.fail)


def test_files_with_names_of_shards_are_read_where_there_are_no_shards() -> None:
    files = ["sh/train-00000-of-00002.jsonl", "sh/train-00001-of-00002.jsonl"]
    for path in (*files, "sh/z.txt"):
        write(path, "{}")
    out = Path("sh/train.jsonl")
    for given in "sh", "sh/*.*":
        said: list[str] = []
        found = find_sources([given], output=out, say=said.append)
        assert ([source.path for source in found if isinstance(source, Source)], said) == ([*files, "sh/z.txt"], [])
        found = find_sources([given], output=out, say=said.append, in_shards=True)
        assert [source.path for source in found if isinstance(source, Source)] == ["sh/z.txt"]
        assert said == [f"{given}: left out 2 files (2 earlier results); {READ} are read of a folder"]
    write("sh/train.manifest.json")
    assert len(find_sources(["sh"], output=out)) == 1
    with pytest.raises(UserError, match=r"expected at least one \(found 2 files \(2 earlier results\)\)"):
        find_sources(["sh/train-*.jsonl"], output=out)


@pytest.mark.parametrize("rows", ["r.jsonl", "r.ndjson.gz", "r.parquet"])
def test_what_was_written_of_records_into_the_folder_that_is_read_is_not_read(rows: str) -> None:
    for path in (f"b/{rows}", "b/r/7.txt", "b/r/7.ann", "b/r/8.txt", "b/s/7.txt", "b/s/7.ann"):
        write(path)
    found = find_sources(["b"], output=Path("b"), say=pytest.fail)
    assert [source.path for source in found if isinstance(source, Source)] == [f"b/{rows}", "b/r/8.txt", "b/s/7.txt"]
    assert len(find_sources(["b"], output=Path("out"), say=lambda told: None)) == 4


def test_a_text_that_was_written_beside_its_file_is_not_read() -> None:
    for path in (
        "docs/a.docx",
        "docs/a.docx.txt",
        "docs/a.docx.ann",
        "docs/b.docx.txt",
        "docs/c.txt",
        "docs/c.txt.txt",
    ):
        write(path)
    both = [("docs/a.docx", "a.docx"), ("docs/b.docx.txt", "b.docx"), ("docs/c.txt", "c"), ("docs/c.txt.txt", "c.txt")]
    assert paths_and_names("docs", output="docs") == both
    assert paths_and_names("docs") == [both[0], ("docs/a.docx.txt", "a.docx"), *both[1:]]


def test_an_encoding_goes_with_each_source() -> None:
    write("docs/a.txt")
    assert [s.encoding for s in find_sources(["docs"], encoding="tcvn3") if isinstance(s, Source)] == ["tcvn3"]
    assert [s.encoding for s in find_sources(["docs"]) if isinstance(s, Source)] == [None]


def test_packed_files_and_parquet_are_read_of_a_folder() -> None:
    for path in ("a.txt.GZ", "b.jsonl.zst", "c.ndjson.gz", "d.PARQUET", "e.tar.gz", "f.gz"):
        write(f"docs/{path}")
    said: list[str] = []
    sources = [s for s in find_sources(["docs"], say=said.append) if isinstance(s, Source)]
    assert [(s.path, s.name, s.kind) for s in sources] == [
        ("docs/a.txt.GZ", "a", "auto"),
        ("docs/b.jsonl.zst", "b", "jsonl"),
        ("docs/c.ndjson.gz", "c", "jsonl"),
        ("docs/d.PARQUET", "d", "jsonl"),
    ]
    assert said == [f"docs: left out 2 files (2 .gz); {READ} are read of a folder"]

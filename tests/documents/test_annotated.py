"""Annotated documents of files, folders and globs, whatever wrote them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from project import write
from vanban.documents.annotated import AnnotatedFile, annotated_files, failure_of, tagged_documents
from vanban.documents.document import Failure
from vanban.documents.formats.brat import FORMAT as BRAT
from vanban.documents.formats.format import Losses
from vanban.documents.formats.registry import FormatName, format_named
from vanban.errors import UserError
from vanban.schema import Entity

pytestmark = pytest.mark.usefixtures("working_folder")


def test_records_with_entities_or_spans() -> None:
    write("a.txt", "Ở Huế.")
    lines = [
        {"id": 1, "text": "Hà Nội", "entities": [{"label": "PLACE", "start": 0, "end": 6}], "type": "chi_thi"},
        {"id": "b", "path": "a.txt", "entities": [{"label": "P", "start": 2, "end": 5, "score": 0.5}], "model": "m",
         "doc_type": None, "doc_type_score": 0.3, "doc_type_scores": {"chi_thi": 0.3}, "type": "own", "text": None},
        {"text": "", "spans": []},
        {"text": "Huế", "spans": [{"label": "P", "start": 0, "end": 9}]},
        {"text": "Huế"},
        {"text": "Huế", "doc_type": "x", "doc_type_score": True, "doc_type_scores": {"x": "y"}, "model": 1},
    ]  # fmt: skip
    write("in.jsonl.gz", gzip.compress("".join(json.dumps(line) + "\n" for line in lines).encode()))
    first, second, third, fourth, fifth, sixth = tagged_documents("in.jsonl.gz", Losses())
    assert not (isinstance(first, Failure) or isinstance(second, Failure))
    assert not (isinstance(third, Failure) or isinstance(sixth, Failure))
    assert first[1].entities == (Entity("PLACE", 0, 6, "Hà Nội"),)
    assert (first[0].id, first[1].model, first[1].doc_type, first[1].doc_type_scores) == (
        1, "", "chi_thi", {"chi_thi": 1.0},
    )  # fmt: skip
    assert (second[0].path, second[0].fields) == ("a.txt", {"type": "own"})
    assert second[1].entities == (Entity("P", 2, 5, "Huế", 0.5),)
    assert (second[1].text, second[1].doc_type, second[1].doc_type_score) == ("Ở Huế.", None, 0.3)
    assert (third[0].id, third[1].entities) == ("in.jsonl.gz:3", ())
    assert isinstance(fourth, Failure) and "does not stand at 0 of its text" in str(fourth)
    assert str(fifth) == 'in.jsonl.gz:5: expected a record with "entities", found the keys text'
    assert (sixth[1].doc_type, sixth[1].doc_type_score, sixth[1].doc_type_scores, sixth[1].model) == ("x", None, {}, "")


def test_a_file_that_is_gone_is_a_failure_of_its_own() -> None:
    for name in "ab":
        write(f"gold/{name}.txt", "Huế")
    write("gold/b.ann", "")
    Path("gold/a.ann").symlink_to("nowhere.ann")
    first, _, second = tagged_documents("gold", Losses(), BRAT)  # the other is the text of the first
    assert isinstance(first, Failure) and not isinstance(second, Failure)
    assert str(first) == "gold/a.ann: can't be read: No such file or directory"
    with pytest.raises(UserError, match=r"^gold/a\.ann: can't be read: No such file"):
        list(tagged_documents("gold/a.ann", Losses(), BRAT))


@pytest.mark.parametrize(("name", "form"), [("a.tsv.gz", "webanno"), ("a.xmi.gz", "cas"), ("a.ann.gz", "brat")])
def test_a_packed_file_of_one_document_is_told(name: str, form: FormatName) -> None:
    write(f"in/{name}", gzip.compress(b"#FORMAT=WebAnno TSV 3.3\n"))
    write("in/a.txt", "Huế")
    write("in/b.jsonl.gz", gzip.compress(b'{"text": "x", "entities": [], "model": "m"}\n'))
    (packed,) = annotated_files(f"in/{name}", format_named(form))
    assert isinstance(packed, AnnotatedFile)
    assert [str(one) for one in packed.read(Losses())] == [
        f"in/{name}: {form} is not read packed; unpack it, and what is beside it"
    ]
    (rows,) = tagged_documents("in/b.jsonl.gz", Losses())
    assert not isinstance(rows, Failure)


def test_a_folder_of_pairs_with_any_labels() -> None:
    write("gold/b.txt", "Ông An ở Huế")
    write("gold/b.ann", "T1\tTên_người 4 6\tAn\nT2\tPLACE 9 12\tHuế\nR1\tin Arg1:T2\n")
    write("gold/deep/a.txt", "")
    write("gold/deep/a.ann", "")
    write("gold/c.ann", "")
    write("gold/d.TXT", "Huế")
    write("gold/d.ann", "T1\tPLACE 0 2\tHuế\n")
    first, missing, wrong, last = tagged_documents("gold", Losses())
    assert not (isinstance(first, Failure) or isinstance(last, Failure))
    assert first[0].id == "b"
    assert first[1].entities == (Entity("Tên_người", 4, 6, "An"), Entity("PLACE", 9, 12, "Huế"))
    assert (last[0].id, last[0].text, last[1].entities) == ("deep/a", "", ())
    assert str(missing) == "gold/c.ann: its text c.txt is missing beside it"
    assert str(wrong).startswith("gold/d.ann: d.ann:1: found 'Huế', expected 'Hu'")


def test_files_of_a_folder_by_their_format() -> None:
    for name in ("b.conll", "a.jsonl", ".hidden.jsonl", "c.csv", "readme.txt", "deep/d.ndjson"):
        write(f"in/{name}", "" if name != "b.conll" else "Huế O\nx\n")
    found = [(file.name, file.form.name) for file in annotated_files("in") if not isinstance(file, Failure)]
    assert found == [("a", "jsonl"), ("b", "conll"), ("deep/d", "jsonl")]  # no .ann there: a .txt is no matter
    failures = [str(item) for item in tagged_documents("in", Losses())]
    assert len(failures) == 1 and failures[0].startswith("in/b.conll:2: found 'x', expected a token and its tag")
    with pytest.raises(UserError, match=r"in/b\.conll:2: found 'x'"):
        list(tagged_documents("in/b.conll", Losses()))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("gold", "gold: no such file or folder, and nothing matches"),
        ("none/*.jsonl", r"none/\*.jsonl: no such file or folder, and nothing matches"),
        ("empty", "empty: no annotated file in there, expected at least one of .ann"),
        ("a.txt", "a.txt: has no .ann beside it; an empty one says that it holds no span"),
        ("a.csv", "a.csv: csv is written, and not read; expected one of jsonl"),
    ],
)
def test_what_is_not_there(given: str, message: str) -> None:
    Path("empty").mkdir()
    write("a.txt", "Huế")
    write("a.csv", "")
    with pytest.raises(UserError, match=message):
        list(tagged_documents(given, Losses()))


def test_a_failure_stands_where_its_error_says() -> None:
    for said, shown in (
        ("a b.conll:3: found x: y", "a b.conll:3: found x: y"), ("a b.conll: gone", "a b.conll: gone"),
        ("other", "a b.conll: other"),
    ):  # fmt: skip
        assert str(failure_of("a b.conll", UserError(said))) == shown

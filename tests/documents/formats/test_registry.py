"""One registry: all formats are there, each known by its suffix and, where they share one, by its first bytes."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from vanban.documents.formats import registry
from vanban.documents.formats.jsonl import is_own
from vanban.documents.formats.registry import (
    NAMES,
    check_name,
    format_for,
    format_named,
    format_of_path,
    formats,
    is_folder_for,
)
from vanban.errors import UserError


def test_all_formats_are_there() -> None:
    assert [found.name for found in formats()] == [*NAMES]
    assert all(importlib.util.find_spec(registry.module_of(name)) for name in NAMES)


def test_a_format_says_what_it_is() -> None:
    for found in formats():
        assert found.summary
        assert found.write or found.files or found.folder or found.read or found.read_files
        assert all(suffix == suffix.lower() and suffix.startswith(".") for suffix in found.suffixes)
        # what is in files of its own is found by the first of its suffixes
        assert found.suffixes or not (found.files or found.read_files)


@pytest.mark.parametrize("name", ["", "jsnl", "JSONL", "registry", "format", "label_studio"])
def test_an_unknown_name_is_an_error(name: str) -> None:
    with pytest.raises(UserError, match=rf"found the format '{name}', expected one of jsonl, parquet, csv, pretty"):
        format_named(name)


@pytest.mark.parametrize(
    ("path", "head", "name"),
    [
        ("a.jsonl", b'{"id": 1, "text": "x", "entities": []}\n', "jsonl"),
        ("A.JSONL.gz", b'{"text": "x", "entities": []}\n', "jsonl"),
        ("a.ndjson", b"", "jsonl"),
        ("a.jsonl", b'{"text": "x", "spans": [{"label": "P", "start": 0, "end": 1}], "type": "t"}\n', "jsonl"),
        ("a.jsonl", b'{"id": 1, "entities": [{"label": "P", "value": {"spans": [[0, 1]], "cats": []}}]}', "jsonl"),
        ("a.jsonl", b'{"id": 1, "text": "' + b"x" * 70_000, "jsonl"),
        ("a.jsonl", b'{"id": "a", "path": "a.txt", "annotation": "a.ann", "sha256": "0"}\n', "jsonl"),
        ("a.conll", b"-DOCSTART-\n", "conll"),
        ("a.tsv", "Hà\tB-PLACE\n".encode(), "conll"),
        ("a.ann", b"", "brat"),
        ("b/a.txt", b"", "brat"),
        ("a.parquet", b"PAR1", "parquet"),
        ("-", b'\xef\xbb\xbf {"id": 1, "text": "x", "entities": []}\n', "jsonl"),
    ],
)
def test_a_file_is_known(path: str, head: bytes, name: str) -> None:
    assert format_of_path(path, head).name == name


@pytest.mark.parametrize(
    ("path", "head", "message"),
    [
        ("a.csv", b"document,label\n", "a.csv: csv is written, and not read; expected one of jsonl (.jsonl .ndjson), "),
        ("a.doc", b"\xd0\xcf", "a.doc: found the suffix '.doc' that begins with '\ufffd\ufffd', expected one of jsonl"),
        ("-", b"Hanoi", "-: found the suffix '' that begins with 'Hanoi', expected one of jsonl"),
    ],
)
def test_a_file_of_no_format_is_an_error(path: str, head: bytes, message: str) -> None:
    with pytest.raises(UserError) as error:
        format_of_path(path, head)
    assert str(error.value).startswith(message)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("a.jsonl", "jsonl"), ("a.jsonl.zst", "jsonl"), ("a.csv", "csv"), ("a.tsv", "conll"), ("a.parquet", "parquet"),
        ("a", None), ("a.docx", None),
    ],
)  # fmt: skip
def test_the_format_of_an_output(path: str, name: str | None) -> None:
    found = format_for(path)
    assert (found and found.name) == name


def test_what_is_a_folder() -> None:
    assert is_folder_for(format_named("brat"), Path("out"))
    assert not is_folder_for(format_named("jsonl"), Path("out"))


@pytest.mark.parametrize(
    ("form", "path", "others"),
    [
        ("html", "f.jsonl", "jsonl and doccano and prodigy"), ("jsonl", "a.csv.gz", "csv"),
        ("brat", "a.parquet", "parquet"),
        ("pretty", "a.xmi", "cas"), ("csv", "a.tsv", "conll and webanno"),
    ],
)  # fmt: skip
def test_a_name_of_another_format_is_an_error(form: str, path: str, others: str) -> None:
    with pytest.raises(UserError, match=f"is the suffix of {others}, and {form} is asked for"):
        check_name(format_named(form), path)


@pytest.mark.parametrize(
    ("form", "path"),
    [
        ("html", "out"), ("prodigy", "a.jsonl"), ("datasets", "a.parquet"), ("pretty", "a.txt"), ("jsonl", "a.json"),
        ("conll", "a.tsv.zst"), ("brat", "pairs.d"), ("jsonl", ""),
    ],
)  # fmt: skip
def test_a_name_may_be_any_other(form: str, path: str) -> None:
    check_name(format_named(form), path)


@pytest.mark.parametrize(
    ("head", "own"),
    [
        (b'{"text": "x", "entities": []}', True), (b'{"text": "x", "entities": [], "cats": []}', False),
        (b'{"text": "x", "label": [[0, 1, "P"]]}', False), (b'{"text": "x", "entities": [[0, 1, "P"]]}', False),
        (b'{"text": "x", "entities": [{"start_offset": 0}]}', False), (b'{"text": "x", "spans": []}', True),
        (b'{"text": "x", "spans": [], "tokens": []}', False), (b'{"text": "x"}', False), (b"[]", False), (b"", False),
        (b'{"id": 1, "doc_type": null}', True), (b'{"id": 1, "text": "x", "entities": [{"label": "P", "sta', True),
    ],
)  # fmt: skip
def test_whose_record_it_is(head: bytes, own: bool) -> None:
    assert is_own(head) is own

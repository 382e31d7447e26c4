"""The one rule for suffixes and the one for names."""

from __future__ import annotations

import fnmatch
import os
import unicodedata
from pathlib import Path

import pytest

from project import write
from vanban.documents.names import as_spelled, composed, in_any_case, is_hidden, suffix_of


def test_names_are_compared_in_nfc() -> None:
    assert composed(unicodedata.normalize("NFD", "TỈNH")) == composed("TỈNH") == "TỈNH"


@pytest.mark.parametrize(
    ("path", "suffix"),
    [("a.TXT", ".txt"), (Path("x.d/tin.1.Txt"), ".txt"), ("x.d/a", ""), (".txt", ""), ("a.JSONL", ".jsonl")],
)
def test_suffixes(path: str | Path, suffix: str) -> None:
    assert suffix_of(path) == suffix


def test_hidden_files() -> None:
    assert [name for name in ("._a.txt", ".DS_Store", "a.txt", "a._b") if is_hidden(name)] == ["._a.txt", ".DS_Store"]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [("x.txt/*.conll", "x.txt/A.CoNLL"), ("*.iob2", "a.IOB2"), ("a*", "ab"), ("*.[jc]*", "a.json"), ("..", "..")],
)
def test_globs_find_their_suffix_in_any_case(pattern: str, found: str) -> None:
    assert fnmatch.fnmatchcase(found, in_any_case(pattern))
    assert not fnmatch.fnmatchcase("b.docx", in_any_case(pattern))


@pytest.mark.usefixtures("working_folder")
def test_a_path_is_spelled_as_its_file() -> None:
    apart = unicodedata.normalize("NFD", "Sở/tờ trình.txt")
    write(apart)
    write(os.fsdecode(b"b\xe1o.txt"))
    assert as_spelled("Sở/tờ trình.txt") == as_spelled(apart) == apart
    assert as_spelled(os.path.abspath("Sở/tờ trình.txt")) == os.path.abspath(apart)
    assert as_spelled("Sở/") == apart.partition("/")[0]
    assert as_spelled("b\\xe1o.txt") == "b\udce1o.txt"  # as a record of `tag` writes it
    for missing in ("", "-", "/", "Sở/khác.txt", "không/có", "*.txt"):
        assert as_spelled(missing) == missing

"""The one rule for suffixes and the one for names."""

from __future__ import annotations

import fnmatch
import unicodedata
from pathlib import Path

import pytest

from vanban.documents.names import composed, in_any_case, is_hidden, suffix_of


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

from __future__ import annotations

import pytest

from vanban.documents.readers.registry import READERS, SUFFIXES, reader_named, reader_of


@pytest.mark.parametrize(
    ("head", "suffix", "form"),
    [
        (b"PK\x03\x04", ".pdf", "docx"),
        (b"%PDF-1.7", "", "pdf"),
        (b"<html>", ".docx", "html"),
        (b"<p>x</p>", ".html", "html"),
        (b"{\\rtf1", ".doc", "rtf"),
        (b"From: a", ".eml", "eml"),
        (b"From: a", ".txt", None),
        (b"plain", ".pdf", None),
        (b"", ".docx", None),
    ],
)
def test_first_bytes_come_before_the_name(head: bytes, suffix: str, form: str | None) -> None:
    reader = reader_of(head, suffix)
    assert (reader and reader.format) == form


def test_suffixes_are_of_one_reader_each() -> None:
    assert len(set(SUFFIXES)) == len(SUFFIXES) and len({reader.format for reader in READERS}) == len(READERS)
    assert [reader_named(suffix) for suffix in SUFFIXES] == [r for r in READERS for _ in r.suffixes]
    assert reader_named(".xlsx") is None

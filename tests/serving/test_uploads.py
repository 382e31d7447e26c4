from __future__ import annotations

import gzip
import io

import docx
import pytest

from vanban.documents.document import Document, Failure
from vanban.serving.uploads import documents_of, name_of


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("a.txt", "a.txt"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Hồ sơ\\b.docx", "b.docx"),
        ("a/", "file"),
        (None, "file"),
        ("x" * 300 + ".txt", "x" * 196 + ".txt"),
    ],
)
def test_a_file_is_called_by_its_last_name_alone(given: str | None, name: str) -> None:
    assert name_of(given) == name


def test_a_name_stays_on_one_line() -> None:
    assert "\n" not in name_of("a\nb\x1b[31m.txt") and "\x1b" not in name_of("a\nb\x1b[31m.txt")


def test_a_file_is_a_text_or_records() -> None:
    (text,) = documents_of("Hà Nội\r\n".encode(), "a.txt")
    assert isinstance(text, Document) and (text.text, text.id) == ("Hà Nội\r\n", "a.txt")
    records = list(documents_of(b'{"text": "a"}\n\n{"id": 1, "text": ""}\n', "a.txt"))
    assert [record.text for record in records if isinstance(record, Document)] == ["a", ""]
    assert [one.text for one in documents_of(b"", "empty") if isinstance(one, Document)] == [""]


def test_a_file_of_word_has_its_text_taken_out() -> None:
    made = docx.Document()
    made.add_paragraph("UBND huyện Chương Mỹ")
    file = io.BytesIO()
    made.save(file)
    (document,) = documents_of(file.getvalue(), "b.docx")
    assert isinstance(document, Document)
    assert (document.id, document.text, document.path) == ("b.docx", "UBND huyện Chương Mỹ", None)
    assert document.fields["source"]["format"] == "docx"
    (failure,) = documents_of(file.getvalue()[:200], "b.docx")
    assert isinstance(failure, Failure) and failure.where == "b.docx"


@pytest.mark.parametrize("data", [gzip.compress(b"a" * 10_000_000), b"\x28\xb5\x2f\xfd....", b"PAR1....PAR1"])
def test_what_may_grow_when_it_is_unpacked_is_not_read(data: bytes) -> None:
    (failure,) = documents_of(data, "a.gz")
    assert isinstance(failure, Failure) and failure.where == "a.gz" and failure.reason.endswith("unpack it first")


def test_a_record_does_not_lead_to_files_of_this_machine() -> None:
    (failure,) = documents_of(b'{"path": "/etc/hostname", "id": 1}\n', "a.jsonl")
    assert isinstance(failure, Failure)

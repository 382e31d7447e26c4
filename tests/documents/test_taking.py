"""Files → documents with the text that was taken out, and where it is from."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Final

import docx
import pytest

from made_pdf import pdf_of
from project import write
from vanban.documents.batch import tag_documents
from vanban.documents.document import Document, Failure
from vanban.documents.formats.jsonl import to_jsonl
from vanban.documents.reader import read_documents
from vanban.documents.readers import reader
from vanban.documents.readers.reader import Encoding
from vanban.documents.records import Columns
from vanban.documents.sources import find_sources
from vanban.documents.tagged import entities_of
from vanban.documents.taking import MOST_MAILS

pytestmark = pytest.mark.usefixtures("working_folder")

NOTICE: Final = "S¸ng nay, Gi¸m ®èc Së Y tÕ tØnh B×nh L©m cho biÕt"
READ: Final = "Sáng nay, Giám đốc Sở Y tế tỉnh Bình Lâm cho biết"


def read(*inputs: str, encoding: Encoding | None = None, columns: Columns | None = None) -> list[Document | Failure]:
    return list(read_documents(find_sources(inputs, encoding=encoding), columns or Columns()))


def only(*inputs: str, **options: Any) -> Document:
    (document,) = read(*inputs, **options)
    assert isinstance(document, Document), document
    return document


def word(*paragraphs: str) -> bytes:
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def test_a_pdf_has_its_pages() -> None:
    data = pdf_of(["Sở Y tế tỉnh Bình Lâm", "có 46 ca"], [], ["Hà Nội"])
    write("docs/a.PDF", data)
    document = only("docs")
    assert (document.id, document.where, document.path, document.name) == (*["docs/a.PDF"] * 3, "a.PDF")
    assert document.text == "Sở Y tế tỉnh Bình Lâm\ncó 46 ca\n\nHà Nội"
    assert document.fields == {
        "text": document.text,
        "source": {
            "format": "pdf",
            "sha256": hashlib.sha256(data).hexdigest(),
            "pages": [[0, 30], [31, 31], [32, 38]],
        },
    }
    pages = [document.text[start:end] for start, end in document.fields["source"]["pages"]]
    assert pages == ["Sở Y tế tỉnh Bình Lâm\ncó 46 ca", "", "Hà Nội"]


def test_a_packed_document_and_one_of_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    data = word("Hà Nội", "", "Huế")
    write("a.docx.gz", gzip.compress(data))
    document = only("a.docx.gz")
    assert (document.text, document.name) == ("Hà Nội\n\nHuế", "a.docx")
    assert document.fields["source"] == {"format": "docx", "sha256": hashlib.sha256(data).hexdigest()}
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
    document = only("-")
    assert (document.id, document.text, document.path) == ("-", "Hà Nội\n\nHuế", None)


def test_what_can_not_be_read_fails_alone() -> None:
    whole = word("Hà Nội")
    write("docs/1.docx", whole)
    write("docs/2.docx", whole[:900])
    write("docs/3.pdf", b"")
    write("docs/4.pdf", "Một bài báo")
    write("docs/5.pdf", "<html><p>Huế")
    write("docs/6.docx", b"\x89PNG\r\n\x1a\n")
    write("docs/7.html", "\n")
    write("docs/8.rtf", "{\\rtf1 {a}")
    write("docs/9.eml", "Một bài báo")
    start = "Một bài báo".encode()[:12]
    assert [str(item) if isinstance(item, Failure) else item.text for item in read("docs")] == [
        "Hà Nội",
        "docs/2.docx: found a .docx or another zipped file, cut off or damaged: File is not a zip file; copy it again",
        "docs/3.pdf: is empty, expected a PDF file",
        f"docs/4.pdf: is named .pdf and is not a PDF file: found {start!r} at its start; name it by its kind",
        "Huế",
        "docs/6.docx: found a picture, expected plain text; have its text read by OCR first, and save that as text or "
        "PDF",
        "docs/7.html: is empty, expected HTML",
        "docs/8.rtf: found an RTF file that ends within a group: it is cut off, copy it again",
        'docs/9.eml: found no mail, expected lines such as "From: …" and "Subject: …" at its start',
    ]


def test_rows_are_rows_under_any_name() -> None:
    write("a.pdf", '{"text": "Hà Nội"}\n{"text": "Huế"}\n')
    assert [item.text for item in read("a.pdf") if isinstance(item, Document)] == ["Hà Nội", "Huế"]


@pytest.mark.parametrize(
    ("data", "encoding", "text"),
    [
        (NOTICE.encode("latin-1"), "TCVN3", READ),
        (NOTICE.encode("utf-8"), "TCVN3", READ),
        ("\ufeffHà Nội\r\n".encode("utf-16-le"), "UTF-16", "Hà Nội\r\n"),
        ("Hô\u0323i nghi\u0323 ba\u0300n".encode("cp1258"), "windows-1258", "Hô\u0323i nghi\u0323 ba\u0300n"),
    ],
)
def test_texts_in_other_encodings_say_so(data: bytes, encoding: str, text: str) -> None:
    write("a.txt", data)
    document = only("a.txt")
    assert document.text == text and document.path == "a.txt"
    source = {"format": "text", "sha256": hashlib.sha256(data).hexdigest(), "encoding": encoding}
    assert document.fields == {"text": text, "source": source}


def test_texts_in_utf8_have_no_fields_of_their_own() -> None:
    write("a.txt", "Sở Y tế\r\n")
    assert only("a.txt").fields == {}
    write("b.txt", NOTICE)
    assert only("b.txt", encoding="utf-8") == Document("b.txt", NOTICE, "b.txt", f"{Path.cwd()}/b.txt", "b", "b.txt")


def test_an_encoding_that_is_told() -> None:
    write("a.txt", "H\u00b5".encode("latin-1"))
    assert only("a.txt", encoding="tcvn3").text == "Hà"
    write("b.html", "<p>Ha\u00f8 N</p>")
    assert only("b.html", encoding="vni").fields["source"]["encoding"] == "VNI"
    (failure,) = read("a.txt", encoding="utf-8")
    assert str(failure) == "a.txt:1: found the byte 0xb5 at 1, expected utf-8, as --encoding says; leave that out"
    (failure,) = read("a.txt")
    assert "or name its encoding with --encoding" in str(failure)


def test_old_letters_are_told_in_pdf_too() -> None:
    write("a.pdf", pdf_of([NOTICE], ["2"]))
    document = only("a.pdf")
    assert document.text == f"{READ}\n2" and document.fields["source"]["encoding"] == "TCVN3"
    assert document.fields["source"]["pages"] == [[0, len(READ)], [len(READ) + 1, len(READ) + 2]]


def mail(subject: str, *attachments: tuple[str, bytes]) -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = subject
    message.set_content("Kính gửi UBND huyện.")
    for name, data in attachments:
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return message


def test_attachments_are_documents_of_their_own() -> None:
    files = (("a.docx", word("Hà Nội")), ("a.docx", word("Huế")), ("logo.png", b"\x89PNG"), ("b.pdf", b"%PDF-"))
    message = mail("Một", *files, ("c.txt", b"Vinh"))
    write("docs/x.eml", message.as_bytes())
    first, *others = read("docs")
    assert isinstance(first, Document) and first.text == "Subject: Một\n\nKính gửi UBND huyện."
    names = ["a.docx", "2-a.docx", "logo.png", "b.pdf", "c.txt"]
    assert first.fields["source"]["attachments"] == names
    found = [(d.id, d.where, d.name, d.path, d.text) for d in others if isinstance(d, Document)]
    assert found == [
        ("docs/x.eml/a.docx", "docs/x.eml/a.docx", "x.eml/a.docx", None, "Hà Nội"),
        ("docs/x.eml/2-a.docx", "docs/x.eml/2-a.docx", "x.eml/2-a.docx", None, "Huế"),
        ("docs/x.eml/c.txt", "docs/x.eml/c.txt", "x.eml/c", None, "Vinh"),
    ]
    assert [str(d) for d in others if isinstance(d, Failure)] == [
        "docs/x.eml/b.pdf: found a PDF file without an end: it is cut off, copy it again"
    ]
    sources = [d.fields.get("source", {}).get("attached_to") for d in others if isinstance(d, Document)]
    assert sources == ["docs/x.eml", "docs/x.eml", None]  # what is text in UTF-8 is the text alone


def test_mails_in_mails_end_somewhere() -> None:
    message = mail("0")
    for number in range(1, MOST_MAILS + 3):
        outer = mail(str(number))
        outer.add_attachment(message)
        message = outer
    write("x.eml", message.as_bytes())
    *documents, last = read("x.eml")
    assert [d.text[:10] for d in documents if isinstance(d, Document)] == [
        f"Subject: {number}" for number in range(MOST_MAILS + 2, 1, -1)
    ]
    assert (
        isinstance(last, Failure) and last.reason == "is attached to a mail in 3 others; save it as a file of its own"
    )


def test_files_beyond_the_limit_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("taking", "reader"):
        monkeypatch.setattr(f"vanban.documents.{module}.LARGEST", 1 << 20)
    write("a.docx", b"PK\x03\x04" + bytes(2 << 20))
    write("b.pdf.gz", gzip.compress(b"%PDF-" + bytes(8 << 20)))
    assert [str(item) for item in read("a.docx", "b.pdf.gz")] == [
        "a.docx: found more than 1 MiB, expected less in one document; split it",
        "b.pdf.gz: found more than 1 MiB, expected less in one document; split it",
    ]
    assert reader.LARGEST == 256 << 20


class Marks:
    """Marks every `Nội`."""

    def predict_batch(self, texts: list[str]) -> list[Any]:
        from vanban.schema import Entity, Prediction

        spans = [[i for i in range(len(text)) if text.startswith("Nội", i)] for text in texts]
        return [
            Prediction(text, tuple(Entity("PLACE", i, i + 3, "Nội", 1.0) for i in starts), "fake")
            for text, starts in zip(texts, spans, strict=True)
        ]


def test_what_was_tagged_is_read_again_without_the_file() -> None:
    write("a.pdf", pdf_of(["Ở Hà Nội", "và"], ["Hà Nội"]))
    predictor: Any = Marks()
    (tagged,) = tag_documents(read("a.pdf"), predictor)
    assert not isinstance(tagged, Failure)
    line = to_jsonl(*tagged)
    assert list(json.loads(line)) == ["id", "path", "text", "source", "entities", "model"]
    write("tagged.jsonl", line)
    Path("a.pdf").unlink()
    document = only("tagged.jsonl", columns=Columns(behind_path=True))
    entities = entities_of(document) or ()
    pages = document.fields["source"]["pages"]
    assert [next(n for n, (_, end) in enumerate(pages, 1) if e.end <= end) for e in entities] == [1, 2]


def test_the_text_goes_into_the_column_of_texts() -> None:
    write("a.pdf", pdf_of(["Hà Nội"]))
    assert list(only("a.pdf", columns=Columns("body")).fields) == ["body", "source"]


def test_without_the_extra_each_file_is_a_failure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from vanban.documents.readers import apart

    write("away/docx/__init__.py", "raise ModuleNotFoundError('gone', name='docx')")
    write("docs/a.docx", word("Hà Nội"))
    write("docs/b.txt", "Huế")
    monkeypatch.syspath_prepend(str(tmp_path / "away"))
    one = apart.Apart()
    monkeypatch.setattr(apart, "_SHARED", one)
    failure, document = read("docs")
    one.close()
    assert str(failure) == "docs/a.docx: a Word document needs docx: pip install 'vanban[files]'"
    assert isinstance(document, Document) and document.text == "Huế"

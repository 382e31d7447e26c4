"""Files → documents: texts as they stand, rows of JSON, and files that are neither, by their first bytes."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import sys
import unicodedata
from pathlib import Path

import pytest
import zstandard

from project import write
from vanban.documents.document import Document, Failure
from vanban.documents.formats.jsonl import to_jsonl
from vanban.documents.reader import read_documents
from vanban.documents.records import Columns
from vanban.documents.sources import InputFormat, find_sources
from vanban.schema import Prediction

pytestmark = pytest.mark.usefixtures("working_folder")


def read(*inputs: str) -> list[Document | Failure]:
    return list(read_documents(find_sources(inputs)))


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


def test_files_of_the_older_office_are_named() -> None:
    head = b"\xd0\xcf\x11\xe0\xa1\xb1" + bytes(600)
    for name, stream in (
        ("a.doc", "WordDocument"),
        ("b.xls", "Workbook"),
        ("c.docx", "EncryptedPackage"),
        ("d.msg", "__substg1.0_0037001F"),
        ("e.doc", "Other"),
    ):
        write(name, head + stream.encode("utf-16-le") + b"\n" * 100)
    assert [str(failure) for failure in read("a.doc", "b.xls", "c.docx", "d.msg", "e.doc")] == [
        "a.doc: found a .doc file of the older Word, expected plain text or .docx; save it as .docx: "
        "soffice --headless --convert-to docx FILE",
        "b.xls: found an .xls file of the older Excel, expected plain text or .docx; save its sheets as CSV or its "
        "text as .docx",
        "c.docx: found an Office file that is locked by a password, expected plain text or .docx; save it without one",
        "d.msg: found an .msg file of Outlook, expected plain text or .docx; save it as .eml",
        "e.doc: found a .doc, .xls or other file of the older Office, expected plain text or .docx; save it as .docx",
    ]


BYTES = "expected UTF-8; convert it first: iconv -f CHARSET -t UTF-8, or name its encoding with --encoding"


def test_unreadable_files_are_failures_at_their_place() -> None:
    write("docs/1.txt", b"one")
    write("docs/2.txt", b"line 1\nline \xff 2")
    write("docs/3.txt", b"H\xe0 N\xf4\xf2i")  # too little to tell which it is
    Path("docs/4.txt").symlink_to("nowhere.txt")
    write("docs/5.txt", b"five")
    found = [item if isinstance(item, Failure) else item.text for item in read("docs")]
    assert found == [
        "one",
        Failure("docs/2.txt:2", f"found the byte 0xff at 12, {BYTES}"),
        Failure("docs/3.txt:1", f"found the byte 0xe0 at 1, {BYTES}"),
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
        b'{"id": "n\\ud800", "text": "t"}',
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
        "in.jsonl:12: found half a surrogate pair at 1 of the id, expected Unicode characters",
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
    (document,) = read_documents(find_sources(["-"], "text"))
    assert document == Document("-", '{"text": "a"}\r\n', "standard input", "-", "stdin")
    kinds: tuple[InputFormat, ...] = ("jsonl", "auto")
    for kind in kinds:
        feed(b'\n{"text": "a"}\r\n')
        (document,) = read_documents(find_sources(["-"], kind))
        assert isinstance(document, Document)
        assert (document.id, document.text, document.name) == ("-:2", "a", "stdin/2")


def test_a_number_that_is_none_is_no_json(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "a", "n": NaN}\n{"text": "a", "n": 1e999}\n{"text": "b", "n": 1e99}\n', encoding="utf-8")
    first, second, last = read_documents(find_sources([str(path)]))
    assert str(first) == f"{path}:1: not JSON that can be read: NaN is no JSON"
    much = "1e999 is more than a number of double precision can be"
    assert str(second) == f"{path}:2: not JSON that can be read: {much}"
    assert isinstance(last, Document) and (last.text, last.fields["n"]) == ("b", 1e99)


RECORDS = '{"text": "Hà Nội", "n": 1}\n{"text": "Huế"}\n'
PAGE = "<p>Hà Nội</p>"


@pytest.mark.parametrize("name", ["a.json", "a.ndjson", "a.txt", "a", "a.JSONL"])
@pytest.mark.parametrize("lead", ["", "\ufeff", "\n \r\n"])
def test_rows_of_json_are_read_as_such_whatever_their_name(name: str, lead: str) -> None:
    write(name, lead + RECORDS)
    first, second = read(name)
    assert isinstance(first, Document) and isinstance(second, Document)
    line = 1 + lead.count("\n")
    assert (first.id, first.text, first.fields["n"], first.path) == (f"{name}:{line}", "Hà Nội", 1, None)
    assert (second.id, second.text) == (f"{name}:{line + 1}", "Huế")
    (whole,) = read_documents(find_sources([name], "text"))
    assert isinstance(whole, Document) and whole.text == lead + RECORDS


@pytest.mark.parametrize(
    ("data", "found"), [('[{"text": "Hà Nội"}]', "a JSON array"), ('{\n "text": "a"\n}', "a JSON object over")]
)
def test_json_under_the_name_of_rows_is_one_failure(data: str, found: str) -> None:
    write("a.jsonl", data)
    (failure,) = read("a.jsonl")
    assert str(failure).startswith(f"a.jsonl: found {found}")
    write("b.jsonl", '[broken\n{"text": "Huế"}\n')  # not JSON as a whole: row by row
    wrong, right = read("b.jsonl")
    assert isinstance(wrong, Failure) and isinstance(right, Document)


AS_PROSE = "or read it as prose with --input-format text"
MARKUP = f"expected plain text; take its text out first, {AS_PROSE}"
ARRAY = (
    'found a JSON array, expected a record with a "text" on each line; '
    f"convert it first: jq -c '.[]' FILE > FILE.jsonl, {AS_PROSE}"
)
KEYS = f'expected records with a "text", one on each line; {AS_PROSE[3:]}'


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ('[{"text": "Hà Nội"}]', ARRAY),
        ('\ufeff [\n  {\n    "text": "Hà Nội"', ARRAY),  # cut short
        ('["Hà Nội"]', ARRAY),
        (
            '{\n  "text": "Hà Nội"\n}\n',
            "found a JSON object over several lines, expected a record on each line; "
            f"convert it first: jq -c . FILE > FILE.jsonl, {AS_PROSE}",
        ),
        ('{"id": 1, "content": "Hà Nội"}\n{"id": 2}', f"found JSON with the keys ['id', 'content'], {KEYS}"),
        ('{"text": null}', f"found JSON with the keys ['text'], {KEYS}"),
        ("<?xml version='1.0'?><doc/>", f"found XML, {MARKUP}"),
        (
            gzip.compress(gzip.compress(RECORDS.encode())),
            "found a gzip file in a packed one, expected plain text; unpack it first",
        ),
        (b"%PDF-1.4 in ASCII alone", "found a PDF file without an end: it is cut off, copy it again"),
        (
            b"PK\x03\x04cut",
            "found a .docx or another zipped file, cut off or damaged: File is not a zip file; copy it again",
        ),
        (
            gzip.compress(b"PAR1 in ASCII"),
            "found a Parquet file in a packed one or a pipe, expected plain text; it is read from its end: name the "
            "file itself",
        ),
        (
            b"\x89PNG\r\n\x1a\n",
            "found a picture, expected plain text; have its text read by OCR first, and save that as text or PDF",
        ),
        (b"BZh91AY", "found a bzip2 file, expected plain text; unpack it first: bunzip2 -k FILE"),
    ],
)
def test_what_is_no_text_is_named(monkeypatch: pytest.MonkeyPatch, data: bytes | str, reason: str) -> None:
    for name in ("a.txt", "a.json", "a"):
        write(name, data)
        assert read(name) == [Failure(name, reason)]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(Path("a").read_bytes())))
    assert read("-") == [Failure("standard input", reason)]


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("a.conll", "Ở\tO\nHuế\tB-PLACE\n", "CoNLL"),
        ("a.iob2", "", "CoNLL"),
        ("a.txt", "-DOCSTART- (a.txt)\tO\n\nỞ\tO\n", "CoNLL"),
        ("a.tsv", "\ufeffỞ _ _ O\r\nHuế _ _ B-PLACE\r\n", "CoNLL"),
        ("a.tsv", "#FORMAT=WebAnno TSV 3.3\n\n", "WebAnno TSV"),
        ("a.spacy", b"x\x9c\x00", "a DocBin of spaCy"),
        ("a.xml", '<?xml version="1.0"?>\n<xmi:XMI xmlns:xmi="http://www.omg.org/XMI">', "UIMA CAS XMI"),
        ("a.ann", "T1\tPLACE 2 5\tHuế\n", "an .ann file of brat"),
        ("a.json", '[{"data": {"text": "[Huế]"}, "predictions": []}]', "JSON of Label Studio"),
        ("a.json", '[{"text": "Huế", "label": [{"start": 0}], "annotation_id": 1}]', "JSON of Label Studio"),
        ("a.json", '{"data":\n {"text": "Huế"}}', "JSON of Label Studio"),
    ],
)
def test_annotated_files_are_to_be_converted(name: str, data: bytes | str, kind: str) -> None:
    write(name, data)
    (found,) = read(name)
    assert isinstance(found, Failure) and found.reason == (
        f"found {kind}, expected a text or records; convert it first: vanban convert FILE FILE.jsonl, "
        "or read it as prose with --input-format text"
    )
    if name != "a.spacy":
        (prose,) = read_documents(find_sources([name], "text"))
        assert isinstance(prose, Document) and (prose.text == data or "\r" in prose.text)


@pytest.mark.parametrize("text", ["Nhóm máu O\nlà gì\n", "Cột\tHai\nHuế\t2\n", "Nhóm máu O\n", "T1\tPLACE 2 5\tHuế\n"])
def test_what_looks_like_annotations_is_prose(text: str) -> None:
    write("a.tsv", text)
    (found,) = read("a.tsv")
    assert isinstance(found, Document) and found.text == text


@pytest.mark.parametrize(
    ("data", "form"),
    [
        (f"<!DOCTYPE html>\n{PAGE}", "html"),
        (f"\n\n  <HTML lang=vi>{PAGE}", "html"),
        (f"<?xml version='1.0'?><!-- a -->\n<html>{PAGE}", "html"),
        (f"\ufeff<body>{PAGE}", "html"),
        ("{\\rtf1\\ansi H\\'e0 N\\u7897?i}", "rtf"),
    ],
)
def test_markup_is_read_whatever_its_name(monkeypatch: pytest.MonkeyPatch, data: str, form: str) -> None:
    for name in ("a.txt", "a", "a.pdf", "a.docx"):
        write(name, data)
        (document,) = read(name)
        assert isinstance(document, Document) and document.text == document.fields["text"] == "Hà Nội"
        assert document.fields["source"] == {"format": form, "sha256": hashlib.sha256(data.encode()).hexdigest()}
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(Path("a").read_bytes())))
    (document,) = read("-")
    assert isinstance(document, Document) and (document.id, document.text) == ("-", "Hà Nội")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        "{họ tên}",
        "[Dự thảo] Kế hoạch",
        "{",
        "[1] Xem",
        "<tên cơ quan> gửi",
        '{"text": "a"',
        "PK",
        "[]a",
    ],
)
def test_prose_stays_prose(text: str) -> None:
    write("a.txt", text)
    (document,) = read("a.txt")
    assert isinstance(document, Document)
    assert document.text == text


def test_told_to_read_prose_nothing_is_looked_for_but_what_no_text_can_be() -> None:
    for name, data in (("a.html", f"<html>{PAGE}"), ("b.json", '["Hà Nội"]'), ("c.rtf", "{\\rtf1}")):
        write(name, data)
        (document,) = read_documents(find_sources([name], "text"))
        assert isinstance(document, Document) and document.text == data
    write("d.gz", gzip.compress(f"<html>{PAGE}".encode()))
    (document,) = read_documents(find_sources(["d.gz"], "text"))
    assert isinstance(document, Document) and document.text == f"<html>{PAGE}"
    write("e.parquet", b"PAR1")
    (failure,) = read_documents(find_sources(["e.parquet"], "text"))
    assert "found a Parquet file" in str(failure)
    write("f.pdf", b"%PDF-1.7\n%\xe2\xe3")
    write("g.docx", b"PK\x03\x04\x14\x00\x06\xff")
    assert [str(failure) for failure in read_documents(find_sources(["f.pdf", "g.docx"], "text"))] == [
        "f.pdf: found a PDF file, expected plain text; leave out --input-format, and name it by its kind",
        "g.docx: found a .docx, .xlsx or other zipped file, expected plain text; leave out --input-format, and name it "
        "by its kind",
    ]


def test_rows_of_a_pipe_are_read_as_they_come(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    with open(reader, encoding="utf-8") as stdin, open(writer, "wb", buffering=0) as rows:
        monkeypatch.setattr(sys, "stdin", stdin)
        documents = read_documents(find_sources(["-"]))
        for text in ("a", "b"):  # the second is written after the first was read
            rows.write(json.dumps({"text": text}).encode() + b"\n")
            document = next(documents)
            assert isinstance(document, Document) and document.text == text


ROWS = '{"id": 7, "text": "Hà Nội\\r\\n"}\n{"text": ""}\n\n{"text": "Huế", "n": [1]}\n'


def packed(data: bytes, suffix: str) -> bytes:
    return gzip.compress(data) if suffix == ".gz" else zstandard.compress(data)


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
@pytest.mark.parametrize("name", ["rows.jsonl", "rows.ndjson", "rows"])
def test_packed_rows_are_those_of_the_plain_file(monkeypatch: pytest.MonkeyPatch, suffix: str, name: str) -> None:
    half = len(ROWS) // 2
    write("rows.jsonl", ROWS)
    write(f"packed/{name}{suffix}", packed(ROWS[:half].encode(), suffix) + packed(ROWS[half:].encode(), suffix))
    plain = [d for d in read("rows.jsonl") if isinstance(d, Document)]
    found = [d for d in read(f"packed/{name}{suffix}") if isinstance(d, Document)]
    assert [(d.text, d.fields, d.where.rpartition(":")[2]) for d in found] == [
        (d.text, d.fields, d.where.rpartition(":")[2]) for d in plain
    ]
    data = io.BytesIO(Path(f"packed/{name}{suffix}").read_bytes())
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(data))
    assert [d.text for d in read("-") if isinstance(d, Document)] == ["Hà Nội\r\n", "", "Huế"]


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_a_packed_text_is_raw(suffix: str) -> None:
    write(f"1.txt{suffix}", packed("\ufeffHà Nội\r\nngày 1\r".encode(), suffix))
    write(f"2.txt{suffix}", packed(b"", suffix))
    one, two = read(f"1.txt{suffix}", f"2.txt{suffix}")
    assert isinstance(one, Document) and isinstance(two, Document)
    assert (one.text, one.name, one.path, two.text) == ("\ufeffHà Nội\r\nngày 1\r", "1", f"1.txt{suffix}", "")


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_packed_rows_that_are_cut_off_or_damaged(suffix: str) -> None:
    whole = packed("".join(f'{{"text": "{i} {os.urandom(500).hex()}"}}\n' for i in range(1000)).encode(), suffix)
    write(f"cut.jsonl{suffix}", whole[: len(whole) // 2])
    write(f"cut.txt{suffix}", whole[: len(whole) // 2])
    write(f"hurt.jsonl{suffix}", whole[: len(whole) // 2] + b"\0" * 5000)
    write(f"none.jsonl{suffix}", whole[:4])
    for name in ("cut.jsonl", "hurt.jsonl"):
        *documents, last = read(f"{name}{suffix}")
        assert all(isinstance(d, Document) for d in documents) and 100 < len(documents) < 1000
        assert isinstance(last, Failure) and last.where == f"{name}{suffix}"
        assert last.reason.startswith("can't be read")
    (lost,) = read_documents(find_sources([f"cut.txt{suffix}"], "text"))
    assert isinstance(lost, Failure) and lost.reason.startswith("can't be read to its end: ")
    assert [type(d) for d in read(f"none.jsonl{suffix}")] == [Failure]


def test_the_text_and_the_id_are_in_the_columns_that_are_named() -> None:
    write(
        "a.jsonl", '{"id": 1, "no": "x", "body": "Huế", "text": 5}\n{"no": 2}\n{"no": null, "body": "a"}\n{"body": "a"}'
    )
    columns = Columns("body", "no")
    first, *failures = read_documents(find_sources(["a.jsonl"]), columns)
    assert isinstance(first, Document)
    assert (first.id, first.text, first.name) == ("x", "Huế", "a/x")
    assert [str(f) for f in failures] == [
        "a.jsonl:2: expected a \"body\" that is a string, found the keys ['no']",
        'a.jsonl:3: expected a "no" that is a string or a number, found "no": null',
        "a.jsonl:4: expected a \"no\" that is a string or a number, found the keys ['body']",
    ]
    write("b", '{"body": "Huế"}\n')  # told by its first line
    (document,) = read_documents(find_sources(["b"]), Columns("body"))
    assert isinstance(document, Document) and document.text == "Huế"


def test_a_package_that_is_missing_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    write("a.jsonl.zst", packed(b'{"text": "a"}', ".zst"))
    write("b.parquet", b"PAR1")
    for name in ("zstandard", "pyarrow"):
        monkeypatch.setitem(sys.modules, name, None)
    assert read("a.jsonl.zst", "b.parquet") == [
        Failure("a.jsonl.zst", "zstd needs zstandard: pip install 'vanban[zst]'"),
        Failure("b.parquet", "Parquet needs pyarrow: pip install 'vanban[parquet]'"),
    ]


@pytest.mark.usefixtures("working_folder")
def test_a_name_that_is_not_utf8_is_escaped_in_the_record() -> None:
    write(os.fsdecode(b"cv/b\xe1o.txt"), "Ở Huế.")
    write(os.fsdecode(b"cv/d\xe3y.jsonl"), '{"text": "x"}\n')
    found = [d for d in read_documents(find_sources(["cv"])) if isinstance(d, Document)]
    assert [(d.id, d.path) for d in found] == [("cv/b\\xe1o.txt", "cv/b\\xe1o.txt"), ("cv/d\\xe3y.jsonl:1", None)]
    line = to_jsonl(found[0], Prediction("Ở Huế.", (), "m"))
    assert line == '{"id": "cv/b\\\\xe1o.txt", "path": "cv/b\\\\xe1o.txt", "entities": [], "model": "m"}\n'
    write("tagged.jsonl", line)
    (again,) = read_documents(find_sources(["tagged.jsonl"]), Columns(behind_path=True))
    assert isinstance(again, Document) and again.text == "Ở Huế."


def test_names_that_cannot_be_printed_are_escaped_in_messages() -> None:
    assert str(Failure("a\udce9\n\x1b[2J.txt", "bad")) == "a\\xe9\\x0a\\x1b[2J.txt: bad"

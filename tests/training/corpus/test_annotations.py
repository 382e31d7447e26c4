"""Checks over a manifest, and over the project's own annotations."""

from __future__ import annotations

import hashlib
import json

import pytest

from project import ROOT
from vanban.errors import UserError
from vanban.schema import DOCUMENT_TYPES
from vanban_training.corpus.annotations import check_manifest

KEYS = "id, path, sha256, type, title, date, origin"


@pytest.fixture
def change(manifest):
    """Return `change(line, **values)`, which rewrites keys of a line of the manifest; None removes the key."""

    def rewrite(number: int, **values: object) -> None:
        rows = [json.loads(line) for line in manifest.read_text(encoding="utf-8").splitlines()]
        rows[number - 1] = {k: v for k, v in {**rows[number - 1], **values}.items() if v is not None or k == "date"}
        manifest.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")

    return rewrite


def test_the_annotations_of_the_project():
    report = check_manifest(ROOT / "annotations/documents.jsonl")
    assert (report.documents, report.spans, report.faults) == (519, 26350, [])
    report = check_manifest(ROOT / "annotations/typed.jsonl")
    assert (report.documents, report.spans, report.faults) == (293, 0, [])


def test_a_sound_manifest(manifest):
    report = check_manifest(manifest)
    assert (report.documents, report.spans, report.faults) == (2, 9, [])


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        (
            "T1\tPLACE 13 20\tĐà Nẵng\n",
            "found 'Đà Nẵng', expected ' Đà Nẵn', which is the text at 13 20; 'Đà Nẵng' stands at 14 21",
        ),
        (
            "T1\tPLACE 9 21\ttỉnh Đà Nẵng\nT2\tPLACE 14 21\tĐà Nẵng\n",
            "PLACE 14 21 'Đà Nẵng' overlaps PLACE 9 21 'tỉnh Đà Nẵng'; expected flat spans: keep the longer one",
        ),
        (
            "T1\tPLACE 14 22\tĐà Nẵng \n",
            "found white space at an end of 'Đà Nẵng ', expected the span to begin and end in visible characters",
        ),
        ("T1\tLOC 14 21\tĐà Nẵng\n", "found the label 'LOC', expected one of OFFICIAL, PLACE, COUNT, DIRECTIVE"),
        (
            "T1\tPLACE 14 210\tĐà Nẵng\n",
            "found the offsets 14 210, expected 0 <= start < end <= 117 (the length of the text)",
        ),
        ("T1 PLACE 15 22 Đà Nẵng\n", "found 'T1 PLACE 15 22 Đà Nẵng', expected T<n><TAB>LABEL START END<TAB>TEXT"),
    ],
)
def test_a_fault_of_a_span_names_its_line(manifest, tmp_path, rows, fault):
    (tmp_path / "annotations/seeds/first.ann").write_text("#1\ta note\n" + rows, encoding="utf-8")
    report = check_manifest(manifest)
    (message,) = report.faults
    line = len(rows.split("\n"))
    assert message.startswith(f"annotations/seeds/first.ann:{line}: ")
    assert message.endswith(fault)
    assert report.documents == 2


def test_a_span_inside_a_syllable(manifest, tmp_path):
    (tmp_path / "annotations/seeds/second.ann").write_text(
        "T1\tOFFICIAL 3 9\tNguyễn\nT2\tPLACE 12 13\tị\n", encoding="utf-8"
    )
    report = check_manifest(manifest)
    assert report.faults[0] == (
        "annotations/seeds/second.ann:2: PLACE 12 13 'ị' begins inside a syllable: 'Bà Nguyễn Th|ị Hà là chủ t'"
    )
    assert report.spans == 6 + 2


def test_a_line_break_inside_a_span(manifest, change, tmp_path):
    data = "Ở Đà\u2028Nẵng, Huế".encode()  # a line separator: the row itself stays whole
    (tmp_path / "seeds/second.txt").write_bytes(data)
    rows = "T1\tPLACE 2 9\tĐà\u2028Nẵng\r\nT2\tPLACE 11 14\tHuế\r\n"
    (tmp_path / "annotations/seeds/second.ann").write_bytes(rows.encode())
    change(2, sha256=hashlib.sha256(data).hexdigest())
    report = check_manifest(manifest)
    assert report.faults == [
        "annotations/seeds/second.ann:1: found a line break inside 'Đà\\u2028Nẵng', expected a span within one line, "
        "or over a break at a page's width in the middle of a sentence"
    ]
    assert report.spans == 6 + 1


def test_a_wrong_checksum(manifest, change, documents):
    change(2, sha256="0" * 64)
    assert check_manifest(manifest).faults == [
        f"{manifest}:2: seeds/second.txt: found sha256 {documents[1].sha256}, expected {'0' * 64}"
    ]


def test_a_document_that_was_read_for_its_type_alone(manifest, change, tmp_path, documents):
    change(2, annotation=None, spans=None)
    (tmp_path / "annotations/seeds/second.ann").unlink()
    report = check_manifest(manifest)
    assert (report.documents, report.spans, report.faults) == (2, 6, [])
    # its text is checked all the same
    change(2, sha256="0" * 64, type="thu")
    assert check_manifest(manifest).faults == [
        f"{manifest}:2: found the type 'thu', expected one of {', '.join(DOCUMENT_TYPES)}",
        f"{manifest}:2: seeds/second.txt: found sha256 {documents[1].sha256}, expected {'0' * 64}",
    ]
    text = b"Ch\xff"
    (tmp_path / "seeds/second.txt").write_bytes(text)
    change(2, type="thong_bao", sha256=hashlib.sha256(text).hexdigest())
    assert check_manifest(manifest).faults == [
        f"{manifest}:2: {tmp_path}/seeds/second.txt: byte 2 is not UTF-8; convert the file first (iconv -t UTF-8)"
    ]
    (tmp_path / "seeds/second.txt").unlink()
    assert check_manifest(manifest).faults == [f"{manifest}:2: {tmp_path}/seeds/second.txt does not exist"]
    change(2, title=None)
    assert check_manifest(manifest).faults == [f"{manifest}:2: the keys title are missing; expected {KEYS}"]


@pytest.mark.parametrize(("left", "lacks"), [("annotation", "spans"), ("spans", "annotation")])
def test_spans_and_their_counts_go_together(manifest, change, left, lacks):
    change(2, **{lacks: None})
    assert check_manifest(manifest).faults[0] == (
        f"{manifest}:2: the keys {lacks} are missing; expected {KEYS}, annotation, spans"
    )


def test_wrong_counts(manifest, change):
    change(2, spans={"OFFICIAL": 1, "PLACE": 2, "COUNT": 1, "DIRECTIVE": 0})
    assert check_manifest(manifest).faults == [
        f"{manifest}:2: annotations/seeds/second.ann: found the counts "
        "{'OFFICIAL': 1, 'PLACE': 1, 'COUNT': 1, 'DIRECTIVE': 0}, expected "
        "{'OFFICIAL': 1, 'PLACE': 2, 'COUNT': 1, 'DIRECTIVE': 0}"
    ]


def test_wrong_lines(manifest, change, tmp_path):
    change(1, title=None, origin=None)
    change(2, type="tin", origin="web")
    with manifest.open("a", encoding="utf-8") as file:
        file.write('{"id": \n[1]\n')
    report = check_manifest(manifest)
    assert report.faults == [
        f"{manifest}:1: the keys title, origin are missing; expected {KEYS}, annotation, spans",
        f"{manifest}:2: found the type 'tin', expected one of {', '.join(DOCUMENT_TYPES)}",
        f"{manifest}:2: found the origin 'web', expected one of seed, authored",
        f"{manifest}:3: not JSON: Expecting value at column 8",
        f"{manifest}:4: expected an object, found list",
        # the first line named no file that could be listed
        f"{tmp_path}/annotations/seeds/first.ann: not in {manifest}; add its line or remove it",
    ]


def test_a_value_of_the_wrong_type(manifest, change):
    change(2, id=["second"], type=5)
    assert f"{manifest}:2: found id ['second'], type 5, expected strings" in check_manifest(manifest).faults


def test_one_id_twice(manifest, change):
    change(2, id="first")
    assert check_manifest(manifest).faults == [f"{manifest}:2: the id 'first' stands in line 1 already"]


def test_files_that_are_missing_and_strays(manifest, tmp_path):
    (tmp_path / "seeds/second.txt").unlink()
    (tmp_path / "annotations/seeds/second.ann").rename(tmp_path / "annotations/seeds/other.ann")
    report = check_manifest(manifest)
    assert report.faults == [
        f"{manifest}:2: {tmp_path}/seeds/second.txt does not exist",
        f"{manifest}:2: {tmp_path}/annotations/seeds/second.ann does not exist",
        f"{tmp_path}/annotations/seeds/other.ann: not in {manifest}; add its line or remove it",
    ]
    assert (report.documents, report.spans) == (2, 6)


def test_a_text_that_is_not_utf8(manifest, tmp_path, change):
    path = tmp_path / "seeds/second.txt"
    path.write_bytes(b"\xff")
    faults = check_manifest(manifest).faults
    assert len(faults) == 2  # the checksum, and the bytes
    assert faults[1] == f"{manifest}:2: {path}: byte 0 is not UTF-8; convert the file first (iconv -t UTF-8)"


def test_no_manifest(tmp_path):
    with pytest.raises(UserError, match=f"^{tmp_path}/documents.jsonl: no such manifest"):
        check_manifest(tmp_path / "documents.jsonl")

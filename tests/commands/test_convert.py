"""`vanban convert`: from any format into any, whole or not at all, and what is lost is said."""

from __future__ import annotations

import csv
import gzip
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from project import write
from vanban import cli
from vanban.documents.destination import open_output
from vanban.documents.formats.label_studio import label_config
from vanban.documents.formats.registry import FormatName
from vanban.errors import UserError
from vanban.schema import DOCUMENT_TYPES, LABELS

Convert = Callable[..., tuple[int, str, str]]

VALUE = {"number": "46", "noun": "ca mắc"}
FIRST = {
    "id": "tin/1.txt",
    "text": "Ở Hà Nội có 46 ca mắc 😀.\r\n",
    "source": "báo",
    "entities": [
        {"label": "PLACE", "start": 2, "end": 8, "text": "Hà Nội", "score": 0.9},
        {"label": "COUNT", "start": 12, "end": 21, "text": "46 ca mắc", "score": 0.75, "value": VALUE},
    ],
    "doc_type": "tin_bao_chi",
    "doc_type_score": 0.75,
    "doc_type_scores": {"tin_bao_chi": 0.75, "bao_cao": 0.25},
    "record": {"date": "2021-07-23"},
    "model": "vanban-ner + vanban-doctype",
}
EMPTY = {"id": 7, "text": "", "entities": [], "model": "vanban-ner"}
BY_HAND = {
    "id": "tay",
    "text": "Ở Huế.",
    "type": "thong_bao",
    "origin": "authored",
    "spans": [{"label": "Nơi chốn", "start": 2, "end": 5}],
}


def lines(*records: Any) -> str:
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


def records_of(path: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def convert(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes], tmp_path: Path) -> Convert:
    """Return what runs `vanban convert` and gives its exit status, standard output and what it says."""

    def run(*arguments: str, stdin: bytes = b"") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["vanban", "convert", *arguments])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as exit_:
            cli.main()
        out, err = capfdbinary.readouterr()
        return int(exit_.value.code or 0), out.decode(), err.decode()

    monkeypatch.chdir(tmp_path)
    write("tagged.jsonl", lines(FIRST, EMPTY))
    return run


def test_what_tag_wrote_passes_through_unchanged(convert: Convert) -> None:
    assert convert("tagged.jsonl", "again.jsonl") == (
        0, "", "2 documents, 2 entities → again.jsonl (jsonl → jsonl)\n",
    )  # fmt: skip
    assert records_of("again.jsonl") == [FIRST, EMPTY]
    assert convert("tagged.jsonl", "a.parquet")[0] == convert("a.parquet", "b.jsonl")[0] == 0
    assert records_of("b.jsonl") == [FIRST, EMPTY | {"id": "7"}]  # an id that is not a number everywhere is text


def test_what_was_annotated_by_hand_stays_so(convert: Convert) -> None:
    write("hand.jsonl", lines(BY_HAND))
    assert convert("hand.jsonl", "out.jsonl")[0] == 0
    (record,) = records_of("out.jsonl")
    assert record == {
        "id": "tay", "text": "Ở Huế.", "origin": "authored", "type": "thong_bao",
        "entities": [{"label": "Nơi chốn", "start": 2, "end": 5, "text": "Huế", "score": 1.0}],
    }  # fmt: skip


def test_a_folder_of_pairs_and_back(convert: Convert) -> None:
    status, _, said = convert("tagged.jsonl", "pairs", "--to", "brat")
    assert (status, said.splitlines()) == (0, [
        "2 documents, 2 entities → pairs (jsonl → brat)",
        "left out, since brat has no place for it: 1 field, 1 probability, 1 record, 3 scores, 1 type, 1 value",
    ])  # fmt: skip
    assert sorted(str(path) for path in Path("pairs").rglob("*.*")) == [
        "pairs/7.ann", "pairs/7.txt", "pairs/tin/1.ann", "pairs/tin/1.txt",
    ]  # fmt: skip
    assert Path("pairs/tin/1.txt").read_bytes() == str(FIRST["text"]).encode()
    assert Path("pairs/tin/1.ann").read_text() == "T1\tPLACE 2 8\tHà Nội\nT2\tCOUNT 12 21\t46 ca mắc\n"
    assert convert("pairs", "back.jsonl")[0] == 0
    assert [(r["id"], r["text"], len(r["entities"])) for r in records_of("back.jsonl")] == [
        ("7", "", 0), ("tin/1", FIRST["text"], 2),
    ]  # fmt: skip
    assert convert("pairs/tin/1.txt", "-", "--to", "jsonl")[1] == lines(records_of("back.jsonl")[1] | {"id": "1"})


def test_a_folder_that_holds_something_is_left_alone(convert: Convert) -> None:
    write("pairs/notes.md", "mine")
    assert convert("tagged.jsonl", "pairs", "--to", "brat") == (
        2, "", "error: pairs: holds something already; name another folder, or --overwrite\n",
    )  # fmt: skip
    assert [path.name for path in Path("pairs").iterdir()] == ["notes.md"]
    assert convert("tagged.jsonl", "pairs", "--to", "brat", "--overwrite")[0] == 0
    assert Path("pairs/7.ann").read_bytes() == b""


def test_a_document_that_fails_does_not_stop_the_rest(convert: Convert) -> None:
    moved = {"id": "x", "text": "Huế", "entities": [{"label": "PLACE", "start": 0, "end": 4, "text": "Hà N"}]}
    write("many.jsonl", lines(FIRST, moved, {"id": 1, "text": "a"}, EMPTY) + "no JSON\n")
    status, _, said = convert("many.jsonl", "out.csv")
    assert status == 1
    assert said.splitlines() == [
        "error: many.jsonl:2: the entity 'Hà N' does not stand at 0 of its text, which was changed since; tag it again",
        'error: many.jsonl:3: expected a record with "entities", found the keys id, text',
        "error: many.jsonl:5: not JSON: Expecting value at column 1",
        "2 documents, 2 entities → out.csv (jsonl → csv)",
        "left out, since csv has no place for it: 1 field, 1 probability, 1 record, 2 texts, 1 type, 1 value",
        "3 of 5 documents failed, and are not in it",
    ]
    with open("out.csv", encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [
        ["document", "label", "start", "end", "text", "score"],
        ["tin/1.txt", "PLACE", "2", "8", "Hà Nội", "0.9"],
        ["tin/1.txt", "COUNT", "12", "21", "46 ca mắc", "0.75"],
    ]


def test_what_is_not_taken_over_is_said(convert: Convert) -> None:
    spans = [{"start": 2, "end": 5, "label": "PLACE"}, {"start": 0, "end": 5, "label": "X"}]
    accepted = {"text": "Ở Huế.", "spans": spans, "relations": [{"head": 0, "child": 1, "label": "in"}]}
    rejected = {"text": "a", "spans": [], "answer": "reject"}
    write("out/db.jsonl", lines(accepted | {"answer": "accept"}, rejected))
    write("out/a.txt", "Ở Huế.")
    write("out/a.ann", "T1\tPLACE 2 5\tHuế\n#1\tAnnotatorNotes T1\t?\nR1\tin Arg1:T1 Arg2:T1\nX1\t?\n")
    assert convert("out", "a.conll") == (
        0, "", "2 documents, 3 entities → a.conll (brat and prodigy → conll)\n"
        "not taken over from brat and prodigy: 1 line of other kinds, 1 note, 1 rejected document, 2 relations\n"
        "left out, since conll has no place for it: 2 layouts of texts, 1 overlapping entity\n",
    )  # fmt: skip
    assert convert("-", "-", "--to", "jsonl", stdin=lines(rejected).encode())[1:] == (
        "", "0 documents, 0 entities → standard output (prodigy → jsonl)\n"
        "not taken over from prodigy: 1 rejected document\n",
    )  # fmt: skip


def test_the_configuration_of_a_project_needs_no_files(convert: Convert) -> None:
    status, out, said = convert("--label-config")
    assert (status, said, out) == (0, "", label_config())
    assert out.count("<Label value=") == len(LABELS) and out.count("<Choice value=") == len(DOCUMENT_TYPES)
    assert convert("tagged.jsonl", "again.jsonl", "--label-config")[1] == out
    assert not Path("again.jsonl").exists()
    assert convert("tagged.jsonl")[0] == 2


def test_nothing_is_written_of_nothing(convert: Convert) -> None:
    write("bad.jsonl", '{"text": "a"}\n')
    write("out.jsonl", "older")
    status, _, said = convert("bad.jsonl", "out.jsonl")
    assert (status, said.splitlines()[-1]) == (
        2, "error: bad.jsonl: no document could be read; nothing is written",
    )  # fmt: skip
    assert Path("out.jsonl").read_text() == "older"
    write("cut.jsonl.gz", gzip.compress(lines(FIRST, EMPTY).encode())[:-9])
    assert convert("cut.jsonl.gz", "out.jsonl")[0] == 2
    assert Path("out.jsonl").read_text() == "older" and not Path("out.jsonl.partial").exists()
    write("none.jsonl", "\n")
    assert convert("none.jsonl", "out.jsonl") == (0, "", "0 documents, 0 entities → out.jsonl (jsonl → jsonl)\n")


def test_streams_and_packed_files(convert: Convert) -> None:
    status, out, said = convert("-", "-", "--to", "conll", stdin=lines(FIRST, EMPTY).encode())
    assert (status, out) == (
        0,
        "-DOCSTART- (tin/1.txt)\tO\n\nỞ\tO\nHà\tB-PLACE\nNội\tI-PLACE\ncó\tO\n46\tB-COUNT\nca\tI-COUNT\nmắc\tI-COUNT\n"
        "😀\tO\n.\tO\n\n-DOCSTART- (7)\tO\n\n",
    )
    assert said.startswith("2 documents, 2 entities → standard output (jsonl → conll)\nleft out, since conll")
    assert "1 layout of texts" in said
    assert convert("-", "a.jsonl.gz", stdin=gzip.compress(lines(FIRST).encode()))[0] == 0
    assert json.loads(gzip.decompress(Path("a.jsonl.gz").read_bytes())) == FIRST
    assert convert("a.jsonl.gz", "a.conll")[0] == convert("a.conll", "b.jsonl")[0] == 0
    (record,) = records_of("b.jsonl")
    assert (record["id"], record["text"]) == ("tin/1.txt", "Ở Hà Nội có 46 ca mắc 😀 .")
    assert [entity["text"] for entity in record["entities"]] == ["Hà Nội", "46 ca mắc"]


def test_a_text_behind_a_path(convert: Convert) -> None:
    write("docs/1.txt", "Ở Huế.\n")
    entities = [{"label": "PLACE", "start": 2, "end": 5, "text": "Huế", "score": 0.5}]
    write("found.jsonl", lines({"id": "docs/1.txt", "path": "docs/1.txt", "entities": entities, "model": "m"}))
    assert convert("found.jsonl", "whole.jsonl")[0] == 0
    assert records_of("whole.jsonl")[0] == {
        "id": "docs/1.txt", "path": "docs/1.txt", "text": "Ở Huế.\n", "entities": entities, "model": "m",
    }  # fmt: skip


def test_many_files_of_several_formats(convert: Convert) -> None:
    write("in/a.jsonl", lines(EMPTY))
    write("in/b/c.ann", "T1\tPLACE 2 5\tHuế\n")
    write("in/b/c.txt", "Ở Huế")
    write("in/d.conll", "Huế\tO\nX\n")
    write("in/e.md", "none")
    write("in/.f.jsonl", "hidden")
    write("in/g.txt", "without an .ann")
    status, _, said = convert("in", "out.jsonl")
    assert status == 1
    assert said.splitlines() == [
        "error: in/d.conll:2: found 'X' without a tab, expected tabs between its columns as in line 1, 'Huế\\tO'",
        "error: in/g.txt: has no .ann beside it; an empty one says that it holds no span",
        "2 documents, 1 entity → out.jsonl (brat and conll and jsonl → jsonl)",
        "2 of 4 documents failed, and are not in it",
    ]
    assert [record["id"] for record in records_of("out.jsonl")] == [7, "b/c"]
    assert convert("in/*.jsonl", "one.jsonl")[0] == 0
    assert records_of("one.jsonl") == [EMPTY]
    assert convert("in", "found", "--to", "brat")[0] == 1
    assert sorted(str(path) for path in Path("found").rglob("*.ann")) == ["found/a/7.ann", "found/b/c.ann"]


@pytest.mark.parametrize(
    ("identity", "name"),
    [("../x", "%2E.%2Fx"), ("/etc/x", "%2Fetc%2Fx"), (".x", "%2Ex"), ("a/../b", "a%2F..%2Fb"), ("", "%"),
     ("a:b", "a%3Ab"), ("C\\x", "C%5Cx"), ("a//b.TXT", "a/b"), ("tin 1", "tin 1")],
)  # fmt: skip
def test_no_id_leads_out_of_the_folder(convert: Convert, identity: str, name: str) -> None:
    write("odd.jsonl", lines(EMPTY | {"id": identity}))
    assert convert("odd.jsonl", "deep/found", "--to", "brat")[0] == 0
    (standoff,) = Path().rglob("*.ann")
    assert standoff == Path(f"deep/found/{name}.ann")


def test_two_documents_of_one_name(convert: Convert) -> None:
    write("two.jsonl", lines(EMPTY | {"id": "a.txt"}, FIRST | {"id": "a"}))
    status, _, said = convert("two.jsonl", "found", "--to", "brat")
    assert (status, said.splitlines()) == (1, [
        "error: two.jsonl:2: found/a.ann was written for two.jsonl:1 already; give it another id",
        "1 document, 0 entities → found (jsonl → brat)",
        "1 of 2 documents failed, and are not in it",
    ])  # fmt: skip


def test_half_a_surrogate_pair(convert: Convert) -> None:
    label = '{"id": "a", "text": "x", "entities": [{"label": "\\ud83d", "start": 0, "end": 1}]}\n'
    own = '{"id": "b\\ud83d", "text": "x", "entities": [], "model": "m"}\n'
    field = '{"id": "b", "text": "x", "entities": [], "note": "\\ude00 \\ud83d\\ude00", "model": "m"}\n'
    write("odd.jsonl", label + own + field)
    status, _, said = convert("odd.jsonl", "out.jsonl")
    assert status == 1
    assert said.splitlines()[:2] == [
        "error: odd.jsonl:1: found half a surrogate pair in its text, its id, a label or its type, expected Unicode",
        "error: odd.jsonl:2: found half a surrogate pair at 1 of the id, expected Unicode characters",
    ]
    (record,) = records_of("out.jsonl")
    assert (record["id"], record["note"]) == ("b", "\ufffd 😀")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing.jsonl", "out.jsonl"], "nothing.jsonl: no such file or folder, and nothing matches (looked in "),
        (
            ["tagged.jsonl", "out.docx"],
            "out.docx: its name says no format; say with --to which: jsonl (.jsonl .ndjson),",
        ),
        (["tagged.jsonl", "-"], "-: its name says no format; say with --to which: "),
        (["tagged.jsonl", "-", "--to", "brat"], "brat writes files for each document: name a folder in the place of -"),
        (["tagged.jsonl", "tagged.jsonl"], "tagged.jsonl: is both read and written; give the output another name"),
        (
            ["tagged.jsonl", "out.jsonl", "--from", "csv"],
            "tagged.jsonl: csv is written, and not read; expected another",
        ),
        (["empty", "out.jsonl"], "empty: no annotated file in there, expected at least one of .ann .bio"),
        (["tagged.jsonl", "a.jsonl/b.jsonl"], "a.jsonl: can't be written: "),
        (["x.conll", "out.jsonl"], "x.conll:1: found the tag 'S-X', expected O, B-… or I-… (IOB2)\n"),
    ],
)
def test_wrong_use(convert: Convert, arguments: list[str], message: str) -> None:
    Path("empty").mkdir()
    write("a.jsonl", "")
    write("x.conll", "Huế S-X\n")
    status, out, said = convert(*arguments)
    assert (status, out) == (2, "")
    assert said.startswith(f"error: {message}")


def test_a_row_of_a_manifest_says_where_its_spans_are(convert: Convert) -> None:
    write("a.txt", "Huế")
    write("documents.jsonl", lines({"id": "a", "path": "a.txt", "annotation": "a.ann", "type": "x", "sha256": "0"}))
    status, _, said = convert("documents.jsonl", "out.jsonl")
    assert status == 2
    assert said.startswith("error: documents.jsonl:1: found a row of a manifest, whose spans are in a.ann; ")


def test_texts_that_are_gone_are_told_a_few_times(convert: Convert) -> None:
    gone = [{"id": n, "path": f"gone/{n}.txt", "entities": [], "model": "m"} for n in range(8)]
    write("tagged.jsonl", lines(FIRST, *gone))
    status, _, said = convert("tagged.jsonl", "out.jsonl")
    assert status == 1 and said.count("can't be read: No such file") == 5
    assert "error: and 3 more: the text behind a path can't be read\n" in said
    assert "8 of 9 documents failed" in said


@pytest.mark.parametrize(
    ("name", "module", "extra"),
    [("cas", "cassis", "cas"), ("spacy", "spacy", "spacy"), ("datasets", "pyarrow", "parquet")],
)
def test_a_missing_package_is_told_once_before_any_work(
    convert: Convert, monkeypatch: pytest.MonkeyPatch, name: str, module: str, extra: str
) -> None:
    write("in.jsonl", lines(FIRST, EMPTY))
    monkeypatch.setitem(sys.modules, module, None)
    status, _, said = convert("in.jsonl", "out", "--to", name)
    assert status == 2 and said.count(f"needs {module}: pip install 'vanban[{extra}]'") == 1
    assert not Path("out").exists()
    with pytest.raises(UserError, match=f"needs {module}"):
        open_output([], Path("out"), cast(FormatName, name), False, False, ["ner"])
    assert not Path("out").exists()

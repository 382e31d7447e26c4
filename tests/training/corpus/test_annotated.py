"""Annotated documents from manifests, brat folders and JSONL."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from vanban.errors import UserError
from vanban.schema import Entity
from vanban_training.corpus.annotated import AnnotatedDocument, load_documents, manifest_text, of_origins


def _message(paths: list[Path], labels: tuple[str, ...] = ("OFFICIAL", "PLACE", "COUNT", "DIRECTIVE")) -> str:
    with pytest.raises(UserError) as error:
        load_documents(paths, labels)
    return str(error.value)


def test_a_brat_folder(brat_folder, documents):
    loaded = load_documents([brat_folder])
    assert loaded == sorted(documents, key=lambda d: d.id)
    assert [(d.id, len(d.text), len(d.entities)) for d in loaded] == [
        ("empty", 0, 0),
        ("first", 117, 6),
        ("second", 64, 3),
        ("third", 16, 0),
    ]
    assert loaded[1].source == f"{brat_folder}/first.ann"


def test_folders_inside_folders_and_names_with_dots(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a/tin.1.txt").write_text("Hà Nội", encoding="utf-8")
    (tmp_path / "a/tin.1.ann").write_text("T1\tPLACE 0 6\tHà Nội\n", encoding="utf-8")
    (document,) = load_documents([tmp_path])
    assert (document.id, document.entities) == ("a/tin.1", (Entity("PLACE", 0, 6, "Hà Nội"),))


def test_line_ends_and_byte_order_marks_are_part_of_the_text(tmp_path):
    text = "\ufeffỞ\r\nHà Nội\r\n"
    (tmp_path / "a.txt").write_bytes(text.encode())
    # the BOM and the CRLF of the rows are not: without care the first span is lost in silence
    (tmp_path / "a.ann").write_bytes("\ufeffT1\tPLACE 4 10\tHà Nội\r\n".encode())
    jsonl = tmp_path / "b.jsonl"
    row = json.dumps({"text": text, "spans": [{"label": "PLACE", "start": 4, "end": 10}]}, ensure_ascii=False)
    jsonl.write_bytes(f"\ufeff{row}\r\n\r\n".encode())
    for document in load_documents([tmp_path, jsonl]):
        assert document.text == text
        assert document.entities == (Entity("PLACE", 4, 10, "Hà Nội"),)


def test_a_folder_with_an_annotation_but_no_text(brat_folder):
    (brat_folder / "third.txt").unlink()
    assert _message([brat_folder]) == f"{brat_folder}/third.ann: its text third.txt is missing beside it"


def test_a_span_that_does_not_fit_names_the_line_and_where_it_stands(brat_folder):
    path = brat_folder / "second.ann"
    path.write_text("T1\tOFFICIAL 4 17\tNguyễn Thị Hà\n", encoding="utf-8")
    assert _message([brat_folder]) == (
        f"{path}:1: found 'Nguyễn Thị Hà', expected 'guyễn Thị Hà ', which is the text at 4 17; "
        "'Nguyễn Thị Hà' stands at 3 16"
    )


def test_a_manifest(manifest, documents):
    loaded = load_documents([manifest])
    assert [(d.id, d.text, d.entities, d.type, d.origin, d.source) for d in loaded] == [
        (d.id, d.text, d.entities, "tin_bao_chi", "seed", f"{manifest}:{i}") for i, d in enumerate(documents[:2], 1)
    ]


def test_a_text_that_was_changed_after_it_was_annotated(manifest, tmp_path, documents):
    path = tmp_path / "seeds/second.txt"
    path.write_bytes(b"!" + path.read_bytes())  # shifts every span: the checksum must be named, not the spans
    message = _message([manifest])
    assert message.startswith(f"{manifest}:2: seeds/second.txt has sha256 ")
    assert f", expected {documents[1].sha256}: the text was changed after it was annotated." in message


def test_the_text_of_a_row_alone(manifest, documents, tmp_path):
    row = json.loads(manifest.read_text(encoding="utf-8").splitlines()[1])
    (tmp_path / "annotations/seeds/second.ann").unlink()
    found = manifest_text(row, manifest, "m:2")
    assert found == AnnotatedDocument("second", documents[1].text, (), "tin_bao_chi", "seed")
    assert found.source == "m:2"
    with pytest.raises(UserError, match=rf"^m:2: seeds/second\.txt has sha256 {found.sha256}, expected 0: "):
        manifest_text({**row, "sha256": "0"}, manifest, "m:2")


def test_documents_of_some_origins():
    documents = [AnnotatedDocument(f"d{i}", "", (), None, origin) for i, origin in enumerate(("seed", "web", None))]
    assert of_origins(documents, ()) == documents
    assert of_origins(documents, ("seed",)) == documents[:1]
    assert of_origins(documents, ("none", "web", "seed")) == documents[:2]
    with pytest.raises(UserError) as error:
        of_origins(documents, ("a", "b"))
    assert str(error.value) == "no document of the origin a, b; there are seed, web"
    with pytest.raises(UserError, match=r"^no document of the origin a; there are none that state one$"):
        of_origins(documents[2:], ("a",))


def test_a_manifest_whose_files_are_missing(manifest, tmp_path):
    (tmp_path / "annotations/seeds/first.ann").unlink()
    assert _message([manifest]) == f"{manifest}:1: {tmp_path}/annotations/seeds/first.ann does not exist"


@pytest.mark.parametrize(("key", "value"), [("id", None), ("sha256", 3), ("path", ["a"])])
def test_a_manifest_with_a_wrong_value(manifest, key, value):
    first, second = manifest.read_text(encoding="utf-8").splitlines()
    record = {**json.loads(second), key: value}
    manifest.write_text(f"{first}\n{json.dumps(record)}\n", encoding="utf-8")
    assert _message([manifest]) == f'{manifest}:2: expected the key "{key}" with a string, found {value!r}'


@pytest.mark.parametrize("features", [5, "fragment", ["table", 3]])
def test_features_that_are_no_list_of_strings(manifest, features):
    first, second = manifest.read_text(encoding="utf-8").splitlines()
    record = {**json.loads(second), "features": features}
    manifest.write_text(f"{first}\n{json.dumps(record)}\n", encoding="utf-8")
    assert _message([manifest]) == f'{manifest}:2: expected a list of strings in "features", found {features!r}'
    manifest.write_text(json.dumps({**record, "features": ["table"]}), encoding="utf-8")
    assert [d.features for d in load_documents([manifest])] == [("table",)]


def test_jsonl_with_either_key_unsorted_spans_and_ids(tmp_path):
    path = tmp_path / "a.jsonl"
    spans = [{"label": "PLACE", "start": 10, "end": 16, "text": "Hà Nội"}, {"label": "COUNT", "start": 0, "end": 8}]
    rows = [
        {"id": 0, "text": "5 ca mắc, Hà Nội", "entities": spans, "type": "tin_bao_chi"},
        {"text": "", "spans": []},
        {"id": "x", "text": "Hà Nội", "entities": [], "origin": "web", "group": "plan"},
    ]
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    first, empty, last = load_documents([path])
    assert [(d.origin, d.group) for d in (first, last)] == [(None, None), ("web", "plan")]
    assert (first.id, first.type) == ("0", "tin_bao_chi")
    assert first.entities == (Entity("COUNT", 0, 8, "5 ca mắc"), Entity("PLACE", 10, 16, "Hà Nội"))
    assert (empty.id, empty.text, empty.entities) == (f"{path}:2", "", ())
    assert (last.id, last.text) == ("x", "Hà Nội")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ('{"text": "a", "entities": [}', "not JSON: Expecting value at column 28"),
        ("[1]", "expected an object, found list"),
        ('{"entities": []}', 'expected the keys "text" and "entities", found entities'),
        ("{}", 'expected the keys "text" and "entities", found none'),
        (
            '{"text": "a", "type": "chi_thi"}',
            'expected the keys "text" and "entities", found text, type; '
            "texts with a type alone are for the task doctype",
        ),
        ('{"text": 5, "entities": []}', 'expected the keys "text" and "entities", found text, entities'),
        ('{"text": "a", "entities": null}', 'expected a list of spans in "entities", found NoneType'),
        ('{"text": "a", "entities": ["b"]}', 'expected spans like {"label", "start", "end"}, found \'b\''),
        (
            '{"text": "a", "entities": [{"label": "PLACE", "start": 0}]}',
            "expected spans like {\"label\", \"start\", \"end\"}, found {'label': 'PLACE', 'start': 0}",
        ),
        (
            '{"text": "a", "entities": [{"label": "PLACE", "start": 0, "end": 1.0}]}',
            "expected spans like {\"label\", \"start\", \"end\"}, found {'label': 'PLACE', 'start': 0, 'end': 1.0}",
        ),
        (
            '{"text": "Hà Nội", "entities": [{"label": "PLACE", "start": 0, "end": 7}]}',
            "found the offsets 0 7, expected 0 <= start < end <= 6 (the length of the text)",
        ),
        (
            '{"text": "Hà Nội", "entities": [{"label": "PLACE", "start": -6, "end": -1}]}',
            "found the offsets -6 -1, expected 0 <= start < end <= 6 (the length of the text)",
        ),
        (
            '{"text": "Hà Nội", "entities": [{"label": "LOC", "start": 0, "end": 6}]}',
            "found the label 'LOC', expected one of OFFICIAL, PLACE, COUNT, DIRECTIVE",
        ),
        (
            '{"text": "ở Hà Nội", "entities": [{"label": "PLACE", "start": 0, "end": 6, "text": "Hà Nội"}]}',
            "found 'Hà Nội', expected 'ở Hà N', which is the text at 0 6; 'Hà Nội' stands at 2 8",
        ),
        (
            '{"text": "Hà Nội", "entities": [{"label": "PLACE", "start": 3, "end": 6}, '
            '{"label": "COUNT", "start": 0, "end": 4}]}',
            "PLACE 3 6 'Nội' overlaps COUNT 0 4 'Hà N'; expected flat spans: keep the longer one",
        ),
        (
            '{"text": "\\ud83d", "entities": []}',
            "the text holds half a surrogate pair, which no UTF-8 text can; write the character whole",
        ),
    ],
)
def test_a_wrong_line_of_jsonl(tmp_path, row, message):
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "", "entities": []}\n\n' + row + "\n", encoding="utf-8")
    assert _message([path]) == f"{path}:3: {message}"


def test_two_documents_of_one_id(brat_folder, tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"id": "first", "text": "", "entities": []}\n', encoding="utf-8")
    assert _message([brat_folder, path]) == (
        f"{path}:1: the document id 'first' was used in {brat_folder}/first.ann already; rename one of the files, "
        "or give one of the records another id"
    )


def test_globs(tmp_path):
    for name in ("b", "a", "c"):
        (tmp_path / f"{name}.jsonl").write_text(f'{{"id": "{name}", "text": "", "entities": []}}', encoding="utf-8")
    assert [d.id for d in load_documents([str(tmp_path / "[ab].jsonl")])] == ["a", "b"]


def test_paths_that_are_not_there(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "documents.jsonl").touch()
    assert _message(["document.jsonl"]) == (
        f"document.jsonl: no such file or folder (looked in {tmp_path}). In . there are: documents.jsonl."
    )
    assert _message(["nowhere/*.conll"]) == f"nowhere/*.conll: no such file or folder (looked in {tmp_path})."


def test_nothing_in_it(tmp_path, brat_folder):
    expected = "expected a folder of .txt + .ann, a .jsonl or a .conll file"
    (tmp_path / "none").mkdir()
    (tmp_path / "none.jsonl").touch()
    (tmp_path / "a.docx").touch()
    # also beside another path that holds documents
    assert _message([brat_folder, tmp_path / "none"]) == f"{tmp_path}/none: found no annotated document, {expected}"
    assert _message([tmp_path / "none.jsonl"]) == f"{tmp_path}/none.jsonl: found no annotated document, {expected}"
    assert _message([tmp_path / "a.docx"]) == f"{tmp_path}/a.docx: found the suffix '.docx', {expected}"


def test_a_text_that_is_not_utf8(brat_folder):
    (brat_folder / "third.txt").write_bytes("Không".encode("utf-16-le"))
    (brat_folder / "third.txt").write_bytes("Hà Nội".encode("cp1258", errors="replace"))
    assert _message([brat_folder]) == (
        f"{brat_folder}/third.txt: byte 1 is not UTF-8; convert the file first (iconv -t UTF-8)"
    )


def test_a_text_without_annotations_is_not_passed_over(brat_folder):
    (brat_folder / "fourth.txt").write_text("Hà Nội", encoding="utf-8")
    with pytest.raises(UserError) as error:
        load_documents([brat_folder])
    assert str(error.value) == (
        f"{brat_folder}/fourth.txt: has no .ann beside it; an empty one says that the text holds no span"
    )

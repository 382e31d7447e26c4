"""Documents with their types from manifests, JSONL and folders."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from project import ROOT
from vanban.errors import UserError
from vanban.schema import DOCUMENT_TYPES
from vanban_training.corpus.typed import count_types, load_typed_documents

TYPES = ("tin_bao_chi", "chi_thi")
EXPECTED = 'a manifest, a .jsonl whose records have "text" and "type", or a folder with a folder of .txt per type'


def _message(*paths: Path | str, types: tuple[str, ...] = TYPES) -> str:
    with pytest.raises(UserError) as error:
        load_typed_documents(paths, types)
    return str(error.value)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder for each of two types; one text lies deeper, another file is no text."""
    for name, text in (
        ("chi_thi/a.txt", "Chỉ thị\r\n"),
        ("tin_bao_chi/2021.05.txt", "Tin"),
        ("x/chi_thi/b.txt", "Khẩn"),
    ):
        path = tmp_path / "typed" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    (tmp_path / "typed/chi_thi/a.ann").write_text("no standoff at all", encoding="utf-8")
    return tmp_path / "typed"


def test_a_folder_with_a_folder_per_type(folder):
    documents = load_typed_documents([folder], TYPES)
    assert [(d.id, d.type, d.text, d.entities, d.source) for d in documents] == [
        ("chi_thi/a", "chi_thi", "Chỉ thị\r\n", (), f"{folder}/chi_thi/a.txt"),
        ("tin_bao_chi/2021.05", "tin_bao_chi", "Tin", (), f"{folder}/tin_bao_chi/2021.05.txt"),
        ("x/chi_thi/b", "chi_thi", "Khẩn", (), f"{folder}/x/chi_thi/b.txt"),
    ]
    assert count_types(documents, ("chi_thi", "bao_cao", "tin_bao_chi")) == {
        "chi_thi": 2, "bao_cao": 0, "tin_bao_chi": 1,
    }  # fmt: skip


def test_a_manifest_with_and_without_spans(manifest, documents):
    rows = [json.loads(line) for line in manifest.read_text(encoding="utf-8").splitlines()]
    del rows[1]["annotation"], rows[1]["spans"]
    rows[1]["type"] = "chi_thi"
    manifest.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    (manifest.parent / "seeds/first.ann").write_text("T1\tnot read", encoding="utf-8")
    loaded = load_typed_documents([manifest], TYPES)
    assert [(d.id, d.text, d.type, d.origin, d.entities, d.source) for d in loaded] == [
        ("first", documents[0].text, "tin_bao_chi", "seed", (), f"{manifest}:1"),
        ("second", documents[1].text, "chi_thi", "seed", (), f"{manifest}:2"),
    ]


def test_jsonl(tmp_path):
    path = tmp_path / "a.jsonl"
    rows = [
        {"id": 7, "text": "Tin\r\n", "type": "tin_bao_chi", "origin": "web", "entities": "not read"},
        {"text": "Chỉ thị", "type": "chi_thi"},
    ]
    path.write_text("\n\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    first, second = load_typed_documents([str(tmp_path / "*.jsonl")], TYPES)
    assert (first.id, first.text, first.type, first.origin) == ("7", "Tin\r\n", "tin_bao_chi", "web")
    assert (second.id, second.text, second.type, second.origin) == (f"{path}:3", "Chỉ thị", "chi_thi", None)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ('{"text": 1}}', "not JSON: Extra data at column 12"),
        ("[1]", "expected an object, found list"),
        ("{}", 'expected the keys "text" and "type", found none'),
        ('{"text": "a"}', 'expected the keys "text" and "type", found text'),
        ('{"text": 5, "type": "chi_thi"}', 'expected the keys "text" and "type", found text, type'),
        ('{"text": "a", "type": ["chi_thi"]}', 'expected the keys "text" and "type", found text, type'),
        ('{"text": " \\n", "type": "chi_thi"}', "holds no text, from which no type can be told; leave it out"),
        (
            '{"text": "a\\ud83d b", "type": "chi_thi"}',
            "the text holds half a surrogate pair, which no UTF-8 text can; write the character whole",
        ),
        (
            '{"text": "a", "type": "chithi"}',
            "found the type 'chithi', expected one of tin_bao_chi, chi_thi; see data.labels",
        ),
    ],
)
def test_a_wrong_line_of_jsonl(tmp_path, row, message):
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "a", "type": "chi_thi"}\n\n' + row + "\n", encoding="utf-8")
    assert _message(path) == f"{path}:3: {message}"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"type": None}, "found the type None, expected one of tin_bao_chi, chi_thi; see data.labels"),
        ({"id": 3}, 'expected the key "id" with a string, found 3'),
        ({"path": "seeds/none.txt"}, "{root}/seeds/none.txt does not exist"),
        ({"path": ["a"]}, "expected the key \"path\" with a string, found ['a']"),
        (
            {"sha256": "0"},
            "seeds/second.txt has sha256 {sha256}, expected 0: the text was changed after it was annotated. Restore "
            "it, or check its spans and write the new checksum",
        ),
    ],
)
def test_a_wrong_row_of_a_manifest(manifest, tmp_path, documents, values, message):
    first, second = manifest.read_text(encoding="utf-8").splitlines()
    manifest.write_text(f"{first}\n{json.dumps({**json.loads(second), **values})}\n", encoding="utf-8")
    assert _message(manifest) == f"{manifest}:2: " + message.format(root=tmp_path, sha256=documents[1].sha256)


def test_a_folder_that_names_no_type(folder):
    (folder / "thu").mkdir()
    (folder / "thu/c.txt").touch()
    assert _message(folder) == (
        f"{folder}/thu/c.txt: found the type 'thu', expected one of tin_bao_chi, chi_thi; see data.labels"
    )


def test_two_documents_of_one_id(folder, tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"id": "chi_thi/a", "text": "a", "type": "chi_thi"}', encoding="utf-8")
    assert _message(folder, path) == (
        f"{path}:1: the document id 'chi_thi/a' was used in {folder}/chi_thi/a.txt already; rename one of the files, "
        "or give one of the records another id"
    )


def test_nothing_in_it(folder, tmp_path, monkeypatch):
    (tmp_path / "none").mkdir()
    (tmp_path / "none.jsonl").touch()
    (tmp_path / "a.conll").touch()
    assert _message(folder, tmp_path / "none") == f"{tmp_path}/none: found no document, expected {EXPECTED}"
    assert _message(tmp_path / "none.jsonl") == f"{tmp_path}/none.jsonl: found no document, expected {EXPECTED}"
    assert _message(tmp_path / "a.conll") == f"{tmp_path}/a.conll: found the suffix '.conll', expected {EXPECTED}"
    monkeypatch.chdir(tmp_path)
    assert _message("nowhere/*.jsonl") == f"nowhere/*.jsonl: no such file or folder (looked in {tmp_path})."


def test_a_text_that_is_not_utf8(folder):
    (folder / "chi_thi/a.txt").write_bytes(b"Ch\xff")
    assert _message(folder) == (f"{folder}/chi_thi/a.txt: byte 2 is not UTF-8; convert the file first (iconv -t UTF-8)")


def test_the_documents_of_the_project():
    paths = [ROOT / "annotations/documents.jsonl", ROOT / "annotations/typed.jsonl"]
    counts = count_types(load_typed_documents(paths, tuple(DOCUMENT_TYPES)), tuple(DOCUMENT_TYPES))
    assert counts == {
        "tin_bao_chi": 121,
        "thong_bao": 63,
        "chi_thi": 52,
        "quyet_dinh": 63,
        "nghi_quyet": 58,
        "ke_hoach": 68,
        "bao_cao": 68,
        "to_trinh": 63,
        "huong_dan": 49,
        "cong_van": 66,
        "cong_dien": 48,
        "thong_tu": 47,
        "nghi_dinh": 46,
    }  # fmt: skip

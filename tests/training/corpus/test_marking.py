"""Documents with inline marks, and what is said of every mistake in one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from vanban.errors import UserError
from vanban.schema import LABELS, Entity
from vanban_training.corpus.annotated import load_documents
from vanban_training.corpus.annotations import check_manifest
from vanban_training.corpus.marking import convert, read_marked, unmark
from vanban_training.corpus.typed import load_typed_documents

HEADER = (
    "#! type=chi_thi | slug=01-lu | title=Ứng phó lũ | date=2020-10-08 | region=Trung | province=Quảng Trị | "
    "features=dense, noise\n\n"
)
BODY = "Chủ tịch UBND ⟦P:tỉnh Quảng Trị⟧ ⟦O:Lê Văn Bảo⟧ ký ⟦D:Chỉ thị số 09/CT-UBND⟧.\n\tCó ⟦C:312 hộ⟧ phải di dời.\n"


def write(folder: Path, text: str, name: str = "a.txt") -> Path:
    path = folder / "marked" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_marks_become_spans(tmp_path: Path) -> None:
    document = read_marked(write(tmp_path, HEADER + BODY))
    assert document.text == (
        "Chủ tịch UBND tỉnh Quảng Trị Lê Văn Bảo ký Chỉ thị số 09/CT-UBND.\n\tCó 312 hộ phải di dời.\n"
    )
    assert document.entities == (
        Entity("PLACE", 14, 28, "tỉnh Quảng Trị"),
        Entity("OFFICIAL", 29, 39, "Lê Văn Bảo"),
        Entity("DIRECTIVE", 43, 64, "Chỉ thị số 09/CT-UBND"),
        Entity("COUNT", 70, 76, "312 hộ"),
    )
    assert document.header["title"] == "Ứng phó lũ"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Không có đầu.\n", ":1: found 'Không có đầu.', expected #! type=… | slug=… | title=… | date=…"),
        (HEADER.replace("chi_thi", "chithi"), ":1: found the type 'chithi', expected one of tin_bao_chi, thong_bao"),
        (HEADER + "Một\n⟦X:hai⟧", ":4: found the mark 'X', expected one of O, P, C, D"),
        (HEADER + "Một\nhai ⟦P:Hà Nội ba", ":4: found a stray ⟦ in 'Một\\nhai ⟦P:Hà Nội ba'"),
        (HEADER + "\n\nMột\n⟦X:hai⟧", ":6: found the mark 'X'"),
        (HEADER.rstrip("\n") + "\n⟦X:hai⟧", ":2: found the mark 'X'"),
        (HEADER + "⟦P:Hà\nNội⟧", ":3: found a line break inside 'Hà\\nNội', expected a span within one line"),
        (HEADER + "Một\nhai ⟦P: Hà Nội⟧ ba", ":4: found white space at an end of ' Hà Nội', expected the span"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, text: str, message: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(UserError) as error:
        read_marked(path)
    assert str(error.value).startswith(f"{path}{message}")


def test_convert_writes_what_the_checks_accept(tmp_path: Path) -> None:
    write(tmp_path, HEADER + BODY)
    write(tmp_path, HEADER.replace("01-lu", "02-khong").replace("dense, noise", "-") + "Không có gì.\n", "b.txt")
    manifest = tmp_path / "annotations" / "authored.jsonl"
    out = tmp_path / "annotations" / "authored"
    said = convert(tmp_path / "marked", out, manifest)
    assert said == f"2 documents, 4 spans → {out}, {manifest}"
    assert check_manifest(manifest).faults == []
    row = json.loads(manifest.read_text(encoding="utf-8").splitlines()[0])
    assert {key: row[key] for key in ("id", "path", "date", "origin", "region", "province", "features", "group")} == {
        "id": "chi_thi/01-lu", "path": "annotations/authored/chi_thi/01-lu.txt", "date": "2020-10-08",
        "origin": "authored", "region": "Trung", "province": "Quảng Trị", "features": ["dense", "noise"],
        "group": "01",
    }  # fmt: skip
    assert row["spans"] == {"OFFICIAL": 1, "PLACE": 1, "COUNT": 1, "DIRECTIVE": 1}
    assert [(d.id, len(d.entities)) for d in load_documents([manifest])] == [
        ("chi_thi/01-lu", 4),
        ("chi_thi/02-khong", 0),
    ]


def test_documents_that_were_read_for_their_types_alone(tmp_path: Path) -> None:
    write(tmp_path, HEADER + "Chỉ thị số 09/CT-UBND.\n")
    manifest = tmp_path / "annotations" / "typed.jsonl"
    out = tmp_path / "annotations" / "typed"
    assert convert(tmp_path / "marked", out, manifest, types_only=True) == f"1 document, 0 spans → {out}, {manifest}"
    row = json.loads(manifest.read_text(encoding="utf-8"))
    assert list(row) == [
        "id", "path", "sha256", "type", "title", "date", "origin", "region", "province", "features", "group",
    ]  # fmt: skip
    assert [path.name for path in out.rglob("*.*")] == ["01-lu.txt"]
    report = check_manifest(manifest)
    assert (report.documents, report.spans, report.faults) == (1, 0, [])
    assert [(d.id, d.type) for d in load_typed_documents([manifest], ("chi_thi",))] == [("chi_thi/01-lu", "chi_thi")]

    marked = write(tmp_path, HEADER + BODY)
    before = manifest.read_text(encoding="utf-8")
    with pytest.raises(UserError) as error:
        convert(tmp_path / "marked", out, manifest, types_only=True)
    assert str(error.value) == f"{marked}: found marks, expected none in a document that was read for its type alone"
    assert manifest.read_text(encoding="utf-8") == before


def test_a_row_replaces_that_of_the_same_id_and_the_others_stay(tmp_path: Path) -> None:
    manifest = tmp_path / "annotations" / "m.jsonl"
    out = tmp_path / "annotations" / "authored"
    for name in ("01-lu", "02-han"):
        write(tmp_path, HEADER.replace("01-lu", name) + BODY, f"{name}.txt")
    convert(tmp_path / "marked", out, manifest)
    first, second = manifest.read_text(encoding="utf-8").splitlines()
    (tmp_path / "marked/02-han.txt").unlink()
    write(tmp_path, HEADER.replace("Ứng phó lũ", "Khác") + "Không có gì.\n", "01-lu.txt")
    write(tmp_path, HEADER.replace("01-lu", "03-bao") + BODY, "03-bao.txt")
    assert convert(tmp_path / "marked", out, manifest) == f"2 documents, 4 spans → {out}, {manifest}"
    rows = [json.loads(line) for line in manifest.read_text(encoding="utf-8").splitlines()]
    assert [row["id"] for row in rows] == ["chi_thi/01-lu", "chi_thi/02-han", "chi_thi/03-bao"]
    assert (rows[0]["title"], rows[0]["spans"]) == ("Khác", dict.fromkeys(LABELS, 0))
    assert rows[0] != json.loads(first)
    assert rows[1] == json.loads(second)
    assert check_manifest(manifest).faults == []


def test_a_mark_inside_a_syllable(tmp_path: Path) -> None:
    with pytest.raises(UserError) as error:
        unmark("a\nở ông ⟦O:Tr⟧ần", tmp_path / "a.txt", skipped=2)
    assert str(error.value) == (f"{tmp_path}/a.txt:4: OFFICIAL 8 10 'Tr' ends inside a syllable: 'a\\nở ông Tr|ần'")


@pytest.mark.parametrize("slug", ["../../x", "/tmp/x", "a/b", "a\\b", "..", ".hidden"])
def test_a_slug_names_no_place_outside_of_the_folder(tmp_path: Path, slug: str) -> None:
    name = next(part for part in HEADER.split(" | ") if part.startswith("slug="))
    write(tmp_path, HEADER.replace(name, f"slug={slug}") + BODY)
    with pytest.raises(UserError, match=r"a\.txt:1: found the slug '.*', expected the name of a file"):
        convert(tmp_path / "marked", tmp_path / "out", tmp_path / "out/m.jsonl")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["marked"]


def test_nothing_is_written_where_one_document_has_a_fault(tmp_path: Path) -> None:
    write(tmp_path, HEADER + BODY)
    write(tmp_path, "kaputt", "b.txt")
    with pytest.raises(UserError, match=r"b\.txt:1: found 'kaputt'"):
        convert(tmp_path / "marked", tmp_path / "out", tmp_path / "out/m.jsonl")
    assert not (tmp_path / "out").exists()
    (tmp_path / "marked/b.txt").write_bytes(b"\xff")
    with pytest.raises(UserError, match=r"b\.txt: byte 0 is not UTF-8"):
        convert(tmp_path / "marked", tmp_path / "out", tmp_path / "out/m.jsonl")
    twin = write(tmp_path, HEADER + "Khác.\n", "b.txt")
    with pytest.raises(UserError) as error:
        convert(tmp_path / "marked", tmp_path / "out", tmp_path / "out/m.jsonl")
    first = tmp_path / "marked/a.txt"
    assert str(error.value) == f"{twin}:1: found the type and the slug of {first}, expected a slug of its own"
    twin.unlink()
    (tmp_path / "project/annotations").mkdir(parents=True)
    manifest = tmp_path / "project/annotations/m.jsonl"
    with pytest.raises(UserError) as error:
        convert(tmp_path / "marked", tmp_path / "out", manifest)
    project = (tmp_path / "project").resolve()
    assert str(error.value) == (
        f"{tmp_path}/out: expected a folder under {project}, from which the paths of {manifest} count"
    )
    manifest.write_text('{"path": "a"}\n', encoding="utf-8")
    with pytest.raises(UserError) as error:
        convert(tmp_path / "marked", tmp_path / "project/out", manifest)
    assert str(error.value) == f'{manifest}:1: expected the key "id", found path'
    assert not (tmp_path / "out").exists() and not (tmp_path / "project/out").exists()
    (tmp_path / "empty").mkdir()
    for name, told in (
        ("nowhere", f"no such folder (looked in {Path.cwd()})"),
        ("marked/a.txt", "is a file, expected a folder"),
        ("empty", "holds no .txt"),
    ):
        with pytest.raises(UserError) as error:
            convert(tmp_path / name, tmp_path / "out", tmp_path / "out/m.jsonl")
        assert str(error.value) == f"{tmp_path / name}: {told}"

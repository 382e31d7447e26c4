"""Where files are: any case of a suffix, NFC or NFD, no hidden ones, for every format alike."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from pathlib import Path

import pytest

from vanban.errors import UserError
from vanban.schema import Entity
from vanban_training.corpus.annotated import load_documents
from vanban_training.corpus.annotations import check_manifest
from vanban_training.corpus.files import expand, located, named_files
from vanban_training.corpus.marking import convert
from vanban_training.corpus.typed import load_typed_documents
from vanban_training.ner.agreement import agreement_scores

ROW = "T1\tPLACE 0 3\tHuế\n"


def nfd(name: str) -> str:
    return unicodedata.normalize("NFD", name)


def write(root: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode())
    return root


def test_files_by_name(tmp_path):
    write(
        tmp_path, dict.fromkeys(("b.TXT", "a.txt", "a.ann", "x/tin.1.Txt", "._a.txt", ".git/c.txt", nfd("Huế.txt")), "")
    )
    found = named_files(tmp_path, ".txt")
    assert list(found) == ["Huế", "a", "b", "x/tin.1"]
    assert found["Huế"] == tmp_path / nfd("Huế.txt")
    assert named_files(tmp_path / "none", ".txt") == {}


@pytest.mark.parametrize("names", [("a.TXT", "a.txt"), ("Huế.txt", nfd("Huế.txt"))])
@pytest.mark.parametrize("reader", ["brat", "types", "marked", "agreement"])
def test_two_files_of_one_name(tmp_path, names, reader):
    if reader == "agreement":
        names = tuple(name.replace("txt", "ann").replace("TXT", "ANN") for name in names)
    folder = write(tmp_path / "f", dict.fromkeys(names, ""))
    calls = {
        "brat": lambda: load_documents([folder]),
        "types": lambda: load_typed_documents([folder], ("f", "g")),
        "marked": lambda: convert(folder, tmp_path / "out", tmp_path / "m.jsonl"),
        "agreement": lambda: agreement_scores(folder, folder, tmp_path / "m.jsonl"),
    }
    with pytest.raises(UserError) as error:
        calls[reader]()
    first, second = sorted(folder / name for name in names)
    assert str(error.value) == (
        f"{first} and {second} differ in the case of their suffix or the Unicode form of their name alone; "
        "rename or remove one of them"
    )


def test_paths_and_globs(tmp_path):
    write(tmp_path, dict.fromkeys(("a.conll", "B.CONLL", nfd("Huế.conll"), ".c.conll"), ""))
    assert expand(str(tmp_path / "*.conll")) == [tmp_path / n for n in ("B.CONLL", nfd("Huế.conll"), "a.conll")]
    assert expand(str(tmp_path / "Huế.conll")) == [tmp_path / nfd("Huế.conll")]
    assert expand(str(tmp_path / "Hu*ế.conll")) == [tmp_path / nfd("Huế.conll")]
    assert located(tmp_path, "Huế.conll") == tmp_path / nfd("Huế.conll")
    assert located(tmp_path, "none") == tmp_path / "none"


# ---- each reader by the rule


@pytest.mark.parametrize(("text", "standoff"), [("a.TXT", "a.ann"), ("a.txt", "a.ANN"), ("a.Txt", "a.Ann")])
def test_brat_folders(tmp_path, text, standoff):
    write(tmp_path, {text: "Huế", standoff: ROW, "._a.txt": "\x00", "._a.ann": "\x00", ".DS_Store": "\x00"})
    (document,) = load_documents([tmp_path])
    assert (document.id, document.entities, document.source) == (
        "a", (Entity("PLACE", 0, 3, "Huế"),), str(tmp_path / standoff),
    )  # fmt: skip
    (tmp_path / standoff).unlink()
    with pytest.raises(UserError, match=rf"/{text}: has no \.ann beside it"):
        load_documents([tmp_path])


def test_a_standoff_without_text_in_capitals(tmp_path):
    write(tmp_path, {"a.ANN": ROW})
    with pytest.raises(UserError, match=r"/a\.ANN: its text a\.txt is missing beside it$"):
        load_documents([tmp_path])


def test_labels_and_names_in_nfd(tmp_path):
    write(tmp_path, {nfd("hà.txt"): "Huế", "hà.ann": nfd("T1\tTỈNH 0 3\t") + "Huế\n"})
    for labels in (("TỈNH",), (nfd("TỈNH"),)):
        (document,) = load_documents([tmp_path], labels)
        assert (document.id, document.entities) == ("hà", (Entity("TỈNH", 0, 3, "Huế"),))
    row = {"id": "b", "text": "Huế", "entities": [{"label": nfd("TỈNH"), "start": 0, "end": 3}], "type": nfd("chỉ_thị")}
    write(tmp_path / "rows", {"B.JSONL": json.dumps(row)})
    (document,) = load_documents([tmp_path / "rows/B.JSONL"], ("TỈNH",))
    assert (document.entities[0].label, document.type) == ("TỈNH", "chỉ_thị")


def test_folders_of_types(tmp_path):
    write(tmp_path, {f"{nfd('chỉ_thị')}/a.TXT": "Huế", "báo_cáo/b.txt": "Huế", "báo_cáo/._b.txt": "\x00"})
    for types in (("chỉ_thị", "báo_cáo"), (nfd("chỉ_thị"), nfd("báo_cáo"))):
        documents = load_typed_documents([tmp_path], types)
        assert sorted((d.id, d.type) for d in documents) == [("báo_cáo/b", "báo_cáo"), ("chỉ_thị/a", "chỉ_thị")]
    write(tmp_path / "rows", {"t.JSONL": json.dumps({"text": "Huế", "type": nfd("chỉ_thị"), "origin": nfd("báo")})})
    (document,) = load_typed_documents([tmp_path / "rows/t.JSONL"], ("chỉ_thị",))
    assert (document.type, document.origin) == ("chỉ_thị", "báo")


def test_a_manifest_whose_files_are_in_nfd(tmp_path):
    write(tmp_path, {nfd("văn/hà.TXT"): "Huế", nfd("annotations/văn/hà.ANN"): ROW, "annotations/văn/._x.ann": "\x00"})
    record = {
        "id": "hà", "path": "văn/hà.TXT", "annotation": "annotations/văn/hà.ANN", "title": "", "date": None,
        "sha256": hashlib.sha256("Huế".encode()).hexdigest(), "type": "tin_bao_chi", "origin": "seed",
        "spans": {"OFFICIAL": 0, "PLACE": 1, "COUNT": 0, "DIRECTIVE": 0},
    }  # fmt: skip
    manifest = tmp_path / "annotations/documents.jsonl"
    manifest.write_text(json.dumps(record), encoding="utf-8")
    (document,) = load_documents([manifest])
    assert (document.id, document.text, len(document.entities)) == ("hà", "Huế", 1)
    report = check_manifest(manifest)
    assert (report.documents, report.spans, report.faults) == (1, 1, [])
    folder = tmp_path / nfd("annotations/văn")
    assert agreement_scores(folder, folder, manifest)[1][-1].f1 == 1.0
    stray = write(folder, {"B.ANN": ""}) / "B.ANN"
    assert check_manifest(manifest).faults == [f"{stray}: not in {manifest}; add its line or remove it"]


def test_agreement_pairs_by_name(tmp_path):
    write(tmp_path, {"a/1.TXT": "Huế", "a/1.ann": ROW, "a/._1.ann": "\x00", "b/1.ANN": ROW, "b/._1.ann": "\x00"})
    documents, scores = agreement_scores(tmp_path / "a", tmp_path / "b", tmp_path / "none.jsonl")
    assert (documents, scores[-1].f1, scores[-1].support) == (1, 1.0, 1)


def test_marked_documents(tmp_path):
    header = "#! type=chi_thi | slug=a | title=a | date=- | region=Bắc | province=- | features=-\n\n"
    write(tmp_path / "marked", {"a.TXT": f"{header}ở ⟦P:Huế⟧\n", "._a.txt": "\x00"})
    said = convert(tmp_path / "marked", tmp_path / "out", tmp_path / "out/m.jsonl")
    assert said.startswith("1 document, 1 span → ")

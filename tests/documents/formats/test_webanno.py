from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given

from any_tagged import entity, positions, tagged, texts_with_spans
from vanban.documents.document import Failure
from vanban.documents.formats.format import Tagged
from vanban.documents.formats.webanno import FORMAT, files, read_files
from vanban.schema import Entity, Prediction

TEXT = "Tại Hà Nội 😀 có 24.973 ca.\r\nChủ tịch UBND tỉnh Quảng\nNam ký. Ông Anh."
ENTITIES = (
    entity(TEXT, "Hà Nội"), entity(TEXT, "24.973 ca", "COUNT"), entity(TEXT, "Quảng\nNam"), entity(TEXT, "An", "A_b"),
)  # fmt: skip


def write(pair: Tagged, folder: Path) -> tuple[Path, Counter[str]]:
    losses: Counter[str] = Counter()
    path = folder / "a.tsv"
    path.write_bytes(files(*pair, losses)[".tsv"])
    return path, losses


def back(pair: Tagged, folder: Path) -> tuple[str, tuple[Entity, ...]]:
    read = read_files(write(pair, folder)[0])
    assert not isinstance(read, Failure), read
    assert read[0].text == read[1].text
    return read[0].text, read[1].entities


def test_rows(tmp_path: Path) -> None:
    path, losses = write(tagged(TEXT, *ENTITIES), tmp_path)
    assert losses == Counter()
    written = path.read_bytes().decode()
    assert written.startswith(
        "#FORMAT=WebAnno TSV 3.3\n#T_SP=de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity|value\n\n\n"
        "#Text=Tại Hà Nội 😀 có 24.973 ca.\\r\n"
        "1-1\t0-3\tTại\t_\t\n1-2\t4-6\tHà\tPLACE[1]\t\n1-3\t7-10\tNội\tPLACE[1]\t\n1-4\t11-13\t😀\t_\t\n"
        "1-5\t14-16\tcó\t_\t\n1-6\t17-23\t24.973\tCOUNT[2]\t\n1-7\t24-26\tca\tCOUNT[2]\t\n1-8\t26-27\t.\t_\t\n\n"
        "#Text=Chủ tịch UBND tỉnh Quảng\n#Text=Nam ký. \n2-1\t29-32\tChủ\t_\t\n"
    )
    # a part of a token has a row of its own; the last sentence holds all that is behind it
    assert written.endswith(
        "\n\n#Text=Ông Anh.\n3-1\t62-65\tÔng\t_\t\n"
        "3-2\t66-69\tAnh\t_\t\n3-2.1\t66-68\tAn\tA\\_b\t\n3-3\t69-70\t.\t_\t\n"
    )
    assert back(tagged(TEXT, *ENTITIES), tmp_path) == (TEXT, ENTITIES)


@given(texts_with_spans(flat=False))
def test_round_trip(tmp_path_factory: pytest.TempPathFactory, pair: Tagged) -> None:
    folder = tmp_path_factory.getbasetemp()
    _, losses = write(pair, folder)
    text, entities = back(pair, folder)
    assert (text == pair[0].text) == (losses["characters of white space before the first word"] == 0)
    if text.strip():  # white space before the first word becomes as many spaces: offsets stay
        assert len(text) == len(pair[0].text)
        assert positions(Prediction(text, entities, "")) == positions(pair[1])


@given(texts_with_spans(visible_edges=False))
def test_ends_in_white_space_are_counted(tmp_path_factory: pytest.TempPathFactory, pair: Tagged) -> None:
    folder = tmp_path_factory.getbasetemp()
    _, losses = write(pair, folder)
    _, entities = back(pair, folder)
    kept = len(pair[1].entities) - losses["spans of white space alone"]
    shorter = {(e.start, e.end) for e in entities} - {(e.start, e.end) for e in pair[1].entities}
    assert (len(entities), len(shorter)) == (kept, losses["ends of spans in white space"])


def test_spans_that_overlap_are_stacked(tmp_path: Path) -> None:
    text = "Sở Y tế Hà Nội"
    found = (
        Entity("A", 0, 2, "Sở"),
        Entity("B", 0, 2, "Sở"),
        Entity("C", 3, 14, text[3:]),
        Entity("D", 8, 14, "Hà Nội"),
    )
    rows = write(tagged(text, *found), tmp_path)[0].read_text("utf-8").split("\n")[5:]
    assert [row.split("\t")[3] for row in rows if row] == ["A[1]|B[2]", "C[3]", "C[3]", "C[3]|D[4]", "C[3]|D[4]"]
    assert back(tagged(text, *found), tmp_path) == (text, found)


@pytest.mark.parametrize("text", ["", "x", "😀", "Hết.\n", "A. \n\n  B.\n\n"])
def test_short_texts(text: str, tmp_path: Path) -> None:
    assert back(tagged(text), tmp_path) == (text, ())


def test_what_has_no_place_is_counted(tmp_path: Path) -> None:
    document, prediction = tagged("\n \tHà Nội", Entity("PLACE", 3, 9, "Hà Nội", 0.5), source="báo")
    prediction = replace(prediction, doc_type="tin_bao_chi", doc_type_scores={"tin_bao_chi": 0.9, "bao_cao": 0.1})
    path, losses = write((document, prediction), tmp_path)
    spaces = "characters of white space before the first word"
    assert losses == {"scores": 1, "types": 1, "fields": 1, spaces: 2}
    read = read_files(path)
    assert not isinstance(read, Failure)
    assert read[1] == Prediction("   Hà Nội", (Entity("PLACE", 3, 9, "Hà Nội"),), "")
    assert (read[0].id, read[0].name, read[0].where) == ("a", str(path.with_suffix("")), str(path))
    assert write(tagged("\n\n"), tmp_path)[1] == {spaces: 2}


# INCEpTION writes the columns of all features of all layers, stacked spans, and spans of parts of several tokens
INCEPTION = """#FORMAT=WebAnno TSV 3.3
#T_SP=de.tudarmstadt.ukp.dkpro.core.api.lexmorph.type.pos.POS|PosValue|coarseValue
#T_SP=de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity|identifier|value
#T_RL=de.tudarmstadt.ukp.dkpro.core.api.syntax.type.dependency.Dependency|DependencyType|flavor|BT_x.POS


#Sentence.id=s-1
#Text=Bà Lê😀Thu  đến.
1-1\t0-2\tBà\tN\t_\t_\t_\t_\t_\t_\t
1-2\t3-10\tLê😀Thu\t_\t_\t_\t_\t_\t_\t_\t
1-2.1\t7-10\tThu\t_\t_\t*[7]\tnửa tên[7]\t_\t_\t_\t
1-3\t12-15\tđến\t_\t_\t*[7]\tnửa tên[7]\t_\t_\t_\t
1-4\t15-16\t.\t_\t_\t_\t_\t_\t_\t_\t

#Text=Hết
2-1\t19-22\tHết\t_\t_\t*\tA\\|B\t_\t_\t_\t
"""


def test_inceptions_own(tmp_path: Path) -> None:
    path = tmp_path / "xuất.tsv"
    for written in (INCEPTION, INCEPTION.replace("\n", "\r\n")):
        path.write_bytes(written.encode())
        read = read_files(path)
        assert not isinstance(read, Failure), read
        assert read[0].text == "Bà Lê😀Thu  đến.\n  Hết"
        assert [(e.label, e.text) for e in read[1].entities] == [("nửa tên", "Thu  đến"), ("A|B", "Hết")]


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ("TSV 3.3", "TSV 2", 1, "found '#FORMAT=WebAnno TSV 2', expected #FORMAT=WebAnno TSV 3.3"),
        ("1-1\t0-2\tBà", "1-1\t0-2\tBá", 9, "found 'Bá', expected 'Bà', which is the text at 0-2 (UTF-16 units)"),
        (
            "1-2\t3-10",
            "1-2\t3-6",
            10,
            "found the offsets 3-6, expected those of whole characters, 22 at most (UTF-16 units)",
        ),
        (
            "15-16",
            "15-99",
            13,
            "found the offsets 15-99, expected those of whole characters, 22 at most (UTF-16 units)",
        ),
        ("2-1\t19-22", "2-1\t9-12", 16, "found a sentence at 9, expected 16 or more: sentences overlap"),
        ("1-4\t15-16", "1-4\t15", 13, "expected 1-1<TAB>BEGIN-END<TAB>TOKEN and its columns"),
        ("A\\|B", "*", 16, "found '*' at 'Hết', expected a label: give the span a value"),
    ],
)
def test_faults_name_their_line(old: str, new: str, line: int, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_bytes(INCEPTION.replace(old, new).encode())
    failure = read_files(path)
    assert isinstance(failure, Failure)
    assert failure.where == f"{path}:{line}"
    assert reason in failure.reason


def test_other_faults(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    layers = INCEPTION.replace("de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity|identifier|value", "{}")
    path.write_bytes(layers.format("webanno.custom.Span|kind|label").encode())
    read = read_files(path)
    assert not isinstance(read, Failure)
    assert [e.label for e in read[1].entities] == ["nửa tên", "A|B"]
    path.write_bytes(layers.format("webanno.custom.A|x\n#T_SP=webanno.custom.B|y").encode())
    assert "webanno.custom.A, webanno.custom.B; expected NamedEntity" in getattr(read_files(path), "reason", "")
    path.write_bytes(b"#FORMAT=\xff")
    assert "found a byte that is no UTF-8 at 8" in getattr(read_files(path), "reason", "")
    assert "No such file" in getattr(read_files(tmp_path / "b.tsv"), "reason", "")


def test_first_bytes_tell_it_from_conll() -> None:
    assert FORMAT.is_one is not None
    assert FORMAT.is_one(INCEPTION.encode()[:64])
    assert not FORMAT.is_one("Hà\tB-PLACE\n".encode())

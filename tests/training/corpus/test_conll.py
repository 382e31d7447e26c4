"""CoNLL columns."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from vanban.documents.document import Document
from vanban.documents.formats.conll import to_conll
from vanban.errors import UserError
from vanban.schema import Entity, Prediction
from vanban_training.corpus.annotated import load_documents
from vanban_training.corpus.conll import load_conll

LABELS = ("OFFICIAL", "PLACE")


def _write(folder: Path, content: str) -> Path:
    path = folder / "train.conll"
    path.write_bytes(content.encode())
    return path


def test_lines_documents_and_columns(tmp_path):
    path = _write(
        tmp_path,
        "-DOCSTART- -X- O\n\nÔng N O\nNguyễn N B-OFFICIAL\nVăn N I-OFFICIAL\nNam N I-OFFICIAL\n, P O\n\n\n"
        "Hà N B-PLACE\nNội N I-PLACE\nHuế N B-PLACE\n\n"
        "-DOCSTART-\n\n# newdoc id = 2\n# text = Ở Huế\nỞ E O\nHuế N B-PLACE\n",
    )
    assert list(load_conll(path, LABELS)) == [
        (
            "Ông Nguyễn Văn Nam ,\nHà Nội Huế",
            [
                Entity("OFFICIAL", 4, 18, "Nguyễn Văn Nam"),
                Entity("PLACE", 21, 27, "Hà Nội"),
                Entity("PLACE", 28, 31, "Huế"),
            ],
        ),
        ("Ở Huế", [Entity("PLACE", 2, 5, "Huế")]),
    ]


def test_documents_get_numbered_ids_and_a_file_without_marks_is_one(tmp_path):
    path = _write(tmp_path, "\ufeffHuế B-PLACE\r\n\r\nở O\r\n")
    (document,) = load_documents([path], LABELS)
    assert (document.id, document.text, document.entities) == ("train-1", "Huế\nở", (Entity("PLACE", 0, 3, "Huế"),))
    path.write_text("# newdoc\na O\n# newdoc\nb O\n", encoding="utf-8")
    assert [(d.id, d.text) for d in load_documents([path], LABELS)] == [("train-1", "a"), ("train-2", "b")]


def test_tokens_are_kept_as_they_are(tmp_path):
    # underscores of segmented words, a number with a no-break space, a hash sign
    path = _write(tmp_path, "Hà_Nội B-PLACE\n10\u00a0000 O\n# O\n")
    ((text, entities),) = load_conll(path, LABELS)
    assert text == "Hà_Nội 10\u00a0000 #"
    assert [(e.start, e.end, e.text) for e in entities] == [(0, 6, "Hà_Nội")]


def test_a_token_of_several_words_where_tabs_part_the_columns(tmp_path):
    path = _write(tmp_path, "-DOCSTART- -X- O\n# text = Ông Trần\nÔng\tO\nTrần Văn Khảm\tB-OFFICIAL\n")
    assert list(load_conll(path, LABELS)) == [("Ông Trần Văn Khảm", [Entity("OFFICIAL", 4, 17, "Trần Văn Khảm")])]


@pytest.mark.parametrize("mark", ["-DOCSTART-", "-DOCSTART- O", "-DOCSTART-\tO\t# seeds/a b.txt", "# newdoc id = 1"])
@pytest.mark.parametrize("gap", [" ", "\t"])
def test_whatever_stands_behind_a_new_document(tmp_path, mark, gap):
    path = _write(tmp_path, f"{mark}\n\nở{gap}O\n\n{mark}\n\nHuế{gap}B-PLACE\n")
    assert list(load_conll(path, LABELS)) == [("ở", []), ("Huế", [Entity("PLACE", 0, 3, "Huế")])]


def test_what_tag_writes_is_read_back(tmp_path):
    text = "Ở Hà Nội\ncó 46 ca."
    found = (Entity("PLACE", 2, 8, "Hà Nội"), Entity("COUNT", 12, 17, "46 ca"))
    path = _write(tmp_path, to_conll(Document("a", text, "a", "a", "a"), Prediction(text, found, "m")) * 2)
    assert (
        list(load_conll(path, ("PLACE", "COUNT")))
        == [("Ở Hà Nội\ncó 46 ca .", [Entity("PLACE", 2, 8, "Hà Nội"), Entity("COUNT", 12, 17, "46 ca")])] * 2
    )


def test_labels_in_nfd_are_those_in_nfc(tmp_path):
    path = _write(tmp_path, unicodedata.normalize("NFD", "Huế B-TỈNH\nvà O\n"))
    ((text, entities),) = load_conll(path, ("TỈNH",))
    assert entities == [Entity("TỈNH", 0, 5, unicodedata.normalize("NFD", "Huế"))]
    assert text == unicodedata.normalize("NFD", "Huế và")
    (document,) = load_documents([path], (unicodedata.normalize("NFD", "TỈNH"),))
    assert document.entities[0].label == "TỈNH"


def test_the_column_that_is_chosen(tmp_path):
    path = _write(tmp_path, "ở E B-PP O O\nHà N B-NP B-PLACE O\nNội N I-NP I-PLACE B-OFFICIAL\n")
    (outer,) = load_documents([path], LABELS, 4)
    assert outer.entities == (Entity("PLACE", 2, 8, "Hà Nội"),)
    (inner,) = load_documents([path], LABELS, 5)
    assert inner.entities == (Entity("OFFICIAL", 5, 8, "Nội"),)
    with pytest.raises(UserError) as error:
        load_documents([path], LABELS)
    assert str(error.value) == (
        f"{path}:2: found 'B-PLACE' in column 4 and 'O' in column 5 of 'Hà N B-NP B-PLACE O', expected tags in the "
        "last column alone; choose 4 or 5 (1 is the token); see data.conll_column"
    )


def test_an_empty_file_has_no_document(tmp_path):
    assert list(load_conll(_write(tmp_path, ""), LABELS)) == []
    assert list(load_conll(_write(tmp_path, "-DOCSTART- O\n\n"), LABELS)) == []


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("Hà I-PLACE", "found I-PLACE outside any entity, expected B-PLACE first: tags are IOB2"),
        ("Hà B-PLACE\n\nNội I-PLACE", "found I-PLACE outside any entity, expected B-PLACE first: tags are IOB2"),
        ("Hà B-PLACE\n-DOCSTART- O\nNội I-PLACE", "found I-PLACE outside any entity, expected B-PLACE first: tags are"),
        ("Nam B-OFFICIAL\nNội I-PLACE", "found I-PLACE inside OFFICIAL, expected B-PLACE first: tags are IOB2"),
        (
            "Trần Văn Khảm B-OFFICIAL",
            "found 'Trần Văn Khảm B-OFFICIAL', which has 4 columns, expected 2 as in line 1, ",
        ),
        ("Huế S-PLACE", "found the tag 'S-PLACE', expected O, B-… or I-… (IOB2) of OFFICIAL, PLACE"),
        ("Huế B-", "found the tag 'B-', expected O, B-… or I-… (IOB2) of OFFICIAL, PLACE"),
        ("Huế B-LOC", "found the label 'LOC', expected one of OFFICIAL, PLACE; see data.labels"),
        ("Huế", "found 'Huế', expected a token and its tag, parted by a tab or spaces"),
        ("B-PLACE\nHuế B-PLACE", "found 'B-PLACE', expected a token and its tag, parted by a tab or spaces"),
        ("\u200bHuế B-PLACE", "found white space at an end of '\\u200bHuế'"),
    ],
)
def test_faults_name_the_line(tmp_path, rows, message):
    path = _write(tmp_path, f"ở O\n\n{rows}\n")
    with pytest.raises(UserError) as error:
        list(load_conll(path, LABELS))
    line = 3 if rows.startswith("B-PLACE") else 2 + len(rows.split("\n"))
    assert str(error.value).startswith(f"{path}:{line}: {message}")


def test_a_large_file_is_read_in_linear_time(tmp_path):
    path = _write(tmp_path, "Huế B-PLACE\n" * 100_000)
    ((text, entities),) = load_conll(path, LABELS)
    assert (len(text), len(entities), entities[-1]) == (399_999, 100_000, Entity("PLACE", 399_996, 399_999, "Huế"))

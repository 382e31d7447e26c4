"""How rows are parted, that they agree, and which column holds the tags."""

from __future__ import annotations

import pytest

from vanban.documents.formats.conll_columns import Row, parted, tag_column
from vanban.errors import UserError

PATH = "a.conll"
LABELS = ("OFFICIAL", "PLACE")


def _rows(content: str) -> list[tuple[int, str]]:
    return list(enumerate(content.split("\n"), 1))


@pytest.mark.parametrize(
    ("content", "columns"),
    [
        ("Ông O\nNam   B-OFFICIAL ", [["Ông", "O"], ["Nam", "B-OFFICIAL"]]),
        ("Ông\tO\nTrần Văn Khảm\tB-OFFICIAL", [["Ông", "O"], ["Trần Văn Khảm", "B-OFFICIAL"]]),
        # an empty column inside counts, one at the end only where some row fills it
        ("a\t\tO\nb\tN\tO", [["a", "", "O"], ["b", "N", "O"]]),
        ("a\tO\t\nb\tO\t", [["a", "O"], ["b", "O"]]),
        ("a\tO\t\t\nb\tO\t\tx", [["a", "O", "", ""], ["b", "O", "", "x"]]),
        ("a\t", [["a", ""]]),
    ],
)
def test_columns(content, columns):
    found = parted(_rows(content), PATH)
    assert [row.columns for row in found] == columns
    assert [row.number for row in found] == list(range(1, len(columns) + 1))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            "Ông O\nTrần Văn Khảm B-OFFICIAL",
            "a.conll:2: found 'Trần Văn Khảm B-OFFICIAL', which has 4 columns, expected 2 as in line 1, 'Ông O'; "
            "part columns by tabs: then a token may hold spaces",
        ),
        (
            "Trần Văn Khảm B-OFFICIAL\nÔng O",
            "a.conll:2: found 'Ông O', which has 2 columns, expected 4 as in line 1, 'Trần Văn Khảm B-OFFICIAL'; "
            "part columns by tabs: then a token may hold spaces",
        ),
        (
            "Ông\tN\tO\nNam\tB-OFFICIAL",
            "a.conll:2: found 'Nam\\tB-OFFICIAL', which has 2 columns, expected 3 as in line 1, 'Ông\\tN\\tO'; "
            "give every row as many",
        ),
        ("a\tO\nb\tO\t", "a.conll:2: found 'b\\tO\\t', which has 3 columns, expected 2 as in line 1, 'a\\tO'; give"),
        (
            "Ông O\nTrần Văn Khảm\tB-OFFICIAL",
            "a.conll:1: found 'Ông O' without a tab, expected tabs between its columns as in line 2, "
            "'Trần Văn Khảm\\tB-OFFICIAL'",
        ),
        ("Ông\nNam O", "a.conll:1: found 'Ông', expected a token and its tag, parted by a tab or spaces"),
        ("\tO", "a.conll:1: found '\\tO', expected a token and its tag, parted by a tab or spaces"),
    ],
)
def test_rows_that_do_not_agree(content, message):
    with pytest.raises(UserError) as error:
        parted(_rows(content), PATH)
    assert str(error.value).startswith(message)


def _column(content: str, chosen: int | None = None) -> int:
    return tag_column([Row(number, row, row.split()) for number, row in _rows(content)], LABELS, chosen, PATH)


def test_the_column_of_tags():
    assert tag_column([], LABELS, None, PATH) == -1
    assert _column("Huế B-PLACE") == -1
    assert _column("Huế N B-NP B-PLACE") == -1  # chunks of CoNLL-2003 are no labels
    assert _column("Huế N B-NP O") == -1
    assert _column("B-PLACE N O") == -1  # a token like a tag
    assert _column("Huế B-LOC B-PER") == -1  # unknown labels: said of the last, as ever
    assert _column("Huế N B-PLACE I-PLACE", 3) == 2
    assert _column("Huế N B-PLACE I-PLACE", 4) == 3


@pytest.mark.parametrize(
    ("content", "message"),
    [
        # the last holds none: reading it would lose every span without a word
        ("ở E O O\nHuế N B-PLACE O", "a.conll:2: found 'B-PLACE' in column 3 and 'O' in column 4 of 'Huế N B-PLACE O'"),
        ("Huế B-PLACE huế", "a.conll:1: found 'B-PLACE' in column 2 and 'huế' in column 3 of 'Huế B-PLACE huế'"),
        (
            "Huế B-PLACE I-OFFICIAL B-PLACE",
            "a.conll:1: found 'B-PLACE' in column 2 and 'I-OFFICIAL' in column 3 and 'B-PLACE' in column 4 of "
            "'Huế B-PLACE I-OFFICIAL B-PLACE', expected tags in the last column alone; choose 2 or 3 or 4 "
            "(1 is the token); see data.conll_column",
        ),
    ],
)
def test_tags_in_several_columns(content, message):
    with pytest.raises(UserError) as error:
        _column(content)
    assert str(error.value).startswith(message)


def test_a_column_that_is_not_there():
    with pytest.raises(UserError) as error:
        _column("Huế B-PLACE", 4)
    assert str(error.value) == "a.conll:1: has 2 columns, expected a column 4 with tags; see data.conll_column"

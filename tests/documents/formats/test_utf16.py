from __future__ import annotations

import pytest
from hypothesis import given

from tagged_documents import TEXTS
from vanban.documents.formats.utf16 import Units


def test_an_emoji_is_two_units() -> None:
    units = Units("a😀b𠀋")
    assert [units.units(i) for i in range(5)] == [0, 1, 3, 4, 6]
    assert [units.code_points(i) for i in range(7)] == [0, 1, None, 2, 3, None, 4]
    assert units.length == 6


@pytest.mark.parametrize("text", ["", "Đà Nẵng"])
def test_vietnamese_is_one_unit_a_character(text: str) -> None:
    units = Units(text)
    assert [units.units(i) for i in range(len(text) + 1)] == list(range(len(text) + 1))
    assert units.length == len(text)


@given(TEXTS)
def test_units_are_those_of_the_encoding(text: str) -> None:
    units = Units(text)
    assert units.length == len(text.encode("utf-16-le")) // 2
    for i in range(len(text) + 1):
        assert units.units(i) == len(text[:i].encode("utf-16-le")) // 2
        assert units.code_points(units.units(i)) == i

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vanban.documents.formats.utf16 import Utf16
from vanban.errors import UserError


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_both_ways(text: str) -> None:
    offsets = Utf16(text)
    for i in range(len(text) + 1):
        units = len(text[:i].encode("utf-16-le")) // 2
        assert offsets.units(i) == units
        assert offsets.code_points(units) == i


def test_offsets_that_are_none() -> None:
    offsets = Utf16("a😀b")
    assert [offsets.units(i) for i in range(4)] == [0, 1, 3, 4]
    with pytest.raises(UserError, match="the offset 2, which is inside a character"):
        offsets.code_points(2)
    for outside in (-1, 5):
        with pytest.raises(UserError, match=f"the offset {outside}, expected 0 to 4"):
            offsets.code_points(outside)
    with pytest.raises(UserError, match="the offset 1, expected 0 to 0"):
        Utf16("").code_points(1)

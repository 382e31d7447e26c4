from __future__ import annotations

import unicodedata
from typing import Final

import pytest

from vanban.documents.readers.syllables import is_syllable

SYLLABLES: Final = """
    Nguyễn huyện quyết khuya khuỷu ương giếng gì yêu yểu Đắk ỦY uỷ hoà hòa xoong quốc ếch ịch chuẩn tuyết nghĩa ở
"""


@pytest.mark.parametrize("word", SYLLABLES.split())
def test_syllables(word: str) -> None:
    assert is_syllable(word) and is_syllable(unicodedata.normalize("NFD", word)) and is_syllable(word.upper())


@pytest.mark.parametrize(
    "word", ["", "Hµ", "NđCP", "quèch", "tấp1", "tâc", "được2", "hàá", "ngđ", "wạ", "tốich", "học sinh"]
)
def test_what_is_none(word: str) -> None:
    assert not is_syllable(word)


def test_a_stop_takes_two_tones_alone() -> None:
    assert [word for word in ("bac", "bác", "bạc", "bàc", "bảc", "bãc") if is_syllable(word)] == ["bác", "bạc"]

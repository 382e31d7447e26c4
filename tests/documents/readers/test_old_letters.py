"""TCVN3 by every code of TCVN 5712:1993, VNI by every letter in both cases; which they are by words and fonts."""

from __future__ import annotations

import unicodedata
from typing import Final

import pytest

from vanban.documents.readers.old_letters import (
    converted,
    converted_lines,
    letters_of,
    shows_capitals,
    told_by_words,
)

VOWELS: Final = "aăâeêioôơuưy"
TONES: Final = ("", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323")  # as the standard orders them
ALL: Final = [unicodedata.normalize("NFC", vowel + tone) for vowel in VOWELS for tone in TONES]
# the codes of these letters in TCVN 5712:1993 (VN3), in that order; 0 for letters of ASCII
CODES: Final = bytes.fromhex(
    "00b5b6b7b8b9 a8bbbcbdbec6 a9c7c8c9cacb 00cccecfd0d1 aad2d3d4d5d6 00d7d8dcddde 00dfe1e2e3e4 abe5e6e7e8e9"
    "aceaebecedee 00eff1f2f3f4 adf5f6f7f8f9 00fafbfcfdfe"
)
# and in VNI, a mark behind the vowel; where the first is no letter of ASCII, it stands alone
VNI: Final = (
    "a aø aû aõ aù aï", "aê aè aú aü aé aë", "aâ aà aå aã aá aä", "e eø eû eõ eù eï", "eâ eà eå eã eá eä",
    "i ì æ ó í ò", "o oø oû oõ où oï", "oâ oà oå oã oá oä", "ô ôø ôû ôõ ôù ôï",
    "u uø uû uõ uù uï", "ö öø öû öõ öù öï", "y yø yû yõ yù î",
)  # fmt: skip


def test_every_letter_of_tcvn3() -> None:
    for letter, code in zip(ALL, CODES, strict=True):
        if code:
            assert converted(bytes([code]).decode("latin-1"), "tcvn3") == letter, hex(code)
    capitals = bytes.fromhex("a1a2a3a4a5a6a7ae").decode("latin-1")
    assert converted(capitals, "tcvn3") == "ĂÂÊÔƠƯĐđ"
    assert converted("Hello, 24.973 (x)", "tcvn3") == "Hello, 24.973 (x)"


def test_every_letter_of_vni_in_both_cases() -> None:
    for letter, written in zip(ALL, " ".join(VNI).split(), strict=True):
        assert converted(written, "vni") == letter, written
        assert converted(written.upper(), "vni") == letter.upper(), written
        assert converted(written.capitalize(), "vni") == letter.upper(), written  # the mark in lower case
    assert converted("ñÑ", "vni") == "đĐ"
    assert converted("Hello, 24.973 (x)", "vni") == "Hello, 24.973 (x)"


NOTICE: Final = {
    "tcvn3": "Chñ tÞch ñy ban nh©n d©n huyÖn §«ng LÜnh ®· ký quyÕt ®Þnh",
    "vni": "Chuû tòch uûy ban nhaân daân huyeän Ñoâng Lónh ñaõ kyù quyeát ñònh",
}
READ: Final = "Chủ tịch ủy ban nhân dân huyện Đông Lĩnh đã ký quyết định"


def test_words_tell() -> None:
    for letters, text in NOTICE.items():
        assert told_by_words(text) == letters
        assert converted_lines(text, told_by_words(text) or "vni") == READ
    assert told_by_words(READ) is None
    assert told_by_words("") is None
    assert told_by_words("Hµ Néi, ngµy 3") is None  # too few words


@pytest.mark.parametrize(
    "text",
    [
        "Là bà và cà hà mà nhà xã có đã là",  # letters that Unicode and Latin-1 have in common
        "L'été dernier, le préfet a été reçu à l'hôtel de ville où siègent déjà les élus élevés",
        "Não há razão para que a situação não seja discutida na próxima reunião da administração",
        "naïve café",
    ],
)
def test_other_words_stay(text: str) -> None:
    assert told_by_words(text) is None


def test_lines_in_unicode_stay_among_others() -> None:
    text = f"{NOTICE['vni']}\r\nThông báo của Sở Y tế\n{NOTICE['vni']}"
    assert told_by_words(text) == "vni"
    assert converted_lines(text, "vni") == f"{READ}\r\nThông báo của Sở Y tế\n{READ}"


def test_fonts_tell() -> None:
    assert [letters_of(name) for name in (".VnTime", " .vnarial narrow", "VNI-Times", "Arial", "")] == [
        "tcvn3", "tcvn3", "vni", None, None,
    ]  # fmt: skip
    assert [shows_capitals(name) for name in (".VnTimeH", ".VnTime", "VNI-TimesH", ".VnArialH ")] == [
        True, False, False, True,
    ]  # fmt: skip

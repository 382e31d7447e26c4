"""Letters of the fonts before Unicode, TCVN3 (ABC) and VNI: what stands in a text as `Hµ Néi` or `Haø Noäi` is
`Hà Nội`.

Such a text holds Latin letters that the font shows as others. Which they are is told by the name of the font, else by
what words become. TCVN3 is TCVN 5712:1993, VN3: a code a letter, and no capitals with a tone; fonts whose names end
in H show small letters as capitals. VNI writes a vowel and a mark behind it.
"""

from __future__ import annotations

import re
from typing import Final, Literal

from vanban.documents.readers.capitals import with_capitals
from vanban.documents.readers.syllables import is_syllable

Letters = Literal["tcvn3", "vni"]
NAMES: Final[dict[Letters, str]] = {"tcvn3": "TCVN3", "vni": "VNI"}

_TCVN3: Final = str.maketrans(
    dict(
        zip(
            "¡¢£¤¥¦§¨©ª«¬\xad®µ¶·¸¹»¼½¾ÆÇÈÉÊËÌÎÏÐÑÒÓÔÕÖ×ØÜÝÞßáâãäåæçèéêëìíîïñòóôõö÷øùúûüýþ",
            "ĂÂÊÔƠƯĐăâêôơưđàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ",
            strict=True,
        )
    )
    | {"μ": "à", "Đ": "é"}  # what programs make of µ and Ð
)

_VNI_ALONE: Final = dict(zip("íìæóòôöîñÍÌÆÓÒÔÖÎÑ", "íìỉĩịơưỵđÍÌỈĨỊƠƯỴĐ", strict=True))
_VNI_TONES: Final = "ùøûõï"  # sắc, huyền, hỏi, ngã, nặng; on a vowel with a circumflex or a breve they are other codes
_VNI_VOWELS: Final = {
    "a": (_VNI_TONES, "áàảãạ"), "e": (_VNI_TONES, "éèẻẽẹ"), "o": (_VNI_TONES, "óòỏõọ"), "u": (_VNI_TONES, "úùủũụ"),
    "y": (_VNI_TONES[:4], "ýỳỷỹ"), "ô": (_VNI_TONES, "ớờởỡợ"), "ö": (_VNI_TONES, "ứừửữự"),
}  # fmt: skip
_VNI_CIRCUMFLEX: Final = {"a": "âấầẩẫậ", "e": "êếềểễệ", "o": "ôốồổỗộ"}, "âáàåãä"
_VNI_BREVE: Final = {"a": "ăắằẳẵặ"}, "êéèúüë"


def _vni_pairs() -> dict[str, str]:
    pairs = {vowel + mark: letter for vowel, (marks, letters) in _VNI_VOWELS.items()
             for mark, letter in zip(marks, letters, strict=True)}  # fmt: skip
    for vowels, marks in (_VNI_CIRCUMFLEX, _VNI_BREVE):
        pairs |= {v + mark: one for v, letters in vowels.items() for mark, one in zip(marks, letters, strict=True)}
    capitals = {
        pair[0].upper() + mark: one.upper() for pair, one in pairs.items() for mark in (pair[1], pair[1].upper())
    }
    # a mark in capitals behind a small letter is met where a font shows small letters as capitals
    return pairs | {pair[0] + pair[1].upper(): one for pair, one in pairs.items()} | capitals | _VNI_ALONE


_VNI: Final = _vni_pairs()
_VNI_LETTER: Final = re.compile("|".join(sorted(map(re.escape, _VNI), key=len, reverse=True)))

_UNICODE_ALONE: Final = re.compile("[ĂăĐđĨĩŨũƠơƯư\u0300\u0301\u0303\u0309\u0323\u1ea0-\u1ef9]")
_OLD_WORD: Final = re.compile("[A-Za-z\xa1-\xffμ]*[\xa1-\xffμ][A-Za-z\xa1-\xffμ]*")
_LEAST_WORDS: Final = 5
_SHARE: Final = 0.75  # of the words with such letters that become syllables
_GAIN: Final = 0.25  # more of them than are syllables as they stand


def converted(text: str, letters: Letters) -> str:
    """Return a text in letters of such a font in those of Unicode."""
    if letters == "tcvn3":
        return text.translate(_TCVN3)
    return _VNI_LETTER.sub(lambda match: _VNI[match[0]], text)


def letters_of(font: str) -> Letters | None:
    """Return the letters of a font by its name: `.VnTime` has those of TCVN3, `VNI-Times` those of VNI."""
    name = font.strip().lower()
    return "tcvn3" if name.startswith(".vn") else "vni" if name.startswith("vni-") else None


def shows_capitals(font: str) -> bool:
    """True of a font of TCVN3 that shows small letters as capitals: `.VnTimeH`."""
    return letters_of(font) == "tcvn3" and font.strip().endswith("H")


def told_by_words(text: str) -> Letters | None:
    """Return the letters in which most words of a text are Vietnamese, None where they are so as they stand.

    At least 5 words must have a letter that is another in those fonts; lines with letters that Unicode alone has say
    nothing.
    """
    words = [word for line in text.splitlines() if not _UNICODE_ALONE.search(line) for word in _OLD_WORD.findall(line)]
    if len(words) < _LEAST_WORDS:
        return None
    as_it_stands = _share(words)
    found = {letters: _share([converted(word, letters) for word in words]) for letters in NAMES}
    best = max(found, key=found.__getitem__)
    return best if found[best] >= max(_SHARE, as_it_stands + _GAIN) else None


def converted_lines(text: str, letters: Letters) -> str:
    """Return a text with the lines in such letters converted, those with letters of Unicode as they stand.

    Words in capitals are so whole, as `with_capitals` tells them.
    """
    return "".join(
        line if _UNICODE_ALONE.search(line) else with_capitals(converted(line, letters))
        for line in text.splitlines(keepends=True)
    )


def _share(words: list[str]) -> float:
    return sum(map(is_syllable, words)) / len(words)

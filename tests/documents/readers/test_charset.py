from __future__ import annotations

import unicodedata
from typing import Final

import pytest

from vanban.documents.readers.charset import decoded, in_unicode
from vanban.documents.readers.reader import Encoding

TEXT: Final = "Sáng nay, Giám đốc Sở Y tế tỉnh Bình Lâm cho biết\r\nđã có 46 ca mắc mới."
VNI: Final = "Saùng nay, Giaùm ñoác Sôû Y teá tænh Bình Laâm cho bieát"
TCVN3: Final = "S¸ng nay, Gi¸m ®èc Së Y tÕ tØnh B×nh L©m cho biÕt"


def in_1258(text: str) -> bytes:
    """Return a text as windows-1258 has it: tones apart, other marks on their letters."""
    return b"".join(
        c.encode("cp1258", "ignore")
        or unicodedata.normalize("NFC", unicodedata.normalize("NFD", c)[:-1]).encode("cp1258")
        + unicodedata.normalize("NFD", c)[-1].encode("cp1258")
        if unicodedata.decomposition(c) and not _has(c)
        else c.encode("cp1258")
        for c in text
    )


def _has(letter: str) -> bool:
    try:
        return bool(letter.encode("cp1258"))
    except UnicodeEncodeError:
        return False


def test_utf8_stays_as_it_is() -> None:
    for text in ("", "\ufeffHà Nội\r\n", unicodedata.normalize("NFD", TEXT)):
        assert decoded(text.encode()) == (text, None)


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf16_is_told_by_its_mark_or_its_zeros(codec: str) -> None:
    assert decoded(TEXT.encode(codec)) == (TEXT, "UTF-16")
    assert decoded(TEXT.encode(codec), "utf-16") == (TEXT, "UTF-16")


def test_windows_1258_keeps_its_tones_apart() -> None:
    found = decoded(in_1258(TEXT))
    assert found is not None and found[1] == "windows-1258"
    assert unicodedata.normalize("NFC", found[0]) == TEXT and found[0] != TEXT
    assert decoded(in_1258(TEXT), "windows-1258") == found


@pytest.mark.parametrize(("text", "name"), [(TCVN3, "TCVN3"), (VNI, "VNI")])
def test_old_letters_in_bytes_and_in_unicode(text: str, name: str) -> None:
    expected = TEXT.splitlines()[0]
    for data in (text.encode("latin-1"), text.encode("utf-8")):
        found = decoded(data)
        assert found == (text, None)
        assert in_unicode([found[0], "", "24.973"]) == ([expected, "", "24.973"], name)


def test_what_is_told_is_not_guessed() -> None:
    assert in_unicode([TCVN3], "utf-8") == ([TCVN3], None)
    assert in_unicode(["Hµ"], "tcvn3") == (["Hà"], "TCVN3")
    assert decoded("Hà".encode("cp1258"), "utf-8") is None
    assert decoded(b"H\xb5", "tcvn3") == ("Hµ", None)
    assert decoded(b"abc", "utf-16") is None


@pytest.mark.parametrize(
    "data", [b"line 1\nline \xff 2", "Là bà".encode("latin-1"), bytes(range(128, 256)), b"\xff\xfe\x00"]
)
def test_what_nothing_tells_is_not_read(data: bytes) -> None:
    assert decoded(data) is None


def test_zeros_alone_are_no_utf16() -> None:
    encodings: tuple[Encoding | None, ...] = (None, "utf-8")
    for encoding in encodings:
        assert decoded(bytes(100), encoding) == ("\0" * 100, None)

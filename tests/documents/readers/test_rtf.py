from __future__ import annotations

from typing import Final

import pytest

from vanban.documents.readers.apart import taken_here
from vanban.documents.readers.reader import Encoding, Taken
from vanban.documents.readers.rtf import READER
from vanban.errors import UserError

HEAD: Final = (
    rb"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\froman\fcharset163 Times New Roman;}{\f1\fnil\fcharset0 .VnTime;}"
    rb"{\f2 VNI-Times;}{\f3\fcharset0 .VnTimeH;}{\f4 Arial;}}{\colortbl;\red0;}{\stylesheet{\s0 Normal;}}"
    rb"{\info{\title Ten}}{\*\generator Word;}"
)


def read(body: bytes, encoding: Encoding | None = None) -> Taken:
    return taken_here(READER, HEAD + body + b"}", encoding)


def test_letters_of_unicode_and_of_code_pages() -> None:
    body = rb"\pard\f4 H\u224?\'e0\uc2  N\u7897xx\uc0 i\uc1 \u-10179?\u-8704?\par \{\}\\\~x\_y\endash\par"
    assert read(body) == Taken(["Hàà Nội😀\n{}\\\xa0x\u2011y–"])
    apart = "Ông Ho\u0300a Hô\u0323i"
    assert read(rb"\f0 \'d4ng Ho\'cca H\'f4\'f2i") == Taken([apart], encoding="windows-1258")
    assert read(b"") == Taken([""])


def test_fonts_before_unicode_are_told_by_their_names() -> None:
    body = rb"{\f1 H\'b5 N\'e9i }{\f3 c\'e9ng}{\f4  \u7879? }{\f2 Ha\'f8 N}{\f2 o\'e4i}"
    assert read(body) == Taken(["Hà Nội CỘNG ệ Hà Nội"], encoding="TCVN3 and VNI")
    assert read(body, "utf-8") == Taken(["Hµ Néi céng ệ Haø Noäi"])


def test_tables_headers_notes_and_what_is_none() -> None:
    body = (
        rb"{\footer\pard Trang\par}{\header\pard C\u244?ng b\u225?o\par}\pard Ba"
        rb"{\footnote Theo huy\u7879?n} x\u227?\par"
        rb"\trowd\cellx1\cellx2 UBND\par SYT\cell C\u7897?ng\cell\row \trowd a\cell 1\cell\trowd\row "
        rb"{\field{\*\fldinst HYPERLINK x}{\fldrslt li\u234?n k\u7871?t}}{\v \'e2n}{\pict\bin4 }}{{89}"
        rb"{\*\unknown x}"
        rb"{\*\shpinst{\sp{\sn a}{\sv b}}{\shptxt khung\par}}{\deleted b}\line h\u7871?t\par"
    )
    assert read(body).pages[0].split("\n") == [
        "Công báo", "Ba xã", "UBND", "SYT", "Cộng", "a\t1", "liên kếtkhung", "", "hết", "Theo huyện", "Trang",
    ]  # fmt: skip


def test_what_is_cut_off_or_nests_too_deep() -> None:
    with pytest.raises(UserError, match="ends within a group: it is cut off, copy it again"):
        taken_here(READER, HEAD + rb"\par abc")
    with pytest.raises(UserError, match="more than 200 groups in each other"):
        read(b"{" * 100_000 + b"}" * 100_000)


def test_an_encoding_that_is_told_is_that_of_the_bytes() -> None:
    assert read(rb"{\f4 H\'f4\'f2i}", "windows-1258") == Taken(["Hô\u0323i"], encoding="windows-1258")
    assert read(rb"\ansicpg99999\f4 H\'e0 \'e2").pages == ["Hà â"]  # a code page that nobody knows

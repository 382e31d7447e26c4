"""Words in capitals of TCVN3: told by their other letters, and by the words beside them."""

from __future__ import annotations

import pytest

from vanban.documents.readers.capitals import with_capitals
from vanban.documents.readers.charset import in_unicode
from vanban.documents.readers.runs import Fonts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ủY BAN NHÂN DÂN", "ỦY BAN NHÂN DÂN"),
        ("CộNG HòA Xã HộI CHủ NGHĩA VIệT NAM", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
        ("BáO CáO\ncủa Bộ Y Tế", "BÁO CÁO\ncủa Bộ Y Tế"),
        ("NHÀ ở XÃ HộI ĐắK LắK", "NHÀ Ở XÃ HỘI ĐẮK LẮK"),  # a letter alone, among capitals
        ("ủY BAN XÃ Hà LỘC\tĐộc lập - Tự do  Hà Nội", "ỦY BAN XÃ HÀ LỘC\tĐộc lập - Tự do  Hà Nội"),
        ("KT. CHủ TịCH, ông Lê Hà ở TP Hà Nội ký", "KT. CHỦ TỊCH, ông Lê Hà ở TP Hà Nội ký"),
    ],
)
def test_small_letters_in_capitals(text: str, expected: str) -> None:
    assert with_capitals(text) == expected
    assert with_capitals(expected) == expected


@pytest.mark.parametrize(
    "text", ["", "Số: 12/QĐ-UBND", "Bộ Y Tế", "UBND Lê Hà", "Theo UBND Hà Nội, TP Huế", "ở", "IV ß", "a\x00Bộ\x01"]
)
def test_what_may_be_small_stays(text: str) -> None:
    assert with_capitals(text) == text


HEAD = "ñY BAN NH¢N D¢N\nCéNG HßA X· HéI CHñ NGHÜA VIÖT NAM\nSè: 5/BC-UBND\nB¸O C¸O\nChñ tÞch ñy ban x· ®· ký"
READ = "ỦY BAN NHÂN DÂN\nCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nSố: 5/BC-UBND\nBÁO CÁO\nChủ tịch ủy ban xã đã ký"


def test_in_texts_and_in_fonts() -> None:
    assert in_unicode([HEAD]) == ([READ], "TCVN3")
    assert Fonts().text([("B¸O C¸O\n", ".VnTime"), ("BáO", "Arial")]) == "BÁO CÁO\nBáO"
    assert in_unicode(["COÄNG HOøA XAÕ Hoäi\nngaøy Haø Noäi"], "vni")[0] == ["CỘNG HÒA XÃ Hội\nngày Hà Nội"]

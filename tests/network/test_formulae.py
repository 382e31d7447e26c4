"""Where a document speaks of itself, or does what it is there for."""

from __future__ import annotations

import pytest

from vanban.network.formulae import FORMULA
from vanban.schema import DOCUMENT_TYPES


@pytest.mark.parametrize("name", DOCUMENT_TYPES.values())
def test_every_type_can_speak_of_itself(name: str) -> None:
    assert FORMULA.findall(f"Theo {name} này, {name.upper()} NÀY và {name}\nnày.") == [
        f"{name} này", f"{name.upper()} NÀY", f"{name}\nnày",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("THỦ TƯỚNG CHÍNH PHỦ điện: Bộ trưởng", ["điện:"]),
        ("BỘ TRƯỞNG QUYẾT ĐỊNH:\nĐiều 1.", ["QUYẾT ĐỊNH:"]),
        ("QUYẾT NGHỊ :", ["QUYẾT NGHỊ :"]),
        ("Kính trình Chính phủ xem xét; xin trình", ["Kính trình", "xin trình"]),
        ("UBND xây dựng Kế hoạch với nội dung", ["xây dựng Kế hoạch"]),
        ("Sở báo cáo kết quả như sau:", []),
        ("Sở báo cáo như sau: thông báo kết luận; hướng dẫn cụ thể như sau", [
            "báo cáo như sau", "thông báo kết luận",
        ]),
        ("theo Quyết định số 12, các quyết định ấy, thắp điện", []),
    ],
)  # fmt: skip
def test_formulae(text: str, found: list[str]) -> None:
    assert FORMULA.findall(text) == found

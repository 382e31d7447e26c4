"""The rules that a config sets for the spans of a label."""

from __future__ import annotations

import unicodedata

import pytest

from vanban.network.rules import RULES, keeps


@pytest.mark.parametrize(
    ("rule", "kept", "left_out"),
    [
        (
            "holds_digit",
            ["Chỉ thị số 17/CT-UBND", "31/2024/QH15", "Đề án 06", "l7/CT-UBND 2020"],
            ["Luật Phòng", "TTr-BTC", "Thông tư", ""],
        ),
        (
            "begins_with_numeral",
            [
                "46 ca mắc",
                "8.749/8.000 liều",
                "Hai bệnh viện",
                "bốn xã",
                "mười lăm hộ",
                "bon xa",
                "l7 hộ",
                "3F1",
                "lo hộ",
            ],
            ["hơn 46 ca", "Thông tư", "các xã", "nhiều 3 hộ", "(3 hộ)", ""],
        ),
        (
            "goes_on_with_word",
            ["46 ca", "143 F1", "3.000 - 5.000 chỗ", "hai bên", "173 ca/ngày"],
            ["46", "3.000 - 5.000", "8.749/8.000", "hai", "9, 10", ""],
        ),
    ],
)
def test_each_rule(rule: str, kept: list[str], left_out: list[str]) -> None:
    for form in ("NFC", "NFD"):
        assert [text for text in kept if not RULES[rule](unicodedata.normalize(form, text))] == []
        assert [text for text in left_out if RULES[rule](unicodedata.normalize(form, text))] == []


def test_only_the_labels_that_have_rules_are_held_to_them() -> None:
    rules = {"COUNT": ("begins_with_numeral", "goes_on_with_word")}
    assert keeps(rules, "COUNT", "46 ca") and not keeps(rules, "COUNT", "46") and not keeps(rules, "COUNT", "ca 46 ca")
    assert keeps(rules, "RATE", "46") and keeps({}, "COUNT", "46")

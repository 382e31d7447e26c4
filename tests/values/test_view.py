from __future__ import annotations

import pytest

from vanban.schema import Entity
from vanban.values.view import view


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("", ""),
        ("một\u00a0hai\tba", "một hai ba"),
        ("Ủy ban nhân dân các xã, phường, thị trấn trên địa bàn huyện và các\nđơn vị", None),
        ("- mục một;\n- mục hai.", "- mục một;\n- mục hai."),
    ],
)
def test_what_breaks_no_line_is_a_space(raw: str, text: str | None) -> None:
    seen = view(raw, [])
    assert seen.text == (raw.replace("\n", " ") if text is None else text)
    assert seen.with_breaks(0, len(raw)) == raw.replace("\u00a0", " ").replace("\t", " ")  # soft breaks are still known


def test_spans_lead_back_to_the_raw_text() -> None:
    raw = "Ô\u0301ng Lê Văn\u00a0Nén ở tỉnh Lào Cai"  # a mark apart from its letter
    entities = [Entity("OFFICIAL", 5, 15, raw[5:15]), Entity("PLACE", 18, 30, raw[18:30])]
    seen = view(raw, entities)
    assert [seen.text[slice(*span)] for span in seen.spans] == ["Lê Văn Nén", "tỉnh Lào Cai"]
    assert [raw[slice(*seen.raw(*span))] for span in seen.spans] == [raw[5:15], raw[18:30]]
    assert (seen.of("PLACE"), seen.of("COUNT"), len(seen.plain)) == ([1], [], len(seen.text))

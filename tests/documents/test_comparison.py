"""Two annotations of the same documents: how they meet, what is counted, and the page."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from browser import OpenPage
from report_documents import HOSTILE, document, spans
from vanban.documents.comparison import Comparison, write_comparison
from vanban.documents.formats.format import Tagged
from vanban.documents.matching import match
from vanban.schema import Prediction

TEXT = "Ở Hà Nội, Huế và Đà Nẵng\ncó 12 ca, 5 xã,\r\ntheo Chỉ thị số\n17/CT-UBND."


def gold() -> Tagged:
    found = spans(
        TEXT, ("PLACE", "Hà Nội", 1.0), ("PLACE", "Huế", 1.0), ("PLACE", "Đà Nẵng", 1.0), ("COUNT", "12 ca", 1.0),
        ("COUNT", "5 xã", 1.0), ("DIRECTIVE", "Chỉ thị số\n17/CT-UBND", 1.0),
    )  # fmt: skip
    return document("a", TEXT), Prediction(TEXT, found, "", "bao_cao")


def predicted() -> Tagged:
    found = spans(
        TEXT, ("PLACE", "Hà Nội", 0.9), ("COUNT", "Huế", 0.8), ("PLACE", "Nẵng", 0.7), ("COUNT", "12 ca", 0.6),
        ("PLACE", "theo", 0.5), ("DIRECTIVE", "Chỉ thị số\n17/CT-UBND", 0.9),
    )  # fmt: skip
    return document("a", TEXT), Prediction(TEXT, found, "m", "thong_bao")


def other(identity: str, text: str) -> Tagged:
    return document(identity, text), Prediction(text, (), "")


def harmful(side: str) -> Tagged:
    found = spans(HOSTILE, ("PLACE", "Huế", 1.0)) if side == "gold" else ()
    return document("<i>b</i>", HOSTILE), Prediction(HOSTILE, found, "")


def test_what_is_counted() -> None:
    comparison = Comparison()
    rows = comparison.add((gold(), predicted()))
    assert comparison.add((other("e", ""), other("e", ""))) == []
    assert [row.kind for row in rows] == ["label", "boundary", "missed", "spurious"]
    assert comparison.kinds == {"wrong label": 1, "wrong edge": 1, "missed": 1, "false": 1}
    assert comparison.labels == ["PLACE", "COUNT", "DIRECTIVE"]
    assert comparison.confusion == {
        ("PLACE", "PLACE"): 2, ("PLACE", "COUNT"): 1, ("COUNT", "COUNT"): 1, ("COUNT", ""): 1, ("", "PLACE"): 1,
        ("DIRECTIVE", "DIRECTIVE"): 1,
    }  # fmt: skip
    assert comparison.types == {("bao_cao", "thong_bao"): 1}
    assert comparison.scores() == [
        {"label": "PLACE", "precision": 0.3333, "recall": 0.3333, "f1": 0.3333, "gold": 3, "found": 3},
        {"label": "COUNT", "precision": 0.5, "recall": 0.5, "f1": 0.5, "gold": 2, "found": 2},
        {"label": "DIRECTIVE", "precision": 1.0, "recall": 1.0, "f1": 1.0, "gold": 1, "found": 1},
        {"label": "", "precision": 0.5, "recall": 0.5, "f1": 0.5, "gold": 6, "found": 6},
    ]
    assert Comparison().scores() == [{"label": "", "precision": 0.0, "recall": 0.0, "f1": 0.0, "gold": 0, "found": 0}]


def test_each_gold_span_is_one_count_of_the_table() -> None:
    text = "abc def"
    one = document("a", text), Prediction(text, spans(text, ("P", "abc", 1.0), ("C", "def", 1.0)), "")
    both = document("a", text), Prediction(text, spans(text, ("P", text, 1.0)), "")
    comparison = Comparison()
    comparison.add((one, both))
    assert comparison.confusion == {("P", "P"): 1, ("C", "P"): 1}


@pytest.fixture
def page(tmp_path: Path, opened: OpenPage) -> Any:
    path = tmp_path / "compare.html"
    left = [gold(), other("empty", ""), harmful("gold"), other("only", "Vinh")]
    with open(path, "wb") as file:
        write_comparison(match(left, [harmful(""), other("empty", ""), predicted()]), ("gold", "<b>t.jsonl"), file)
    return opened(path)


def texts(page: Any, selector: str) -> list[str]:
    return page.eval_on_selector_all(selector, "all => all.map(e => e.textContent)")  # type: ignore[no-any-return]


def shown(page: Any, column: int) -> list[tuple[str, str]]:
    cells = f".vb-both td:nth-child({column}) .vb-mark"
    return [tuple(pair) for pair in page.eval_on_selector_all(cells, "all => all.map(m => [m.title, m.textContent])")]


def test_both_sides_are_shown_whole(page: Any) -> None:
    for column, (_, prediction) in ((1, gold()), (2, predicted())):
        lines = texts(page, f".vb-both td:nth-child({column})")
        assert "\n".join(lines) == TEXT
        assert lines[2] == "theo Chỉ thị số\n17/CT-UBND."  # a span over a break keeps its lines together
        assert texts(page, f".vb-both td:nth-child({column}) .vb-mark") == [e.text for e in prediction.entities]
        assert ("DIRECTIVE", "Chỉ thị số\n17/CT-UBND") in shown(page, column)  # right, so it is quiet
    assert texts(page, ".vb-error") == ["Huế", "Đà Nẵng", "Huế", "Nẵng", "5 xã", "theo"]
    assert texts(page, ".vb-both th") == ["Goldgold", "Predicted<b>t.jsonl"]
    assert page.inner_text(".vb-status") == "3 of 3 documents · 5 errors"
    assert texts(page, ".vb-switch") == ["missed2", "false1", "wrong edge1", "wrong label1"]
    assert texts(page, ".vb-scores tbody tr:last-child td") == ["50.0", "42.9", "46.2", "7", "6"]
    table = "[aria-label=Labels] tbody tr"
    assert [texts(page, f"{table}:nth-child({row}) td") for row in (1, 4)] == [["2", "1", "", "1"], ["1", "", "", ""]]
    page.click("text=1 document only in gold")
    assert "only" in texts(page, "aside details li")


def test_the_next_error_by_key(page: Any) -> None:
    said = []
    for _ in range(6):
        page.keyboard.press("n")
        said.append((page.inner_text(".vb-entity strong"), page.text_content(".vb-mark[aria-current]")))
    assert said == [
        ("wrong label", "Huế"), ("wrong edge", "Đà Nẵng"), ("missed", "5 xã"), ("false", "theo"),
        ("missed", "Huế"), ("missed", "Huế"),  # of another document, and the last of all
    ]  # fmt: skip
    assert page.inner_text(".vb-status") == "That was the last error."
    assert page.inner_text(".vb-head .vb-id") == "<i>b</i>"
    assert page.evaluate("window.harm") is None
    page.keyboard.press("p")
    assert page.text_content(".vb-mark[aria-current]") == "theo"
    page.keyboard.press("p")
    page.keyboard.press("p")
    assert texts(page, ".vb-mark[aria-current]") == ["Đà Nẵng", "Nẵng"]
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "wrong edge, annotated PLACE: Đà Nẵng"
    assert texts(page, ".vb-told blockquote") == ["Đà Nẵng", "Nẵng"]


def test_errors_by_kind_and_by_pair_of_labels(page: Any) -> None:
    page.click(".vb-switch:has-text('wrong')")  # the first of them: wrong edge
    assert texts(page, ".vb-error") == ["Huế", "Huế", "5 xã", "theo"]
    assert page.inner_text(".vb-status") == "2 of 3 documents · 4 errors"
    page.click(".vb-switch:has-text('wrong')")
    page.click("button[aria-label='PLACE found as COUNT: 1']")
    assert page.inner_text(".vb-status") == "1 of 3 documents · 1 error"
    assert texts(page, ".vb-error") == ["Huế", "Huế"]
    assert "Only errors of PLACE found as COUNT" in page.inner_text("aside")
    page.click("button[aria-label='PLACE found as COUNT: 1']")
    assert page.inner_text(".vb-status") == "3 of 3 documents · 5 errors"


def test_without_documents_of_types_no_table_of_types() -> None:
    file = io.BytesIO()
    untyped = replace(gold()[1], doc_type=None)
    comparison = write_comparison(match([(gold()[0], untyped)], [predicted()]), ("a", "b"), file)
    assert comparison.types == {}
    assert b'"types":[]' in file.getvalue()

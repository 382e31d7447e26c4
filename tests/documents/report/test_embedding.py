"""JSON inside a page: no text ends its element, and every text comes back."""

from __future__ import annotations

import json

import pytest

from vanban.documents.report.embedding import data_block, data_of, embedded_json

TEXTS = [
    "", "Hà Nội", "</script><script>alert(1)</script>", "<!--<script>", "]]>&amp;", "\u2028\u2029\x85\r\n\t\x00\x7f",
    "\u202eabc\u2066\u200f", "\ud800 half", "\ufeff\ufffe\uffff", "𠊛 \\u003c \"quoted\"",
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_comes_back_and_holds_nothing_that_html_knows(text: str) -> None:
    value = {"text": text, text: [text, 1, None]}
    written = embedded_json(value)
    assert json.loads(written) == value
    assert not set("<>&\n\r\u2028\u2029\x85\u202e\ufeff") & set(written)
    written.encode("utf-8")
    assert data_of(data_block("record", value), "record") == value


def test_a_block_is_one_line_of_its_kind() -> None:
    block = data_block("record", {"a": "Huế\n"})
    assert block == '<script type="application/json" data-kind="record">{"a":"Huế\\n"}</script>\n'
    assert data_of(block, "summary") is None
    assert data_of("<title>record</title>\n", "record") is None

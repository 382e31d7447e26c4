"""Pages around data: what may run in them is said by a checksum."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from browser import OpenPage
from vanban.documents.report.assets import view_assets
from vanban.documents.report.embedding import data_block
from vanban.documents.report.page import (
    ORDER_FILE,
    SCRIPT_FILE,
    START,
    START_FILE,
    STYLE_FILE,
    linked_assets,
    linked_head,
    linked_tail,
    whole_head,
    whole_tail,
)


def test_only_its_own_script_and_style_may_run() -> None:
    head, assets = whole_head("a <b>"), view_assets()
    assert "<title>a &lt;b&gt;</title>" in head
    for code in (assets.css, assets.js + START):
        assert base64.b64encode(hashlib.sha256(code.encode("utf-8")).digest()).decode("ascii") in head
    assert "default-src 'none'" in head and "unsafe" not in head
    assert whole_tail().startswith(f"<script>{assets.js}")


def test_another_script_does_not_run(tmp_path: Path, opened: OpenPage) -> None:
    page = tmp_path / "a.html"
    page.write_text(whole_head("a") + data_block("summaries", []) + whole_tail(), encoding="utf-8")
    shown = opened(page, expected="Content Security Policy")
    assert shown.inner_text("#vb-text") == "No document is in this report."
    add = "document.body.append(Object.assign(document.createElement('script'), {textContent: 'window.harm = 1'}))"
    shown.evaluate(add)
    assert shown.evaluate("window.harm") is None


def test_pages_of_a_folder_lead_to_what_they_share() -> None:
    assert set(linked_assets()) == {STYLE_FILE, SCRIPT_FILE, START_FILE}
    assert f'href="../../{STYLE_FILE}"' in linked_head("a", "../../")
    tail = linked_tail("../")
    assert [tail.index(f'src="../{name}"') for name in (SCRIPT_FILE, ORDER_FILE, START_FILE)] == sorted(
        tail.index(f'src="../{name}"') for name in (SCRIPT_FILE, ORDER_FILE, START_FILE)
    )

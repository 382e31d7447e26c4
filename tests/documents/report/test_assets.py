"""The view in a page of someone's own, such as that of a service."""

from __future__ import annotations

import json
import re
from pathlib import Path

from browser import OpenPage
from report_documents import three
from vanban.documents.report.assets import SCRIPTS, STYLES, view_assets
from vanban.documents.report.embedding import embedded_json
from vanban.documents.report.records import view_record
from vanban.schema import DOCUMENT_TYPES, LABELS


def test_assets_are_of_the_package_and_ask_for_nothing() -> None:
    css, js = view_assets()
    folder = Path(view_assets.__wrapped__.__code__.co_filename).parent
    assert {path.name for path in folder.glob("*.js")} == set(SCRIPTS)
    assert {path.name for path in folder.glob("*.css")} == set(STYLES)
    assert not re.search(r"https?:|@import|url\(|fetch\(|XMLHttpRequest|innerHTML|insertAdjacentHTML|eval\(", css + js)
    assert "</script" not in js and "</style" not in css
    assert json.loads(js[js.rindex("vanbanView.labels = ") :].partition(" = ")[2].rstrip(";\n")) == list(LABELS)
    assert embedded_json(DOCUMENT_TYPES) in js


def test_show_in_a_page_of_ones_own(tmp_path: Path, opened: OpenPage) -> None:
    assets = view_assets()
    records = embedded_json([view_record(*tagged) for tagged in three()])
    (tmp_path / "own.html").write_text(
        f"<!DOCTYPE html><meta charset='utf-8'><style>{assets.css}</style><body><main><h1>Own</h1><textarea id='t'>"
        f"</textarea><div id='here'></div></main><script>{assets.js}\nconst records = {records};\n"
        "var view = vanbanView.show(document.getElementById('here'), records, {embedded: true});</script>",
        encoding="utf-8",
    )
    page = opened(tmp_path / "own.html")
    assert page.get_by_role("main").count() == 1 and page.get_by_role("heading", level=1).count() == 1
    page.focus("#t")
    page.keyboard.type("n")  # is written where one writes
    assert page.query_selector(".vb-mark[aria-current]") is None and page.input_value("#t") == "n"
    page.evaluate("view.next()")
    assert page.text_content(".vb-mark[aria-current]") == "TP Hà Nội"
    page.click(".vb-list li:nth-child(2) a")
    assert page.inner_text(".vb-head .vb-id") == "<b>2</b>" and "#" not in page.url
    # again with another document: the keyboard is listened to once
    page.evaluate("view = vanbanView.show(document.getElementById('here'), [records[0]], {embedded: true})")
    assert page.query_selector(".vb-list") is None
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("n")
    page.keyboard.press("n")
    assert page.text_content(".vb-mark[aria-current]") == "Chu Ngọc Anh"
    page.evaluate("view.stop()")
    page.keyboard.press("n")
    assert page.text_content(".vb-mark[aria-current]") == "Chu Ngọc Anh"
    # what a service answers for one text has no id
    page.evaluate("vanbanView.show(document.getElementById('here'), [{text: 'Huế', entities: []}])")
    assert page.text_content("#vb-text") == "Huế"

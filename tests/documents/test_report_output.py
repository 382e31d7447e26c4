"""A folder of pages: what is resumed, what is refused, and that its links lead on."""

from __future__ import annotations

import gc
import os
from dataclasses import replace
from pathlib import Path

import pytest

from browser import OpenPage
from report_documents import document, empty, hostile, spans, three, usual
from vanban.documents.formats.format import Losses
from vanban.documents.report_output import ReportOutput
from vanban.documents.sources import Source
from vanban.errors import UserError
from vanban.schema import Prediction

SETTINGS = {"model": "m"}


def output(folder: Path, resume: bool = False, overwrite: bool = False) -> ReportOutput:
    made = ReportOutput(folder, [], resume, overwrite)
    made.start(SETTINGS)
    return made


def written(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


ASSETS = ["assets/order.js", "assets/start.js", "assets/view.css", "assets/view.js"]
PAGES = ["documents/in/3.html", "documents/in/<b>2</b>.html", "documents/in/chỉ thị/17.html"]


def test_a_page_a_document_and_the_index(tmp_path: Path) -> None:
    folder = tmp_path / "report"
    report = output(folder)
    assert [report.has(one) for one, _ in three()] == [False] * 3
    for one, prediction in three():
        report.write(one, prediction)
    assert not (folder / "index.html").exists()
    report.finish()
    report.close()
    assert report.done == 3
    assert written(folder) == sorted([*ASSETS, *PAGES, "index.html"])
    order = (folder / "assets" / "order.js").read_text(encoding="utf-8")
    assert order == (
        'vanbanView.order = ["documents/in/ch%E1%BB%89%20th%E1%BB%8B/17.html","documents/in/%3Cb%3E2%3C/b%3E.html",'
        '"documents/in/3.html"];\n'
    )


def test_what_a_page_shows_is_not_counted_as_left_out(tmp_path: Path) -> None:
    losses = Losses()
    report = ReportOutput(tmp_path, [], False, False, losses)
    report.start(SETTINGS)
    one = replace(document("x", "Huế"), fields={"n": 1})
    report.write(one, Prediction("Huế", (), "m", "a", 0.6, {"a": 0.6, "b": 0.4}))
    report.write(*empty())
    assert losses == {"fields": 1}
    assert '"b":0.4' in (report._path(one)).read_text(encoding="utf-8").replace(" ", "")


def test_an_interrupted_run_goes_on(tmp_path: Path) -> None:
    first = output(tmp_path)
    first.write(*usual())
    del first
    with pytest.raises(UserError, match="holds pages of a report already: go on with --resume"):
        ReportOutput(tmp_path, [], False, False)
    with pytest.raises(UserError, match="the interrupted run had model m, this one has n"):
        ReportOutput(tmp_path, [], True, False).start({"model": "n"})
    second = output(tmp_path, resume=True)
    assert [second.has(one) for one, _ in three()] == [True, False, False]
    del second
    changed = replace(usual()[0], text="Huế")
    assert not output(tmp_path, resume=True).has(changed)
    with pytest.raises(UserError, match=r"17\.html is there and shows another text"):
        output(tmp_path, resume=True).write(changed, Prediction("Huế", (), "m"))
    second = output(tmp_path, resume=True)
    assert [second.has(one) for one, _ in three()] == [True, False, False]
    second.write(*hostile())
    second.finish(failed=1)
    second.close()
    assert (tmp_path / ".vanban-run.json").is_file() and (tmp_path / "index.html").is_file()
    third = output(tmp_path, resume=True)
    assert [third.has(one) for one, _ in three()] == [True, True, False]
    third.write(*empty())
    third.finish()
    third.close()
    assert written(tmp_path) == sorted([*ASSETS, *PAGES, "index.html"])


def test_overwrite_leaves_no_page_of_before_and_no_other_file_goes(tmp_path: Path) -> None:
    first = output(tmp_path)
    first.write(*usual())
    first.write(*empty())
    first.finish()
    first.close()
    own = tmp_path / "documents" / "own.html"
    own.write_text("<p>mine</p>", encoding="utf-8")
    second = output(tmp_path, overwrite=True)
    assert not second.has(empty()[0])
    second.write(*empty())
    second.finish()
    second.close()
    assert written(tmp_path) == sorted([*ASSETS, "documents/in/3.html", "documents/own.html", "index.html"])
    assert "chỉ thị/17" not in (tmp_path / "index.html").read_text(encoding="utf-8")


def test_a_run_that_overwrites_and_is_killed_while_the_pages_of_before_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = output(tmp_path)
    first.write(*usual())
    first.write(*empty())
    first.finish()
    first.close()
    gone: list[Path] = []

    def unlink(path: Path, missing_ok: bool = False) -> None:
        if path.suffix == ".html":
            if gone:
                raise KeyboardInterrupt
            gone.append(path)
        if not missing_ok or path.exists():
            os.unlink(path)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Path, "unlink", unlink)
        output(tmp_path, overwrite=True)
    gc.collect()
    second = output(tmp_path, resume=True)
    assert [second.has(one) for one, _ in three()] == [False] * 3
    assert not [*tmp_path.rglob("documents/**/*.html")]


def test_what_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match=r"is a file; a report is one file, -o report\.html, or a folder"):
        ReportOutput(tmp_path / "file", [], False, False)
    two = [Source("a/x.txt", "x", "text"), Source("b/x.txt", "x", "text")]
    with pytest.raises(UserError, match=r"a/x\.txt and b/x\.txt would both be shown by .*documents/x"):
        ReportOutput(tmp_path / "r", two, False, False)
    for path in (tmp_path / "r" / "x.txt", tmp_path / "r" / "documents" / "x.html"):
        with pytest.raises(UserError, match=r"is read, and stands in .*r, where pages go that the next run would read"):
            ReportOutput(tmp_path / "r", [Source(str(path), "x", "auto")], False, False)
    ReportOutput(tmp_path / "r", [Source("-", "stdin", "auto"), two[0]], False, False)
    report = output(tmp_path / "s")
    report.write(*usual())
    with pytest.raises(UserError, match=r"was written for in\.jsonl:chỉ thị/17 already"):
        report.write(*usual())
    with pytest.raises(UserError, match="can't be written: File name too long"):
        report.write(replace(empty()[0], name="a" * 300), empty()[1])


def test_links_lead_on(tmp_path: Path, opened: OpenPage) -> None:
    report = output(tmp_path / "một báo cáo #1")
    for one, prediction in three():
        report.write(one, prediction)
    report.finish()
    report.close()
    page = opened(report.folder / "index.html")
    assert page.inner_text(".vb-status") == "3 of 3 documents · 9 entities"
    page.fill("input[type=search]", "chu ngoc")
    page.locator(".vb-status").filter(has_text="1 of 3 documents").wait_for()
    page.fill("input[type=search]", "")
    page.locator(".vb-status").filter(has_text="3 of 3 documents").wait_for()
    page.click(".vb-list li:nth-child(2) a")
    page.locator(".vb-head .vb-id").filter(has_text="<b>2</b>").wait_for()
    assert page.text_content("#vb-text") == hostile()[0].text
    assert page.title() == "<b>2</b> · vanban report" and page.evaluate("window.harm") is None
    page.keyboard.press("]")
    page.locator("#vb-text").filter(has_text="This document is empty.").wait_for()
    page.keyboard.press("Shift+P")
    page.locator(".vb-head .vb-id").filter(has_text="<b>2</b>").wait_for()
    page.keyboard.press("[")
    page.locator(".vb-head .vb-id").filter(has_text="chỉ thị/17").wait_for()
    page.keyboard.press("n")
    assert page.text_content(".vb-mark[aria-current]") == "TP Hà Nội"
    page.click("text=All documents")
    page.locator(".vb-list li:nth-child(3)").wait_for()


def test_thousands_of_pages_have_one_index(tmp_path: Path, opened: OpenPage) -> None:
    report = output(tmp_path)
    text = "Hà Nội có 5 ca."
    prediction = Prediction(text, spans(text, ("PLACE", "Hà Nội", 0.9), ("COUNT", "5 ca", 0.6)), "m")
    for i in range(1200):
        report.write(document(i, text), prediction)
    report.finish()
    report.close()
    page = opened(tmp_path / "index.html")
    assert page.inner_text(".vb-status") == "1,200 of 1,200 documents · 2,400 entities"
    assert page.locator(".vb-list li").count() == 200
    page.fill(".vb-score input", "80")
    assert page.inner_text(".vb-status") == "1,200 of 1,200 documents · 1,200 entities"
    assert page.eval_on_selector_all(".vb-list .vb-id", "all => all.slice(0, 3).map(e => e.textContent)") == [
        "0",
        "1",
        "2",
    ]

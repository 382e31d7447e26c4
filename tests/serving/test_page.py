"""The page at `/`, in the system's Chromium where there is one: what is pasted or dropped is read and shown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from browser import browser_of_this_machine
from vanban.serving.page import ASSETS, asset

TEXT = "😀 46 ca mắc <script>alert(1)</script>\n<b>Hà Nội</b>"
TOKEN = "correct-horse-battery"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """The system's Chromium, without a window."""
    with browser_of_this_machine() as found:
        yield found


@pytest.fixture
def page(browser: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    """A page that asks for nothing but what the service has, and logs nothing, but that it was refused."""
    context = browser.new_context()
    context.set_default_timeout(10_000)
    opened = context.new_page()
    asked: list[str] = []
    logged: list[str] = []
    opened.on("request", lambda one: asked.append(one.url))
    opened.on("console", lambda message: logged.append(message.text))
    opened.on("pageerror", lambda error: logged.append(str(error)))
    opened.on("dialog", lambda dialog: (logged.append("dialog"), dialog.dismiss()))
    yield opened
    host = opened.url.split("/")[2]
    context.close()
    assert {url.split("/")[2] for url in asked if not url.startswith("data:")} == {host}
    assert [line for line in logged if "401" not in line and "413" not in line] == []


def shown(page: Any) -> str:
    """Return the text of the view."""
    page.wait_for_selector("#view > *")
    text: str = page.inner_text("#view")
    return text


def test_a_text_is_pasted_and_its_spans_are_shown(live: Any, page: Any) -> None:
    with live() as (host, port):
        page.goto(f"http://{host}:{port}/")
        page.fill("#text", TEXT)
        page.click("button[type=submit]")
        assert "<script>alert(1)</script>\n<b>Hà Nội</b>" in shown(page)
        assert page.inner_text("#view mark").startswith("😀")
        page.fill("#text", "7 ca")
        page.press("#text", "Control+Enter")
        page.locator("#view mark", has_text="7").first.wait_for()
        assert page.inner_text("#view mark").startswith("7")


def test_a_file_is_chosen_or_dropped(live: Any, page: Any, tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text('{"id": "một", "text": "7 ca"}\n{"text": 1}\n', encoding="utf-8")
    drop = """() => {
        const transfer = new DataTransfer();
        transfer.items.add(new File(["8 hộ"], "b.txt"));
        const options = { dataTransfer: transfer, bubbles: true, cancelable: true };
        for (const kind of ["dragover", "drop"]) document.body.dispatchEvent(new DragEvent(kind, options));
    }"""
    with live() as (host, port):
        page.goto(f"http://{host}:{port}/")
        page.set_input_files("#file", str(file))
        assert "một" in shown(page)
        assert page.inner_text("#status").startswith('a.jsonl:2: expected a "text" that is a string')
        page.evaluate(drop)
        page.locator("#view", has_text="b.txt").wait_for()
        assert page.inner_text("#status") == ""


def test_a_token_is_asked_for(live: Any, page: Any) -> None:
    with live(token=TOKEN) as (host, port):
        page.goto(f"http://{host}:{port}/")
        assert not page.is_visible("#token")
        page.fill("#text", "7 ca")
        page.click("button[type=submit]")
        page.wait_for_selector("#token", state="visible")
        assert page.inner_text("#status") == "Cần mã truy cập · An access code is needed"
        page.fill("#token", "wrong-horse-battery")
        page.click("button[type=submit]")
        page.locator("#status", has_text="Mã truy cập không đúng · The access code is not right").wait_for()
        page.fill("#token", TOKEN)
        page.click("button[type=submit]")
        assert "7 ca" in shown(page).replace("7 COUNT", "7").replace("COUNT", "")


def test_what_the_page_is_made_of_is_served(client: TestClient) -> None:
    page = client.get("/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'; script-src 'self'" in page.headers["content-security-policy"]
    assert "<script>" not in page.text and "style=" not in page.text
    for name, kind in ASSETS.items():
        answer = client.get(f"/assets/{name}")
        assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, asset(name), kind)
        assert f"assets/{name}" in page.text

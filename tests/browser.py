"""The system's Chromium, without a window: pages of files, and what they ask for and log."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

NO_BROWSER: Final = "no Chromium here (apt-get install chromium; pip install playwright)"
NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
REQUIRED: Final = "VANBAN_BROWSER"  # "required" in the environment: then to have none is a failure

OpenPage = Callable[..., Any]


@contextmanager
def browser_of_this_machine() -> Iterator[Any]:
    """Yield a browser; skip the test where there is none, or fail it where one is required."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError:
        path = None
    if path is None:
        if os.environ.get(REQUIRED) == "required":
            pytest.fail(NO_BROWSER)
        pytest.skip(NO_BROWSER)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def watched(browser: Any) -> Iterator[OpenPage]:
    """Yield `open_page(path, fragment, **context)`; then assert that pages asked for files alone and logged nothing.

    What a message that is `expected` says in part is none.
    """
    asked: list[str] = []
    logged: list[str] = []
    contexts: list[Any] = []

    def route(request_route: Any) -> None:
        if request_route.request.url.startswith("file:"):
            request_route.continue_()
        else:
            request_route.abort()

    def note(text: str, expected: str | None) -> None:
        if expected is None or expected not in text:
            logged.append(text)

    def open_page(path: Path, fragment: str = "", expected: str | None = None, **context: Any) -> Any:
        made = browser.new_context(**{"viewport": {"width": 1400, "height": 800}, **context})
        made.set_default_timeout(5000)
        contexts.append(made)
        page = made.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: note(message.text, expected))
        page.on("pageerror", lambda error: logged.append(str(error)))
        page.on("dialog", lambda dialog: (logged.append(f"dialog {dialog.message}"), dialog.dismiss()))
        page.route("**/*", route)
        page.goto(path.resolve().as_uri() + fragment)
        return page

    yield open_page
    for made in contexts:
        made.close()
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert logged == []

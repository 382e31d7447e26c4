"""The page at `/`, and what it is made of: the one place from which its view of documents comes."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Final

# nothing but what the service itself has, whatever a document holds
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
PAGE: Final = "page.html"
# the view: it has `vanbanView.show(element, records)`, records with their text and entities in code points
ASSETS: Final = {
    "page.css": "text/css; charset=utf-8",
    "page.js": "text/javascript; charset=utf-8",
    "view.css": "text/css; charset=utf-8",
    "view.js": "text/javascript; charset=utf-8",
}


@cache
def asset(name: str) -> bytes:
    """Return one of the files of the page."""
    return (files("vanban.serving") / "assets" / name).read_bytes()

"""The page at `/`, and what it is made of: the one place from which its view of documents comes."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Final

from vanban.documents.report.assets import view_assets

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
ASSETS: Final = {
    "page.css": "text/css; charset=utf-8",
    "page.js": "text/javascript; charset=utf-8",
    "view.css": "text/css; charset=utf-8",
    "view.js": "text/javascript; charset=utf-8",
}


@cache
def asset(name: str) -> bytes:
    """Return one of the files of the page; those of its view are the report's."""
    if name == "view.css":
        return view_assets().css.encode()
    if name == "view.js":
        return view_assets().js.encode()
    return (files("vanban.serving") / "assets" / name).read_bytes()

"""Pages around data blocks: one that holds its script and style, or one that stands beside them in a folder."""

from __future__ import annotations

import base64
import hashlib
import html
from typing import Final

from vanban.documents.report.assets import view_assets

TITLE: Final = "vanban report"
START: Final = "vanbanView.start(document.getElementById('view'));\n"

_TAIL: Final = "</body>\n</html>\n"


def _head(title: str, rules: str, links: str) -> str:
    """Return a page up to its data. `rules` say what may run, so that nothing else does, and nothing is fetched."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; {rules}; img-src data:; '
        "base-uri 'none'; form-action 'none'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="generator" content="vanban">\n'
        f'<title>{html.escape(title)}</title>\n<link rel="icon" href="data:,">\n{links}</head>\n<body>\n'
        '<div id="view"></div>\n'
        "<noscript>This page shows its documents with JavaScript, which is off here.</noscript>\n"
    )


def _hash(code: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(code.encode('utf-8')).digest()).decode('ascii')}'"


def whole_head(title: str) -> str:
    """Return the beginning of a page that holds everything: data blocks and `whole_tail` follow."""
    assets = view_assets()
    rules = f"script-src {_hash(assets.js + START)}; style-src {_hash(assets.css)}"
    return _head(title, rules, f"<style>{assets.css}</style>\n")


def whole_tail() -> str:
    """Return the end of a page that holds everything: its script, which opens the view, and what is open."""
    return f"<script>{view_assets().js}{START}</script>\n{_TAIL}"


def linked_head(title: str, root: str) -> str:
    """Return the beginning of a page of a folder. `root` leads from it to the folder: empty, `../` …"""
    link = f'<link rel="stylesheet" href="{root}{STYLE_FILE}">\n'
    return _head(title, "script-src 'self' file:; style-src 'self' file:", link)


def linked_tail(root: str) -> str:
    """Return the end of a page of a folder; the script opens the view."""
    scripts = "".join(f'<script src="{root}{name}"></script>\n' for name in (SCRIPT_FILE, ORDER_FILE, START_FILE))
    return f"{scripts}{_TAIL}"


STYLE_FILE: Final = "assets/view.css"
SCRIPT_FILE: Final = "assets/view.js"
ORDER_FILE: Final = "assets/order.js"
START_FILE: Final = "assets/start.js"


def linked_assets() -> dict[str, str]:
    """Return what stands beside the pages of a folder, by its path in there; the order is written at the end."""
    assets = view_assets()
    return {STYLE_FILE: assets.css, SCRIPT_FILE: assets.js, START_FILE: START}

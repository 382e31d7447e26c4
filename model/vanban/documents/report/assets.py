"""The script and the style of the view, which stand beside this file, as they go into a page."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple

from vanban.documents.report.embedding import embedded_json
from vanban.schema import DOCUMENT_TYPES, LABELS

SCRIPTS: Final = (  # the first says what there is, the last opens a page
    "core.js", "text.js", "values.js", "filters.js", "list.js", "frame.js", "document.js", "view.js", "tables.js",
    "pair.js", "compare.js", "start.js",
)  # fmt: skip
STYLES: Final = ("view.css", "compare.css")


class Assets(NamedTuple):
    """What a page needs to have `vanbanView.show`: what the functions are is said at the top of the script."""

    css: str
    js: str


@cache
def view_assets() -> Assets:
    """Return the style and the script of the view; the script knows the labels and the names of document types."""
    folder = files("vanban.documents.report")
    script = "\n".join(folder.joinpath(name).read_text(encoding="utf-8") for name in SCRIPTS)
    known = f"vanbanView.types = {embedded_json(DOCUMENT_TYPES)};\nvanbanView.labels = {embedded_json(LABELS)};\n"
    return Assets("\n".join(folder.joinpath(name).read_text(encoding="utf-8") for name in STYLES), script + known)

"""Texts with their entities marked: `ở ⟦P:huyện Đông Anh⟧`, `theo ⟦D:Chỉ thị số 17⟧`."""

from __future__ import annotations

import re

from vanban.schema import Entity
from vanban.values.view import View, view

LABELS = {"D": "DIRECTIVE", "P": "PLACE", "C": "COUNT", "O": "OFFICIAL"}
MARK = re.compile(r"⟦([DPCO]):([^⟧]*)⟧")


def marked(text: str) -> tuple[str, list[Entity]]:
    """Return a text without its marks, and the entities that they mark."""
    pieces: list[str] = []
    entities = []
    done = length = 0
    for mark in MARK.finditer(text):
        pieces += (text[done : mark.start()], mark[2])
        start = length + mark.start() - done
        length = start + len(mark[2])
        entities.append(Entity(LABELS[mark[1]], start, length, mark[2]))
        done = mark.end()
    return "".join(pieces) + text[done:], entities


def view_of(text: str) -> View:
    return view(*marked(text))

"""Documents with entities to write and read again: emoji, NFD, CRLF, characters without width, two UTF-16 units."""

from __future__ import annotations

import io
import unicodedata
from collections import Counter
from collections.abc import Iterable
from typing import Any

from hypothesis import strategies as st

from vanban.documents.document import Document
from vanban.documents.formats.format import Format, Losses, Tagged
from vanban.documents.formats.origin import origin_of
from vanban.reading.text import INVISIBLE
from vanban.schema import LABELS, Entity, Prediction

PIECES = (
    "Hà Nội", "TP. Huế", unicodedata.normalize("NFD", "Đà Nẵng"), "Luật số\r\n35/2013/QH13", "24.973 ca", "👍", "𠀋",
    "👩\u200d🌾", "\r\n", "\n  ", " ", "  ", "\u00a0", "\u200b", "\ufeff", "\u2028", "\x85", "\t", "\\n", '"', "<b>",
    "_", "\u0301", "-",
)  # fmt: skip
TYPES = ("cong_van", "bao_cao", "loại\u200b khác")

TEXTS = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=12).map("".join), st.text(st.characters(exclude_categories=["Cs"]))
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**50), 2**50) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
FIELDS = st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), VALUES, max_size=3)
SCORES = st.floats(0.01, 0.99)


@st.composite
def entities(draw: st.DrawFn, text: str, by_hand: bool) -> tuple[Entity, ...]:
    """Draw spans without overlap that begin and end in characters that show."""
    shows = [i for i, c in enumerate(text) if not c.isspace() and c not in INVISIBLE]
    found: list[Entity] = []
    at = 0
    while (left := [i for i in shows if i >= at]) and len(found) < 4:
        start = draw(st.sampled_from(left))
        end = draw(st.sampled_from([i for i in left if i >= start])) + 1
        score = 1.0 if by_hand else draw(SCORES)
        found.append(Entity(draw(st.sampled_from(LABELS)), start, end, text[start:end], score))
        at = end
    return tuple(found)


@st.composite
def tagged(draw: st.DrawFn, fields: st.SearchStrategy[dict[str, Any]] = FIELDS) -> Tagged:
    """Draw a document that was tagged, or annotated by hand."""
    text, by_hand, doc_type = draw(TEXTS), draw(st.booleans()), draw(st.none() | st.sampled_from(TYPES))
    found = draw(entities(text, by_hand))
    score = 1.0 if by_hand else draw(SCORES)
    scores = {doc_type: score} if doc_type else {}
    model = "" if by_hand else "small 1.0"
    prediction = Prediction(text, found, model, doc_type, score if doc_type else None, scores)
    identity = draw(st.integers(0, 2**40) | st.sampled_from(["a", "vb/số 1.txt", "-1", ""]))
    own = draw(fields) | {"id": identity, "text": text}
    path = draw(st.none() | st.just("vb/số 1.txt"))
    return Document(identity, text, "in.jsonl:1", "key", "name", path, own), prediction


def document(text: str, identity: str | int = "a", **fields: Any) -> Document:
    """Return the document of a record."""
    return Document(identity, text, "in.jsonl:1", "key", "name", None, {"id": identity, "text": text, **fields})


def predicted(text: str, *found: tuple[str, str, float], model: str = "m") -> Prediction:
    """Return the prediction of labels at the first places of their texts, with scores."""
    spans = [(label, text.index(surface), surface, score) for label, surface, score in found]
    return Prediction(text, tuple(Entity(a, at, at + len(b), b, score) for a, at, b, score in spans), model)


def written(form: Format, documents: Iterable[Tagged]) -> tuple[bytes, Losses]:
    """Return the file of a format, and what it left out."""
    file, losses = io.BytesIO(), Counter[str]()
    assert form.write is not None
    form.write(documents, file, losses)
    return file.getvalue(), losses


def read(form: Format, data: bytes | str, name: str = "in") -> tuple[list[Any], Losses]:
    """Return what a format reads in a file, and what it left out."""
    losses = Counter[str]()
    assert form.read is not None
    file = io.BytesIO(data.encode() if isinstance(data, str) else data)
    return list(form.read(file, name, losses)), losses  # type: ignore[call-arg]


def says(one: Tagged) -> tuple[Any, ...]:
    """Return what must be the same when a document was written and read: all but where it stood."""
    document, prediction = one
    assert all(document.text[e.start : e.end] == e.text for e in prediction.entities)
    assert document.text == prediction.text == document.fields["text"]
    doc_type = (prediction.doc_type, prediction.doc_type_score, dict(prediction.doc_type_scores))
    origin = origin_of(document, prediction)
    return document.id, document.text, origin, prediction.entities, prediction.model, doc_type

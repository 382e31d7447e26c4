"""Documents of any text with any flat spans, of which formats are asked to lose nothing."""

from __future__ import annotations

import unicodedata

from hypothesis import strategies as st

from vanban.documents.document import Document
from vanban.documents.formats.format import Tagged
from vanban.schema import Entity, Prediction

# whole words, marks of their own, soft breaks, CRLF, invisible ones, beyond the basic plane, and what formats escape
PIECES = (
    "Chủ tịch", "UBND", "tỉnh Quảng\nNam", unicodedata.normalize("NFD", "Hà Nội"), "24.973 ca", "17/CT-UBND", "TP.",
    " ", "  ", "\n", "\r\n", "\t", "\u00a0", "\u200b", "\ufeff", "\u0301", "😀", "👩\u200d💻", "𠀋", "#Text=", "\\n",
    "[1]", "|", "_", "*", "->", "<b>&amp;", "a", "ậ", ".", "-", "\u2028", "\x85",
)  # fmt: skip
LABELS = ("PLACE", "COUNT", "Tên người", "A_b|c[2]*", "\\->;")


def entity(text: str, surface: str, label: str = "PLACE", score: float = 1.0) -> Entity:
    """The first span of a text that reads so."""
    start = text.index(surface)
    return Entity(label, start, start + len(surface), surface, score)


def tagged(text: str, *entities: Entity, doc_type: str | None = None, **fields: object) -> Tagged:
    """A document of a text, as a record of JSON Lines gives it, with what someone annotated."""
    document = Document("a", text, "a.jsonl:1", "key", "a", None, fields)
    return document, Prediction(text, entities, "", doc_type)


@st.composite
def texts_with_spans(draw: st.DrawFn, visible_edges: bool = True, flat: bool = True) -> Tagged:
    """Any text with up to five spans, which begin and end in no white space if `visible_edges`."""
    text = "".join(draw(st.lists(st.sampled_from(PIECES) | st.characters(exclude_categories=["Cs"]), max_size=12)))
    edges = [i for i, character in enumerate(text) if not (visible_edges and character.isspace())]
    entities: list[Entity] = []
    at = 0
    while (later := [i for i in edges if i >= at]) and len(entities) < 5 and draw(st.booleans()):
        start = draw(st.sampled_from(later))
        end = draw(st.sampled_from([i for i in edges if start <= i < start + 20])) + 1
        entities.append(Entity(draw(st.sampled_from(LABELS)), start, end, text[start:end]))
        at = end if flat else draw(st.integers(start, end))
    return tagged(text, *entities)


def positions(prediction: Prediction) -> list[tuple[int, int, str]]:
    """Where the spans of a prediction stand, sorted."""
    return sorted((entity.start, entity.end, entity.label) for entity in prediction.entities)

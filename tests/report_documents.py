"""Documents for tests of pages: a usual one, one that would do harm if its text were markup, and an empty one."""

from __future__ import annotations

from typing import Final

from vanban.documents.document import Document
from vanban.documents.formats.format import Tagged
from vanban.schema import Entity, Prediction
from vanban.values.document import read_values

USUAL: Final = (
    "ỦY BAN NHÂN DÂN\nTHÀNH PHỐ HÀ NỘI\n\nChủ tịch UBND TP Hà Nội Chu Ngọc Anh vừa ký Chỉ thị số\n17/CT-UBND, "
    "theo đó Đông Anh có 24.973 người được xét nghiệm.\r\nHà  Nội còn 12 ca."
)
HOSTILE: Final = (
    "<script>window.harm = 1</script></script><!-- <script> --><img src=x onerror='window.harm = 2'>&lt;b&gt; "
    "𠊛 ở Huế 🇻🇳 \u2028\x00\x07\x85\u202egnouhp\u202c \u200b\rxong; ]]> \ufeff Nghệ An"
)

SCORES: Final = {"chi_thi": 0.91, "cong_van": 0.06, "thong_bao": 0.03}


def spans(text: str, *found: tuple[str, str, float]) -> tuple[Entity, ...]:
    """Return the entities of `(label, surface, score)`, each looked for behind the one before."""
    entities: list[Entity] = []
    for label, surface, score in found:
        start = text.index(surface, entities[-1].end if entities else 0)
        entities.append(Entity(label, start, start + len(surface), surface, score))
    return tuple(entities)


def document(identity: str | int, text: str) -> Document:
    """Return a document as a record of JSON Lines is."""
    return Document(identity, text, f"in.jsonl:{identity}", f"key {identity}", f"in/{identity}", None, {"text": text})


def usual() -> Tagged:
    """Return a document with values, a record and a type; one of its entities goes over a soft break."""
    found = spans(
        USUAL, ("PLACE", "TP Hà Nội", 0.99), ("OFFICIAL", "Chu Ngọc Anh", 0.97),
        ("DIRECTIVE", "Chỉ thị số\n17/CT-UBND", 0.95), ("PLACE", "Đông Anh", 0.7), ("COUNT", "24.973 người", 0.98),
        ("PLACE", "Hà  Nội", 0.55), ("COUNT", "12 ca", 0.9),
    )  # fmt: skip
    entities, record = read_values(USUAL, found, "chi_thi")
    return document("chỉ thị/17", USUAL), Prediction(USUAL, entities, "m", "chi_thi", 0.91, SCORES, record)


def hostile() -> Tagged:
    """Return a document whose type is not probable enough, with an entity of a label that is not vanban's."""
    found = spans(HOSTILE, ("PLACE", "Huế", 0.9), ("TÊN <b>", "Nghệ An", 0.8))
    scores = {"cong_dien": 0.4, "chi_thi": 0.35}
    return document("<b>2</b>", HOSTILE), Prediction(HOSTILE, found, "m", None, 0.4, scores)


def empty() -> Tagged:
    """Return a document without a text."""
    return document(3, ""), Prediction("", (), "m")


def three() -> list[Tagged]:
    """Return the three of them."""
    return [usual(), hostile(), empty()]

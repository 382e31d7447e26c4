"""A document's own formulae: where it speaks of itself (`Quyết định này`) or does what it is there for (`điện:`).

They tell its type where no head does, and stand anywhere: at the end of the first page, or among the last articles.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

from vanban.schema import DOCUMENT_TYPES

if TYPE_CHECKING:
    from vanban.reading.encoding import EncodedText

_TYPES: Final = "|".join(re.escape(name).replace(r"\ ", r"\s+") for name in DOCUMENT_TYPES.values())
FORMULA: Final = re.compile(
    rf"""\b(?:{_TYPES})\s+này\b
    | \bđiện\s*:  | \bchỉ\s+thị\s*:  | \bquyết\s+(?:định|nghị)\s*:
    | \b(?:kính|xin)\s+trình\b  | \btrân\s+trọng\b
    | \b(?:xây\s+dựng|ban\s+hành)\s+kế\s+hoạch\b
    | \b(?:thông\s+báo|báo\s+cáo|hướng\s+dẫn)\s+(?:kết\s+luận|(?:\w+\s+)?như\s+sau)\b""",
    re.IGNORECASE | re.VERBOSE,
)


def formulae_in(document: EncodedText) -> list[int]:
    """Return how many formulae each window of a document holds."""
    edges = ((document.spans[w.start, 0], document.spans[w.end - 1, 1]) for w in document.windows)
    texts = (unicodedata.normalize("NFC", document.text[start:end]) for start, end in edges)
    return [len(FORMULA.findall(text)) for text in texts]

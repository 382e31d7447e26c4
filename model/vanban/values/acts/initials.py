"""The body whose initials are the code of an act, where the document names it: `CVHH` of `Cảng vụ Hàng hải`."""

from __future__ import annotations

import re
from typing import Final

from vanban.values.letters import folded

_FEWEST, _MOST = 3, 12  # letters
_GAP: Final = r"(?:\s+|\s*[,–-]\s*)(?:va\s+)?"
# with which names of bodies begin
_BEGINS: Final = re.compile(
    r"""(?:ban|bảo\s+hiểm|bệnh\s+viện|bộ|cảng\s+vụ|chi\s+cục|công\s+ty|cục|đại\s+sứ\s+quán|đoàn|hạt|hiệp\s+hội|học\s+viện
    |hội|kho\s+bạc|liên\s+đoàn|mặt\s+trận|ngân\s+hàng|phòng|quỹ|sở(?!\s+hữu)|tập\s+đoàn|tòa\s+án|tổng|trung\s+tâm|trường|(?:ủy|uỷ)\s+ban
    |văn\s+phòng|viện|vụ|xí\s+nghiệp|cơ\s+quan|thanh\s+tra|công\s+an|vườn)(?!\w)""",
    re.VERBOSE | re.IGNORECASE,
)
# of bodies of which there are many, and whose names go on: a steering committee, a command
MANY: Final = frozenset({"bcd", "bcsd", "btl", "bch", "bql", "btv", "btt", "bqlda", "hdqt", "vks"})
# which codes leave out
_HEAD_BEFORE: Final = re.compile(r"(?<!\w)(?:tong\s+cuc|cuc|vu)\s+$")


def names_of(code: str, text: str, plain: str) -> list[tuple[int, int]]:
    """Return the spans of names in `text` whose initials are `code`; `plain` is `text`, folded."""
    letters = folded(code).rstrip("0123456789")  # UBPL15: the committee of a term
    if letters in MANY or not _FEWEST <= len(letters) <= _MOST or not letters.isalpha():
        return []
    words = _GAP.join(rf"{letter}\w*" for letter in letters)
    found: list[tuple[int, int]] = []
    for name in re.finditer(rf"(?<!\w){words}(?!\w)", plain):
        start, end = name.span()
        before = _HEAD_BEFORE.search(plain, max(0, start - 10), start)
        if before:
            start = before.start()
        if text[start].isupper() and _BEGINS.match(text, start) and "\n" not in text[start:end].strip():
            found.append((start, end))
    return found

"""The body whose initials are the code of an act, where the document names it: `CVHH` of `Cảng vụ Hàng hải`."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from functools import cached_property
from typing import Final

from vanban.schema import Span

_FEWEST, _MOST = 3, 12  # letters
_GAP: Final = re.compile(r"(?:\s+|\s*[,–-]\s*)(?:va\s+)?")
_WORD: Final = re.compile(r"[^\W\d_]\w*")
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


class Names:
    """The words of a document by their initials."""

    def __init__(self, text: str, plain: str) -> None:
        """`plain` is `text`, folded."""
        self._text, self._plain = text, plain

    @cached_property
    def _words(self) -> list[Span]:
        return [word.span() for word in _WORD.finditer(self._plain) if word.group() != "va"]

    @cached_property
    def _initials(self) -> str:
        return "".join(self._plain[start] for start, _ in self._words)

    def of(self, code: str) -> list[Span]:
        """Return the spans of the names of bodies whose initials are a code in plain letters."""
        letters = code.rstrip("0123456789")  # UBPL15: the committee of a term
        found: list[Span] = []
        if letters in MANY or not _FEWEST <= len(letters) <= _MOST or not letters.isalpha():
            return found
        at = self._initials.find(letters)
        while at >= 0:
            name = self._name(self._words[at : at + len(letters)])
            if name:
                found.append(name)
            at = self._initials.find(letters, at + 1)
        return found

    def _name(self, words: Sequence[Span]) -> Span | None:
        """Return the span of words that are one name of a body, with the noun that codes leave out."""
        gaps = (self._plain[one[1] : other[0]] for one, other in itertools.pairwise(words))
        if not all(map(_GAP.fullmatch, gaps)):
            return None
        start, end = words[0][0], words[-1][1]
        before = _HEAD_BEFORE.search(self._plain, max(0, start - 10), start)
        start = before.start() if before else start
        is_name = self._text[start].isupper() and _BEGINS.match(self._text, start)
        return (start, end) if is_name and "\n" not in self._text[start:end] else None

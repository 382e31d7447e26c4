"""How a document cites an act: as its basis, to carry it out, to amend, replace, repeal or guide, or by the way.

The word that rules an act stands before it in its clause, with nothing but references between (`khoản 1 Điều 3`), or
behind it (`hết hiệu lực`), or at the head of the list that it is an item of (`Bãi bỏ các văn bản sau:`).
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Sequence
from typing import Final

from vanban.schema import Span
from vanban.values.acts.codes import TYPE_WORDS
from vanban.values.acts.cues import (
    AGENT,
    AMENDED,
    ANOTHER,
    ASKED,
    CHANGES,
    CUE,
    LAPSES,
    PASSIVE,
    THIS,
    WORDING,
    is_of_document,
    reaches,
)  # fmt: skip
from vanban.values.letters import folded
from vanban.values.meaning import Relation

_BEFORE: Final = 260  # characters of a clause that are looked at
_AFTER: Final = 320
_OPENING: Final = 60  # characters at the beginning of a line, which say what it is
_INTO_HEAD: Final = 60  # characters of the head of a list before the word that says how its items are cited
_REST_OF_HEAD: Final = 120
_LINES_OF_HEAD: Final = 40  # items of one list that are looked through for its head
_Found = tuple[Relation, Span | None]
_NOTHING: Final[_Found] = ("mentions", None)

_CLAUSE: Final = re.compile(r"[\n;]|[.!?](?=\s+[^\sa-z])|:(?=\s*\n)")
_NEW_CLAUSE: Final = re.compile(r"[,;:.\n]|(?<!\w)va\s*$")
_OTHER_CLAUSE: Final = re.compile(r"(?<!\w)(?:va|thi|nhung)(?!\w)|,")
# all that stands between two acts of a list
_TIE: Final = re.compile(
    rf"""(?:\s*+\([^()\n]{{1,60}}\))?
    (?: [\s,;)\]:(] | (?<!\w)(?:va|cung|hoac|hay|cac(?:\s(?:{TYPE_WORDS}))?|so|ca|nhu|voi|tai|cua)(?!\w)
      | (?<!\w)(?:khoan|dieu|diem|muc|phan|phu\ luc|chuong|mau\ so)\s(?:[\d.,\s]|[ivx]|[a-h](?!\w)|va\s)++ )*+""",
    re.VERBOSE,
)
_TIED: Final = re.compile(r"(?:,|(?<!\w)va)\s*(?:cac\s+)?(?:so\s*)?$")
_ITEM: Final = re.compile(r",\s*(?:va\s+)?so\s*$")  # only a number: the next of a list of one kind
# what a body said in an act: `và đề nghị của Công ty A tại`, `và ý kiến của Bí thư tại phiên họp (`
_OPINION: Final = re.compile(
    r"\s*(?:va|,)\s*(?:y\s+kien|de\s+nghi|ket\s+luan)(?:\s+chi\s+dao)?\s+cua\s[^;\n]{2,160}?(?:tai|\()\s*"
)
# what the document itself goes by stands at the beginning of a line or behind a mark
_TYPE: Final = re.compile(TYPE_WORDS)
_CARRIES_OUT: Final = re.compile(r"th(?:uc\s+hien|i\s+hanh)")
_PREAMBLE: Final = re.compile(r"(?:^|[\n;.:])[^\w\n;.]*$")
_ABOUT: Final = re.compile(
    r"[\s,(]*(?:ve|v/v|quy\s+dinh|ban\s+hanh|sua\s+doi|phe\s+duyet|huong\s+dan|tang\s+cuong|thong\s+qua)(?!\w)"
)
_LIST_MARK: Final = re.compile(r"\s*(?:[-–+*•]|\d{1,2}[.)]|[a-zđ][.)]|\(?\d{1,2}\))?\s*")
_OPENS: Final = re.compile(
    r"""\W*(?:dieu\s+\d{1,3}\W+|\d{1,2}[.)]\s*|[a-z][.)]\s*)?
    (?:(?P<basis>can\s+cu)|bai\s+bo|sua\s+doi|thay\s+the|thuc\s+hien|huy\s+bo)""",
    re.VERBOSE,
)


class Relations:
    """Relations of the acts of a text, asked for in order."""

    def __init__(
        self, text: str, plain: str, acts: Sequence[Span], tails: Sequence[int], is_press: bool = False
    ) -> None:
        """`plain` is the text folded; `tails` are where date, issuer and title of each act end.

        An article has no basis and changes no act: what it says of a decision is that decision's.
        """
        self.is_press = is_press
        self.text = text
        self._plain = plain
        self.acts = acts
        self.tails = tails
        self.found: list[_Found] = []
        self._heads: list[_Found] = []
        self._lines = [0, *(m.end() for m in re.finditer("\n", text))]
        self._list_heads: dict[int, _Found | None] = {}

    def read(self) -> list[_Found]:
        """Return, for each act, its relation and the span of the words that say so."""
        for number in range(len(self.acts)):
            relation, head = self._relation(number)
            self.found.append(relation)
            self._heads.append(head)
        if self.is_press:
            return [found if found[0] == "implements" else _NOTHING for found in self.found]
        return self.found

    def _relation(self, number: int) -> tuple[_Found, _Found]:
        """Return the relation of an act, and the one that the next item of its list takes."""
        start = self.acts[number][0]
        before = self._clause_start(start)
        previous = self.acts[number - 1] if number and self.acts[number - 1][1] <= start else None
        if previous and previous[1] < before:
            previous = None
        if previous and AMENDED.search(self._plain[previous[1] : start]):
            # in force as amended: `Căn cứ Luật …, được sửa đổi theo Luật …`
            return _NOTHING, self._heads[number - 1]
        cue = self._cue(max(before, self.tails[number - 1] if previous else 0), start)
        if cue is not None and not (previous and self._goes_on(number, cue)):
            if previous and self._is_said_of(number - 1, cue):
                return ("mentions", None), self._heads[number - 1]
            return cue, cue
        behind = self._behind(number)
        if behind is not None:
            return behind, ("mentions", None)
        return self._listed(number, start)

    def _goes_on(self, number: int, cue: _Found) -> bool:
        """True when a cue is said of the act before, and the list goes on: `số 4/… hướng dẫn Luật A, số 7/…`."""
        start = self.acts[number][0]
        return (
            cue[1] is not None
            and _ITEM.search(self._plain[cue[1][1] : start]) is not None
            and self._is_said_of(number - 1, cue)
        )

    def _clause_start(self, start: int) -> int:
        first = max(0, start - _BEFORE)
        plain = self._plain[first:start]
        last = first
        for mark in _CLAUSE.finditer(plain):
            last = first + mark.end()
        return last

    def _cue(self, first: int, start: int) -> _Found | None:
        """Return the last cue of `text[first:start]`, where it reaches the act."""
        written = self.text[first:start]
        plain = self._plain[first:start]
        cues = list(CUE.finditer(plain))
        if not cues:
            return None
        last = cues[-1]
        relation: Relation = last.lastgroup  # type: ignore[assignment]
        if not reaches(plain[last.end() :], relation):
            return None
        span = first + last.start(), first + last.end()
        before = plain[: last.start()]
        if relation == "guides" and self._is_title(*span):
            # of the document's own type: `HƯỚNG DẪN THỰC HIỆN NGHỊ QUYẾT SỐ …`
            return ("implements" if _CARRIES_OUT.search(last.group()) else "mentions"), span
        if relation in CHANGES:
            if ANOTHER.search(before) and not is_of_document(written[: last.start()], before):
                if cues[0].lastgroup == "basis":  # `Căn cứ Luật sửa đổi, bổ sung một số điều của Luật … số …`
                    return "basis", (first + cues[0].start(), first + cues[0].end())
                return "mentions", span
            if PASSIVE.search(before) or ASKED.search(before) or self._is_asked(first + last.start()):
                return "mentions", span
            if WORDING.match(plain, last.end()):
                return "amends", span
        if relation == "basis" and not self._is_preamble(first + last.start()):
            return "mentions", span
        return relation, span

    def _is_title(self, start: int, end: int) -> bool:
        """True of `HƯỚNG DẪN` in capitals that begins a line, not below another type: `THÔNG TƯ`."""
        line = bisect.bisect_right(self._lines, start) - 1
        above = self._plain[self._lines[line - 1] : self._lines[line]].strip() if line else ""
        begins = not self.text[self._lines[line] : start].strip()
        is_type = self._plain.startswith("huong dan", start) and _TYPE.fullmatch(above) is None
        return begins and is_type and self.text[start:end].isupper()

    def _is_asked(self, at: int) -> bool:
        """True when the line of an offset begins with whom it asks: `1. Với UBND tỉnh: …; sửa đổi …`."""
        line = self._lines[bisect.bisect_right(self._lines, at) - 1]
        return ASKED.match(self._plain[line : min(at, line + _OPENING)]) is not None

    def _is_preamble(self, at: int) -> bool:
        """True when `căn cứ` at an offset begins a clause, not where it is what somebody goes by."""
        return _PREAMBLE.search(self._plain[max(0, at - _OPENING) : at]) is not None

    def _is_said_of(self, number: int, cue: _Found) -> bool:
        """True when the words of a cue say something of the act before: `Nghị định … hướng dẫn Luật …`."""
        if cue[0] == "basis" or cue[1] is None:
            return False
        between = self._plain[self.tails[number] : cue[1][0]]
        return not _NEW_CLAUSE.search(between.rstrip("( ").removesuffix(","))

    def _behind(self, number: int) -> _Found | None:
        """Return what is said behind an act, or the list that it stands in: `… hết hiệu lực`."""
        at = self.tails[number]
        plain = self._plain[at : at + _AFTER]
        clause = _CLAUSE.search(plain)
        plain = plain[: clause.start()] if clause else plain
        found = LAPSES.search(plain)
        if found is None:
            return None
        upto = at + found.start()
        after = number + 1
        while after < len(self.acts) and self.acts[after][0] < upto:  # others between: those of one list only
            if not _TIE.fullmatch(self._plain[self.tails[after - 1] : self.acts[after][0]]):
                return None
            after += 1
        if _OTHER_CLAUSE.search(self._plain[self.tails[after - 1] : upto]):
            return None
        agent = AGENT.search(plain, found.start())
        if agent and not THIS.search(agent.group()):
            return _NOTHING
        relation: Relation = found.lastgroup  # type: ignore[assignment]
        return relation, (at + found.start(), at + found.end())

    def _listed(self, number: int, start: int) -> tuple[_Found, _Found]:
        """Return what an act takes of the one before it in a list, or of the head of its list."""
        line = bisect.bisect_right(self._lines, start) - 1
        line_start = self._lines[line]
        if number and self.acts[number - 1][1] >= line_start:
            head = self._heads[number - 1]
            found = self._tied(number, self._plain[max(self.tails[number - 1], start - _AFTER - 1) : start], head)
            return (found, head) if found else (_NOTHING, _NOTHING)
        if self._begins(line_start, start):
            found = self._list_head(line)
            if found:
                return found, found
        opening = CUE.match(self._plain[line_start : line_start + _OPENING].lstrip(" -+"))
        if opening and opening.lastgroup in ("basis", "implements") and start - line_start <= 2 * _AFTER:
            # laws without a number stand before it: `Căn cứ Luật Đầu tư; Nghị định số …`
            piece = max(self.text.rfind(mark, line_start, start) for mark in (";", ","))
            if piece > 0 and _TIE.fullmatch(self._plain[piece + 1 : start]):
                found = (opening.lastgroup, None)  # type: ignore[assignment]
                return found, found  # type: ignore[return-value]
        return _NOTHING, _NOTHING

    def _tied(self, number: int, between: str, head: _Found) -> _Found | None:
        """Return the relation of an act that stands in one list with the act before it, or None where it does not."""
        if len(between) > _AFTER:
            return None
        if _OPINION.fullmatch(between) and self.found[number - 1][0] in ("basis", "implements"):
            return self.found[number - 1]
        if _TIE.fullmatch(between):
            return head if ";" in between else self.found[number - 1]
        _, mark, piece = between.rpartition(";")
        if mark and _TIE.fullmatch(piece):
            return head
        goes_on = head[0] == "basis" or _ABOUT.match(between)
        return head if goes_on and _TIED.search(between) and not _CLAUSE.search(between) else None

    def _begins(self, line_start: int, start: int) -> bool:
        """True when nothing but references stands between the beginning of an item and its act."""
        if start - line_start > _INTO_HEAD:
            return False
        return reaches(_LIST_MARK.sub("", self._plain[line_start:start], count=1), "mentions")

    def _list_head(self, line: int) -> _Found | None:
        """Return the cue of the line, ending in a colon, that the items before a line belong to."""
        passed = []
        found: _Found | None = None
        for number in range(line - 1, max(-1, line - 1 - _LINES_OF_HEAD), -1):
            if number in self._list_heads:
                found = self._list_heads[number]
                break
            start, end = self._lines[number], self._lines[number + 1] - 1
            passed.append(number)
            written = self.text[max(start, end - _BEFORE) : end].rstrip()
            if not written:
                continue
            opening = _OPENS.match(self._plain[start : start + _OPENING])
            if written.endswith(":"):
                found = _of_head(written, max(start, end - _BEFORE), opening is not None)
                break
            if opening and opening["basis"] and written.endswith(";"):
                found = ("basis", (start + opening.start("basis"), start + opening.end("basis")))
                break
            mark = _LIST_MARK.match(written[:8])
            if not written.endswith((";", ",")) and not (mark and mark.group().strip()):
                break
        for number in passed:
            self._list_heads[number] = found
        return found


def _of_head(line: str, at: int, opens: bool) -> _Found | None:
    """Return the relation that the head of a list, which begins at an offset, gives its items."""
    cues = list(CUE.finditer(folded(line)))
    if not cues or not (opens or (len(cues) == 1 and cues[0].start() <= _INTO_HEAD)):
        return None
    last = cues[-1]
    if last.lastgroup == "mentions" or len(line) - last.end() > _REST_OF_HEAD:
        return None
    return last.lastgroup, (at + last.start(), at + last.end())  # type: ignore[return-value]

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
from vanban.values.letters import folded
from vanban.values.meaning import Relation

_BEFORE: Final = 260  # characters of a clause that are looked at
_AFTER: Final = 320
_Found = tuple[Relation, Span | None]

_CUE: Final = re.compile(
    r"""(?<!\w)(?:
    (?P<basis>can\s+cu(?:\s+vao)?)
  | (?P<mentions>kem\s+theo|tiep\s+theo|theo\s+(?:de\s+nghi|doi|do(?!\w))|tren\s+co\s+so|khong\s+ap\s+dung|trai\s+voi|nhat\s+tri\s+voi
      |(?:dieu\s+chinh|sua\s+doi|bo\s+sung|quy\s+dinh|huong\s+dan|cong\s+bo|ban\s+hanh|neu)\s+tai|co\s+hieu\s+luc)
  | (?P<repeals>bai\s+bo|huy\s+bo|cham\s+dut\s+hieu\s+luc|ngung\s+hieu\s+luc|het\s+hieu\s+luc)
  | (?P<replaces>thay\s+the(?:\s+cho)?|thay\s+cho|thay)
  | (?P<amends>(?:sua\s+doi|bo\s+sung|dinh\s+chinh|dieu\s+chinh)(?:\s*,?\s*(?:va\s+)?(?:sua\s+doi|bo\s+sung|thay\s+the))?)
  | (?P<implements>(?:trien\s+khai|thuc\s+hien|thi\s+hanh|chap\s+hanh|quan\s+triet|cu\s+the\s+hoa|the\s+che\s+hoa|ap\s+dung|tuan\s+thu|theo)
      (?:\s+(?:viec\s+)?(?:thuc\s+hien|thi\s+hanh|(?:huong\s+dan|quy\s+dinh|chi\s+dao|y\s+kien|tinh\s+than|noi\s+dung)(?!\s+chi\s+tiet)))?)
  | (?P<guides>(?:huong\s+dan|quy\s+dinh\s+chi\s+tiet)(?:,?\s+(?:va\s+)?(?:bien\s+phap\s+)?(?:huong\s+dan|thi\s+hanh|thuc\s+hien)){0,2})
    )(?!\w)""",
    re.VERBOSE,
)
_PASSIVE: Final = re.compile(r"(?:duoc|bi)\s+$")
# between a cue and its act: references, and what is said of the act as such
_FILLER: Final = frozenset(
    """quy dinh tai cua khoan dieu diem muc phan chuong phu luc cac nhung mot so noi dung yeu cau tinh than chi dao nghiem
    tuc dung tot co hieu qua day du dong bo kip thoi y kien van ban va viec ke hoach chuong trinh de an ban hanh kem theo
    toan bo hai ba hieu luc thi nhu sau gom vao cho ket luan hoan thanh tiep tuc hien huong dan tuong ung mau bieu danh
    khu tiet lan tuc la muc tieu nhiem vu giai phap""".split()
)
_NUMERAL: Final = re.compile(r"[\d.,]+|[ivxlc]+|[a-h]|đ")
_FREE_WORDS: Final = 3  # that may stand between, whatever they are
_WORD: Final = re.compile(r"[^\s,;:()\"“”/-]+")
_CLAUSE: Final = re.compile(r"[\n;]|[.!?](?=\s+[^\sa-z])|:(?=\s*\n)")
_TIE: Final = re.compile(
    r"(?:[\s,;)\]]|(?<!\w)(?:va|cung|hoac|hay|cac|so|sô|ca|nhu|voi|tai)(?!\w)|[:(])*"
)
_LIST_MARK: Final = re.compile(r"\s*(?:[-–+*•]|\d{1,2}[.)]|[a-zđ][.)]|\(?\d{1,2}\))?\s*")
_LAPSES: Final = re.compile(
    r"""(?<!\w)(?:(?P<replaces>(?:duoc|bi)\s+thay\s+the|thay\s+the\s+(?:boi|bang))
      |(?P<repeals>het\s+hieu\s+luc|(?:duoc|bi)\s+bai\s+bo|cham\s+dut\s+hieu\s+luc|bi\s+huy\s+bo|khong\s+con\s+hieu\s+luc))(?!\w)""",
    re.VERBOSE,
)
_LINES_OF_HEAD: Final = 40  # items of one list that are looked through for its head


class Relations:
    """Relations of the acts of a text, asked for in order."""

    def __init__(self, text: str, acts: Sequence[Span], tails: Sequence[int]) -> None:
        """`tails` are where date, issuer and title of each act end."""
        self.text = text
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
        return self.found

    def _relation(self, number: int) -> tuple[_Found, _Found]:
        """Return the relation of an act, and the one that the next item of its list takes."""
        start = self.acts[number][0]
        before = self._clause_start(start)
        previous = self.acts[number - 1] if number and self.acts[number - 1][1] <= start else None
        if previous and previous[1] < before:
            previous = None
        cue = self._cue(max(before, previous[1] if previous else 0), start)
        if cue is not None:
            if previous and self._is_said_of(number - 1, cue):
                of_before = self.found[number - 1]
                # in force as amended: `Căn cứ Luật …, được sửa đổi bởi Luật …`
                if cue[2] and of_before[0] == "basis":
                    return of_before, self._heads[number - 1]
                return ("mentions", None), self._heads[number - 1]
            found: _Found = (cue[0], cue[1])
            return found, found
        behind = self._behind(number)
        if behind is not None:
            return behind, behind
        return self._listed(number, start)

    def _clause_start(self, start: int) -> int:
        first = max(0, start - _BEFORE)
        plain = folded(self.text[first:start])
        last = first
        for mark in _CLAUSE.finditer(plain):
            last = first + mark.end()
        return last

    def _cue(self, first: int, start: int) -> tuple[Relation, Span, bool] | None:
        """Return the last cue of `text[first:start]` that reaches the act: relation, span, and whether it is passive."""
        plain = folded(self.text[first:start])
        last = None
        for last in _CUE.finditer(plain):
            pass
        if last is None or not _reaches(plain[last.end() :], last.lastgroup == "basis"):
            return None
        relation: Relation = last.lastgroup  # type: ignore[assignment]
        passive = _PASSIVE.search(plain[: last.start()]) is not None
        if passive and relation in ("amends", "replaces", "repeals"):
            return "mentions", (first + last.start(), first + last.end()), True
        return relation, (first + last.start(), first + last.end()), passive

    def _is_said_of(self, number: int, cue: tuple[Relation, Span, bool]) -> bool:
        """True when the words of a cue say something of the act before: `Nghị định … hướng dẫn Luật …`."""
        if cue[0] == "basis":
            return False
        between = folded(self.text[self.tails[number] : cue[1][0]])
        return not re.search(r"[,;:.\n]|(?<!\w)va\s*$", between.rstrip("( ").removesuffix(",")) or cue[2]

    def _behind(self, number: int) -> _Found | None:
        """Return what is said behind an act, or the list that it stands in: `… hết hiệu lực`."""
        at = self.tails[number]
        plain = folded(self.text[at : at + _AFTER])
        clause = _CLAUSE.search(plain)
        plain = plain[: clause.start()] if clause else plain
        found = _LAPSES.search(plain)
        if found is None:
            return None
        upto = at + found.start()
        after = number + 1
        while after < len(self.acts) and self.acts[after][0] < upto:  # others between: those of one list only
            if not _TIE.fullmatch(folded(self.text[self.tails[after - 1] : self.acts[after][0]])):
                return None
            after += 1
        if re.search(r"(?<!\w)(?:va|thi|nhung)(?!\w)|,", folded(self.text[self.tails[after - 1] : upto])):
            return None
        relation: Relation = found.lastgroup  # type: ignore[assignment]
        return relation, (at + found.start(), at + found.end())

    def _listed(self, number: int, start: int) -> tuple[_Found, _Found]:
        """Return what an act takes of the one before it in a list, or of the head of its list."""
        nothing: _Found = ("mentions", None)
        line = bisect.bisect_right(self._lines, start) - 1
        line_start = self._lines[line]
        first = self.acts[number - 1][1] if number else 0
        if first >= line_start and number:
            between = folded(self.text[self.tails[number - 1] : start])
            piece = between.rpartition(";")
            if _TIE.fullmatch(between):
                found = self._heads[number - 1] if ";" in between else self.found[number - 1]
                return found, self._heads[number - 1]
            if piece[1] and _TIE.fullmatch(piece[2]) and len(between) <= _AFTER:
                return self._heads[number - 1], self._heads[number - 1]
            tied = re.search(r"(?:,|(?<!\w)va)\s*(?:cac\s+)?$", between)
            if tied and self._heads[number - 1][0] == "basis" and len(between) <= _AFTER:
                return self._heads[number - 1], self._heads[number - 1]
        elif _LIST_MARK.fullmatch(folded(self.text[line_start:start])) or self._begins(line_start, start):
            found_head = self._list_head(line)
            if found_head:
                return found_head, found_head
        if first < line_start and folded(self.text[line_start : line_start + 8]).lstrip().startswith("can cu"):
            # laws without a number stand before it: `Căn cứ Luật Đầu tư; Nghị định số …`
            piece_start = max(self.text.rfind(mark, line_start, start) for mark in (";", ","))
            words = folded(self.text[piece_start + 1 : start])
            if piece_start > 0 and start - line_start <= 2 * _AFTER and _TIE.fullmatch(words):
                found = ("basis", (line_start, line_start + len("Căn cứ")))
                return found, found
        return nothing, nothing

    def _begins(self, line_start: int, start: int) -> bool:
        """True when nothing but references stands between the beginning of an item and its act."""
        words = folded(self.text[line_start:start])
        return len(words) <= 60 and _reaches(_LIST_MARK.sub("", words, count=1), False)

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
            if written.endswith(":"):
                cues = list(_CUE.finditer(folded(written)))
                if cues and cues[-1].lastgroup != "mentions" and len(written) - cues[-1].end() <= 120:
                    at = max(start, end - _BEFORE)
                    found = (cues[-1].lastgroup, (at + cues[-1].start(), at + cues[-1].end()))  # type: ignore[assignment]
                break
            if not _LIST_MARK.match(written[:8].lower()) or _LIST_MARK.match(written[:8].lower()).end() == 0:  # type: ignore[union-attr]
                break
        for number in passed:
            self._list_heads[number] = found
        return found


def _reaches(gap: str, is_basis: bool) -> bool:
    """True when nothing but references, or what a body ordered, stands between a cue and its act."""
    gap = gap.strip()
    if re.search(r"[;\n]", gap):
        return False
    words = [word for word in _WORD.findall(gap) if word not in _FILLER and not _NUMERAL.fullmatch(word)]
    if len(words) <= _FREE_WORDS - ("," in gap):
        return True
    if "," in gap and not is_basis:
        return False
    # `theo chỉ đạo của Thủ tướng Chính phủ tại`
    return len(gap) <= 130 and re.search(r"(?<!\w)(?:tai|cua|trong|theo)(?:\s+(?:cac|khoan|dieu|muc|diem|phan|[\d,]+))*$", gap) is not None

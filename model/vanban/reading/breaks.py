"""Which line breaks of a text are soft: made at the width of a page in the middle of a sentence, as in text from a PDF.

A soft break is white space: a sentence goes on over it, and a span may. A hard one ends a paragraph, a heading, a list
item or a table cell, and is a wall. The text itself says which: how wide the lines around are, whether the next word
would have had room, and how both lines begin and end.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Sequence
from typing import Final

NEIGHBOURS: Final = 12  # lines on either side, which say how wide the page is
WIDER: Final = 0.1  # of them may be wider than the page: a merged head, an unbroken line
NARROWEST, WIDEST = 40, 160  # characters of a page's width
FULL: Final = 0.86  # of the width: the next word would not have had room, letters being of unlike widths
GOES_ON: Final = 0.6  # the same where the words say that the sentence goes on
BROKEN: Final = 0.1  # of the lines around begin in lower case where sentences are broken

# what begins a line of its own: list marks, articles and parts, what a head, a letter or a signature block begins with
_BEGINS: Final = re.compile(
    r"""[-–—+*•▪●○□■◦·►➢✓]
      | \(?[a-zđ\d]{1,2}[.)]\s | \(?[ivx]{1,5}[.)]\s | [A-ZĐ]{1,4}[.)]\s | \d+(?:\.\d+)+[.)]?\s
      | (?i: điều\s+\d+[.:] | (?:chương|mục|phần)\s+[ivx\d]+\b | phần\s+thứ\b | phụ\s+lục\b | căn\s+cứ\b | xét\b
        | theo\s+đề\s+nghị\b | kính\s+gửi\b | nơi\s+nhận\b | số\s*: | tm\. | kt\. | tl\. | tuq\. | q\. | v/v\b
        | họ\s+và\s+tên\b | mẫu\s+số\b )""",
    re.VERBOSE,
)
_ENDS: Final = tuple(".;:!?…")
_CLOSERS: Final = "”\"')]»"
# no sentence ends with these: a comma, a word that leads on, the head noun of a place, what stands before a name
_UNFINISHED: Final = re.compile(
    r"""(?: [,(/] | \w-
      | (?<!\w)(?: số | ngày | tháng | năm | và | của | tại | theo | các | những | về | từ | đến | với | cho
        | tỉnh | huyện | quận | xã | phường | thôn | thành\ phố | thị\ xã | thị\ trấn | tổ\ dân\ phố
        | đồng\ chí | ông | bà ) )$""",
    re.IGNORECASE | re.VERBOSE,
)
_HALF: Final = ("/", "-")
_HALF_SYMBOL: Final = re.compile(r"\d/(?:[^\W\d_]+-)?$")  # `46/2016/` or `154/2025/NĐ-`: its rest is on the next line
# a longer line with one of these goes on, however wide it is: they lead on to a name or a number
_LEAST_WORDS: Final = 6
_LEADS_ON: Final = re.compile(
    r"""(?<!\w)(?: (?<!thiểu\ )(?i: số ) | (?i: và | của | tại | theo | các | những | với )
        | Nghị\ định | Nghị\ quyết | Quyết\ định | Thông\ tư | Chỉ\ thị | Công\ văn | Quốc\ lộ
        | TỈNH | HUYỆN | THÀNH\ PHỐ | THỊ\ XÃ )$""",
    re.VERBOSE,
)
_LONGEST_WORDS: Final = 12  # code points of what `_UNFINISHED` and `_LEADS_ON` look for at the end of a line
_GAP: Final = re.compile(r"\S {3,}\S")
_TEXT: Final = re.compile(r"[^\W\d_]|\d[.,;]")  # a bare number is that of a page
_LETTER: Final = re.compile(r"[^\W\d_]")
_LEAST_CAPITALS: Final = 8


def soft_breaks(lines: Sequence[str]) -> list[bool]:
    """Return, for each of the lines of a text but the last, whether the break behind it is soft."""
    stripped = [line.strip() for line in lines]
    widths = [len(line) for line in stripped]
    in_lower_case = [line[:1].islower() for line in stripped]
    soft = []
    for i, (line, after) in enumerate(itertools.pairwise(stripped)):
        if line[-1:] in _HALF and after[:1].isalnum() and _HALF_SYMBOL.search(line):
            soft.append(True)
            continue
        if not line or not after or not _may_go_on(line, after):
            soft.append(False)
            continue
        if len(line.split()) >= _LEAST_WORDS and _LEADS_ON.search(line, max(0, len(line) - _LONGEST_WORDS)):
            soft.append(True)
            continue
        around = slice(max(0, i - NEIGHBOURS), i + NEIGHBOURS + 2)
        there = sorted(filter(None, widths[around]))
        width = there[-1 - int(WIDER * len(there))]
        goes_on = after[:1].islower() or _UNFINISHED.search(line, max(0, len(line) - _LONGEST_WORDS)) is not None
        # a list of lines of one width, none of which goes on with the one before, is not broken
        is_broken_text = sum(in_lower_case[around]) >= BROKEN * len(there)
        needed = GOES_ON if goes_on else FULL if is_broken_text else math.inf
        soft.append(_fills(line, after, width, needed))
    return soft


def _may_go_on(line: str, after: str) -> bool:
    """True unless one of the two lines, by its own words, ends or begins something."""
    return not (
        line.rstrip(_CLOSERS).endswith(_ENDS)
        or not (_LETTER.search(line) and _TEXT.search(after))
        or _BEGINS.match(after)
        or _has_cells(line)
        or _has_cells(after)
        or _is_in_capitals(line) != _is_in_capitals(after)
    )


def _has_cells(line: str) -> bool:
    """True of a row of a table."""
    return "\t" in line or "|" in line or ("   " in line and _GAP.search(line) is not None)


def _fills(line: str, after: str, width: int, share: float) -> bool:
    """True when a line would take such a share of the page's width with the first word of the next one."""
    return NARROWEST <= width <= WIDEST and len(line) + 1 + len(after.split(maxsplit=1)[0]) >= share * width


def _is_in_capitals(line: str) -> bool:
    """True of a heading in capitals; an identifier alone on its line is none."""
    return line.isupper() and " " in line and len(_LETTER.findall(line)) >= _LEAST_CAPITALS

"""The pieces of a head: what stands in one column of one line, and what a piece is by its own words.

Columns come side by side, one after the other, or run together with one space between; so a line is cut at what can
be told by its words alone (the nation, its motto, the Party, a symbol, a date), and then at gaps and rules.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final, Literal, NamedTuple

from vanban.schema import Span
from vanban.values.records.issued import Issued, find_date
from vanban.values.view import View

Kind = Literal["text", "nation", "motto", "symbol", "date"]

HEAD_LINES: Final = 60  # that are not blank
HEAD_LENGTH: Final = 9000  # code points
_LONGEST_LINE: Final = 320  # of a head: what is longer is a paragraph, of which only the beginning is looked at
_BODY_LENGTH: Final = 2500  # code points without a mark of a head, after which none comes
_LONGEST_SPACED: Final = 24  # letters of a line with spaces between them

# Letters that scans take for one another, here as one. A key has neither marks nor spaces.
_ALIKE: Final = {"l": "i", "1": "i", "|": "i", "0": "o", "đ": "d", "ð": "d"}
_NATION: Final = re.compile(
    "cong?.{0,4}?(?:ho[ij]|xah).{0,4}?(?:chu|ngh.{1,2}|[xv]iet).{0,10}?(?:nam|nai?vi?)|congh.?axahoichunghia|dangcongsan.{0,8}?na(?:m|i?v)"
)
_MOTTO: Final = re.compile("docia.{1,14}?ha?nh?phuc?|docia.{1,18}?phu[ce]")
# all of them have one of these, whatever stands between the letters
_MAY_TELL: Final = re.compile(r"c[\W_]*[o0][\W_]*n|d[\W_]*[o0][\W_]*c[\W_]*[il1|]")
_NUMBER: Final = re.compile(
    r"[Ss](?<![^\W_].)(?:(?<=S)|(?=[^\s:]{0,3}\s?[:.]))\s?[ốỐôÔoO06óÓ](?:\s(?:ký )?hiệu)?\s{0,2}[:;.]?\s{0,20}"
)
_CODE: Final = r"(?:\d{4}|[^\W\d_]{1,14}\d{0,2}(?:&\s?[^\W\d_]{1,10})?)"
_SYMBOL: Final = re.compile(
    rf"(?:[^\s/_–-]{{1,8}}(?:\s\d{{1,2}})?|[.…_]{{1,20}})?(?:\s{{0,2}}/|\s?[-–])\s?{_CODE}(?:[/–-]\s?{_CODE}){{0,4}}"
)
# begun with a set of characters: a choice alone is searched slowly
_CUT: Final = re.compile(r"[*| \-–—_=~](?:(?<=\|)|(?<=\*)\*+|(?<= ) {2,}|(?<=[-–—_=~])[-–—_=~]{2,}|(?<=[—–_])[—–_]+)")
_RULE: Final = re.compile(r"[-–—_=~]{2}")
_SPACED: Final = re.compile(r"\s*\S(?:\s+\S){3,}\s*")
_LETTER_OR_DIGIT: Final = re.compile(r"[^\W_]")
_MARKUP: Final = " *#_>|~`"


class Piece(NamedTuple):
    """A piece of a head: its span in the text of the view, the number of its line, and how that follows on the last.

    A date has what was read of it; a symbol's `text` is without `Số:`, and empty where no number is filled in.
    """

    kind: Kind
    start: int
    end: int
    text: str
    line: int
    after_blank: bool
    after_soft: bool = False
    issued: Issued | None = None

    @property
    def in_capitals(self) -> bool:
        """True of words in capitals; a small letter or two are errors of a scan."""
        letters = list(filter(str.isalpha, self.text))
        small = sum(map(str.islower, letters))
        return len(letters) >= 2 and small <= max(0, len(letters) // 8)


_Mark = tuple[Kind, Span, Span, Issued | None]  # its kind, its whole span, the part that says something, and its date


class _Folded(dict[int, str]):
    """By code point, the letter or digit that it is in a key, or a space."""

    def __missing__(self, code: int) -> str:
        letter = unicodedata.normalize("NFD", chr(code))[0].lower()[:1]
        letter = _ALIKE.get(letter, letter)
        self[code] = letter if letter.isalnum() else " "
        return self[code]


_FOLDED: Final = _Folded()


def folded(text: str) -> str:
    """Return a text of the same length: letters without marks and case, those that scans confuse as one, and spaces."""
    return text.translate(_FOLDED)


def key(text: str) -> str:
    """Return a folded text without its spaces."""
    return folded(text).replace(" ", "")


def place_in(plain: str, number: int) -> int:
    """Return where in a folded text the character of its key stands that has this number."""
    for i, character in enumerate(plain):
        if character != " ":
            if number == 0:
                return i
            number -= 1
    return len(plain)


class Line(NamedTuple):
    """A line that is not blank: its span, whether a blank one is before it, and whether the break before it is soft."""

    start: int
    end: int
    after_blank: bool
    after_soft: bool


def lines_of(view: View, start: int = 0, most: int = HEAD_LINES, length: int = HEAD_LENGTH) -> Iterator[Line]:
    """Yield the lines that are not blank, from `start`: at most so many, of so many characters."""
    part = view.with_breaks(start, start + length)
    blank = False
    at = 0
    while at < len(part) and most > 0:
        end = part.find("\n", at)
        end = len(part) if end < 0 else end
        if part[at:end].strip(_MARKUP):
            after_soft = at > 0 and view.text[start + at - 1] == " "
            yield Line(start + at, start + at + len(part[at:end].rstrip()), blank, after_soft)
            blank, most = False, most - 1
        else:
            blank = True
        at = end + 1


def pieces(view: View, start: int = 0) -> list[Piece]:
    """Return the pieces of the first lines of a text, from `start`, in order."""
    found: list[Piece] = []
    directives = [view.spans[i] for i in view.of("DIRECTIVE")[:40]]
    places = [view.spans[i] for i in view.of("PLACE")[:40]]
    since = 0
    for number, line in enumerate(lines_of(view, start)):
        since = 0 if found and found[-1].kind != "text" else since + line.end - line.start
        if since > _BODY_LENGTH:
            break
        for piece in _of_line(view, line, directives, places, number):
            symbol = _on_the_next_line(found[-1:], piece)
            if symbol is not None:
                found[-1] = symbol
                rest = piece.text[symbol.end - piece.start :].lstrip()
                if rest:
                    found.append(piece._replace(start=piece.end - len(rest), text=rest))
            else:
                found.append(piece)
    return found


def _on_the_next_line(before: list[Piece], piece: Piece) -> Piece | None:
    """Return the symbol that is on the line under `Số:`."""
    if not before or piece.kind != "text" or before[0].line + 1 < piece.line:
        return None
    symbol = _SYMBOL.match(piece.text)
    if symbol is None or not symbol.group()[0].isalnum() or key(before[0].text) != "so":
        return None
    end = piece.start + symbol.end()
    return piece._replace(kind="symbol", end=end, text=symbol.group())


def _of_line(view: View, line: Line, directives: list[Span], places: list[Span], number: int) -> Iterator[Piece]:
    text, start, end = view.text, line.start, line.end
    near = min(end, start + _LONGEST_LINE)
    marks: list[_Mark] = []
    for kind, span in _told_by_words(text[start:near], view.plain[start:near]):
        marks.append((kind, (start + span[0], start + span[1]), (start + span[0], start + span[1]), None))
    for gap in _between((start, near), marks):
        symbol = _symbol(text, gap, directives)
        if symbol is not None:
            marks.append(("symbol", *symbol, None))
    for gap in _between((start, near), marks):
        issued = find_date(text, gap, places)
        if issued is not None:
            marks.append(("date", issued.whole, issued.whole, issued))
    marks.sort(key=lambda m: m[1])
    at = start
    for kind, whole, inner, issued in [*marks, ("text", (end, end), (end, end), None)]:
        for a, b in _cut(text, at, whole[0]):
            yield Piece("text", a, b, text[a:b], number, line.after_blank, line.after_soft and a == start)
        if not marks:
            return
        if whole[0] < end:
            yield Piece(kind, *inner, text[slice(*inner)], number, line.after_blank, issued=issued)
        at = whole[1]


def _told_by_words(line: str, plain: str) -> Iterator[tuple[Kind, Span]]:
    if not _MAY_TELL.search(plain):
        return
    plain = folded(plain)  # without marks it is folded much faster
    letters = plain.replace(" ", "")
    kinds: tuple[tuple[Kind, re.Pattern[str]], ...] = (("nation", _NATION), ("motto", _MOTTO))
    for kind, pattern in kinds:
        found = pattern.search(letters)
        if found is None or letters[: found.start()].endswith("nuoc"):  # the State, of which a sentence speaks
            continue
        if kind == "nation" and not line[place_in(plain, found.start())].isupper() and found.start() > 0:
            continue
        yield kind, (place_in(plain, found.start()), place_in(plain, found.end() - 1) + 1)


def _symbol(text: str, span: Span, directives: list[Span]) -> tuple[Span, Span] | None:
    """Return the spans of `Số: 17/CT-UBND` and of the symbol in it, which is empty where the number is left out."""
    for found in _NUMBER.finditer(text, *span):
        before = text[span[0] : found.start()].strip(_MARKUP)
        if before and not (
            len(before) < 30 and before[0].isalpha() and (before.isupper() or key(before) in _BEFORE_NUMBER)
        ):
            return None
        named = key(before) in _BEFORE_NUMBER and not before.isupper()  # else the type of the act
        first = span[0] if named else found.start()
        begin = found.end()
        for start, end in directives:
            if begin <= start <= begin + 3 and end <= span[1]:
                return (first, end), (start, end)
        symbol = _SYMBOL.match(text, begin, span[1])
        if symbol is not None:
            inner = symbol.span() if symbol.group()[0].isalnum() else (symbol.end(), symbol.end())
            return (first, symbol.end()), inner
    return None


_BEFORE_NUMBER: Final = frozenset(map(key, ("luật", "bộ luật", "nghị quyết", "nghị định", "pháp lệnh", "quyết định")))


def _between(span: Span, marks: Sequence[_Mark]) -> list[Span]:
    """Return what is left of a span that is not empty without the marks in it."""
    if not marks:
        return [span]
    gaps, at = [], span[0]
    for start, end in sorted(mark[1] for mark in marks):
        gaps.append((at, start))
        at = max(at, end)
    return [gap for gap in [*gaps, (at, span[1])] if gap[0] < gap[1]]


def _cut(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield the spans between gaps and rules, without white space and markup at their edges."""
    is_spaced = _SPACED.fullmatch(text, start, min(end, start + 4 * _LONGEST_SPACED))
    edges = [start]
    part = text[start:end]
    if not is_spaced and ("  " in part or "|" in part or "*" in part or _RULE.search(part)):
        for rule in _CUT.finditer(text, start, end):
            edges += rule.span()
    edges.append(end)
    for a, b in zip(edges[::2], edges[1::2], strict=True):
        stripped = text[a:b].strip(_MARKUP)
        if _LETTER_OR_DIGIT.search(stripped):
            a += text[a:b].index(stripped)
            yield a, a + len(stripped)

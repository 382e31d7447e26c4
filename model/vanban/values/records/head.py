"""The head of a document, as Decree 30/2020/NĐ-CP lays it out: issuer, symbol, place and date, type, subject."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import Final

from vanban.reading.text import one_line
from vanban.schema import DOCUMENT_TYPES, Span
from vanban.values.meaning import Record
from vanban.values.records.issued import Issued, find_date
from vanban.values.records.issuer import is_authority, left_column
from vanban.values.records.layout import Piece, lines_of
from vanban.values.records.title import Title, begins_body, find_title, first_mark, without_mark
from vanban.values.view import View

_JOINT: Final = re.compile(r"[/-](?:\d{4}/)?[^\W_]{0,6}LT(?:[/-]|$)", re.IGNORECASE)
_FOOT_LENGTH: Final = 6000
_FOOT_LINES: Final = 80
_LONGEST_AUTHORITY: Final = 100
_LONGEST_IN_CAPITALS, _LONGEST_LINE = 120, 70  # of a head without a title
# the holder of an office that decides in the authority's name
_HOLDERS: Final = "(?:BỘ TRƯỞNG|(?:TỔNG |CHI )?CỤC TRƯỞNG|CHỦ TỊCH|GIÁM ĐỐC|TỔNG GIÁM ĐỐC|VIỆN TRƯỞNG|HIỆU TRƯỞNG)"
_LEADS_TO_NAME: Final = (
    " CỦA",
    " CHO",
    " BỞI",
    " VÀ",
    " DO",
    " THUỘC",
    " VỚI",
    " PHÓ",
    " TẠI",
    " LÀ",
    " CÁC",
    ",",
    "-",
)
_FIRST_WORDS: Final = 4
_MOST_WORDS_BEHIND: Final = 10
_NEAR: Final = 4  # lines
_MENU: Final = re.compile(r"[/|»›>:@]")
_TELEGRAM: Final = re.compile(r"\s+điện(?:\s+khẩn)?\s*:?", re.IGNORECASE)


def read_letterhead(view: View, found: Sequence[Piece], doc_type: str | None) -> Record:
    """Return what the head of a document that is not of the press says, without recipients; `found`: its pieces."""
    name = DOCUMENT_TYPES.get(doc_type) if doc_type is not None else None
    title = find_title(found, view.text, name)
    first = title.first if title is not None else _where_body_begins(found)
    after = title.end if title is not None else first
    # a part of the other column may stand under the title of a letter
    head = [*found[:first], *(piece for piece in found[first:after] if piece.kind != "text")]
    head += itertools.takewhile(lambda piece: piece.kind != "text", found[after:])
    fields: dict[str, object] = {}
    spans: dict[str, Span] = {}

    symbol = next((piece for piece in head if piece.kind == "symbol"), None)
    if symbol is not None and symbol.text:
        fields["symbol"], spans["symbol"] = one_line(symbol.text), view.raw(symbol.start, symbol.end)

    joint = symbol is not None and _JOINT.search(symbol.text) is not None
    column = [piece for piece in found[:first] if piece.kind == "text"]
    issuer, above = left_column([piece for piece in column if piece.in_capitals], joint)
    if issuer is None:  # a head in small letters: what stands right above its marks
        marks = [piece.line for piece in head if piece.kind != "text"]
        near = [p for p in column if marks and -_NEAR < p.line - marks[0] <= _NEAR and not _MENU.search(p.text)]
        issuer, above = left_column(near, joint)
    if issuer is None:
        issuer = _named_elsewhere(found, title, view.text)
    for field, one in (("issuer", issuer), ("issuer_above", above)):
        if one is not None:
            fields[field], spans[field] = one[0], view.raw(*one[1])

    dates = [piece.issued for piece in head if piece.issued is not None]
    issued = next((one for one in dates if one.place is not None), dates[0] if dates else _in_the_foot(view))
    if issued is not None:
        if issued.place is not None:
            fields["place"], spans["place"] = one_line(view.text[slice(*issued.place)]), view.raw(*issued.place)
        if issued.date is not None:
            fields["date"], spans["date"] = issued.date, view.raw(*issued.written)

    if title is not None:
        if title.type is not None:
            fields["type"], spans["type"] = one_line(view.text[slice(*title.type)]), view.raw(*title.type)
        subject = _without_authority(title.subject, view.text, issuer[0] if issuer else None)
        subject = without_mark(subject, view.text)
        if subject:
            fields["subject"] = " ".join(one_line(view.text[a:b]) for a, b in subject)
            spans["subject"] = view.raw(subject[0][0], subject[-1][1])
    return Record(**fields, spans=spans)  # type: ignore[arg-type]


def is_letterhead(view: View, found: Sequence[Piece]) -> bool:
    """True where the first lines have what only an act or a letter has: the nation's name, a symbol, or a type."""
    return any(piece.kind in ("nation", "symbol") for piece in found[:20]) or any(
        piece.in_capitals and find_title([piece], view.text, None) is not None for piece in found[:12]
    )


def _where_body_begins(found: Sequence[Piece]) -> int:
    """Return the number of the first piece that is of no head, where no title says it."""
    last = -1
    mark = first_mark(found)
    for i, piece in enumerate(found):
        if piece.kind != "text":
            last = i
            continue
        longest = _LONGEST_IN_CAPITALS if piece.in_capitals else _LONGEST_LINE
        if begins_body(piece.text) or (i > mark and len(piece.text) > longest):
            break
    return last + 1


def _named_elsewhere(found: Sequence[Piece], title: Title | None, text: str) -> tuple[str, Span] | None:
    """Return the issuer that the title names (`của …`), or the line between the subject and the basis."""
    if title is None:
        return None
    if title.issuer is not None:
        return one_line(text[slice(*title.issuer)]), title.issuer
    for piece in found[title.end : title.end + 1]:
        telegram = _TELEGRAM.search(piece.text[: 2 * _LONGEST_AUTHORITY])
        name = piece.text[: telegram.start()] if telegram else piece.text
        ends = name.endswith((".", ";", ":"))
        if piece.kind == "text" and is_authority(name) and len(name) <= _LONGEST_AUTHORITY and not ends:
            return one_line(name), (piece.start, piece.start + len(name))
    return None


def _in_the_foot(view: View) -> Issued | None:
    """Return the date above the signature, where older acts have it: alone on its line, and filled in."""
    places = [view.spans[i] for i in view.of("PLACE")[-20:]]
    start = view.text.find("\n", max(0, len(view.text) - _FOOT_LENGTH)) if len(view.text) > _FOOT_LENGTH else 0
    for found in lines_of(view, max(start, 0), _FOOT_LINES, _FOOT_LENGTH):
        a, b = found.start, found.end
        if b - a > 80:
            continue
        line = view.text[a:b]
        first = a + len(line) - len(line.lstrip(" *_"))
        issued = find_date(view.text, (first, b), places)
        if issued is None or issued.date is None or issued.place is None:
            continue
        if issued.whole[0] == first and not view.text[issued.whole[1] : b].strip(" *_."):
            return issued
    return None


def _without_authority(subject: tuple[Span, ...], text: str, issuer: str | None) -> tuple[Span, ...]:
    """Return the subject without the authority that speaks in the act, where its line has run into the last one."""
    if not subject:
        return subject
    start, end = subject[-1]
    words = (issuer or "HỘI ĐỒNG NHÂN DÂN").split()
    if not all(word in text[start:end] for word in words[:_FIRST_WORDS]):
        return subject
    name = r"\s+".join(map(re.escape, words[:_FIRST_WORDS]))
    for found in re.finditer(rf"\s(?:{_HOLDERS}\s+)?{name}(?!\w)", text[start:end]):
        before, name_on = text[start : start + found.start()].rstrip(), found.group().lstrip()
        behind = text[start + found.end() : end].split()
        if (
            before.upper().endswith(_LEADS_TO_NAME)
            or len(behind) > len(words) + _MOST_WORDS_BEHIND
            or not (name_on + " ".join(behind)).isupper()
            or (issuer is None and "HỌP" not in behind)
            or (issuer is not None and name_on.split()[0] == words[0] and behind != words[_FIRST_WORDS:])
        ):
            continue
        return (*subject[:-1], (start, start + len(before)))
    return subject

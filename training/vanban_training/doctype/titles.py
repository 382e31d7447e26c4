"""What the head of a document says of its type: left out, to measure what is learned beyond it, or another's."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from vanban.reading.text import unmarked
from vanban.schema import DOCUMENT_TYPES

HEAD_LINES: Final = 15  # lines that are not blank: authority, motto, number, date and title

# Decree 30/2020/NĐ-CP, appendix III; an official letter has neither a type line nor a code
CODES: Final = {
    "thong_bao": "TB",
    "chi_thi": "CT",
    "quyet_dinh": "QĐ",
    "nghi_quyet": "NQ",
    "ke_hoach": "KH",
    "bao_cao": "BC",
    "to_trinh": "TTr",
    "huong_dan": "HD",
    "cong_dien": "CĐ",
    "thong_tu": "TT",
    "nghi_dinh": "NĐ",
}


_TYPE: Final = "|".join(re.escape(unmarked(DOCUMENT_TYPES[name].upper())).replace(r"\ ", r"\s+") for name in CODES)
# not in `SỞ KẾ HOẠCH VÀ ĐẦU TƯ`, `PHÒNG TÀI CHÍNH - KẾ HOẠCH`, `CHI CỤC DÂN SỐ - KẾ HOẠCH HÓA GIA ĐÌNH`: authorities
TYPE_WORD: Final = re.compile(rf"(?<!TAI CHINH - )\b(?:{_TYPE})\b(?! +(?:VA +DAU +TU|HOA +GIA +DINH)\b)")
_TYPE_LINE: Final = re.compile(rf"\W*(?:{_TYPE})\W*")
# `Số: 17/CT-UBND`, `Số 88-HD/BTGTU`, `Số:       /KH-UBND`, `So: O7/CT-BGTVT`
_SYMBOL: Final = r"[\s\dOIl.…]*[/-](?:\d{4}[/-])?[A-Z][\w&/-]*"
_NUMBER: Final = re.compile(rf"^\W*[Ss][oO]\s*[:.]?(?P<symbol>{_SYMBOL})")
# in a head also `Hướng dẫn` and `Nghị định số 29/2019/NĐ-CP`, alone on their line
_TITLE: Final = re.compile(rf"\W*(?:{_TYPE})(?:\s+so\s*[:.]?{_SYMBOL})?\W*", re.IGNORECASE)
_CODE: Final = re.compile(rf"(?<=[/-])(?:{'|'.join(CODES.values())})(?=[-/]|$)")


def mask_head(text: str) -> str:
    """Return `text` in NFC without its type line, its `Số:` and its symbol; type words in capitals leave the head.

    Marks that a scanner lost or mistook are no hindrance. The subject, the authority and the body stay.
    """
    symbols = []
    seen = 0
    kept = []
    for line in unicodedata.normalize("NFC", text).split("\n"):
        plain = unmarked(line)
        if _TYPE_LINE.fullmatch(plain):
            continue
        if seen < HEAD_LINES:
            seen += bool(line.strip())
            if _TITLE.fullmatch(plain):
                continue
            number = _NUMBER.match(plain)
            if number:
                symbols.append(line[slice(*number.span("symbol"))].strip())
                line, plain = line[number.end() :], plain[number.end() :]
            for match in reversed(list(TYPE_WORD.finditer(plain))):
                line = line[: match.start()] + line[match.end() :]
        kept.append(line)
    masked = "\n".join(kept)
    for symbol in symbols:
        masked = masked.replace(symbol, "")
    return masked


def split_head(text: str) -> tuple[str, str] | None:
    """Return the head of `text` in NFC, its type line and the lines of the subject included, and what follows.

    None when no type is named in capitals in its first lines.
    """
    lines = unicodedata.normalize("NFC", text).split("\n")
    shown = [number for number, line in enumerate(lines) if line.strip()][:HEAD_LINES]
    title = next((number for number in shown if TYPE_WORD.search(unmarked(lines[number]))), None)
    if title is None:
        return None
    end = title + 1
    while end < len(lines) and not lines[end].strip():
        end += 1
    while end < len(lines) and lines[end].strip():
        end += 1
    return "\n".join(lines[:end]), "\n".join(lines[end:])


def retitle(head: str, doc_type: str) -> str:
    """Return a head that `split_head` gave with the type line, and the code in its symbol, of `doc_type`."""
    lines = head.split("\n")
    for number, line in enumerate(lines):
        plain = unmarked(line)
        title = TYPE_WORD.search(plain)
        if title:
            lines[number] = line[: title.start()] + DOCUMENT_TYPES[doc_type].upper() + line[title.end() :]
            break
        symbol = _NUMBER.match(plain)
        if symbol:
            lines[number] = _CODE.sub(CODES[doc_type], line[: symbol.end()]) + line[symbol.end() :]
    return "\n".join(lines)

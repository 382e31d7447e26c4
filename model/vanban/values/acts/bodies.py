"""Names of bodies as values hold them, and which body the head of a document names."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from typing import Final

from vanban.reading.text import older_tone_style, one_line
from vanban.schema import Span
from vanban.values.letters import folded
from vanban.values.places.unit_table import named, named_loosely, table
from vanban.values.view import View

_HEAD: Final = 900  # characters of a document that name its body and hold its symbol
_SHORT: Final = (
    (re.compile(r"(?:ủy|uỷ|uy)\s+ban\s+nh[âa]n\s+d[âa]n", re.IGNORECASE), "UBND"),
    (re.compile(r"hội\s+đồng\s+nhân\s+dân", re.IGNORECASE), "HĐND"),
    (re.compile(r"(?<!\w)tp(?:\s*\.\s*|\s+)(?=\w)", re.IGNORECASE), "thành phố "),
)
_ABBREVIATED: Final = re.compile(r"(?<!\w)(?:ubnd|hđnd|mttq|pccc|pcccr|pctt|tkcn)(?!\w)", re.IGNORECASE)
_NO_AUTHORITY: Final = re.compile(r"\W*(?:truong|dai\s+hoc|hoc\s+vien|benh\s+vien|cong\s+ty|tap\s+doan)(?!\w)")
_OWN_SYMBOL: Final = re.compile(r"(?<!\w)s[oố]\s{0,5}[:.]?([^\n/]{0,20}/\s?[^\s,;]{1,40})", re.IGNORECASE)
_SPACES: Final = re.compile(r"\s+")
_CODE: Final = re.compile(r"[^\W\d_][^\W_]*")
_NATIONAL: Final = re.compile(
    r"\W*(?:bo(?!\s+chi\s+huy)|chinh\s+phu|thu\s+tuong|quoc\s+hoi|uy\s+ban\s+thuong\s+vu|chu\s+tich\s+nuoc|tong\s+cuc"
    r"|ban\s+chap\s+hanh\s+trung\s+uong|ban\s+bi\s+thu|ngan\s+hang\s+nha\s+nuoc|van\s+phong\s+chinh\s+phu|uy\s+ban\s+dan\s+toc"
    r"|kiem\s+toan\s+nha\s+nuoc|thanh\s+tra\s+chinh\s+phu)(?!\w)"
)
# bodies whose names say nothing without that of the body that they are of: of which ones, for those named first
_UNDER: Final = re.compile(
    r"ban(?!\w).*\n(?:hdnd|hoi\s+dong|uy\s+ban\s+m|ubmttq)|(?:ban\s+(?:thuong\s+vu|chap\s+hanh|thuong\s+truc)|van\s+phong)\n"
    r"|co\s+quan.*\ncong\s+an"
)
_FRONT: Final = re.compile(r"(?:uy\s+ban|ban\s+thuong\s+truc)(?=\s+(?:tinh|thanh\s+pho|huyen|quan|thi\s+xa|xa|phuong))")


def spelt_name(name: str) -> str:
    """Return a name with `UBND`, `HĐND`, `thành phố` and today's tone marks, on one line."""
    for pattern, short in _SHORT:
        name = pattern.sub(short, name)
    return older_tone_style(one_line(name))


@functools.lru_cache(maxsize=1 << 12)
def spelt_place(name: str) -> str:
    """Return a name, which a scan may have without its marks, as the one province of that name is spelt."""
    if named(name):
        return name
    units = table()
    found = {units.rows[row][2] for row in named_loosely(name) if units.rank(row) == "province"}
    return next(iter(found)) if len(found) == 1 else name


def is_province(name: str) -> bool:
    """True of the bare name of a province or of a city of its rank."""
    return any(table().rank(row) == "province" for row in named(name))


def is_national(name: str) -> bool:
    """True of a body of the whole country, whose place is only where it sits."""
    return _NATIONAL.match(folded(name)) is not None


def has_authority(name: str) -> bool:
    """True of a body that can be one of a place; a school, a hospital or a company may have the name of any."""
    return _NO_AUTHORITY.match(folded(name)) is None


def own_codes(text: str) -> frozenset[str]:
    """Return the codes, in plain letters, of the symbol in a document's head, which may lack its number."""
    found = _OWN_SYMBOL.search(text[:_HEAD])
    return frozenset(map(folded, _CODE.findall(found[1]))) if found else frozenset()


def own_name(issuer: str, above: str | None, view: View, place: str | None, bare: str) -> str:
    """Return the name of who issues a document, not in capitals, with its place or the chamber that it is of.

    `place` is the document's with its head noun, where that is known, `bare` its name, which may be empty.
    """
    name = small_name(issuer, view)
    if above and _UNDER.match(f"{folded(issuer)}\n{folded(above)}") and (not bare or folded(bare) not in folded(name)):
        name = f"{name} {small_name(above, view)}"
    front = _FRONT.match(folded(name)) if above and folded(above).startswith("mat tran") else None
    if front:  # ỦY BAN TỈNH under MẶT TRẬN TỔ QUỐC VIỆT NAM
        name = f"{name[: front.end()]} Mặt trận Tổ quốc Việt Nam{name[front.end() :]}"
    at = folded(name).find(folded(bare)) if bare else -1
    if at >= 0:
        return name[:at] + bare + name[at + len(bare) :]
    is_there = bare and folded(bare) in folded(above or "") and has_authority(issuer)
    return joined(name, place or "") if is_there else name


def joined(name: str, place: str) -> str:
    """Return the name of a body with its place; a head noun that both have stands once: `UBND tỉnh`, `tỉnh Lào Cai`."""
    words = place.split(" ")
    for number in (2, 1):  # thành phố, tỉnh
        head = " ".join(words[:number])
        if len(words) > number and folded(name).endswith(f" {folded(head)}"):
            return f"{name} {' '.join(words[number:])}"
    return f"{name} {place}".rstrip()


def small_name(name: str, view: View) -> str:
    """Return a name in capitals as the text writes it elsewhere, else in small letters but for the first."""
    name = one_line(name)
    if not name.isupper():
        return spelt_name(name)
    for start, end in _spans_of(folded(name).split(), view.plain):
        written = view.text[start:end]
        if not written.isupper():
            return spelt_name(written[0].upper() + written[1:])
    return spelt_name(_ABBREVIATED.sub(lambda found: found.group().upper(), name.capitalize()))


def _spans_of(words: Sequence[str], plain: str) -> Iterator[Span]:
    """Yield where words stand one behind the other, white space of any length between them."""
    start = plain.find(words[0])
    while start >= 0:
        end = start + len(words[0])
        for word in words[1:]:
            gap = _SPACES.match(plain, end)
            if gap is None or not plain.startswith(word, gap.end()):
                end = start
                break
            end = gap.end() + len(word)
        if end > start:
            yield start, end
        start = plain.find(words[0], max(end, start + 1))

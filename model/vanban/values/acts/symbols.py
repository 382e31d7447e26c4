"""The symbol of an act, split: `30/2020/NĐ-CP`, `05-CT/TU`, `3364/UBND-NC`, `31/2024/QH15`, scanned ones too."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from vanban.schema import Span
from vanban.values.acts.codes import (
    COURTS,
    JOINT,
    KIND_OF_CODE,
    NAME_OF_BODY,
    PARTY,
    canonical,
    key,
    with_term,
    without_term,
)
from vanban.values.letters import folded

_DIGIT: Final = r"[\doli]"  # O and l in scans
# `17`, `1 7`, `30a`, `3.1`, `O4`
_NUMBER: Final = re.compile(
    rf"(?P<number>{_DIGIT}{{1,6}}(?:[ ]{_DIGIT}{{1,5}}(?=\s?[/-]))?(?:\.\d{{1,2}}(?=[\s/-]))?)"
    r"(?P<letter>[a-h](?![a-z]))?"
)
_YEAR: Final = re.compile(rf"\s*[/-]\s*(?P<year>[1l2][90o]{_DIGIT}{{2}})(?![\w])")
_CODE: Final = re.compile(r"[^\W\d_](?:[^\W_]|&(?=[^\W\d_])){0,23}")
_LATE_YEAR: Final = re.compile(r"[-/ ]\s*((?:19|20)\d\d)\s*$")
_PLAIN_PAIR: Final = re.compile(r"((?:19|20)\d\d)\s*/\s*(\d{1,6})\s*$")  # of the European Union: (EU) 2023/1115
_MISREAD: Final = str.maketrans("olOIi", "01011")
_MOST_CODES: Final = 9


@dataclass(frozen=True, slots=True)
class Symbol:
    """A symbol in its pieces; `spans` are offsets into the text of the symbol. Codes are as written, without
    blanks; what a scanner or a keyboard did to their letters, only `canonical` mends."""

    text: str
    number: str
    year: int | None
    type_code: str | None
    body_code: str | None
    unit_code: str | None
    spans: dict[str, Span]

    @property
    def is_full(self) -> bool:
        """True when codes say what it is of: `17/CT-UBND`, not `17`."""
        return self.type_code is not None or self.body_code is not None

    @property
    def canonical(self) -> str:
        """The symbol in capitals, the same for all ways to write it; numbers have two digits at least."""
        number = self.number.lstrip("0 ").rjust(2, "0").upper()
        if self._year_is_inside:
            number += f"/{self.year}"
        codes = ["-".join(map(canonical, code.split("-"))) for code in self._codes]
        if not codes:
            return number
        is_of_party = self.type_code and self.body_code and PARTY.fullmatch(folded(self.body_code))
        return f"{number}-{'/'.join(codes)}" if is_of_party else f"{number}/{'-'.join(codes)}"

    @property
    def _codes(self) -> list[str]:
        return [code for code in (self.type_code, self.body_code, self.unit_code) if code]

    @property
    def _year_is_inside(self) -> bool:
        if "year" not in self.spans:
            return False
        first = min(self.spans[name][0] for name in ("type_code", "body_code", "year") if name in self.spans)
        return first == self.spans["year"][0]


def split(text: str, kind: str | None) -> Symbol | None:
    """Return a symbol (NFC, from its number on) in its pieces, or None when it has no number.

    `kind` is what the word before it says: the `CT` of an official letter is a tax office, and none of a directive.
    """
    plain = folded(text)
    found = _NUMBER.match(plain)
    if found is None or not any(c.isdigit() for c in found.group()):
        return None
    pair = _PLAIN_PAIR.match(plain)
    if pair and not _is_year(pair[2]):
        return Symbol(text, pair[2], int(pair[1]), None, None, None, {"year": pair.span(1), "number": pair.span(2)})
    spans = {"number": found.span()}
    end = found.end()
    year = _YEAR.match(plain, end)
    if year and _is_year(year["year"]):
        spans["year"] = year.span("year")
        end = year.end()
    codes = [code.span() for code in _CODE.finditer(text, end)][:_MOST_CODES]
    late = _LATE_YEAR.search(plain, end) if "year" not in spans else None
    if late:
        spans["year"] = late.span(1)
    spans |= _parts([key(text[a:b]) for a, b in codes], codes, kind)
    number = found["number"].translate(_MISREAD).replace(" ", "") + (found["letter"] or "")
    return Symbol(
        text,
        number,
        _year(plain, spans),
        _written(text, spans.get("type_code")),
        _written(text, spans.get("body_code")),
        _written(text, spans.get("unit_code")),
        spans,
    )


def _is_year(digits: str) -> bool:
    return 1930 <= int(digits.translate(_MISREAD)) <= 2099


def _year(plain: str, spans: dict[str, Span]) -> int | None:
    return int(plain[slice(*spans["year"])].translate(_MISREAD)) if "year" in spans else None


def _written(text: str, span: Span | None) -> str | None:
    if span is None:
        return None
    return "-".join(with_term(code.group()) for code in _CODE.finditer(text, *span))


def _parts(plain: list[str], spans: list[Span], kind: str | None) -> dict[str, Span]:
    """Return which of the codes, in plain letters, say type, body and unit."""
    if not plain:
        return {}
    if COURTS.fullmatch(plain[0]) and plain[-1] in ("st", "pt", "gdt"):  # HS-ST
        return {"type_code": (spans[0][0], spans[-1][1])}
    if _is_type(plain, kind):
        if plain[0] in JOINT and len(plain) > 1:
            return {"type_code": spans[0], "body_code": (spans[1][0], spans[-1][1])}
        return _named(("type_code", "body_code", "unit_code"), spans)
    if len(plain) > 1 and KIND_OF_CODE.get(plain[-1]) == kind is not None:  # 215 NN-TCCB/QĐ, as it was written once
        return {"type_code": spans[-1]} | _named(("body_code", "unit_code"), spans[:-1])
    return _named(("body_code", "unit_code"), spans)


def _is_type(plain: list[str], kind: str | None) -> bool:
    """True when the first code says the type."""
    said = KIND_OF_CODE.get(plain[0])
    if said is None:
        return False
    if kind == "cong_van":
        return said == "cong_van"
    if len(plain) == 1:  # 981/TTLN; the `CT` of `Quyết định số 155/CT` is who signed
        return kind is None or said == kind or plain[0] in JOINT
    return True


def _named(names: tuple[str, ...], spans: list[Span]) -> dict[str, Span]:
    """Return spans by name; the last name takes all codes that are left."""
    named = dict(zip(names, spans, strict=False))
    if len(spans) > len(names):
        named[names[-1]] = (spans[len(names) - 1][0], spans[-1][1])
    return named


def kind_of(symbol: Symbol) -> str | None:
    """Return the kind that the codes alone say: an official letter has a body and no type."""
    body = folded(symbol.body_code or "")
    if symbol.type_code is None:
        # of laws, and of old decrees and decisions, the word alone says the kind
        without = (
            not body
            or without_term(body) in ("qh", "ubtvqh", "hdbt")
            or (body in ("cp", "ttg") and not symbol.unit_code)
        )
        return None if without else "cong_van"
    code = key(symbol.type_code)
    if is_of_court(code):
        return "ban_an"
    if code == "tt" and (PARTY.fullmatch(body) or body == "mttw"):
        return "thong_tri"
    if code == "ct" and body.startswith("vks"):
        return "cao_trang"
    return KIND_OF_CODE.get(code)


def is_of_court(code: str) -> bool:
    """True of the codes of a judgement, which say what it is about: `HS-ST`."""
    first, *_, last = folded(code).split("-") * 2
    return COURTS.fullmatch(first) is not None and last in ("st", "pt", "gdt")


def national_issuer(symbol: Symbol) -> str | None:
    """Return the name of a body that its code alone says, of several joined by `và`."""
    codes = symbol.body_code.split("-") if symbol.body_code else []
    names = [NAME_OF_BODY.get(without_term(key(code))) for code in codes]
    return ", ".join(name for name in names if name) if names and all(names) else None

"""What may stand in the place of a mention: the templates and lists of `mentions.yaml`, and what fills them."""

from __future__ import annotations

import functools
import random
import re
from importlib import resources
from typing import Any, Final

import yaml

from vanban_training.corpus.places import read_places

Parts = list[tuple[str, str | None]]
"""Texts in order, each with its label or None."""

# type word and code (Decree 30/2020/NĐ-CP, appendix III; conclusions are the Party's)
ACTS: Final = (
    ("Chỉ thị", "CT"), ("Quyết định", "QĐ"), ("Nghị quyết", "NQ"), ("Kế hoạch", "KH"), ("Thông báo", "TB"),
    ("Báo cáo", "BC"), ("Kết luận", "KL"), ("Tờ trình", "TTr"), ("Hướng dẫn", "HD"), ("Công điện", "CĐ"),
    ("Nghị định", "NĐ"), ("Thông tư", "TT"), ("Thông báo kết luận", "TB"), ("Công văn", ""),
)  # fmt: skip
PLACE_HEADS: Final = (
    "thành phố", "Thành phố", "TP.", "TP", "tỉnh", "Tỉnh", "quận", "Quận", "huyện", "Huyện", "thị xã", "xã", "Xã",
    "phường", "Phường", "thị trấn", "thôn", "ngõ", "đặc khu", "Thủ đô", "thủ đô",
)  # fmt: skip
_PART: Final = re.compile(r"\[([A-Z]+) ([^\]]*)\]|([^\[]+)")
_SLOT: Final = re.compile(r"\{(\w+)\}")


_TITLED_HEAD: Final = re.compile("^(?:Thành Phố|Thị Xã|Thị Trấn|Thủ Đô|Đặc Khu)(?= )")


def replacement(label: str, mention: str, chance: random.Random) -> Parts:
    """Return another mention of `label`, with what may come with it; in capitals for a mention in capitals."""
    parts = _fill(_draw("replacements", label, chance), mention, chance)
    return [(text.upper(), kind) for text, kind in parts] if _is_in_capitals(mention) else parts


def counter_example(label: str, mention: str, chance: random.Random) -> Parts:
    """Return an expression that the guidelines leave out, for the place of a mention of `label`."""
    return _fill(_draw("counter_examples", label, chance), mention, chance)


@functools.cache
def tables() -> dict[str, Any]:
    """Return `mentions.yaml`."""
    text = (resources.files(__package__) / "mentions.yaml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


def _draw(table: str, label: str, chance: random.Random) -> str:
    templates, weights = _weighted(table, label)
    return chance.choices(templates, weights)[0]


@functools.cache
def _weighted(table: str, label: str) -> tuple[list[str], list[int]]:
    rows = [(template, weight) for weight, group in tables()[table][label].items() for template in group]
    return [template for template, _ in rows], [weight for _, weight in rows]


def _fill(template: str, mention: str, chance: random.Random) -> Parts:
    # the template is taken apart before it is filled: a mention may hold brackets of its own
    return [
        (_SLOT.sub(lambda slot: _value(slot[1], mention, chance), part[2] or part[3]), part[1])
        for part in _PART.finditer(template)
    ]


def _value(slot: str, mention: str, chance: random.Random) -> str:
    if slot == "same":
        return same_kind(mention, chance)
    if slot == "noun":
        return re.sub(r"^(?:[\d.,/]*\d(?:\s*(?:-|–|đến)\s*\d[\d.,]*)?|\w+)\s*", "", mention) or "trường hợp"
    maker = _MAKERS.get(slot)
    return maker(chance) if maker else str(chance.choice(tables()[slot]))


def person(chance: random.Random) -> str:
    """Return an invented Vietnamese name."""
    middles = chance.sample(tables()["middle_names"], chance.choice((0, 1, 1, 1, 1, 2)))
    return " ".join([chance.choice(tables()["family_names"]), *middles, chance.choice(tables()["given_names"])])


def same_kind(place: str, chance: random.Random) -> str:
    """Return another place behind the same head noun; sites and long names stay as they are."""
    if _is_in_capitals(place):
        return same_kind(_TITLED_HEAD.sub(lambda match: match[0].lower(), place.title()), chance).upper()
    head = next((h for h in PLACE_HEADS if re.match(rf"{re.escape(h)}(?:(?<=\.)|(?!\w))", place)), "")
    name = place[len(head) :].lstrip()
    if not name:
        return place
    front = place[: len(place) - len(name)]
    kind = head.lower().rstrip(".")
    if not head and (name in tables()["foreign_places"] or name.isascii()):
        return str(chance.choice(tables()["foreign_places"]))
    if kind == "thủ đô":
        return front + str(chance.choice((*tables()["foreign_capitals"], "Hà Nội")))
    if kind == "ngõ" and chance.random() < 0.5:
        return f"{front}{chance.randint(2, 900)} {commune(chance)}"
    if kind in ("quận", "huyện", "thị xã"):
        return front + str(chance.choice(tables()["districts"]))
    if kind in ("tỉnh", "thành phố", "tp"):
        return front + province(chance)
    if head:
        return front + commune(chance)
    if len(name.split()) > 4 or re.match(r"(?i)trường|khu|sân bay|bệnh viện", name):
        return place
    return chance.choice((province, commune, lambda c: str(c.choice(tables()["districts"]))))(chance)


def province(chance: random.Random) -> str:
    """Return the name of one of the 34 provinces, without its head noun."""
    return chance.choice(_provinces())


def commune(chance: random.Random) -> str:
    """Return the name of one of the 3,321 communes, without its head noun."""
    return chance.choice(_communes())


def number(chance: random.Random) -> str:
    """Return a cardinal number of 1 to 6 digits, written as in Vietnam; one below 10 may have a leading zero."""
    digits = chance.choice((1, 1, 2, 2, 2, 3, 3, 4, 5, 6))
    written = f"{chance.randint(2 if digits == 1 else 10 ** (digits - 1), 10**digits - 1):,}".replace(",", ".")
    return written.zfill(2) if digits == 1 and chance.random() < 0.3 else written


def act(chance: random.Random) -> str:
    """Return an invented identifier: type, number and symbol, in the shapes of Decree 30/2020 and of the Party."""
    kind, code = chance.choice(ACTS)
    name = kind + chance.choice((" số ", " số ", " số ", " "))
    if chance.random() < 0.15:
        return f"{name}{chance.randint(1, 300)}"
    return name + _symbol(code, kind in ("Nghị định", "Thông tư"), chance)


def law(chance: random.Random) -> str:
    """Return the number of an invented law: of a year and the National Assembly that sat in it."""
    year = chance.randint(2004, 2026)
    return (
        f"{chance.randint(1, 99):02d}/{year}/QH{11 + (year >= 2007) + (year >= 2011) + (year >= 2016) + (year >= 2021)}"
    )


def symbol(chance: random.Random) -> str:
    """Return an identifier without its type, as in a document's own head."""
    return _symbol(chance.choice(ACTS)[1], False, chance)


def _symbol(code: str, is_law: bool, chance: random.Random) -> str:
    number_ = f"{chance.randint(1, chance.choice((30, 300, 4500))):02d}"
    state = chance.choice(tables()["state_issuers"])
    if is_law:
        return f"{number_}/{chance.randint(2004, 2026)}/{code}-{chance.choice(('CP', 'BYT', 'BNV', 'BTC', 'BGDĐT'))}"
    if not code:
        return f"{number_}/{state}-{chance.choice(('NC', 'VX', 'KT', 'TH', 'KGVX'))}"
    if chance.random() < 0.4:
        return f"{number_}-{code}/{chance.choice(tables()['party_issuers'])}"
    return f"{number_}/{code}-{state}"


_MAKERS: Final = {
    "person": person,
    "province": province,
    "commune": commune,
    "number": number,
    "small": lambda chance: str(chance.randint(2, 40)),
    "decimal": lambda chance: f"{chance.randint(1, 99)},{chance.randint(1, 9)}",
    "date": lambda chance: f"{chance.randint(1, 28)}/{chance.randint(1, 12)}/{chance.randint(2004, 2026)}",
    "digit": lambda chance: str(chance.randint(1, 9)),
    "act": act,
    "law": law,
    "symbol": symbol,
}


def _is_in_capitals(mention: str) -> bool:
    """True of words in capitals, as headings have them; a symbol (17/CT-UBND) is none."""
    return mention.isupper() and " " in mention


@functools.cache
def _provinces() -> tuple[str, ...]:
    return tuple(place.name for place in read_places() if place.is_province)


@functools.cache
def _communes() -> tuple[str, ...]:
    names = dict.fromkeys(place.name for place in read_places() if not place.is_province)
    return tuple(name for name in names if not name[-1].isdigit())

"""Mention replacement: copies of the training documents in which names, places, numbers and identifiers are others.

Only mentions change; the offsets of those after them move along. Place names come from the vietnam-provinces package,
persons and identifiers are invented from the lists in `mentions.yaml`. Some mentions give way to counter-examples, expressions that
the guidelines leave out (a percentage for a count, a generic noun for a place), which carry no label.
"""

from __future__ import annotations

import functools
import random
import re
from collections.abc import Sequence
from importlib import resources
from typing import Final

import yaml

from vanban.schema import Entity
from vanban_training.config import AugmentationConfig
from vanban_training.corpus import AnnotatedDocument

DIRECTIVE_KINDS: Final = (
    ("Chỉ thị", "CT"), ("Quyết định", "QĐ"), ("Nghị quyết", "NQ"), ("Kế hoạch", "KH"), ("Thông báo", "TB"),
    ("Báo cáo", "BC"), ("Kết luận", "KL"), ("Tờ trình", "TTr"), ("Hướng dẫn", "HD"), ("Công điện", "CĐ"),
    ("Nghị định", "NĐ"), ("Thông tư", "TT"), ("Thông báo kết luận", "TB"), ("Công văn", ""),
)  # fmt: skip
PLACE_HEADS: Final = (
    "thành phố", "Thành phố", "TP.", "TP", "tỉnh", "Tỉnh", "quận", "Quận", "huyện", "Huyện", "thị xã", "xã", "Xã", "phường",
    "Phường", "thị trấn", "thôn", "ngõ", "đặc khu", "Thủ đô", "thủ đô",
)  # fmt: skip


def augment(documents: Sequence[AnnotatedDocument], settings: AugmentationConfig, seed: int) -> list[AnnotatedDocument]:
    """Return `settings.copies` variants of each document; the same seed gives the same variants."""
    variants = []
    for copy in range(settings.copies):
        for document in documents:
            chance = random.Random(f"{seed}/{copy}/{document.id}")
            variants.append(_variant(document, settings, chance, copy))
    return variants


def _variant(
    document: AnnotatedDocument, settings: AugmentationConfig, chance: random.Random, copy: int
) -> AnnotatedDocument:
    pieces: list[str] = []
    entities: list[Entity] = []
    length = 0
    position = 0
    for entity in document.entities:
        before = document.text[position : entity.start]
        mention, after = entity.text, ""
        is_entity = True
        draw = chance.random()
        if entity.label in COUNTER_EXAMPLES and draw < settings.counter_examples:
            mention, is_entity = COUNTER_EXAMPLES[entity.label](entity.text, chance), False
        elif entity.label in REPLACEMENTS and draw < settings.counter_examples + settings.share:
            mention = REPLACEMENTS[entity.label](entity.text, chance)
            if entity.label == "COUNT" and chance.random() < settings.counter_examples:
                after = " " + chance.choice(mentions()["after_a_count"])
        pieces += [before, mention, after]
        start = length + len(before)
        length = start + len(mention) + len(after)
        if is_entity:
            entities.append(Entity(entity.label, start, start + len(mention), mention))
        position = entity.end
    pieces.append(document.text[position:])
    return AnnotatedDocument(
        f"{document.id}+{copy + 1}", "".join(pieces), tuple(entities), document.type, "augmented", document.source
    )


def another_person(text: str, chance: random.Random) -> str:
    """Return an invented name: foreign for foreign ones (no Vietnamese mark, three words at most), else Vietnamese."""
    if text.isascii() and chance.random() < 0.8:
        return chance.choice(mentions()["foreign_persons"])
    middles = chance.sample(mentions()["middle_names"], chance.choice((0, 1, 1, 1, 1, 2)))
    return " ".join([chance.choice(mentions()["family_names"]), *middles, chance.choice(mentions()["given_names"])])


def another_place(text: str, chance: random.Random) -> str:
    """Return another place of the same kind, behind the same head noun."""
    head = next((h for h in PLACE_HEADS if text.startswith(h) and not text[len(h) : len(h) + 1].isalpha()), "")
    name = text[len(head) :].lstrip()
    gap = text[len(head) : len(text) - len(name)]
    if name in mentions()["foreign_places"] or (not head and name.isascii()):
        return chance.choice(mentions()["foreign_places"])
    kind = head.lower().rstrip(".")
    if kind == "thủ đô":
        return head + gap + chance.choice((*mentions()["foreign_capitals"], "Hà Nội"))
    if kind == "ngõ" and chance.random() < 0.5:
        return f"{head}{gap}{chance.randint(2, 900)} {chance.choice(_names_of_communes())}"
    if kind in ("quận", "huyện", "thị xã"):
        return head + gap + chance.choice(mentions()["districts"])
    if kind in ("tỉnh", "thành phố", "tp"):
        return head + gap + chance.choice(_names_of_provinces())
    if head:
        return head + gap + chance.choice(_names_of_communes())
    if len(name.split()) > 4 or re.match(r"(?i)trường|khu|sân bay|bệnh viện", name):
        return text
    return chance.choice(chance.choice((_names_of_provinces(), mentions()["districts"], _names_of_communes())))


def another_count(text: str, chance: random.Random) -> str:
    """Return the count with other digits of like shape and, half of the time, another counted noun."""
    numeral = re.match(r"[\d.,/]*\d(?:\s*(?:-|–|đến)\s*\d[\d.,]*)?", text)
    if numeral is None:
        return (
            chance.choice(("hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín", "mười"))
            + text[len(text.split()[0]) :]
        )
    noun = text[numeral.end() :]
    if noun.startswith(" ") and "/" not in noun and chance.random() < 0.6:
        noun = " " + chance.choice(mentions()["counted"])
    if re.fullmatch(r"[\d.]+", numeral.group()) and chance.random() < 0.15:
        return _of_two_numbers(chance) + noun
    if re.fullmatch(r"[\d.]+", numeral.group()) and chance.random() < 0.6:
        digits = chance.choice((1, 1, 2, 2, 3, 3, 4, 5, 6))
        number = f"{chance.randint(10 ** (digits - 1) + 1, 10**digits - 1):,}".replace(",", ".")
        return (number.zfill(2) if chance.random() < 0.15 else number) + noun
    return re.sub(r"\d", lambda m: str(chance.randint(1, 9)), numeral.group()) + noun


def _of_two_numbers(chance: random.Random) -> str:
    low = chance.randint(2, 90_000)
    high = low + chance.randint(1, 9_000)
    joined = chance.choice(("{}/{}", "{}/{}", "{}-{}", "{} - {}", "{} đến {}"))
    return joined.format(*(f"{n:,}".replace(",", ".") for n in ((high, low) if "/" in joined else (low, high))))


def another_directive(text: str, chance: random.Random) -> str:
    """Return an invented identifier: type, number and symbol, in the shapes of Decree 30/2020 and of the Party."""
    state = chance.choice(mentions()["state_issuers"])
    party = chance.choice(mentions()["party_issuers"])
    kind, code = chance.choice(DIRECTIVE_KINDS)
    number = f"{chance.randint(1, chance.choice((30, 300, 4500))):02d}"
    if not text[0].isalpha():  # the bare number of a document's own head
        return f"{number}/{code or 'UBND'}-{state}"
    named = kind + chance.choice((" số ", " số ", " số ", " ")) + number
    if "/" not in text and chance.random() < 0.7:
        return named
    if kind in ("Nghị định", "Thông tư"):
        return f"{named}/{chance.randint(2004, 2026)}/{code}-{chance.choice(('CP', 'BYT', 'BNV', 'BTC', 'BGDĐT'))}"
    if not code:
        return f"{named}/{state}-{chance.choice(('NC', 'VX', 'KT', 'TH', 'KGVX'))}"
    return f"{named}-{code}/{party}" if chance.random() < 0.4 else f"{named}/{code}-{state}"


def no_count(text: str, chance: random.Random) -> str:
    """Return a quantity that the guidelines leave out: a percentage, money, a duration, an ordinal, something vague."""
    number = chance.randint(2, 99)
    decimal = f"{number},{chance.randint(1, 9)}"
    noun = re.sub(r"^\S+\s*", "", text) or "trường hợp"
    return chance.choice(
        (
            f"{decimal}%",
            f"{number}%",
            f"{chance.randint(100, 180)},{chance.randint(1, 9)}%",
            f"{number} tỷ đồng",
            f"{decimal} triệu đồng",
            f"{number} ngày",
            f"{chance.randint(2, 24)} tháng",
            f"{chance.randint(2, 30)} năm",
            f"đợt {chance.randint(1, 9)}",
            f"mũi {chance.randint(1, 4)}",
            f"gấp {chance.randint(2, 9)} lần",
            f"hàng trăm {noun}",
            f"hàng nghìn {noun}",
            f"một số {noun}",
            f"nhiều {noun}",
            f"các {noun}",
            f"một {noun}",
        )
    )


def no_place(text: str, chance: random.Random) -> str:
    """Return a generic noun instead of a named place."""
    return chance.choice(
        ("TP", "thành phố", "Thành phố", "Thủ đô", "tỉnh", "huyện", "quận", "địa phương", "địa bàn", "xã", "phường")
    )


def no_directive(text: str, chance: random.Random) -> str:
    """Return a document named without its number."""
    kind = chance.choice(DIRECTIVE_KINDS)[0]
    law = chance.choice(("Đất đai", "Đầu tư công", "Phòng, chống thiên tai", "Giao thông đường bộ", "Quy hoạch"))
    return chance.choice((kind, f"{kind} này", f"Luật {law}", f"quy định của Luật {law}"))


REPLACEMENTS: Final = {
    "OFFICIAL": another_person,
    "PLACE": another_place,
    "COUNT": another_count,
    "DIRECTIVE": another_directive,
}
COUNTER_EXAMPLES: Final = {"PLACE": no_place, "COUNT": no_count, "DIRECTIVE": no_directive}


@functools.cache
def mentions() -> dict[str, list[str]]:
    """Return the lists of `mentions.yaml` by name."""
    text = (resources.files("vanban_training") / "mentions.yaml").read_text(encoding="utf-8")
    lists: dict[str, list[str]] = yaml.safe_load(text)
    return lists


@functools.cache
def _names_of_provinces() -> tuple[str, ...]:
    from vietnam_provinces import Province

    return tuple(dict.fromkeys(re.sub(r"^(?:Thành phố|Tỉnh) ", "", p.name) for p in Province.iter_all()))


@functools.cache
def _names_of_communes() -> tuple[str, ...]:
    from vietnam_provinces import Ward

    names = (re.sub(r"^(?:Phường|Xã|Đặc khu) ", "", ward.name) for ward in Ward.iter_all())
    return tuple(dict.fromkeys(name for name in names if not name[-1].isdigit()))

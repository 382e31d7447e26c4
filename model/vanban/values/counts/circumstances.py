"""What the words directly before a count say of it: that it is a bound or about so many, is not so, or is planned."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from vanban.schema import Span
from vanban.values.meaning import Approximation

WINDOW: Final = 100  # characters before a count that are looked at

# no word acts over these; a comma inside of a number has no space behind it
_CLAUSE_END: Final = re.compile(
    r"[\n|;!?•“”\"()\[\].,\s](?:(?<=[\n|;!?•“”\"()\[\]])|(?<=[.,])(?=\s)|(?<=\s)[-–—](?=\s))"
)


def _words(*phrases: str) -> str:
    """Return the pattern of phrases, between whose words there may be more than one space."""
    return "|".join(re.sub(r" ", r"\\s+", phrase) for phrase in phrases)


# what stands between a bound and its number: `ít nhất phải có 3`, `tối đa là 5`
_LEADS_ON: Final = r"(?:\s+(?:có|là|phải|đạt|từ|được|cả|cũng|thêm|gồm|đến|tới|bằng)){0,2}"
_APPROXIMATIONS: Final[dict[Approximation, str]] = {
    "at_most": _words("tối đa", "nhiều nhất", "cùng lắm", "không hơn", "không (?:nhiều|lớn|cao) hơn", "không trên")
    + r"|không(?:\s+[^\W\d]+){0,5}?\s+quá",
    "at_least": _words(
        "ít nhất", "tối thiểu", "chí ít", "ít ra", "không dưới", "không (?:được )?(?:ít|thấp|nhỏ|kém) hơn", "không kém"
    ),
    "about": _words(
        "(?:vào )?khoảng(?: chừng)?", "(?:ước |áng )?chừng", "trên dưới", "xấp xỉ", "ước(?: tính| khoảng| đạt)?", "cỡ",
        "tầm", "độ",
    ),
    "nearly": _words("gần", "ngót(?: nghét)?", "suýt soát"),
    "under": _words("dưới", "(?:chưa|không) (?:đến|tới|đầy)"),
    "over": _words("hơn", "(?:vượt )?(?:quá|trên)"),
}  # fmt: skip
_MAY_LEAD_ON: Final = ("at_most", "at_least", "about", "nearly")
_APPROXIMATION: Final = re.compile(
    r"(?<![^\W_])(?:"
    + "|".join(
        f"(?P<{name}>{words}){_LEADS_ON if name in _MAY_LEAD_ON else ''}" for name, words in _APPROXIMATIONS.items()
    )
    + r")\s*$",
    re.IGNORECASE,
)
_LAST_WORD: Final = re.compile(r"([^\W_]+)\s*$")
# `cao hơn 3 lần` says by how much
_COMPARED: Final = frozenset(
    {
        "nhiều",
        "ít",
        "cao",
        "thấp",
        "lớn",
        "nhỏ",
        "dài",
        "ngắn",
        "nhanh",
        "chậm",
        "rộng",
        "hẹp",
        "dễ",
        "khó",
        "tốt",
        "kém",
        "sớm",
        "muộn",
        "đông",
        "nặng",
        "nhẹ",
        "xa",
        "gần",
        "đắt",
        "rẻ",
    }
)
# behind these `độ` is about: `mật độ 30 cây` is not, nor is `40 độ`
_BEFORE_ABOUT: Final = frozenset({"có", "được", "chỉ", "chừng", "khoảng", "mất", "còn", "thêm", "vào", "cần"})
_MAKES_NOUNS: Final = frozenset({"quan", "tinh", "kích", "điều", "công", "quy", "mong"})  # kích cỡ, điều ước
# behind these `trên` is more than, before these it is on, as `dưới` is under before those
_HAVE: Final = frozenset({"có", "với", "còn", "gồm", "là", "đạt", "đón", "được", "của", "cho", "chở", "hút", "tập"})
_STOOD_ON: Final = re.compile(
    r"(?:địa bàn|tuyến|số báo|lĩnh vực|phương diện|trang|kênh|mặt trận|tàu)(?![^\W_])", re.IGNORECASE
)
_STOOD_UNDER: Final = re.compile(r"(?:hình thức|dạng|tên|góc|nhãn|sự)(?![^\W_])", re.IGNORECASE)

_NEGATION: Final = re.compile(
    r"(?<![^\W_])(?:không|chưa|chẳng|chả)"
    r"(?:\s+(?:hề|còn|phải|có|đủ|đạt|là|thêm|phát\s+sinh|ghi\s+nhận|phát\s+hiện|(?:để\s+)?xảy\s+ra)){1,3}\s*$",
    re.IGNORECASE,
)
# a verb or two, and a year, may stand between: `phấn đấu đến năm 2025 có 30 xã`
_PLAN: Final = re.compile(
    r"(?<![^\W_])(?P<plan>dự\s+(?:kiến|tính|định)|phấn\s+đấu|kế\s+hoạch|(?P<target>chỉ\s+tiêu|mục\s+tiêu))"
    r"(?P<between>(?:\s+(?:(?:đến|tới|hết|cuối|trong)\s+){0,3}(?:năm|quý|tháng)\s+\d{1,4}(?:/\d{4})?|\s+[^\W\d]+){0,5})\s*:?\s*$",
    re.IGNORECASE,
)
# what was done, what a plan's number or an authority's name follows, whom a target is set
_NO_PLAN: Final = re.compile(r"(?<![^\W_])(?:đã|số|và|theo)(?![^\W_])", re.IGNORECASE)
_TO_WHOM: Final = re.compile(r"(?<![^\W_])(?:cho|đến|tới|của|tại|ở)$", re.IGNORECASE)


class Circumstances(NamedTuple):
    """What was read around a count. `spans`, of the fields that are there, are of the text that was read."""

    approximation: Approximation | None
    negated: bool
    planned: bool
    spans: dict[str, Span]


def circumstances(text: str, start: int, end: int, noun: str, is_round: bool) -> Circumstances:
    """Return what is said of the count at `start` to `end` of a text in NFC.

    `is_round`: its number has noughts at its end, or a multiplier. Behind `trên` a round number is a bound; another
    may be that of places or things on which something is.
    """
    first = max(0, start - WINDOW)
    for clause_end in _CLAUSE_END.finditer(text, first, start):
        first = clause_end.end()
    clause = text[first:start]
    offset = start - len(clause)
    spans: dict[str, Span] = {}
    approximation, span = _approximation(clause, noun, is_round)
    if approximation:
        spans["approximation"] = (offset + span[0], offset + span[1])
        clause = clause[: span[0]]
    if found := _NEGATION.search(clause):
        spans["negated"] = (offset + found.start(), offset + len(found.group().rstrip()) + found.start())
    if found := _plan(clause):
        spans["planned"] = (offset + found.start("plan"), offset + found.end("plan"))
    return Circumstances(approximation, "negated" in spans, "planned" in spans, spans)


def _approximation(clause: str, noun: str, is_round: bool) -> tuple[Approximation | None, Span]:
    """Return how near the number at the end of a clause is, and where the clause says so."""
    found = _APPROXIMATION.search(clause)
    if found is None:
        return None, (0, 0)
    name: Approximation = found.lastgroup  # type: ignore[assignment]
    word = found[name].lower()
    last = _LAST_WORD.search(clause[: found.start()])
    before = last.group(1).lower() if last else ""
    if (
        (word == "hơn" and before in _COMPARED)
        or (word == "độ" and before not in _BEFORE_ABOUT)
        or (word in ("cỡ", "tầm", "ước") and before in _MAKES_NOUNS)
        or (word == "trên" and not _is_bound(before, noun, is_round))
        or (word == "dưới" and _STOOD_UNDER.match(noun))
    ):
        return None, (0, 0)
    return name, found.span(name)


def _is_bound(before: str, noun: str, is_round: bool) -> bool:
    """True where `trên` behind `before` is more than."""
    if before == "tính" or (_STOOD_ON.match(noun) and not is_round):
        return False
    # 16 chỗ is a class of cars; a clause that begins with `trên` says how much it is
    return is_round or not before or before in _HAVE or noun.startswith("chỗ")


def _plan(clause: str) -> re.Match[str] | None:
    """Return what says that a clause's last number is a plan, or None."""
    found = _PLAN.search(clause)
    if found is None:
        return None
    between = found["between"]
    named = between != between.lower() and not found["plan"].isupper()
    if named or _NO_PLAN.search(between) or (found["target"] and _TO_WHOM.search(between)):
        return None
    return found

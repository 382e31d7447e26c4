"""Acts that a text cites, and its own: kind, symbol, issuer, date, title, how it is cited, and an id.

Different ways to write one act have one id: what one way leaves out, the others in the document say. Its other fields
are what this one way says, but for the issuer.
"""

from __future__ import annotations

import dataclasses
import datetime
import re
from typing import Final

from vanban.reading.text import one_line
from vanban.schema import Span
from vanban.values.acts.act import Act
from vanban.values.acts.codes import KIND_OF_WORDS, TYPE_WORDS
from vanban.values.acts.initials import MANY
from vanban.values.acts.issue import REACH, read_issue
from vanban.values.acts.issuers import Issuers
from vanban.values.acts.joining import join
from vanban.values.acts.relations import Relations
from vanban.values.acts.symbols import is_of_court, kind_of, split
from vanban.values.letters import folded
from vanban.values.meaning import Directive, Record
from vanban.values.view import View, overlap

_NUMBER_SIGN: Final = re.compile(r"(?<!\w)(?:so|s[o0])\s*[.:]?\s*(?=[oli ]{0,3}\d|[oli][/-])")
_FIRST_NUMBER: Final = re.compile(r"(?<!\w)(?:[oli]{0,2}\d|[oli](?=\s?[/-]\s?[a-z]))")
_WORDS: Final = re.compile(rf"\W*(?P<words>{TYPE_WORDS})(?!\w)")
_GUIDED: Final = re.compile(
    r"(?<!\w)(?P<words>bo\s+luat|luat|phap\s+lenh|nghi\s+dinh|nghi\s+quyet|thong\s+tu|quyet\s+dinh|chi\s+thi)(?!\w)"
)
_WORDS_BEFORE: Final = re.compile(
    rf"(?<!\w)(?P<words>{TYPE_WORDS})(?:\s+(?:sau|ket\s+luan|hanh\s+dong|lien\s+tich))?\s*[:(]?\s*(?:so\s*[.:]?\s*)?[(]?$"
)
_TYPE_LINE: Final = re.compile(rf"^\W{{0,4}}(?P<words>{TYPE_WORDS})(?!\w)", re.MULTILINE)
_LETTER: Final = re.compile(r"(?<!\w)(?:v/v|ve\s+viec|kinh\s+gui)(?!\w)")
_TIE: Final = re.compile(r"(?:[\s,;]|(?<!\w)(?:va|so|hay|hoac|cac)(?!\w)|[:.](?=\s))*")
_OWN_NUMBER: Final = re.compile(r"(?:^|\n|\s{2}|\|)\s*so\s*[.:]?\s*$")
_LOOK_BACK: Final = 60
_HEAD: Final = 900  # characters behind the symbol of a head, in which its type stands
_JOINT_KINDS: Final = {"thong_tu": "thong_tu_lien_tich", "nghi_quyet": "nghi_quyet_lien_tich"}


def read_directives(
    view: View,
    place: str | None = None,
    date: datetime.date | None = None,
    own: Span | None = None,
    head: Record | None = None,
    *,
    is_press: bool = False,
) -> dict[int, Directive]:
    """Return what the acts of a text mean, by the number of their entity.

    `place` is the one whose authority issued the document, with its head noun (`tỉnh`) or without: the acts of a `UBND`
    that is not named are of it. `date` is the document's own, that of the act whose raw span is `own`; `head` says who
    issued it. Of an article of the press, `is_press`, no act is the basis, and it changes none.
    """
    numbers = view.of("DIRECTIVE")
    if not numbers:
        return {}
    acts: list[Act] = []
    for number in numbers:
        act = _read_name(view, view.spans[number], acts[-1] if acts else None)
        acts.append(act)
    issuers = Issuers(view, place, head, is_press=is_press)
    is_own = [own is not None and overlap((view.entities[n].start, view.entities[n].end), own) for n in numbers]
    for at, act in enumerate(acts):
        _read_behind(view, act, acts[at + 1].span[0] if at + 1 < len(acts) else len(view.text), issuers, is_own[at])
        if is_own[at]:
            act.date = act.date or date
            act.year = act.year or (date.year if date else None)
    _share_issuers(view.plain, acts)
    join(acts, view)
    ends = [max(act.span[1], act.issue.end) for act in acts]
    relations = Relations(view.text, view.plain, [act.span for act in acts], ends, is_press).read()
    kinds = {act.kind for act, is_its in zip(acts, is_own, strict=True) if is_its}
    for act, (relation, _) in zip(acts, relations, strict=True):
        if relation == "replaces" and act.issuer is None and act.kind in kinds and not _is_of_many(act):
            act.issuer = issuers.own_name  # who replaces an act issued it
    return {
        number: _directive(view, act, *relation)
        for number, act, relation in zip(numbers, acts, relations, strict=True)
        if act.kind or act.symbol  # else it is no name of an act
    }


def _read_name(view: View, span: Span, before: Act | None) -> Act:
    """Return an act with kind and symbol, as the span and the words before it say them."""
    start, end = span
    text, plain = view.text, view.plain[start:end]
    signs = list(_NUMBER_SIGN.finditer(plain))
    first = signs[-1].end() if signs else None
    if first is None:
        found = _FIRST_NUMBER.search(plain)
        first = found.start() if found else len(plain)
    words = _WORDS.match(plain)
    act = Act(span, at=start + first)
    if words and words.end() <= first:
        act.kind, act.kind_span = _kind(words), (start + words.start("words"), start + words.end("words"))
    elif not plain[:first].strip(" .:") or (signs and not plain[: signs[0].start()].strip()):
        _read_words_before(view, act, before)
    act.symbol = split(text[act.at : end], act.kind)
    said = kind_of(act.symbol) if act.symbol else None
    guided = _GUIDED.search(plain, words.end(), first) if words and act.kind == "huong_dan" != said else None
    if guided:  # the number is that of the act that it guides: `Hướng dẫn thi hành Luật số 31/2024/QH15`
        act.kind, act.kind_span = _kind(guided), (start + guided.start("words"), start + guided.end("words"))
    if act.kind is None:
        act.kind = said
        if act.symbol and _OWN_NUMBER.search(view.plain[max(0, start - 12) : start]):
            act.kind = _kind_of_head(view.plain[end : end + _HEAD], said)
            act.symbol = split(text[act.at : end], act.kind)
    elif act.kind == "van_ban":
        act.kind = said or "cong_van"
    elif act.kind in _JOINT_KINDS and said == _JOINT_KINDS[act.kind]:
        act.kind = said
    return act


def _kind(words: re.Match[str]) -> str:
    return KIND_OF_WORDS[one_line(words["words"])]


def _read_words_before(view: View, act: Act, before: Act | None) -> None:
    """Read the kind of a bare symbol in a list: `các Thông tư: số 32/2017/TT-BCT, số 48/2020/TT-BCT`."""
    text, plain = view.text, view.plain
    start = act.span[0]
    first = max(0, start - _LOOK_BACK)
    if before and before.span[1] <= start and start - before.span[1] <= REACH:
        tail = _tail_end(view, before, start)
        if tail is not None and _TIE.fullmatch(plain, tail, start):
            symbol = split(text[act.at : act.span[1]], None)
            like = split(text[act.at : act.span[1]], before.kind)  # the `CT` of tax offices in a list of letters
            same_body = like and before.symbol and like.body_code == before.symbol.body_code is not None
            if symbol is None or same_body or kind_of(symbol) in (None, before.kind, "cong_van"):
                act.kind, act.kind_span = before.kind, before.kind_span
            return
        first = max(first, before.span[1])
    words = _WORDS_BEFORE.search(plain[first:start])
    if words:
        act.kind = _kind(words)
        act.kind_span = (first + words.start("words"), first + words.end("words"))


def _tail_end(view: View, before: Act, start: int) -> int | None:
    """Return where date and issuer of the act before `start` end, None where they do not end before it."""
    issue = read_issue(view.text, view.plain, before.span[1], start, lambda *_: None)
    return max(before.span[1], issue.end) if issue.end <= start else None


def _kind_of_head(plain: str, said: str | None) -> str | None:
    """Return the kind of the act whose own symbol stands before `plain`: by its type line, and by its code."""
    lines = [_kind(found) for found in _TYPE_LINE.finditer(plain)]
    if said is None:
        return next((kind for kind in lines if kind in ("luat", "bo_luat", "nghi_quyet", "phap_lenh")), None) or next(
            iter(lines), None
        )
    if said == "chi_thi" and said not in lines and _LETTER.search(plain[:300]):
        return "cong_van"  # of a tax office: `1906/CT-TTHT`
    return said


def _read_behind(view: View, act: Act, upto: int, issuers: Issuers, is_own: bool) -> None:
    start = act.span[1]
    if not is_own:
        act.issue = read_issue(view.text, view.plain, start, min(upto, start + REACH), issuers.place_end)
    act.date = act.issue.date
    act.year = act.symbol.year if act.symbol and act.symbol.year else act.issue.year
    act.is_own = is_own
    found = issuers.of(act.symbol, act.issue, act.span[0], act.kind, is_own)
    act.issuer, act.where, act.is_said, act.is_named = found


def _share_issuers(plain: str, acts: list[Act]) -> None:
    """Let acts of a list take the body that is named behind the last: `số 141/UBND-NL, số 189/UBND-NL của huyện`."""
    for act, after in zip(reversed(acts[:-1]), reversed(acts[1:]), strict=True):
        if act.issue.issuer or not after.issue.issuer or act.symbol is None or after.symbol is None:
            continue
        if act.symbol.body_code is None or act.symbol.body_code != after.symbol.body_code:
            continue
        between = plain[max(act.span[1], act.issue.end) : after.span[0]]
        if len(between) <= _LOOK_BACK and ";" not in between and _TIE.fullmatch(between):
            act.issue = dataclasses.replace(act.issue, issuer=after.issue.issuer, body=after.issue.body)
            act.issuer, act.where, act.is_said, act.is_named = after.issuer, after.where, after.is_said, True


def _is_of_many(act: Act) -> bool:
    """True of a code that another body may have as well."""
    return act.symbol is not None and folded(act.symbol.body_code or "") in MANY


def _directive(view: View, act: Act, relation: str, cue: Span | None) -> Directive:
    symbol = act.symbol
    spans: dict[str, Span | None] = {"kind": act.kind_span, "relation": cue, "date": act.issue.date_span}
    spans["issuer"], spans["title"] = act.issue.issuer, act.issue.title
    if act.issue.year and act.issue.date is None:
        spans["date"], spans["year"] = None, act.issue.date_span
    type_code = symbol.type_code if symbol else None
    if type_code and is_of_court(type_code):
        type_code = None
    if symbol:
        for name, (start, end) in symbol.spans.items():
            if name != "type_code" or type_code:
                spans[name] = (act.at + start, act.at + end)
    written = None
    if symbol and (symbol.is_full or symbol.year):
        written = symbol.text.rstrip()
        spans["symbol"] = (act.at, act.at + len(written))
    title = view.text[slice(*act.issue.title)].strip() if act.issue.title else None
    kind, name = (act.borrowed or act).key
    return Directive(
        id=f"{kind or ''}:{name}:{act.known_year or ''}:{act.where}",
        kind=act.kind,
        number=act.symbol.number if act.symbol else None,
        year=act.year,
        symbol=written,
        type_code=type_code,
        body_code=symbol.body_code if symbol else None,
        unit_code=symbol.unit_code if symbol else None,
        issuer=act.issuer,
        date=act.date,
        title=title,
        relation=relation,  # type: ignore[arg-type]
        spans={name: view.raw(*span) for name, span in spans.items() if span is not None},
    )

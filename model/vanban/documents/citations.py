"""The graph of citations: acts, which documents are or cite, and how often each cites which, and how.

Acts are the same where their ids are. An act whose id lacks the year joins the only one of its place in the graph that
agrees, but none that a document tells from it; one whose place is not said joins none: all issue a number 17.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from vanban.documents.valued import Valued
from vanban.reading.text import one_line
from vanban.schema import Entity
from vanban.values.acts.directives import read_directives
from vanban.values.document import issuing_place
from vanban.values.letters import slug
from vanban.values.meaning import Directive
from vanban.values.view import overlap, view

FIELDS: Final = ("kind", "symbol", "year", "date", "issuer", "title")


@dataclass(slots=True)
class Act:
    """An act, or a document that is none (of the press): then `id` is `document:` with that of the document.

    `documents`: ids of those that are the act; none where it is cited and not there. `fields`: what they say of it
    themselves, else what most of those say that cite it. `cited`: how often.
    """

    id: str
    documents: list[str] = field(default_factory=list)
    cited: int = 0
    own: dict[str, Any] = field(default_factory=dict)
    said: dict[str, Counter[Any]] = field(default_factory=lambda: defaultdict(Counter))

    @property
    def fields(self) -> dict[str, Any]:
        """Return kind, symbol, year, date, issuer and title, as far as they are known."""
        most = {name: self.said[name].most_common(1)[0][0] for name in FIELDS if self.said.get(name)}
        return {name: value for name in FIELDS if (value := self.own.get(name) or most.get(name)) is not None}


@dataclass(frozen=True, slots=True)
class Edge:
    """How often one act cites another in one way."""

    source: str
    target: str
    relation: str
    count: int


@dataclass(frozen=True, slots=True)
class Graph:
    """Acts by id, those that are there first, then by id; edges by source, target and relation."""

    acts: dict[str, Act]
    edges: tuple[Edge, ...]


class Citations:
    """Gathers documents one by one; `graph` joins them."""

    def __init__(self) -> None:
        self._acts: dict[str, Act] = {}
        self._edges: Counter[tuple[str, str, str]] = Counter()
        self._apart: defaultdict[str, set[str]] = defaultdict(set)

    def add(self, valued: Valued) -> None:
        """Take in a document: the act that it is, and those that it cites."""
        name = str(valued.document.id)
        own = own_act(valued)
        source = _node(own, "") if own else f"document:{name}"
        if own is None and source in self._acts:  # another with the same id
            source = f"document:{valued.document.where}"
        act = self._act(source)
        act.documents.append(name)
        record = valued.record
        said = {
            "symbol": record.symbol, "date": record.date, "issuer": record.issuer, "title": record.subject,
            "year": record.date.year if record.date else None, "kind": own.kind if own else None,
        }  # fmt: skip
        act.own = {**{name: value for name, value in said.items() if value is not None}, **act.own}
        inside = {source}
        for entity in valued.entities:
            if isinstance(entity.value, Directive):
                target = _node(entity.value, entity.text)
                if target != source:
                    self._cite(source, target, entity.value, entity.text)
                    inside.add(target)
        for alike in _by_number(inside).values():  # what one text says of a number is joined where it can be
            for id_ in alike:
                self._apart[id_].update(other for other in alike if other != id_)

    def _cite(self, source: str, target: str, value: Directive, written: str) -> None:
        act = self._act(target)
        self._edges[source, target, value.relation] += 1
        for name in FIELDS:
            found = getattr(value, name)
            if found is not None:
                act.said[name][found] += 1
        if value.symbol is None:
            act.said["symbol"][one_line(written)] += 0  # better than nothing, and less than any symbol

    def _act(self, id_: str) -> Act:
        return self._acts.setdefault(id_, Act(id_))

    def graph(self) -> Graph:
        """Return what was taken in, joined. An act does not cite itself."""
        same = joined(self._acts, self._apart)
        acts: dict[str, Act] = {}
        for id_, act in self._acts.items():
            into = acts.setdefault(same[id_], Act(same[id_]))
            into.documents += act.documents
            # what the fuller id says comes first
            into.own = {**into.own, **act.own} if id_ == same[id_] else {**act.own, **into.own}
            for name, values in act.said.items():
                into.said[name].update(values)
        counts: Counter[tuple[str, str, str]] = Counter()
        for (source, target, relation), count in self._edges.items():
            if same[source] != same[target]:
                counts[same[source], same[target], relation] += count
        for (_, target, _), count in counts.items():
            acts[target].cited += count
        in_order = sorted(acts, key=lambda id_: (not acts[id_].documents, id_))
        return Graph({id_: acts[id_] for id_ in in_order}, tuple(Edge(*key, n) for key, n in sorted(counts.items())))


def own_act(valued: Valued) -> Directive | None:
    """Return the act that a document is, by the symbol in its head; None of one without a symbol."""
    record = valued.record
    span = record.spans.get("symbol")
    if record.symbol is None or span is None:
        return None
    for entity in valued.entities:
        if overlap((entity.start, entity.end), span) and isinstance(entity.value, Directive):
            return entity.value
    text = valued.document.text
    own = Entity("DIRECTIVE", *span, text[slice(*span)])  # not marked: read as if it were
    others = [entity for entity in valued.entities if not overlap((entity.start, entity.end), span)]
    entities = sorted([*others, own], key=lambda entity: entity.start)
    seen = view(text, entities)
    return read_directives(seen, issuing_place(seen, record), record.date, span).get(entities.index(own))


def _node(act: Directive, written: str) -> str:
    """Return the id of an act; what is written takes the place of the symbol where there is none."""
    name = _Name.of(act.id)
    return act.id if name.symbol else f"{name.kind}:{slug(written)}:{name.year}:{name.place}"


class _Name(NamedTuple):
    """An id in its parts, which are empty where they are not known."""

    kind: str
    symbol: str
    year: str
    place: str

    @classmethod
    def of(cls, id_: str) -> _Name:
        kind, _, rest = id_.partition(":")
        return cls(kind, *(rest.rsplit(":", 2) if rest.count(":") >= 2 else (rest, "", "")))

    def agrees(self, other: _Name) -> bool:
        """True of acts of one place that is said, unless both have a year, and another."""
        return self.place == other.place != "" and (not self.year or not other.year or self.year == other.year)

    def says_all_of(self, other: _Name) -> bool:
        return other.year in ("", self.year) and other.place in ("", self.place)


def joined(ids: Iterable[str], apart: Mapping[str, Set[str]] | None = None) -> dict[str, str]:
    """Return for each id the one that it is joined into, itself where none or several agree.

    `apart`: for an id, those that a document has beside it. A full symbol, or a bare number (`Chỉ thị 17`), joins only
    where its place is known: all issue a number 17.
    """
    same = {id_: id_ for id_ in ids}
    for group in _by_number(same).values():
        if len(group) > 1:
            same |= _joined_group({id_: _Name.of(id_) for id_ in sorted(group)}, apart or {})
    for id_ in same:
        while same[same[id_]] != same[id_]:  # each step is to a fuller one
            same[id_] = same[same[id_]]
    return same


def _by_number(ids: Iterable[str]) -> dict[tuple[str, str], list[str]]:
    """Return the ids of acts by kind and number."""
    groups: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for id_ in ids:
        if not id_.startswith("document:"):
            name = _Name.of(id_)
            groups[name.kind, _number(name.symbol)].append(id_)
    return groups


def _joined_group(names: dict[str, _Name], apart: Mapping[str, Set[str]]) -> dict[str, str]:
    """Join ids of one kind and number."""
    same: dict[str, str] = {}
    for id_, name in names.items():
        is_bare = name.symbol == _number(name.symbol)
        if not name.place or (name.year and not is_bare):
            continue
        agree = [
            other
            for other, its in names.items()
            if other != id_ and name.agrees(its) and (its.symbol == name.symbol or is_bare)
        ]
        fullest = [a for a in agree if not any(_is_fuller(names[b], names[a]) for b in agree if a != b)]
        is_apart = not apart.get(id_, frozenset()).isdisjoint(agree)  # a document that has both does not join them
        if len(fullest) == 1 and _is_fuller(names[fullest[0]], name) and not is_apart:
            same[id_] = fullest[0]
    return same


def _is_fuller(a: _Name, b: _Name) -> bool:
    """True where `a` says all that `b` does, and more."""
    symbols = a.symbol == b.symbol or b.symbol == _number(b.symbol)
    return symbols and a != b and a.says_all_of(b)


def _number(symbol: str) -> str:
    return symbol.partition("/")[0].partition("-")[0]

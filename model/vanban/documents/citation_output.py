"""The graph of citations as JSON Lines, as GraphML, or as one page of HTML."""

from __future__ import annotations

import dataclasses
import datetime
import html
import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import Any, Final

from vanban.documents.citations import Act, Graph
from vanban.documents.formats.json_values import to_json_line
from vanban.documents.names import suffix_of
from vanban.errors import UserError
from vanban.schema import DOCUMENT_TYPES

_GRAPHML: Final = "http://graphml.graphdrawing.org/xmlns"
_NO_XML: Final = dict.fromkeys({*range(32), 0xFFFE, 0xFFFF, *range(0xD800, 0xE000)} - {9, 10, 13})
_ATTRIBUTES: Final = {
    "kind": "string", "symbol": "string", "year": "int", "date": "string", "issuer": "string", "title": "string",
    "here": "boolean", "cited": "int", "documents": "string",
}  # fmt: skip
_STYLE: Final = (
    "body{font:16px/1.5 sans-serif;margin:2em auto;max-width:80em;padding:0 1em}table{border-collapse:collapse;"
    "width:100%}th,td{border:1px solid #bbb;padding:.3em .6em;text-align:left;vertical-align:top}"
    "td.n{text-align:right}tr.absent{background:#fff4e5}caption{text-align:left;font-weight:bold;padding:1em 0 .5em}"
)

Write = Callable[[Graph], str]


def graph_writer(name: str) -> Write:
    """Return what writes a graph in the form that a file's name says. Raises UserError for a name that says none."""
    writers: dict[str, Write] = {".jsonl": to_jsonl, ".graphml": to_graphml, ".html": to_html}
    if suffix_of(name) not in writers:
        raise UserError(f"{name}: expected a name that ends in {' or '.join(writers)}, for example -o graph.jsonl")
    return writers[suffix_of(name)]


def _facts(act: Act) -> dict[str, Any]:
    fields = {n: v.isoformat() if isinstance(v, datetime.date) else v for n, v in act.fields.items()}
    return {"id": act.id, **fields, "here": bool(act.documents), "cited": act.cited, "documents": act.documents}


def to_jsonl(graph: Graph) -> str:
    """Return a line for each act (`"act": id`), then one for each edge (`"source"`, `"target"`, relation, count)."""
    rows = [{"act": facts.pop("id"), **facts} for facts in map(_facts, graph.acts.values())]
    rows += [dataclasses.asdict(edge) for edge in graph.edges]
    return "".join(map(to_json_line, rows))


def to_graphml(graph: Graph) -> str:
    """Return the graph in GraphML: acts are nodes with their ids, documents one a line in an attribute."""
    root = ET.Element("graphml", xmlns=_GRAPHML)
    for name, kind in _ATTRIBUTES.items():
        ET.SubElement(root, "key", {"id": name, "for": "node", "attr.name": name, "attr.type": kind})
    for name, kind in (("relation", "string"), ("count", "int")):
        ET.SubElement(root, "key", {"id": name, "for": "edge", "attr.name": name, "attr.type": kind})
    body = ET.SubElement(root, "graph", id="citations", edgedefault="directed")
    for act in graph.acts.values():
        facts = _facts(act)
        node = ET.SubElement(body, "node", id=_xml(facts.pop("id")))
        facts["documents"] = "\n".join(act.documents)
        for name, value in facts.items():
            shown = str(value).lower() if isinstance(value, bool) else str(value)
            ET.SubElement(node, "data", key=name).text = _xml(shown)
    for number, edge in enumerate(graph.edges):
        row = ET.SubElement(body, "edge", id=f"e{number}", source=_xml(edge.source), target=_xml(edge.target))
        ET.SubElement(row, "data", key="relation").text = edge.relation
        ET.SubElement(row, "data", key="count").text = str(edge.count)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _xml(text: str) -> str:
    """Return a text without what XML can't hold."""
    return text.translate(_NO_XML)


def to_html(graph: Graph) -> str:
    """Return one page that loads nothing: the acts, the most cited first, and the edges."""
    acts = sorted(graph.acts.values(), key=lambda act: (-act.cited, act.id))
    here = sum(bool(act.documents) for act in acts)
    number_of = {act.id: number for number, act in enumerate(acts, 1)}
    heads = "Act", "Issuer", "Date", "Title", "Cited", "Documents", "Id"
    rows = []
    for act in acts:
        facts = _facts(act)
        cells = [_shown(act), facts.get("issuer"), facts.get("date") or facts.get("year"), facts.get("title")]
        tail = ["; ".join(act.documents) or "not here", act.id]
        row = _cells(cells) + f'<td class="n">{act.cited}</td>' + _cells(tail)
        absent = "" if act.documents else ' class="absent"'
        rows.append(f'<tr id="a{number_of[act.id]}"{absent}>{row}</tr>')
    edges = [
        f"<tr>{''.join(_link(graph.acts[one], number_of) for one in (edge.source, edge.target))}"
        f'{_cells([edge.relation])}<td class="n">{edge.count}</td></tr>'
        for edge in sorted(
            graph.edges, key=lambda edge: (number_of[edge.target], -edge.count, edge.source, edge.relation)
        )
    ]
    return (
        f'<!DOCTYPE html>\n<html lang="vi">\n<head><meta charset="utf-8"><title>Citations</title>'
        f"<style>{_STYLE}</style></head>\n<body>\n<h1>Citations</h1>\n"
        f"<p>{len(acts)} acts and documents, {here} of them here; {len(edges)} edges.</p>\n"
        f"{_table('Acts, the most cited first', heads, rows)}"
        f"{_table('Who cites what', ('From', 'To', 'Relation', 'Count'), edges)}</body>\n</html>\n"
    )


def _table(caption: str, heads: tuple[str, ...], rows: list[str]) -> str:
    head = "".join(f"<th>{one}</th>" for one in heads)
    body = "\n".join(rows)
    return f"<table><caption>{caption}</caption>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table>\n"


def _cells(values: list[Any]) -> str:
    return "".join(f"<td>{html.escape(_xml('' if value is None else str(value)))}</td>" for value in values)


def _link(act: Act, number_of: dict[str, int]) -> str:
    return f'<td><a href="#a{number_of[act.id]}">{html.escape(_xml(_shown(act)))}</a></td>'


def _shown(act: Act) -> str:
    """Return the symbol of an act, its kind before it; the id of what has none."""
    symbol, kind = act.fields.get("symbol"), act.fields.get("kind")
    if symbol is None:
        return act.id.removeprefix("document:")
    if kind is None or not str(symbol)[:1].isdigit():
        return str(symbol)
    return f"{DOCUMENT_TYPES.get(kind, kind.replace('_', ' '))} {symbol}"

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

import pytest

from marked_documents import valued
from vanban.documents.citation_output import graph_writer, to_graphml, to_html, to_jsonl
from vanban.documents.citations import Citations, Graph
from vanban.errors import UserError

ID = "nghi_dinh:30/2020/NĐ-CP:2020:chinh-phu"


@pytest.fixture
def graph() -> Graph:
    citations = Citations()
    text = "Theo ⟦D:Nghị định số 30/2020/NĐ-CP⟧ của Chính phủ thì trình bày như sau."
    citations.add(valued("<b>\x01&a\u2028", text, "tin_bao_chi"))
    return citations.graph()


def test_jsonl_has_acts_then_edges(graph: Graph) -> None:
    document, act, edge = map(json.loads, to_jsonl(graph).splitlines())
    assert document["here"] and document["documents"] == ["<b>\x01&a\u2028"]
    assert act == {
        "act": ID, "kind": "nghi_dinh", "symbol": "30/2020/NĐ-CP", "year": 2020, "issuer": "Chính phủ", "here": False,
        "cited": 1, "documents": [],
    }  # fmt: skip
    assert (edge["target"], edge["count"]) == (ID, 1)
    assert set(edge) == {"source", "target", "relation", "count"}


def test_graphml_is_xml_with_nodes_and_edges(graph: Graph) -> None:
    root = ET.fromstring(to_graphml(graph))
    space = {"g": "http://graphml.graphdrawing.org/xmlns"}
    nodes = root.findall(".//g:node", space)
    (edge,) = root.findall(".//g:edge", space)
    assert edge.get("target") == ID and edge.get("source") in {node.get("id") for node in nodes}
    assert {data.get("key") for data in root.iterfind(".//g:data", space)} <= {
        key.get("id") for key in root.findall("g:key", space)
    }
    assert [data.text for data in edge] == [graph.edges[0].relation, "1"]


def test_html_is_escaped_and_loads_nothing(graph: Graph) -> None:
    page = to_html(graph)
    assert "&lt;b&gt;&amp;a" in page and "<b>" not in page and "\x01" not in page
    assert "<script" not in page and "http" not in page
    assert "nghị định 30/2020/NĐ-CP" in page and "not here" in page
    assert page.index(ID) < page.index("document:")  # the most cited first


def test_an_empty_graph_is_written() -> None:
    empty = Citations().graph()
    assert to_jsonl(empty) == ""
    assert ET.fromstring(to_graphml(empty)) is not None
    assert "0 acts" in to_html(empty)


def test_the_name_says_the_form() -> None:
    assert graph_writer("a/GRAPH.HTML") is to_html
    with pytest.raises(UserError, match=r"graph\.csv: expected a name that ends in \.jsonl or \.graphml or \.html"):
        graph_writer("graph.csv")

from __future__ import annotations

import pytest

from marked_documents import valued
from vanban.documents.citations import Citations, Edge, Graph, joined

CHI_THI = """ỦY BAN NHÂN DÂN
THÀNH PHỐ HÀ NỘI
-------
Số: {own}

Hà Nội, ngày 23 tháng 7 năm 2021

CHỈ THỊ
Về phòng, chống dịch bệnh

Thực hiện ⟦D:Nghị quyết số 86/NQ-CP⟧ ngày 06/8/2021 của Chính phủ, các đơn vị triển khai.
"""


def graph_of(*documents: tuple[str, str, str | None]) -> Graph:
    citations = Citations()
    for document in documents:
        citations.add(valued(*document))
    return citations.graph()


def test_a_document_is_the_act_that_others_cite() -> None:
    graph = graph_of(
        ("head", CHI_THI.format(own="⟦D:17/CT-UBND⟧"), "chi_thi"),
        ("news", "Theo ⟦D:Chỉ thị số 17/CT-UBND⟧ ngày 23/7/2021 của UBND thành phố ⟦P:Hà Nội⟧, chợ đóng.",
         "tin_bao_chi"),
    )  # fmt: skip
    act = graph.acts["chi_thi:17/CT-UBND:2021:ha-noi"]
    assert (act.documents, act.cited) == (["head"], 1)
    assert act.fields["issuer"] == "ỦY BAN NHÂN DÂN THÀNH PHỐ HÀ NỘI"
    absent = graph.acts["nghi_quyet:86/NQ-CP:2021:chinh-phu"]
    assert (absent.documents, absent.cited, absent.fields["issuer"]) == ([], 1, "Chính phủ")
    assert Edge(act.id, absent.id, "implements", 1) in graph.edges
    assert ("document:news", act.id) in {(edge.source, edge.target) for edge in graph.edges}
    assert list(graph.acts) == [act.id, "document:news", absent.id]


def test_a_head_is_read_where_no_entity_is_marked() -> None:
    marked, bare = (CHI_THI.format(own=own) for own in ("⟦D:17/CT-UBND⟧", "17/CT-UBND"))
    assert graph_of(("a", marked, "chi_thi")).acts.keys() == graph_of(("a", bare, "chi_thi")).acts.keys()


def test_counts_are_of_mentions_and_no_act_cites_itself() -> None:
    twice = "Theo ⟦D:Nghị định 30/2020/NĐ-CP⟧ thì trình bày; xem thêm ở ⟦D:Nghị định số 30/2020/NĐ-CP⟧."
    graph = graph_of(("a", twice, "tin_bao_chi"))
    assert sum(edge.count for edge in graph.edges) == 2
    own = CHI_THI.format(own="⟦D:17/CT-UBND⟧") + "\n⟦D:Chỉ thị số 17/CT-UBND⟧ có hiệu lực từ ngày ký.\n"
    assert all(edge.source != edge.target for edge in graph_of(("a", own, "chi_thi")).edges)


def test_documents_with_one_id_stay_two() -> None:
    citations = Citations()
    for name in ("a", "a"):
        citations.add(valued(name, "Không có gì.", "tin_bao_chi"))
    assert list(citations.graph().acts) == ["document:a", "document:x:a"]


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        (["chi_thi:17/CT-UBND:2021:ha-noi", "chi_thi:17/CT-UBND::ha-noi"], {1: 0}),
        (["chi_thi:17/CT-UBND:2021:ha-noi", "chi_thi:17/CT-UBND:2021:"], {}),  # whose it is, it does not say
        (["chi_thi:17/CT-UBND:2021:ha-noi", "chi_thi:17/CT-UBND::"], {}),
        # two agree
        (["chi_thi:17/CT-UBND:2021:ha-noi", "chi_thi:17/CT-UBND:2021:hue", "chi_thi:17/CT-UBND:2021:"], {}),
        (["chi_thi:17/CT-UBND:2021:ha-noi", "chi_thi:17/CT-UBND:2020:ha-noi", "chi_thi:17/CT-UBND::ha-noi"], {}),
        # neither says all that the other does
        (["chi_thi:17/CT-UBND:2021:", "chi_thi:17/CT-UBND::ha-noi"], {}),
        # another year, place, kind or symbol
        (["chi_thi:17/CT-UBND:2021:ha-noi", "chi_thi:17/CT-UBND:2020:"], {}),
        (["chi_thi:17/CT-UBND:2021:ha-noi", "ke_hoach:17/CT-UBND:2021:"], {}),
        (["chi_thi:17/CT-UBND:2021:ha-noi", "chi_thi:17/CT-TTg:2021:"], {}),
        # a bare number joins in its place alone, by way of another one, too
        (["chi_thi:17/CT-UBND:2021:ha-noi", "chi_thi:17::ha-noi"], {1: 0}),
        (["chi_thi:17/CT-UBND:2021:ha-noi", "chi_thi:17::"], {}),
        (["chi_thi:17/CT-UBND:2021:ha-noi", "chi_thi:17::ha-noi", "chi_thi:17::"], {1: 0}),
        (["document:a:b", "document:a"], {}),
        (["", ":", "::", "a:b:c:d:e"], None),
    ],
)  # fmt: skip
def test_an_act_without_year_joins_the_only_one_of_its_place_that_agrees(
    ids: list[str], expected: dict[int, int] | None
) -> None:
    same = joined(ids)
    if expected is not None:
        assert {ids.index(a): ids.index(b) for a, b in same.items() if a != b} == expected
    assert joined(reversed(ids)) == same


@pytest.mark.parametrize("order", [1, -1])
def test_acts_that_one_document_tells_apart_stay_apart(order: int) -> None:
    documents = [
        ("both", "Theo ⟦D:Chỉ thị số 5/CT-UBND⟧ ngày 1/3/2020 của UBND ⟦P:tỉnh Bắc Ninh⟧. Năm 2023, tỉnh có "
         "⟦D:Chỉ thị số 5/CT-UBND⟧ của UBND ⟦P:tỉnh Bắc Ninh⟧ thay thế.", "tin_bao_chi"),
        ("one", "Có ⟦D:Chỉ thị số 6/CT-UBND⟧ ngày 1/3/2020 của UBND ⟦P:tỉnh Bắc Ninh⟧.", "tin_bao_chi"),
        ("other", "Theo ⟦D:Chỉ thị số 6/CT-UBND⟧ của UBND ⟦P:tỉnh Bắc Ninh⟧, chợ đóng.", "tin_bao_chi"),
        ("nobody", "Theo ⟦D:Chỉ thị số 6/CT-UBND⟧, chợ đóng.", "tin_bao_chi"),
    ][::order]  # fmt: skip
    acts = {id_ for id_ in graph_of(*documents).acts if not id_.startswith("document:")}
    five = {"chi_thi:05/CT-UBND:2020:bac-ninh", "chi_thi:05/CT-UBND::bac-ninh"}
    assert acts == five | {"chi_thi:06/CT-UBND:2020:bac-ninh", "chi_thi:06/CT-UBND::"}

"""Mentions of one number: which are one act, and what one may take from another."""

from __future__ import annotations

import time

import pytest

from marked import marked, view_of
from vanban.schema import Entity
from vanban.values.acts.directives import read_directives
from vanban.values.document import read_values
from vanban.values.meaning import Directive

NORTH, SOUTH = "⟦P:tỉnh Bắc Ninh⟧", "⟦P:tỉnh Cà Mau⟧"
DAY = " ngày 1/3/2020"


def ids(text: str) -> list[str]:
    """Return what ids end in, year and place: the rest is the same."""
    return [":".join(act.id.rsplit(":", 2)[1:]) for act in read_directives(view_of(text)).values()]


@pytest.mark.parametrize(
    ("act", "body"),
    [
        ("Quyết định 45/QĐ-UBND", "UBND"),
        ("Nghị quyết số 7/NQ-HĐND", "HĐND"),
        ("Thông báo số 3/TB-SYT", "Sở Y tế"),
        ("Kế hoạch số 9-KH/TU", "Ban Thường vụ Tỉnh ủy"),
        ("Chỉ thị 5", "UBND"),
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_no_year_of_another_issuers_act(act: str, body: str, turned: bool) -> None:
    with_day = f"⟦D:{act}⟧{DAY} của {body} ⟦P:TP Đà Nẵng⟧".replace("Tỉnh ủy ⟦P:TP ", "Thành ủy ⟦P:")
    without = f"⟦D:{act}⟧ của {body} {SOUTH}".replace("Tỉnh ủy ⟦P:tỉnh ", "Tỉnh ủy ⟦P:")
    pair = [(with_day, "2020:da-nang"), (without, ":ca-mau")]
    (first, one), (second, other) = pair[::-1] if turned else pair
    assert ids(f"Theo {first} và {second}.") == [one, other]
    # named by its number alone it is of neither; of one of them it has that one's year
    assert ids(f"Theo {first} và {second}. Sau ⟦D:{act}⟧, các xã họp.") == [one, other, ":"]
    assert ids(f"Theo {first} và {second}. Sau {with_day.replace(DAY, '')}, các xã họp.")[-1] == "2020:da-nang"


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(
    ("second", "expected"),
    [
        ("Tại ⟦P:Cà Mau⟧, UBND tỉnh vừa ký ⟦D:Quyết định số 12/QĐ-UBND⟧ về giá đất.", ":ca-mau"),
        ("Tại ⟦P:Cà Mau⟧, trời nắng. UBND tỉnh vừa ký ⟦D:Quyết định số 12/QĐ-UBND⟧.", ":ca-mau"),
        ("Tại ⟦P:Cà Mau⟧, ⟦D:Quyết định số 12/QĐ-UBND⟧ có hiệu lực.", ":"),
        ("Có ⟦D:Quyết định số 12/QĐ-UBND⟧ về giá đất ở ⟦P:tỉnh Cà Mau⟧.", ":"),
        ("Có ⟦D:Quyết định số 12/QĐ-UBND⟧ của UBND huyện về giá đất.", ":"),
        ("Có ⟦D:Quyết định số 12/QĐ-UBND⟧ năm 2021 về giá đất.", "2021:"),
        ("Năm 2023, có ⟦D:Quyết định số 12/QĐ-UBND⟧ về giá đất.", ":"),
        ("Ngày 7/8/2023, có ⟦D:Quyết định số 12/QĐ-UBND⟧ về giá đất.", ":"),
        ("Năm 2023, ⟦D:Quyết định số 12/QĐ-UBND⟧ nêu trên được sửa.", "2020:bac-ninh"),
        ("Năm 2023, UBND ⟦P:tỉnh Gia Lai⟧ có ⟦D:Quyết định số 12/QĐ-UBND⟧ về giá đất.", ":gia-lai"),
        ("UBND ⟦P:tỉnh Cà Mau⟧ lại ký ⟦D:Quyết định số 12/QĐ-UBND⟧ về giá đất.", ":"),
        ("Năm 2020, có ⟦D:Quyết định số 12/QĐ-UBND⟧ về giá đất.", "2020:bac-ninh"),
        ("Có ⟦D:Quyết định số 12/QĐ-UBND⟧ về giá đất.", "2020:bac-ninh"),
        ("Có ⟦D:Quyết định 12⟧ về giá đất.", "2020:bac-ninh"),
        ("Tại ⟦P:Cà Mau⟧, ⟦D:Quyết định 12⟧ có hiệu lực.", ":"),
        ("Tại ⟦P:huyện Yên Phong⟧, ⟦D:Quyết định số 12/QĐ-UBND⟧ có hiệu lực.", "2020:bac-ninh"),
        ("Có ⟦D:Quyết định số 12/QĐ-UBND⟧ của UBND tỉnh về giá đất.", "2020:bac-ninh"),
    ],
)
def test_nothing_at_a_mention_may_speak_against_what_it_takes(second: str, expected: str, turned: bool) -> None:
    first = f"UBND {NORTH} có ⟦D:Quyết định số 12/QĐ-UBND⟧{DAY}."
    if turned:
        assert ids(f"{second}\n\n{first}") == [expected, "2020:bac-ninh"]
    else:
        assert ids(f"{first}\n\n{second}") == ["2020:bac-ninh", expected]


def test_a_year_of_another_act_in_the_sentence_is_none_of_this() -> None:
    text = f"Có ⟦D:Chỉ thị số 5/CT-UBND⟧{DAY} của UBND {NORTH}. Theo ⟦D:Nghị định 7/2023/NĐ-CP⟧ ngày 9/9/2023, "
    assert ids(text + "⟦D:Chỉ thị số 5/CT-UBND⟧ được sửa.")[-1] == "2020:bac-ninh"


def test_two_years_of_one_issuer_leave_a_third_open() -> None:
    text = "; ".join(f"⟦D:Chỉ thị số 5/CT-UBND⟧ ngày 1/3/{year} của UBND {NORTH}" for year in (2020, 2021))
    assert ids(f"Có {text}. Nay ⟦D:Chỉ thị số 5/CT-UBND⟧ hết hiệu lực.") == ["2020:bac-ninh", "2021:bac-ninh", ":"]


def test_bodies_without_a_place_are_told_by_their_names() -> None:
    one, other = "⟦D:Quyết định 9/QĐ-XYZ⟧ của Công ty Hoa Ban", "⟦D:Quyết định 9/QĐ-XYZ⟧ của Công ty Hoa Sen"
    assert ids(f"Theo {one.replace(' của', ' ngày 1/3/2020 của')} và {other}.") == ["2020:", ":"]


def test_the_documents_own_act_stays_its_own() -> None:
    text = (
        "UBND ⟦P:TỈNH BẮC NINH⟧\nSố: ⟦D:12/QĐ-UBND⟧\n⟦P:Bắc Ninh⟧, ngày 5 tháng 6 năm 2024\n\nQUYẾT ĐỊNH\n"
        "Về giá đất\n\n"
        f"Tham khảo ⟦D:Quyết định số 12/QĐ-UBND⟧{DAY} của UBND {SOUTH}.\n"
    )
    raw, entities = marked(text)
    valued, record = read_values(raw, entities, "quyet_dinh")
    found = [entity.value.id for entity in valued if isinstance(entity.value, Directive)]
    assert found == ["quyet_dinh:12/QĐ-UBND:2024:bac-ninh", "quyet_dinh:12/QĐ-UBND:2020:ca-mau"]
    assert record.cites == (found[1],)


def test_a_number_that_comes_ten_thousand_times_is_read_fast() -> None:
    line = "Theo Chỉ thị số 5/CT-UBND, họp. "
    entities = [Entity("DIRECTIVE", at * len(line) + 5, at * len(line) + 24, line[5:24]) for at in range(10_000)]
    began = time.perf_counter()
    valued, _ = read_values(line * 10_000, entities, "bao_cao")
    assert len({e.value.id for e in valued if isinstance(e.value, Directive)}) == 1
    assert time.perf_counter() - began < 20

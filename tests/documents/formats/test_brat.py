from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vanban.documents.formats.brat import parse_brat, read_brat, span_fault, write_brat
from vanban.errors import UserError
from vanban.reading.text import INVISIBLE, LINE_BREAK
from vanban.schema import LABELS, Entity

TEXT = "Tại Hà Nội có 24.973 ca\r\nChủ tịch Chu Ngọc Anh"
PLACE = Entity("PLACE", 4, 10, "Hà Nội")
COUNT = Entity("COUNT", 14, 23, "24.973 ca")
OFFICIAL = Entity("OFFICIAL", 34, 46, "Chu Ngọc Anh")


def faults(standoff: str, text: str = TEXT) -> list[str]:
    return parse_brat(standoff, text, "a.ann")[1]


def test_write_and_read() -> None:
    standoff = write_brat([PLACE, COUNT, OFFICIAL])
    assert standoff == "T1\tPLACE 4 10\tHà Nội\nT2\tCOUNT 14 23\t24.973 ca\nT3\tOFFICIAL 34 46\tChu Ngọc Anh\n"
    assert read_brat(standoff, TEXT) == [PLACE, COUNT, OFFICIAL]
    assert write_brat([]) == ""
    assert read_brat("", TEXT) == read_brat("", "") == []


def test_labels_with_spaces_are_written_and_read_back() -> None:
    labels = ("Tên người", "Nơi\u00a0chốn", "PLACE")
    entities = [Entity(labels[1], 4, 10, "Hà Nội"), Entity("PLACE", 14, 20, "24.973"), Entity(labels[0], 34, 37, "Chu")]
    standoff = write_brat(entities)
    assert standoff == "T1\tNơi_chốn 4 10\tHà Nội\nT2\tPLACE 14 20\t24.973\nT3\tTên_người 34 37\tChu\n"
    assert read_brat(standoff, TEXT, labels=labels) == entities
    _, (fault,) = parse_brat("T1\tTên_gọi 4 10\tHà Nội\n", TEXT, "a.ann", labels)
    assert fault == "a.ann:1: found the label 'Tên_gọi', expected one of Tên người, Nơi\u00a0chốn, PLACE"


def test_rows_are_sorted_and_other_kinds_passed_over() -> None:
    standoff = "#1\tAnnotatorNotes T1\tnote\nT9\tCOUNT 14 23\t24.973 ca\nT2\tPLACE 4 10\tHà Nội\nR1\tin Arg1:T2\n\n"
    assert read_brat(standoff, TEXT) == [PLACE, COUNT]
    assert read_brat(standoff.replace("\n", "\r\n"), TEXT) == [PLACE, COUNT]


@given(st.text(st.characters(exclude_categories=["Cs"])), st.data())
def test_round_trip_on_any_text(text: str, data: st.DataObject) -> None:
    visible = [i for i, c in enumerate(text) if not c.isspace() and c not in INVISIBLE]
    entities: list[Entity] = []
    at = 0
    while any(i >= at for i in visible) and len(entities) < 4:
        start = data.draw(st.sampled_from([i for i in visible if i >= at]))
        end = data.draw(st.sampled_from([i for i in visible if i >= start])) + 1
        if not LINE_BREAK.search(text, start, end):
            entities.append(Entity(data.draw(st.sampled_from(LABELS)), start, end, text[start:end]))
        at = end
    assert read_brat(write_brat(entities), text) == entities


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("T1\tPLACE 4\tHà Nội", "found 'T1\\tPLACE 4\\tHà Nội', expected T<n><TAB>LABEL START END<TAB>TEXT"),
        (
            "T1\tPLACE 4 6;8 10\tHà Nội",
            "found the fragments 4 6;8 10 with 'Hà Nội', expected one span, or the lines of one that is broken at a "
            "page's width; the text from 4 to 10 is 'Hà Nội'",
        ),
        ("T1\tPLACE 4 10;\tHà Nội", "expected T<n><TAB>LABEL START END<TAB>TEXT"),
        ("T1 PLACE 4 10 Hà Nội", "expected T<n><TAB>LABEL START END<TAB>TEXT"),
        (f"T1\tPLACE 4 {'9' * 5000}\tHà Nội", "expected T<n><TAB>LABEL START END<TAB>TEXT"),
        ("T1\tCITY 4 10\tHà Nội", "found the label 'CITY', expected one of OFFICIAL, PLACE, COUNT, DIRECTIVE"),
        ("T1\tPLACE 4 99\tHà Nội", "found the offsets 4 99, expected 0 <= start < end <= 46 (the length of the text)"),
        ("T1\tPLACE 4 4\t", "found the offsets 4 4, expected 0 <= start < end <= 46"),
        ("T1\tPLACE 5 11\tHà Nội", "found 'Hà Nội', expected 'à Nội ', which is the text at 5 11; 'Hà Nội' stands"),
        ("T1\tPLACE 4 7\tHuế", "found 'Huế', expected 'Hà ', which is the text at 4 7"),
        ("T1\tPLACE 3 10\t Hà Nội", "found white space at an end of ' Hà Nội'"),
    ],
)
def test_faults_name_the_line_and_what_was_expected(row: str, message: str) -> None:
    found = faults(f"{write_brat([COUNT])}{row}\n")
    assert len(found) == 1
    assert found[0].startswith("a.ann:2: ")
    assert message in found[0]
    assert parse_brat(f"{write_brat([COUNT])}{row}\n", TEXT, "a.ann")[0] == [COUNT]


def test_the_nearest_place_is_named() -> None:
    text = "Huế, Huế, Huế"
    assert span_fault(Entity("PLACE", 6, 9, "Huế"), text) == (
        "found 'Huế', expected 'uế,', which is the text at 6 9; 'Huế' stands at 5 8"
    )


@pytest.mark.parametrize("odd", ["a\nb", "a\r\nb", "a\x85b", "a\u2028b"])
def test_a_span_over_a_line_break_is_a_fault(odd: str) -> None:
    assert "line break" in str(span_fault(Entity("PLACE", 0, len(odd), odd), odd))
    assert span_fault(Entity("PLACE", 0, 1, "a"), odd) is None
    if "\n" not in odd:  # any other line break may stand in the text column of a row
        row = f"T1\tPLACE 0 3\t{odd}\n"
        assert faults(row, odd) == [
            f"a.ann:1: found a line break inside {odd!r}, expected a span within one line, or over a break at a page's "
            "width in the middle of a sentence"
        ]


BROKEN = (
    "Các hồ chứa nước ở vùng núi phía tây của tỉnh Bà Rịa\r\n  - Vũng Tàu, như đã nêu trong Luật số\n35/2013/QH13 và\n"
    "nghị định."
)


def test_a_span_over_a_soft_break_is_written_in_fragments() -> None:
    law = BROKEN.index("Luật số")
    entities = [Entity("DIRECTIVE", law, law + 20, "Luật số\n35/2013/QH13")]
    standoff = write_brat(entities)
    assert standoff == f"T1\tDIRECTIVE {law} {law + 7};{law + 8} {law + 20}\tLuật số 35/2013/QH13\n"
    assert read_brat(standoff, BROKEN) == entities
    # as one pair of offsets, and as brat's own fragments with more white space around the break
    assert read_brat(f"T1\tDIRECTIVE {law} {law + 7};{law + 8} {law + 20}\tLuật số 35/2013/QH13\n", BROKEN) == entities
    place = BROKEN.index("tỉnh Bà Rịa")
    written = write_brat([Entity("PLACE", place, place + 25, BROKEN[place : place + 25])])
    assert written == f"T1\tPLACE {place} {place + 11};{place + 15} {place + 25}\ttỉnh Bà Rịa - Vũng Tàu\n"
    (fault,) = faults(written, BROKEN)  # `- Vũng Tàu` begins a list item, as far as the text says
    assert "found a line break inside 'tỉnh Bà Rịa\\r\\n  - Vũng Tàu'" in fault
    (fault,) = faults(standoff.replace(" 35", " 36"), BROKEN)
    assert "found the fragments" in fault


@pytest.mark.parametrize("odd", ["\u200bHuế", "Huế\ufeff", "Huế\u00a0", "\tHuế", "\u202aHuế"])
def test_a_span_with_something_invisible_at_an_end_is_a_fault(odd: str) -> None:
    assert "visible characters" in str(span_fault(Entity("PLACE", 0, len(odd), odd), odd))


def test_every_overlap_is_a_fault() -> None:
    text = "Sở Y tế Hà Nội và Huế"
    row = "T{}\tPLACE {} {}\t{}\n"
    spans = [(0, 21), (3, 7), (8, 14), (18, 21)]  # the first holds the three others
    found = faults("".join(row.format(i, a, b, text[a:b]) for i, (a, b) in enumerate(spans, 1)), text)
    assert [re.match(r"a.ann:(\d): PLACE \d+ \d+ '(.*?)' overlaps PLACE 0 21", f)[2] for f in found] == [  # type: ignore[index]
        "Y tế", "Hà Nội", "Huế",
    ]  # fmt: skip
    assert [f.split(":")[1] for f in found] == ["2", "3", "4"]


def test_reading_raises_with_every_fault() -> None:
    with pytest.raises(UserError) as error:
        read_brat("T1\tCITY 4 10\tHà Nội\nT2\tPLACE 4 9\tHà Nội\n", TEXT, "b.ann")
    assert [line[:8] for line in str(error.value).splitlines()] == ["b.ann:1:", "b.ann:2:"]


def test_labels_of_another_inventory() -> None:
    assert read_brat("T1\tCITY 4 10\tHà Nội\n", TEXT, labels=["CITY"]) == [Entity("CITY", 4, 10, "Hà Nội")]

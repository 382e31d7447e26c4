"""What differs between annotated and predicted spans."""

from __future__ import annotations

from vanban.documents.differences import KINDS, NAME_OF_KIND, Difference, differences
from vanban.schema import Entity


def entity(label: str, start: int, end: int) -> Entity:
    return Entity(label, start, end, "x" * (end - start))


def test_kinds() -> None:
    gold = [entity("P", 0, 3), entity("P", 5, 8), entity("C", 10, 15), entity("C", 20, 22), entity("P", 30, 33)]
    found = [entity("P", 0, 3), entity("C", 5, 8), entity("C", 12, 15), entity("P", 20, 24), entity("C", 40, 41)]
    rows = differences(gold, found)
    assert [(row.kind, row.start, row.end, row.taken_for) for row in rows] == [
        ("label", 5, 8, "C"), ("boundary", 10, 15, "C"), ("confused", 20, 24, "P"), ("missed", 30, 33, None),
        ("spurious", 40, 41, "C"),
    ]  # fmt: skip
    assert rows[1] == Difference("boundary", gold[2], (found[2],))
    assert rows[4].gold is None and rows[4].spans == (found[4],)
    assert differences(gold, gold) == [] == differences([], [])


def test_a_span_is_taken_for_the_label_of_its_own_place_first() -> None:
    gold = [entity("P", 0, 10)]
    one, two, same = entity("C", 0, 2), entity("D", 3, 9), entity("P", 9, 12)
    assert differences(gold, [one, two])[0].taken_for == "D"  # the longest overlap
    assert differences(gold, [one, two, same])[0].taken_for == "P"
    assert differences(gold, [entity("C", 0, 10)])[0].taken_for == "C"


def test_every_kind_is_counted_under_one_name() -> None:
    assert sorted(kind for kinds in KINDS.values() for kind in kinds) == sorted(NAME_OF_KIND)
    assert NAME_OF_KIND["confused"] == "wrong label" and NAME_OF_KIND["spurious"] == "false"

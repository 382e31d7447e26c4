"""The errors of a model by their kinds."""

from __future__ import annotations

from vanban.schema import Entity
from vanban_training.ner.errors import errors_of, errors_report

LABELS = ("PLACE", "COUNT")


def _spans(*spans: tuple[str, int, int]) -> list[Entity]:
    return [Entity(label, start, end, "x" * (end - start)) for label, start, end in spans]


def test_errors_and_their_kinds():
    text = "Ở Hà Nội, Huế và Đà Nẵng có 12 ca, 5 xã, tỉnh."
    found = [(2, 8), (10, 13), (17, 24), (28, 33), (35, 39), (41, 45)]
    assert [text[a:b] for a, b in found] == ["Hà Nội", "Huế", "Đà Nẵng", "12 ca", "5 xã", "tỉnh"]
    gold = [
        Entity("PLACE", 2, 8, "Hà Nội"),
        Entity("PLACE", 10, 13, "Huế"),
        Entity("PLACE", 17, 24, "Đà Nẵng"),
        Entity("COUNT", 28, 33, "12 ca"),
        Entity("COUNT", 35, 39, "5 xã"),
    ]
    predicted = [
        Entity("PLACE", 2, 8, "Hà Nội", 0.9),
        Entity("COUNT", 10, 13, "Huế", 0.8),
        Entity("PLACE", 20, 24, "Nẵng", 0.7),
        Entity("PLACE", 31, 33, "ca", 0.6),
        Entity("PLACE", 41, 45, "tỉnh", 0.5),
    ]
    rows = errors_of("tin", text, gold, predicted, context=3)
    assert [(row["kind"], row["start"], row["end"]) for row in rows] == [
        ("label", 10, 13),
        ("boundary", 17, 24),
        ("confused", 28, 33),
        ("missed", 35, 39),
        ("spurious", 41, 45),
    ]
    assert rows[1] == {
        "document": "tin",
        "kind": "boundary",
        "start": 17,
        "end": 24,
        "gold": {"label": "PLACE", "text": "Đà Nẵng"},
        "found": [{"label": "PLACE", "text": "Nẵng", "score": 0.7}],
        "context": "và [Đà Nẵng] có",
    }
    assert (rows[3]["gold"], rows[3]["found"]) == ({"label": "COUNT", "text": "5 xã"}, [])
    assert (rows[4]["gold"], rows[4]["context"]) == (None, "ã, [tỉnh].")
    assert errors_of("tin", text, gold, gold) == []
    assert errors_of("empty", "", [], []) == []


def test_one_found_span_over_two_gold_ones_is_told_once_for_each():
    gold, found = _spans(("PLACE", 0, 3), ("COUNT", 4, 6)), _spans(("PLACE", 0, 6))
    rows = errors_of("tin", "abc def", gold, found)
    assert [(row["kind"], row["gold"]["label"]) for row in rows] == [("boundary", "PLACE"), ("confused", "COUNT")]


def test_errors_are_counted_by_kind_and_shown_with_examples():
    text = "Ở Hà Nội, Huế và Đà Nẵng có 12 ca, 5 xã, tỉnh."
    gold = _spans(("PLACE", 2, 8), ("PLACE", 10, 13), ("PLACE", 17, 24), ("COUNT", 28, 33))
    found = [
        Entity("COUNT", 10, 13, "Huế", 0.81234),
        Entity("PLACE", 20, 24, "Nẵng", 0.7),
        Entity("PLACE", 41, 45, "tỉnh"),
    ]
    rows = errors_of("tin", text, gold, found, context=3)
    assert errors_report(rows, LABELS, 1) == (
        "| errors     | missed | false | wrong edge | wrong label |\n"
        "|------------|-------:|------:|-----------:|------------:|\n"
        "| PLACE      |      1 |     1 |          1 |           1 |\n"
        "| COUNT      |      1 |       |            |             |\n"
        "\n"
        "missed (2):\n"
        "  tin: PLACE 'xxxxxx' in 'Ở [Hà Nội], H'\n"
        "\n"
        "false (1):\n"
        "  tin: PLACE 'tỉnh' 1.00 in 'ã, [tỉnh].'\n"
        "\n"
        "wrong edge (1):\n"
        "  tin: PLACE 'xxxxxxx', found PLACE 'Nẵng' 0.70 in 'và [Đà Nẵng] có'\n"
        "\n"
        "wrong label (1):\n"
        "  tin: PLACE 'xxx', found COUNT 'Huế' 0.81 in 'i, [Huế] và'"
    )
    assert errors_report(rows, LABELS, 0).count("\n") == 3
    assert errors_report([], LABELS, 3) == "errors: none"


def test_examples_are_of_many_documents():
    rows = [row for name in "abcdef" for row in errors_of(name, "Huế", _spans(("PLACE", 0, 3)), [])]
    assert [line[2] for line in errors_report(rows, LABELS, 3).splitlines()[-3:]] == ["a", "c", "e"]

from __future__ import annotations

import json
import unicodedata
from typing import Any

from vanban.formats import pieces, to_conll, to_jsonl, to_pretty, to_record
from vanban.schema import Entity, Prediction
from vanban.sources import Document

TEXT = "\ufeffUBND TP Hà Nội:\r\n \r\n46 ca, 1.234.567 người."


def document(text: str, **fields: Any) -> Document:
    if fields:
        fields = {"text": text, **fields}
    path = None if fields else "docs/a.txt"
    return Document(fields.get("id", "docs/a.txt"), text, "docs/a.txt", "key", "a", path, fields)


def predict(text: str, *found: tuple[str, str, float]) -> Prediction:
    entities = []
    for label, surface, score in found:
        start = text.index(surface)
        entities.append(Entity(label, start, start + len(surface), surface, score))
    return Prediction(text, tuple(entities), "m")


PREDICTION = predict(TEXT, ("PLACE", "TP Hà Nội", 0.9), ("COUNT", "46 ca", 0.5))


def test_pieces_tile_the_text() -> None:
    assert "".join(piece for piece, _ in pieces(TEXT, PREDICTION.entities)) == TEXT
    assert [piece for piece, e in pieces(TEXT, PREDICTION.entities) if e] == ["TP Hà Nội", "46 ca"]
    assert list(pieces("", ())) == []
    whole = predict("Hà Nội", ("PLACE", "Hà Nội", 1.0))
    assert list(pieces("Hà Nội", whole.entities)) == [("Hà Nội", whole.entities[0])]


def test_record_of_a_file() -> None:
    assert list(to_record(document(TEXT), PREDICTION).items()) == [
        ("id", "docs/a.txt"),
        ("path", "docs/a.txt"),
        (
            "entities",
            [
                {"label": "PLACE", "start": 6, "end": 15, "text": "TP Hà Nội", "score": 0.9},
                {"label": "COUNT", "start": 21, "end": 26, "text": "46 ca", "score": 0.5},
            ],
        ),
        ("doc_type", None),
        ("model", "m"),
    ]


def test_fields_pass_through_and_collisions_are_kept() -> None:
    record = to_record(document("", id=3, path="x", year=2021, model="m"), predict(""))
    assert list(record.items()) == [
        ("id", 3),
        ("text", ""),
        ("path", "x"),
        ("year", 2021),
        ("entities", []),
        ("doc_type", None),
        ("model", "m"),
    ]
    record = to_record(
        document("", id=3, entities=["gold"], model="old", doc_type="chi_thi", input_model="older"), predict("")
    )
    assert record == {
        "id": 3,
        "text": "",
        "input_entities": ["gold"],
        "input_input_model": "old",
        "input_doc_type": "chi_thi",
        "input_model": "older",
        "entities": [],
        "doc_type": None,
        "model": "m",
    }
    bad_id = Document("in.jsonl:1", "", "in.jsonl:1", "key", "in/1", None, {"id": [1], "text": ""})
    assert to_record(bad_id, predict(""))["input_id"] == [1]


def test_jsonl_is_one_line() -> None:
    text = "Hà Nội\u2028\n\x85x"
    line = to_jsonl(document(text, note="\u2029"), predict(text))
    assert len(line.splitlines()) == 1
    assert "Hà Nội" in line
    assert json.loads(line)["text"] == text
    line = to_jsonl(document("Hà", note="\ud800"), predict("Hà"))
    assert json.loads(line.encode("utf-8"))["note"] == "\ud800"


def test_conll() -> None:
    expected = [
        "UBND O",
        "TP B-PLACE",
        "Hà I-PLACE",
        "Nội I-PLACE",
        ": O",
        "",
        "46 B-COUNT",
        "ca I-COUNT",
        ", O",
        "1.234.567 O",
        "người O",
        ". O",
        "",
    ]
    assert to_conll(document(TEXT), PREDICTION) == "".join(f"{row}\n".replace(" ", "\t") for row in expected)
    assert to_conll(document(""), predict("")) == ""
    assert to_conll(document(" \n\n"), predict(" \n\n")) == ""


def test_conll_cuts_tokens_at_entities_and_keeps_combining_marks() -> None:
    text = unicodedata.normalize("NFD", "Hà Nội")
    assert to_conll(document(text), predict(text)) == f"{text.replace(' ', chr(9) + 'O' + chr(10))}\tO\n\n"
    text = "F0 17/CT-UBND"
    assert to_conll(document(text), predict(text, ("DIRECTIVE", "17/CT", 1.0))) == (
        "F0\tO\n17\tB-DIRECTIVE\n/\tI-DIRECTIVE\nCT\tI-DIRECTIVE\n-\tO\nUBND\tO\n\n"
    )
    adjacent = Prediction("aab", (Entity("COUNT", 0, 1, "a"), Entity("COUNT", 1, 2, "a")), "m")
    assert to_conll(document("aab"), adjacent) == "a\tB-COUNT\na\tB-COUNT\nb\tO\n\n"


def test_pretty_without_colour() -> None:
    assert to_pretty(document(TEXT), PREDICTION) == (
        "── docs/a.txt · 2 entities\n\ufeffUBND [TP Hà Nội](PLACE 0.90):\n \n[46 ca](COUNT 0.50), 1.234.567 người.\n\n"
    )
    assert to_pretty(document(""), predict("")) == "── docs/a.txt · 0 entities\n\n"
    one = predict("Huế\n", ("PLACE", "Huế", 1.0))
    assert to_pretty(document("Huế\n"), one) == "── docs/a.txt · 1 entity\n[Huế](PLACE 1.00)\n\n"


def test_pretty_with_colour_and_hostile_text() -> None:
    text = "\x1b[31mHuế\x9b"
    assert to_pretty(document(text), predict(text, ("PLACE", "Huế", 1.0)), colour=True) == (
        "\x1b[1m── docs/a.txt · 1 entity\x1b[0m\n[31m\x1b[1;32mHuế\x1b[0m \x1b[2;32mPLACE 1.00\x1b[0m\n\n"
    )
    other = predict("Huế", ("CITY", "Huế", 1.0))
    assert "\x1b[1;34mHuế" in to_pretty(document("Huế"), other, colour=True)

from __future__ import annotations

import json
import unicodedata
from dataclasses import replace
from typing import Any

from vanban.documents.document import Document
from vanban.documents.formats.conll import to_conll
from vanban.documents.formats.jsonl import to_jsonl, to_record
from vanban.documents.formats.pieces import pieces
from vanban.documents.formats.pretty import to_pretty
from vanban.schema import Entity, Prediction

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
SCORES = {"thong_bao": 0.83, "bao_cao": 0.17}
TYPED = replace(PREDICTION, doc_type="thong_bao", doc_type_score=0.83, doc_type_scores=SCORES)


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
        ("model", "m"),
    ]


def test_record_with_a_type() -> None:
    record = to_record(document(TEXT), TYPED)
    assert list(record) == ["id", "path", "entities", "doc_type", "doc_type_score", "doc_type_scores", "model"]
    assert (record["doc_type"], record["doc_type_score"]) == ("thong_bao", 0.83)
    assert list(record["doc_type_scores"].items()) == [("thong_bao", 0.83), ("bao_cao", 0.17)]
    assert record["entities"] == to_record(document(TEXT), PREDICTION)["entities"]
    unsure = to_record(document(TEXT), replace(TYPED, doc_type=None, doc_type_score=0.4))
    assert (unsure["doc_type"], unsure["doc_type_score"], unsure["doc_type_scores"]) == (None, 0.4, SCORES)


def test_record_of_a_type_alone() -> None:
    typed = replace(TYPED, entities=())
    record = to_record(document(TEXT), typed, with_entities=False)
    assert list(record.items()) == [
        ("id", "docs/a.txt"),
        ("path", "docs/a.txt"),
        ("doc_type", "thong_bao"),
        ("doc_type_score", 0.83),
        ("doc_type_scores", SCORES),
        ("model", "m"),
    ]
    assert json.loads(to_jsonl(document(TEXT), typed, with_entities=False)) == record
    # entities of the input are the user's own where none were looked for
    assert to_record(document("", entities=["gold"]), typed, with_entities=False)["entities"] == ["gold"]


def test_types_of_the_input_are_kept() -> None:
    fields = {"id": 3, "doc_type": "chi_thi", "doc_type_score": 1, "doc_type_scores": SCORES, "input_doc_type": "x"}
    record = to_record(document("", **fields), TYPED)
    assert list(record.items())[:5] == [
        ("id", 3),
        ("text", ""),
        ("input_input_doc_type", "chi_thi"),
        ("input_doc_type_score", 1),
        ("input_doc_type", "x"),
    ]
    assert "input_doc_type_scores" not in record  # the same as ours
    assert (record["doc_type"], record["doc_type_score"]) == ("thong_bao", 0.83)
    # and pass through under their names where no classifier was asked
    assert list(to_record(document("", **fields), PREDICTION).items())[:6] == [
        ("id", 3),
        ("text", ""),
        *[*fields.items()][1:],
    ]


def test_fields_pass_through_and_collisions_are_kept() -> None:
    record = to_record(document("", id=3, path="x", year=2021, model="m"), predict(""))
    assert list(record.items()) == [
        ("id", 3),
        ("text", ""),
        ("path", "x"),
        ("year", 2021),
        ("entities", []),
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
        "doc_type": "chi_thi",
        "input_model": "older",
        "entities": [],
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


START = "-DOCSTART- (docs/a.txt)\tO\n\n"


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
    rows = "".join(f"{row}\n".replace(" ", "\t") for row in expected)
    assert to_conll(document(TEXT), PREDICTION) == START + rows
    assert to_conll(document(""), predict("")) == START
    assert to_conll(document(" \n\n"), predict(" \n\n")) == START


def test_conll_cuts_tokens_at_entities_and_keeps_combining_marks() -> None:
    text = unicodedata.normalize("NFD", "Hà Nội")
    assert to_conll(document(text), predict(text)) == f"{START}{text.replace(' ', chr(9) + 'O' + chr(10))}\tO\n\n"
    text = "F0 17/CT-UBND"
    assert to_conll(document(text), predict(text, ("DIRECTIVE", "17/CT", 1.0))) == (
        f"{START}F0\tO\n17\tB-DIRECTIVE\n/\tI-DIRECTIVE\nCT\tI-DIRECTIVE\n-\tO\nUBND\tO\n\n"
    )
    adjacent = Prediction("aab", (Entity("COUNT", 0, 1, "a"), Entity("COUNT", 1, 2, "a")), "m")
    assert to_conll(document("aab"), adjacent) == f"{START}a\tB-COUNT\na\tB-COUNT\nb\tO\n\n"


def test_pretty_without_colour() -> None:
    assert to_pretty(document(TEXT), PREDICTION) == (
        "── docs/a.txt · 2 entities\n\ufeffUBND [TP Hà Nội](PLACE 0.90):\n \n[46 ca](COUNT 0.50), 1.234.567 người.\n\n"
    )
    assert to_pretty(document(""), predict("")) == "── docs/a.txt · 0 entities\n\n"
    one = predict("Huế\n", ("PLACE", "Huế", 1.0))
    assert to_pretty(document("Huế\n"), one) == "── docs/a.txt · 1 entity\n[Huế](PLACE 1.00)\n\n"


def heading(prediction: Prediction, **options: bool) -> str:
    return to_pretty(document("Huế"), prediction, **options).splitlines()[0]


def test_the_heading_names_the_type() -> None:
    typed = replace(TYPED, text="Huế", entities=())
    assert heading(typed) == "── docs/a.txt · thông báo 0.83 · 0 entities"
    assert heading(typed, with_entities=False) == "── docs/a.txt · thông báo 0.83"
    assert heading(typed, colour=True) == "\x1b[1m── docs/a.txt · thông báo 0.83 · 0 entities\x1b[0m"
    unsure = replace(typed, doc_type=None, doc_type_score=0.406)
    assert heading(unsure) == "── docs/a.txt · thông báo? 0.41 · 0 entities"
    assert to_pretty(document(" \n"), replace(unsure, text=" \n")).startswith("── docs/a.txt · 0 entities\n")
    other = replace(typed, doc_type="hop_dong", doc_type_scores={"hop_dong": 0.83})  # not one of the inventory
    assert heading(other) == "── docs/a.txt · hop_dong 0.83 · 0 entities"
    assert to_pretty(document("Huế\n"), replace(typed, text="Huế\n"), with_entities=False) == (
        "── docs/a.txt · thông báo 0.83\nHuế\n\n"
    )


def test_pretty_with_colour_and_hostile_text() -> None:
    text = "\x1b[31mHuế\x9b"
    assert to_pretty(document(text), predict(text, ("PLACE", "Huế", 1.0)), colour=True) == (
        "\x1b[1m── docs/a.txt · 1 entity\x1b[0m\n[31m\x1b[1;32mHuế\x1b[0m \x1b[2;32mPLACE 1.00\x1b[0m\n\n"
    )
    other = predict("Huế", ("CITY", "Huế", 1.0))
    assert "\x1b[1;34mHuế" in to_pretty(document("Huế"), other, colour=True)


def test_names_that_cannot_be_printed_are_escaped() -> None:
    odd = replace(document("Huế"), id="cũ\udce9\t\n\x1b[2J.txt")
    assert to_pretty(odd, predict("Huế")).splitlines()[0] == "── cũ\\xe9\\x09\\x0a\\x1b[2J.txt · 0 entities"
    assert to_conll(odd, predict("Huế")) == "-DOCSTART- (cũ\\xe9\\x09\\x0a\\x1b[2J.txt)\tO\n\nHuế\tO\n\n"
    assert json.loads(to_jsonl(odd, predict("Huế")).encode("utf-8"))["id"] == odd.id


def test_an_entity_over_a_soft_break_stays_one_in_conll() -> None:
    text = "như đã nêu ở điều trước và trong Luật số\n35/2013 và các nghị định\nquy định chi tiết.\nHết"
    rows = to_conll(document(text), predict(text, ("DIRECTIVE", "Luật số\n35/2013", 1.0))).split("\n")
    at = rows.index("Luật\tB-DIRECTIVE")
    assert rows[at : at + 6] == [
        "Luật\tB-DIRECTIVE", "số\tI-DIRECTIVE", "35\tI-DIRECTIVE", "/\tI-DIRECTIVE", "2013\tI-DIRECTIVE", "và\tO",
    ]  # fmt: skip

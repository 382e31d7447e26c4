from __future__ import annotations

import datetime
import json
import random
from decimal import Decimal

import pytest

from marked_documents import valued
from vanban.documents.value_table import columns_of, rows_of
from vanban.errors import UserError
from vanban.schema import LABELS

TEXT = (
    "Tại ⟦P:huyện Ba Vì⟧ có ⟦C:hơn 120 hộ⟧ và ⟦C:3 - 5 cơ sở⟧. Ngoài ra có ⟦C:2 ca mắc⟧.\n"
    "Có ⟦C:9 người⟧ khỏi bệnh ở ⟦P:huyện Gia Lâm⟧.\n"
)
HEAD = (
    "ỦY BAN NHÂN DÂN\n⟦P:TỈNH HÒA BÌNH⟧\n-------\nSố: 12/BC-UBND\n\nHòa Bình, ngày 05 tháng 6 năm 2022\n\nBÁO CÁO\n\n"
)


def test_a_row_has_the_value_and_its_sentence() -> None:
    first, second, third, last = rows_of(valued("a", HEAD + TEXT, "bao_cao"), "COUNT")
    assert first["document"] == "a" and first["document_date"] == datetime.date(2022, 6, 5)
    assert (first["number"], first["noun"], first["noun_class"]) == (Decimal(120), "hộ", "households")
    assert (second["low"], second["high"], second["number"]) == (Decimal(3), Decimal(5), None)
    assert third["sentence"] == "Ngoài ra có 2 ca mắc."
    assert last["sentence"] == "Có 9 người khỏi bệnh ở huyện Gia Lâm."
    assert tuple(first) == tuple(columns_of("COUNT"))


def test_the_scope_is_the_nearest_place_before_else_the_issuers() -> None:
    rows = list(rows_of(valued("a", HEAD + TEXT, "bao_cao"), "COUNT"))
    assert [(row["scope"], row["scope_from"]) for row in rows] == [
        ("huyện Ba Vì", "sentence"), ("huyện Ba Vì", "sentence"), ("huyện Ba Vì", "paragraph"),
        ("TỈNH HÒA BÌNH", "issuer"),
    ]  # fmt: skip
    assert all(row["scope_code"] for row in rows)
    (alone,) = rows_of(valued("b", "Có ⟦C:9 người⟧.", "tin_bao_chi"), "COUNT")
    assert (alone["scope"], alone["scope_code"], alone["scope_from"]) == (None, None, None)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Toàn xã còn 12. Huyện đã xin ⟦C:5 tấn⟧ gạo.", "Huyện đã xin 5 tấn gạo."),
        ("Tỷ lệ đạt 97,5. Còn ⟦C:5 hộ⟧ chưa nhận.", "Còn 5 hộ chưa nhận."),
        ("Theo khoản 2. Điều này áp dụng cho ⟦C:5 hộ⟧.", "Theo khoản 2. Điều này áp dụng cho 5 hộ."),
        ("1. Huyện có ⟦C:5 hộ⟧.", "1. Huyện có 5 hộ."),
        ("còn 12. huyện có ⟦C:5 hộ⟧.", "còn 12. huyện có 5 hộ."),
    ],
)
def test_a_sentence_ends_behind_a_number(text: str, sentence: str) -> None:
    (row,) = rows_of(valued("a", text, "tin_bao_chi"), "COUNT")
    assert row["sentence"] == sentence


def test_offsets_are_of_the_raw_text() -> None:
    document = valued("a", "Ở ⟦P:huyện Ba Vì⟧\r\ncó ế, ⟦C:5 hộ⟧.", "tin_bao_chi")  # NFD before it
    (row,) = rows_of(document, "COUNT")
    assert document.document.text[row["start"] : row["end"]] == row["text"] == "5 hộ"


def test_lists_are_json_without_spans() -> None:
    (row,) = rows_of(valued("a", "Chủ tịch UBND huyện ⟦O:Lê Văn Tám⟧ chủ trì.", "tin_bao_chi"), "OFFICIAL")
    offices = json.loads(row["offices"])
    assert offices[0]["title"] == "Chủ tịch" and "spans" not in offices[0]


def test_columns_have_types() -> None:
    assert columns_of("COUNT")["number"] is Decimal and columns_of("COUNT")["negated"] is bool
    assert columns_of("DIRECTIVE")["year"] is int and columns_of("DIRECTIVE")["date"] is datetime.date
    assert columns_of("PLACE")["candidates"] is str
    with pytest.raises(UserError, match="--label DATE: expected one of OFFICIAL, PLACE, COUNT, DIRECTIVE"):
        columns_of("DATE")


def test_any_text_gives_a_row_for_each_entity() -> None:
    draw = random.Random(13)
    pieces = ["Hà Nội", "12 ca", "\n", "\r\n", ". ", "17/CT-UBND", "ế", "Số: ", "\x00", " ", "A", "“", "ngày 1/2/2020"]
    for _ in range(200):
        marked = "".join(
            f"⟦{draw.choice('OPCD')}:{piece}⟧" if draw.random() < 0.4 else piece
            for piece in draw.choices(pieces, k=draw.randrange(1, 20))
        )
        document = valued("a", marked)
        for label in LABELS:
            assert len(list(rows_of(document, label))) == sum(entity.label == label for entity in document.entities)


def test_a_long_document_takes_linear_time() -> None:
    document = valued("a", "⟦P:Hà Nội⟧ có ⟦C:5 ca⟧ và " * 3000, "tin_bao_chi")
    rows = list(rows_of(document, "COUNT"))
    assert len(rows) == 3000 and max(len(row["sentence"]) for row in rows) < 1100
    assert rows[-1]["scope"] == "Hà Nội" and "5 ca" in rows[-1]["sentence"]

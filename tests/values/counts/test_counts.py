"""Counts: the class of what is counted, and what the words around it say of the number."""

from __future__ import annotations

import pytest

from vanban.schema import Entity
from vanban.values.counts.counts import read_counts
from vanban.values.meaning import Count
from vanban.values.view import view


def count(text: str, written: str) -> Count:
    """Return the value of the count that is written so in a text."""
    start = text.index(written)
    return read_counts(view(text, (Entity("COUNT", start, start + len(written), written),)))[0]


@pytest.mark.parametrize(
    ("text", "written", "noun_class"),
    [
        ("Quy chế gồm 4 chương và 03 phụ lục.", "03 phụ lục", "other"),
        ("Đã có 12 nước ký.", "12 nước", "other"),
        ("Đại diện của 9 quốc gia.", "9 quốc gia", "other"),
        ("Đã rà soát 14 tỉnh.", "14 tỉnh", "units"),
        ("Mỗi tổ chia 3 ca, nghỉ trưa tại chỗ.", "3 ca", "other"),
        ("Trạm bơm làm việc hai ca.", "hai ca", "other"),
        ("Hôm qua thêm 3 ca ở phường 5.", "3 ca", "cases"),
        ("Kiểm tra 7 bến bãi ven sông.", "7 bến bãi", "establishments"),
        ("Có 20 nhà đầu tư đến dự.", "20 nhà đầu tư", "people"),
        ("huy dong 25 doan vien don rac", "25 doan vien", "people"),
    ],
)
def test_class_is_that_of_the_head_noun(text, written, noun_class):
    assert count(text, written).noun_class == noun_class


def test_bound_behind_is_no_approximation():
    assert count("Cơ sở có 5 giường trở lên phải đăng ký.", "5 giường").approximation is None
    assert count("Cơ sở có ít nhất 5 giường phải đăng ký.", "5 giường").approximation == "at_least"


@pytest.mark.parametrize(
    "text", ["Một nghìn không trăm lẻ [năm học sinh]", "có hai mươi [mốt lớp]", "Một trăm linh [ba cô]"]
)
def test_no_part_of_a_number_in_words_is_one(text: str) -> None:
    start, end = text.index("["), text.index("]") - 1
    raw = text.replace("[", "").replace("]", "")
    assert read_counts(view(raw, [Entity("COUNT", start, end, raw[start:end])])) == {}

"""What copies come to look like: every change keeps the length of the text and the place of its spans."""

from __future__ import annotations

import random
import unicodedata
from dataclasses import replace

import pytest

from vanban.documents.formats.brat import span_fault
from vanban.reading.text import lines, runs
from vanban_training.config import SurfaceConfig
from vanban_training.ner.surface import disfigure

HEAD = """\
ỦY BAN NHÂN DÂN [PLACE TỈNH SƠN LA]
[PLACE CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM]
Số: [DIRECTIVE 17/CT-UBND]
Độc lập - Tự do - Hạnh phúc

Về các chợ ở [PLACE huyện Bắc Yên]
Thực hiện [DIRECTIVE Luật Tổ chức chính quyền địa phương số 65/2025/QH15], Ủy ban nhân dân [PLACE tỉnh Sơn La] giao \
[OFFICIAL Đinh Văn Khoa] rà soát [COUNT 10 chợ phiên] trước khi mở phiên mới trong năm nay.
"""
EVERYTHING = SurfaceConfig(
    capitals=0.3, lower_case=0.2, bare=0.2, plain=0.1, merged_heads=0.5, wrapped=0.7, scanned=0.5, misread=0.2
)


@pytest.fixture
def document(annotated):
    return annotated("a", HEAD)


@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
def test_every_span_is_sound_and_where_it_was(annotated, line_break):
    document = annotated("a", HEAD.replace("\n", line_break))
    changed = set()
    for seed in range(60):
        variant = disfigure(document, EVERYTHING, random.Random(seed))
        assert len(variant.text) == len(document.text)
        assert [(e.label, e.start, e.end) for e in variant.entities] == [
            (e.label, e.start, e.end) for e in document.entities
        ]
        assert [fault for e in variant.entities if (fault := span_fault(e, variant.text))] == []
        changed.add(variant.text)
    assert len(changed) > 50


def test_nothing_changes_unless_asked(document):
    assert disfigure(document, SurfaceConfig(), random.Random(0)) == document


def test_a_text_in_nfd_keeps_its_characters(document):
    entities = ()
    decomposed = replace(document, text=unicodedata.normalize("NFD", document.text), entities=entities)
    assert disfigure(decomposed, EVERYTHING, random.Random(0)) == decomposed


def test_a_text_typed_without_marks_and_capitals(document):
    plain = disfigure(document, SurfaceConfig(plain=1.0), random.Random(0))
    assert plain.text.startswith("uy ban nhan dan tinh son la\ncong hoa xa hoi chu nghia viet nam\nso: 17/ct-ubnd\n")
    assert [e.text for e in plain.entities][2:4] == ["17/ct-ubnd", "huyen bac yen"]
    odd = disfigure(replace(document, text="İSTANBUL Ở XA", entities=()), SurfaceConfig(plain=1.0), random.Random(0))
    assert odd.text.endswith("stanbul o xa") and len(odd.text) == len("İSTANBUL Ở XA")


def test_headings_in_capitals_and_in_lower_case(document):
    upper = disfigure(document, SurfaceConfig(capitals=1.0), random.Random(0))
    assert "VỀ CÁC CHỢ Ở HUYỆN BẮC YÊN\n" in upper.text
    assert "HUYỆN BẮC YÊN" in [e.text for e in upper.entities]
    assert "Thực hiện Luật Tổ chức" in upper.text  # longer than a heading
    lower = disfigure(document, SurfaceConfig(lower_case=1.0), random.Random(0))
    assert "ủy ban nhân dân tỉnh sơn la\n" in lower.text
    assert "số: 17/ct-ubnd\n" in lower.text


def test_lost_marks(document):
    bare = disfigure(document, SurfaceConfig(bare=1.0), random.Random(0))
    assert bare.text.startswith("UY BAN NHAN DAN TINH SON LA\nCONG HOA XA HOI")
    assert [e.text for e in bare.entities][-2:] == ["Dinh Van Khoa", "10 cho phien"]
    scanned = disfigure(document, SurfaceConfig(scanned=1.0, misread=1.0), random.Random(0))
    assert [e.text for e in scanned.entities][-1].startswith("lo ")


def test_two_columns_of_a_head_become_one_line(document):
    merged = disfigure(document, SurfaceConfig(merged_heads=1.0), random.Random(0))
    assert merged.text.startswith(
        "ỦY BAN NHÂN DÂN TỈNH SƠN LA CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nSố: 17/CT-UBND Độc lập - Tự do - Hạnh phúc\n"
    )


def test_lines_are_broken_at_the_width_of_a_page_and_read_as_one(document):
    broken = 0
    for seed in range(20):
        wrapped = disfigure(document, SurfaceConfig(wrapped=1.0), random.Random(seed))
        assert wrapped.text.replace("\n", " ") == document.text.replace("\n", " ")
        (run,) = [wrapped.text[a:b] for a, b in runs(wrapped.text) if wrapped.text[a:b].startswith("Thực hiện")]
        broken += len(lines(wrapped.text)) > len(lines(document.text)) and run.endswith("năm nay.")
    assert broken > 10  # the others were mended: a break inside a span that does not show itself to be soft

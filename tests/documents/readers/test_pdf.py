"""PDF files that reportlab makes, and those that are made by hand to be bombs."""

from __future__ import annotations

import io
import sys
from typing import Any, Final

import pytest

from made_pdf import FONT, LEFT, TOP, drawn, lines_at, pdf_of
from vanban.documents.readers.apart import taken_here
from vanban.documents.readers.pdf import READER
from vanban.documents.readers.reader import Taken
from vanban.errors import UserError
from vanban.reading.breaks import soft_breaks

LINES: Final = [
    "Ngày 12 tháng 7, Chủ tịch Ủy ban nhân dân huyện Đông Lĩnh Trần Quốc Bảo đã kiểm",
    "tra việc phòng, chống lụt bão tại ba xã ven sông. Đến 17 giờ, toàn huyện có 1.245",
    "hộ dân phải di dời.",
]


def read(data: bytes) -> Taken:
    return taken_here(READER, data)


def made_by_hand(objects: list[bytes]) -> bytes:
    """Return a PDF of objects 1, 2, …, of which the first is the catalog."""
    data = b"%PDF-1.4\n"
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(data))
    return data + b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + table + trailer


def test_pages_keep_their_lines() -> None:
    assert read(pdf_of(LINES, [], ["Trang ba"])) == Taken(["\n".join(LINES), "", "Trang ba"], has_pages=True)


def test_lines_that_a_page_broke_are_known_as_such() -> None:
    wide = LINES[:2] * 4 + LINES[2:]
    text = read(pdf_of(wide)).pages[0]
    assert soft_breaks(text.split("\n")) == [True] * 8


def test_columns_are_read_one_after_the_other() -> None:
    left, right = ["Sở Y tế tỉnh Bình Lâm", "cho biết đã có 46 ca"], ["Giám đốc Sở Lê Thị Hạnh", "yêu cầu trực 24 giờ"]

    def draw(canvas: Any) -> None:
        for i in range(2):  # as some programs write: line by line over both columns
            lines_at(canvas, [left[i]], y=TOP - 15 * i)
            lines_at(canvas, [right[i]], x=320, y=TOP - 15 * i)

    assert read(drawn([draw])).pages == ["\n".join(left + right)]


def test_ruled_tables_are_read_by_rows() -> None:
    rows = [["Xã", "Số hộ", "Số nhà"], ["An Thịnh", "312", "87"], ["Vân Hà", "1.045", "203"]]

    def draw(canvas: Any) -> None:
        lines_at(canvas, ["Bảng 1"], y=TOP + 30)
        for column in range(3):
            lines_at(canvas, [row[column] for row in rows], x=LEFT + 120 * column)
        canvas.grid([55 + 120 * i for i in range(4)], [TOP + 12 - 15 * i for i in range(4)])
        lines_at(canvas, ["Hết bảng"], y=TOP - 80)

    table = ["\t".join(row) for row in rows]
    assert read(drawn([draw])).pages == ["\n".join(["Bảng 1", *table, "Hết bảng"])]


def test_letters_that_are_drawn_alone_are_words() -> None:
    def draw(canvas: Any) -> None:
        x = LEFT
        for letter in LINES[0]:
            canvas.drawString(x, TOP, letter)
            x += canvas.stringWidth(letter, FONT, 10)

    assert read(drawn([draw])).pages == [LINES[0]]


def test_a_scan_is_named_with_what_to_do() -> None:
    def draw(canvas: Any) -> None:
        canvas.rect(50, 50, 400, 600, fill=1)

    with pytest.raises(UserError) as error:
        read(drawn([draw, draw]))
    assert str(error.value) == (
        "found a PDF file without text on any of its pages (2), so a scan; have its text read by OCR first: "
        "ocrmypdf -l vie FILE OUT.pdf"
    )
    assert read(drawn([draw, lambda canvas: lines_at(canvas, LINES)])).pages == ["", "\n".join(LINES)]


def test_fonts_that_say_nothing_are_named() -> None:
    font = (
        b"<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H /DescendantFonts [<< /Type /Font /Subtype "
        b"/CIDFontType2 /BaseFont /X /DW 600 /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> "
        b"/FontDescriptor << /Type /FontDescriptor /FontName /X /Flags 4 >> >>] >>"
    )
    stream = b"BT /F1 12 Tf 50 700 Td <004100420043> Tj ET"
    data = made_by_hand(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R "
            b"/Resources << /Font << /F1 5 0 R >> >> >>",
            b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
            font,
        ]
    )
    with pytest.raises(UserError, match="whose fonts don't say which letters they show; have its text read by OCR"):
        read(data)


def test_locked_files_and_those_that_only_forbid() -> None:
    from reportlab.lib.pdfencrypt import StandardEncryption

    with pytest.raises(UserError, match=r"^found a PDF file that is locked by a password; save it without one: qpdf"):
        read(pdf_of(LINES, encrypt=StandardEncryption("bí mật", strength=128)))
    open_to_all = StandardEncryption("", "owner", canPrint=0, canCopy=0, strength=128)
    assert read(pdf_of(LINES, encrypt=open_to_all)).pages == ["\n".join(LINES)]


def test_a_file_that_is_cut_off_or_damaged() -> None:
    data = pdf_of(LINES)
    with pytest.raises(UserError, match="without an end: it is cut off, copy it again"):
        read(data[: len(data) // 2])
    with pytest.raises(UserError, match=r"can't be read as a PDF file: .*; it is cut off or damaged, copy it again"):
        read(b"%PDF-1.4\nnothing\n%%EOF")


def test_a_file_without_pages_is_no_scan() -> None:
    with pytest.raises(UserError, match="without pages: it is damaged"):
        read(made_by_hand([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [] /Count 0 >>"]))


def test_without_the_package_its_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pdfminer", None)
    with pytest.raises(UserError, match=r"^a PDF file needs pdfminer: pip install 'vanban\[files\]'$"):
        read(pdf_of(LINES))


def test_too_many_pages_are_refused() -> None:
    pages = 5_001
    kids = b" ".join(b"%d 0 R" % (number + 3) for number in range(pages))
    data = made_by_hand(
        [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, pages)]
        + [b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] >>"] * pages
    )
    with pytest.raises(UserError, match="more than 5,000 pages; split it first"):
        read(data)


def test_the_start_may_stand_behind_something_else() -> None:
    assert READER.begins is not None
    assert READER.begins(b"\r\n%PDF-1.7\n") and not READER.begins(b"100 %PDF-1.7") and not READER.begins(b"")
    assert read(io.BytesIO(b"\r\n" + pdf_of(LINES)).getvalue()).pages == ["\n".join(LINES)]

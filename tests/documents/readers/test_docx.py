"""Word documents that python-docx makes, and those that no honest program does."""

from __future__ import annotations

import io
import sys
import zipfile
from collections.abc import Callable
from typing import Any, Final

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from vanban.documents.readers.apart import taken_here
from vanban.documents.readers.docx import READER
from vanban.documents.readers.reader import Taken
from vanban.errors import UserError

BODY: Final = "Chủ tịch UBND huyện Đông Lĩnh yêu cầu các xã báo cáo."


def saved(document: Any) -> bytes:
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def read(document: Any) -> Taken:
    return taken_here(READER, saved(document))


def with_part(data: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """Return a zipped file with one of its files changed."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            content = old.read(info)
            new.writestr(info.filename, change(content) if info.filename == name else content)
    return file.getvalue()


def test_paragraphs_stay_in_their_order() -> None:
    document = docx.Document()
    document.add_heading("CÔNG ĐIỆN", 1)
    document.add_paragraph()
    paragraph = document.add_paragraph("Ngày 12\u00a0tháng 7,")
    paragraph.add_run(" huyện").bold = True
    paragraph.add_run("\tĐông Lĩnh\nhọp.")
    assert read(document) == Taken(["CÔNG ĐIỆN\n\nNgày 12\u00a0tháng 7, huyện\tĐông Lĩnh\nhọp."])
    assert read(docx.Document()) == Taken([""])


def test_nothing_is_normalised() -> None:
    document = docx.Document()
    document.add_paragraph("Ha\u0300 No\u0302\u0323i 😀")
    assert read(document).pages == ["Ha\u0300 No\u0302\u0323i 😀"]


def test_a_table_is_read_by_rows_or_cell_by_cell() -> None:
    document = docx.Document()
    head = document.add_table(1, 2)
    head.cell(0, 0).text = "UBND TỈNH BÌNH LÂM\nSỞ Y TẾ"
    head.cell(0, 1).text = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
    document.add_paragraph(BODY)
    table = document.add_table(3, 3)
    for i, cell in enumerate(["Xã", "Số hộ", "Số nhà", "An Thịnh", "312", "", "Tổng", "", ""]):
        table.cell(i // 3, i % 3).text = cell
    table.cell(2, 1).merge(table.cell(2, 2)).text = "1.357"
    inner = table.cell(1, 2).add_table(1, 2)
    inner.cell(0, 0).text, inner.cell(0, 1).text = "87", "ngập"
    assert read(document).pages[0].split("\n") == [
        "UBND TỈNH BÌNH LÂM", "SỞ Y TẾ", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", BODY,
        "Xã\tSố hộ\tSố nhà", "An Thịnh\t312\t87\tngập", "Tổng\t1.357",
    ]  # fmt: skip


def test_headers_come_first_and_footers_last() -> None:
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "Công báo số 14"
    document.sections[0].footer.paragraphs[0].text = "Trang 1"
    document.add_paragraph("Một")
    document.add_section()  # has the header of the one before
    other = document.add_section()
    other.header.is_linked_to_previous = False
    other.header.paragraphs[0].text = "Phụ lục"
    other.footer.is_linked_to_previous = False
    other.footer.paragraphs[0].text = "2"  # the number of a page alone
    document.add_paragraph("Hai")
    assert read(document).pages[0].split("\n") == ["Công báo số 14", "Phụ lục", "Một", "", "", "Hai", "Trang 1"]


NOTES: Final = """<w:footnotes %s>
<w:footnote w:type="separator" w:id="-1"><w:p><w:r><w:t>---</w:t></w:r></w:p></w:footnote>
<w:footnote w:id="2"><w:p><w:r><w:t>Theo báo cáo của huyện.</w:t></w:r></w:p></w:footnote></w:footnotes>"""


def test_footnotes_stand_at_the_foot() -> None:
    from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part

    document = docx.Document()
    paragraph = document.add_paragraph("Có 312 hộ")
    paragraph.add_run()._r.append(parse_xml(f'<w:footnoteReference {nsdecls("w")} w:id="2"/>'))
    paragraph.add_run(" di dời.")
    uri, xml = PackURI("/word/footnotes.xml"), (NOTES % nsdecls("w")).encode()
    part = Part(uri, CONTENT_TYPE.WML_FOOTNOTES, xml, document.part.package)
    document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)
    document.add_paragraph("Hết.")
    assert read(document).pages[0].split("\n") == ["Có 312 hộ di dời.", "Hết.", "Theo báo cáo của huyện."]


ODD: Final = """<w:p %s xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"
 xmlns:v="urn:schemas-microsoft-com:vml">
<w:ins><w:r><w:t>thêm </w:t></w:r></w:ins><w:del><w:r><w:delText>bớt</w:delText></w:r></w:del>
<w:sdt><w:sdtContent><w:r><w:t xml:space="preserve">ô </w:t></w:r></w:sdtContent></w:sdt>
<w:hyperlink><w:r><w:t>liên kết</w:t></w:r></w:hyperlink>
<w:r><w:rPr><w:vanish/></w:rPr><w:t>ẩn</w:t></w:r><w:r><w:instrText>PAGE</w:instrText></w:r>
<w:r><w:noBreakHyphen/><w:t>x</w:t></w:r>
<w:r><mc:AlternateContent><mc:Choice><w:drawing><w:txbxContent><w:p><w:r><w:t>trong khung</w:t></w:r></w:p>
</w:txbxContent></w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox><w:txbxContent>
<w:p><w:r><w:t>trong khung</w:t></w:r></w:p></w:txbxContent></v:textbox></w:pict></mc:Fallback>
</mc:AlternateContent></w:r></w:p>"""


def test_what_shows_is_text() -> None:
    document = docx.Document()
    body = document.element.body
    body.insert(0, parse_xml(ODD % nsdecls("w")))
    wrapped = f"<w:sdt {nsdecls('w')}><w:sdtContent><w:p><w:r><w:t>mục</w:t></w:r></w:p></w:sdtContent></w:sdt>"
    body.insert(1, parse_xml(wrapped))
    assert read(document).pages[0].split("\n") == ["thêm ô liên kết-x", "trong khung", "mục"]


def test_fonts_before_unicode_are_told_by_their_names() -> None:
    document = docx.Document()
    document.styles["Normal"].font.name = "VNI-Times"
    document.styles.add_style("Old", 1).font.name = ".VnTimeH"
    paragraph = document.add_paragraph("Haø N")
    paragraph.add_run("o")
    paragraph.add_run("äi")  # a vowel and its mark in two runs
    new = paragraph.add_run(" là Huế µ")
    new.font.name = "Times New Roman"
    document.add_paragraph("céng hßa", style="Old")
    assert read(document) == Taken(["Hà Nội là Huế µ\nCỘNG HÒA"], encoding="TCVN3 and VNI")
    assert taken_here(READER, saved(document), "utf-8") == Taken(["Haø Noäi là Huế µ\ncéng hßa"])


def test_other_zipped_files_are_named() -> None:
    for name, kind in (
        ("xl/workbook.xml", "found an Excel file, expected a Word document; save its sheets as CSV"),
        ("ppt/presentation.xml", "found a PowerPoint file, expected a Word document; save it as PDF"),
        ("content.xml", "found an OpenDocument file, expected a Word document; save it as .docx: soffice"),
        ("a.txt", "found a zip archive, expected a Word document; unpack it first: unzip FILE"),
    ):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr(name, "x")
        with pytest.raises(UserError, match=kind):
            taken_here(READER, file.getvalue())


def test_a_file_that_is_cut_off_or_damaged() -> None:
    whole = saved(docx.Document())
    with pytest.raises(
        UserError, match=r"^found a \.docx or another zipped file, cut off or damaged: File is not a zip"
    ):
        taken_here(READER, whole[: len(whole) // 2])
    with pytest.raises(UserError, match=r"^can't be read as a Word document: XMLSyntaxError: .* copy it again$"):
        taken_here(READER, with_part(whole, "word/document.xml", lambda xml: xml[: len(xml) // 2]))


def test_without_the_package_its_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "docx", None)
    with pytest.raises(UserError, match=r"^a Word document needs docx: pip install 'vanban\[files\]'$"):
        taken_here(READER, saved_before)


saved_before: Final = saved(docx.Document())


def test_a_bomb_of_zeros_is_not_unpacked() -> None:
    bomb = with_part(saved_before, "word/document.xml", lambda xml: xml + b" " * (60 << 20))
    with pytest.raises(UserError, match=r"that unpacks to 63,\d{3},\d{3} in \d+ files, expected at most 536,870,912"):
        taken_here(READER, bomb)


def test_a_bomb_of_entities_is_not_expanded() -> None:
    lines = '<!DOCTYPE a [<!ENTITY a0 "Hà Nội">'
    lines += "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 12)) + "]>"

    def bomb(xml: bytes) -> bytes:
        head, _, rest = xml.partition(b"?>")
        text = b"<w:p><w:r><w:t>&a11;</w:t></w:r></w:p><w:sectPr"
        return head + b"?>" + lines.encode() + rest.replace(b"<w:sectPr", text, 1)

    try:
        found = "".join(taken_here(READER, with_part(saved_before, "word/document.xml", bomb)).pages)
    except UserError as error:
        found = str(error)
    assert len(found) < 500 and "Hà Nội" * 2 not in found


def test_a_bomb_of_nested_tables_is_refused() -> None:
    depth = 5_000
    nest = b"<w:tbl><w:tr><w:tc>" * depth + b"</w:tc></w:tr></w:tbl>" * depth
    bomb = with_part(saved_before, "word/document.xml", lambda xml: xml.replace(b"<w:sectPr", nest + b"<w:sectPr", 1))
    with pytest.raises(UserError, match="a Word document"):
        taken_here(READER, bomb)


def test_templates_and_documents_with_macros_are_read_too() -> None:
    document = docx.Document()
    document.add_paragraph(BODY)
    main = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    macros = b"application/vnd.ms-word.document.macroEnabled.main+xml"
    data = with_part(saved(document), "[Content_Types].xml", lambda xml: xml.replace(main, macros))
    assert taken_here(READER, data).pages == [BODY]

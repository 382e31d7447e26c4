"""A folder with a document of each kind that `docs/files.md` speaks of: `python -m made_files FOLDER`."""

from __future__ import annotations

import io
import sys
from email.message import EmailMessage
from pathlib import Path
from typing import Final

from made_pdf import pdf_of
from project import write

REPORT: Final = (
    (
        "ỦY BAN NHÂN DÂN TỈNH BÌNH LÂM",
        "Số: 318/BC-UBND",
        "",
        "BÁO CÁO",
        "Về công tác khắc phục hậu quả mưa lũ",
        "",
        "Thực hiện Công điện số 12/CĐ-TTg ngày 03/9/2024, tỉnh Bình Lâm đã di dời 1.245",
        "hộ dân ở huyện Sơn Thủy và thị xã An Phong đến nơi an toàn; trong đó, huyện Sơn",
        "Thủy có 871 hộ dân. Toàn tỉnh có 36 ngôi nhà bị sập.",
    ),
    ("Chủ tịch UBND tỉnh Nguyễn Văn Thái",),
)
# "Phó Giám đốc Sở Y tế tỉnh Bình Lâm Lê Thị Hạnh cho biết toàn tỉnh có 46 ca mắc mới."
OLD: Final = "Phã Gi¸m ®èc Së Y tÕ tØnh B×nh L©m Lª ThÞ H¹nh cho biÕt toµn tØnh cã 46 ca m¾c míi."


def directive() -> bytes:
    """Return a .docx whose head stands in a table of two columns, as heads of acts do."""
    from docx import Document

    document = Document()
    head = document.add_table(rows=1, cols=2).rows[0].cells
    head[0].text = "UBND HUYỆN SƠN THỦY\nSố: 07/CT-UBND"
    head[1].text = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc"
    document.add_paragraph("CHỈ THỊ")
    document.add_paragraph("Về việc phòng, chống dịch bệnh trên đàn gia súc")
    document.add_paragraph(
        "Căn cứ Luật Thú y số 79/2015/QH13, Chủ tịch UBND huyện Sơn Thủy yêu cầu xã Hòa Bắc và xã Hòa Nam tiêm phòng"
        " cho 2.300 con bò trước ngày 30/11/2024."
    )
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def mail() -> bytes:
    """Return an .eml with a text and a picture."""
    message = EmailMessage()
    message["From"], message["To"] = "Văn thư <vanthu@binhlam.example>", "phongyte@sonthuy.example"
    message["Date"], message["Subject"] = "Mon, 04 Nov 2024 08:30:00 +0700", "Giấy mời họp"
    message.set_content("Kính mời đại diện UBND huyện Sơn Thủy dự họp theo Công văn số 521/UBND-VX ngày 01/11/2024.\n")
    message.add_attachment(b"\x89PNG\r\n\x1a\n", maintype="image", subtype="png", filename="so-do.png")
    return message.as_bytes()


def write_files(folder: Path) -> None:
    """Write the five documents; one of them is a scan, whose page has no text."""
    write(str(folder / "bao-cao.pdf"), pdf_of(*REPORT))
    write(str(folder / "chi-thi.docx"), directive())
    write(str(folder / "cu.txt"), OLD.encode("latin-1"))
    write(str(folder / "moi-hop.eml"), mail())
    write(str(folder / "quet.pdf"), pdf_of(()))


if __name__ == "__main__":
    write_files(Path(sys.argv[1]))

"""Which package takes the text out of a PDF best: eleven made pages, each with the text as a person reads it.

Printed for each: the share of the words that stand in their order (difflib), the share of the lines that came out as
they stand on the page, and the time of a page; for pypdf and pdfplumber where they are installed.
`python tests/benchmarks/pdf_readers.py`
"""

from __future__ import annotations

import difflib
import importlib.util
import io
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).parent.parent))

from made_pdf import BOLD, FONT, LEADING, LEFT, SIZE, TOP, Draw, drawn, lines_at
from vanban.documents.readers.pdf import READER

BODY: Final = [
    "Ngày 12 tháng 7, Chủ tịch Ủy ban nhân dân huyện Đông Lĩnh Trần Quốc Bảo đã kiểm",
    "tra việc phòng, chống lụt bão tại ba xã ven sông. Đến 17 giờ, toàn huyện có 1.245",
    "hộ dân phải di dời, trong đó xã An Thịnh có 312 hộ. Theo Công điện số 08/CĐ-UBND,",
    "các trường học nghỉ từ ngày 13 tháng 7 cho đến khi nước rút.",
]
LEFT_COLUMN: Final = [
    "Sáng nay, lãnh đạo Sở Y tế tỉnh",
    "Bình Lâm cho biết đã có 46 ca",
    "mắc mới được ghi nhận tại thị",
    "trấn Vân Hà và hai xã lân cận.",
]
RIGHT_COLUMN: Final = [
    "Giám đốc Sở Lê Thị Hạnh yêu",
    "cầu các trạm y tế trực 24 giờ",
    "theo Chỉ thị số 05/CT-UBND, và",
    "báo cáo trước 16 giờ hằng ngày.",
]
HEAD_LEFT: Final = ["UBND TỈNH BÌNH LÂM", "SỞ Y TẾ", "Số: 214/SYT-NVY"]
HEAD_RIGHT: Final = ["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc"]
CELLS: Final = [
    ["Xã", "Số hộ", "Số nhà bị ngập"],
    ["An Thịnh", "312", "87"],
    ["Vân Hà", "1.045", "203"],
    ["Phú Mỹ", "98", "4"],
]


def _two_columns_by_column(canvas: Any) -> None:
    lines_at(canvas, LEFT_COLUMN)
    lines_at(canvas, RIGHT_COLUMN, x=320)


def _two_columns_by_line(canvas: Any) -> None:
    for i, (left, right) in enumerate(zip(LEFT_COLUMN, RIGHT_COLUMN, strict=True)):
        canvas.drawString(LEFT, TOP - i * LEADING, left)
        canvas.drawString(320, TOP - i * LEADING, right)


def _head(canvas: Any) -> None:
    lines_at(canvas, HEAD_LEFT)
    lines_at(canvas, HEAD_RIGHT, x=300)
    lines_at(canvas, BODY, y=TOP - 5 * LEADING)


def _table(canvas: Any) -> None:
    for row, cells in enumerate(CELLS):
        for column, cell in enumerate(cells):
            canvas.drawString(LEFT + 120 * column, TOP - 20 * row, cell)
    canvas.grid([55 + 120 * i for i in range(4)], [TOP + 14 - 20 * i for i in range(5)])


def _running_head(canvas: Any) -> None:
    canvas.drawString(LEFT, 810, "CÔNG BÁO/Số 14/Ngày 12-7")
    lines_at(canvas, BODY)
    canvas.drawString(290, 40, "3")


def _word_by_word(canvas: Any) -> None:
    for i, line in enumerate(BODY):
        x = LEFT
        for word in line.split():
            canvas.drawString(x, TOP - i * LEADING, word)
            x += canvas.stringWidth(word + " ", FONT, SIZE)


def _letter_by_letter(canvas: Any) -> None:
    for i, line in enumerate(BODY):
        x = LEFT
        for letter in line:
            if letter != " ":
                canvas.drawString(x, TOP - i * LEADING, letter)
            x += canvas.stringWidth(letter, FONT, SIZE)


def _bold_within_lines(canvas: Any) -> None:
    for i, line in enumerate(BODY):
        text = canvas.beginText(LEFT, TOP - i * LEADING)
        for number, word in enumerate(line.split()):
            text.setFont(BOLD if number % 3 == 1 else FONT, SIZE)
            text.textOut(word + " ")
        canvas.drawText(text)


def _footnote(canvas: Any) -> None:
    lines_at(canvas, BODY[:2])
    canvas.setFont(FONT, 6)
    canvas.drawString(LEFT + 450, TOP + 4, "1")
    canvas.setFont(FONT, 8)
    canvas.drawString(LEFT, 80, "1 Theo báo cáo của Ban Chỉ huy phòng thủ dân sự huyện.")


def _spread(canvas: Any) -> None:
    for i, line in enumerate(BODY):
        canvas.drawString(LEFT, TOP - i * LEADING, line, charSpace=0.4, wordSpace=1.5)


PAGES: Final[dict[str, tuple[Draw, list[str]]]] = {
    "one column": (lambda canvas: lines_at(canvas, BODY), BODY),
    "two columns, drawn one after the other": (_two_columns_by_column, LEFT_COLUMN + RIGHT_COLUMN),
    "two columns, drawn line by line": (_two_columns_by_line, LEFT_COLUMN + RIGHT_COLUMN),
    "head of an act, body": (_head, HEAD_LEFT + HEAD_RIGHT + BODY),
    "table with lines": (_table, [" ".join(cells) for cells in CELLS]),
    "running head and number": (_running_head, ["CÔNG BÁO/Số 14/Ngày 12-7", *BODY, "3"]),
    "word by word": (_word_by_word, BODY),
    "letter by letter": (_letter_by_letter, BODY),
    "bold within lines": (_bold_within_lines, BODY),
    "footnote": (_footnote, [*BODY[:2], "1 Theo báo cáo của Ban Chỉ huy phòng thủ dân sự huyện."]),
    "spread letters": (_spread, BODY),
}


def pypdf_plain(data: bytes) -> list[str]:
    """Return the pages in the order in which they were drawn."""
    from pypdf import PdfReader

    return [page.extract_text() for page in PdfReader(io.BytesIO(data)).pages]


def pypdf_layout(data: bytes) -> list[str]:
    """Return the pages as they look, with runs of blanks."""
    from pypdf import PdfReader

    return [page.extract_text(extraction_mode="layout") for page in PdfReader(io.BytesIO(data)).pages]


def pdfplumber_plain(data: bytes) -> list[str]:
    """Return the pages line by line, from the left edge to the right one."""
    import pdfplumber

    with pdfplumber.open(io.BytesIO(data)) as pdf:
        return [page.extract_text() for page in pdf.pages]


def pdfplumber_flow(data: bytes) -> list[str]:
    """Return the pages in the order in which they were drawn."""
    import pdfplumber

    with pdfplumber.open(io.BytesIO(data)) as pdf:
        return [page.extract_text(use_text_flow=True) for page in pdf.pages]


def pdfminer(data: bytes) -> list[str]:
    """Return the pages by boxes of lines, as pdfminer.six finds them, on which pdfplumber is built."""
    from pdfminer.high_level import extract_text

    return extract_text(io.BytesIO(data)).split("\f")[:-1]


def ours(data: bytes) -> list[str]:
    """Return the pages by vanban's reader: those of pdfminer.six, ruled tables by row."""
    return [*READER.read(data, None).pages]


READERS: Final[dict[str, Callable[[bytes], list[str]]]] = {
    "pypdf": pypdf_plain,
    "pypdf, layout": pypdf_layout,
    "pdfplumber": pdfplumber_plain,
    "pdfplumber, flow": pdfplumber_flow,
    "pdfminer.six": pdfminer,
    "vanban": ours,
}


def words_in_order(found: str, expected: Sequence[str]) -> float:
    """Return the share of words that stand in the order of reading, of both sides."""
    return difflib.SequenceMatcher(None, found.split(), " ".join(expected).split(), autojunk=False).ratio()


def lines_kept(found: str, expected: Sequence[str]) -> float:
    """Return the share of the lines of a page that came out whole."""
    lines = {" ".join(line.split()) for line in found.splitlines()}
    return sum(line in lines for line in expected) / len(expected)


def main() -> None:
    """Print a table."""
    for package in ("pypdf", "pdfplumber"):
        if importlib.util.find_spec(package) is None:
            print(f"without {package}: it is not installed")
            for name in [name for name in READERS if name.startswith(package)]:
                del READERS[name]
    print(f"{'':40}" + "".join(f"{name:>18}" for name in READERS))
    totals: dict[str, list[tuple[float, float]]] = {name: [] for name in READERS}
    for page, (draw, expected) in PAGES.items():
        data = drawn([draw])
        cells = ""
        for name, read in READERS.items():
            text = "\n".join(read(data))
            scores = words_in_order(text, expected), lines_kept(text, expected)
            totals[name].append(scores)
            cells += f"{scores[0]:11.2f} {scores[1]:6.2f}"
        print(f"{page:40}{cells}")
    means = [[sum(column) / len(rows) for column in zip(*rows, strict=True)] for rows in totals.values()]
    print(f"{'mean: words in order, lines kept':40}" + "".join(f"{a:11.2f} {b:6.2f}" for a, b in means))
    full = drawn([lambda canvas: lines_at(canvas, BODY * 11)] * 20)
    cells = ""
    for read in READERS.values():
        start = time.perf_counter()
        read(full)
        cells += f"{(time.perf_counter() - start) / 20 * 1000:15.1f} ms"
    print(f"{'a full page':40}{cells}")


if __name__ == "__main__":
    main()

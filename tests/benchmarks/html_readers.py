"""Whether the main text of a page is found: made pages of newspapers and portals, each with the text that is its own.

Printed for each: the share of its words that were found, and the share of the words found that are its own; for
vanban's reader, all the text of the page, and trafilatura where it is installed (it needs `tld`, which is under the
MPL, the GPL or the LGPL, and is no dependency of vanban). `python tests/benchmarks/html_readers.py`
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Final

from vanban.documents.readers.html import READER

PARAGRAPHS: Final = [
    "Chiều 12 tháng 7, Chủ tịch Ủy ban nhân dân huyện Đông Lĩnh Trần Quốc Bảo đã kiểm tra việc phòng, chống lụt bão "
    "tại ba xã ven sông.",
    "Đến 17 giờ, toàn huyện có 1.245 hộ dân phải di dời, trong đó xã An Thịnh có 312 hộ.",
    "Theo Công điện số 08/CĐ-UBND, các trường học nghỉ từ ngày 13 tháng 7 cho đến khi nước rút.",
    "“Không để người dân nào bị đói, bị rét”, ông Bảo yêu cầu lãnh đạo các xã.",
]
TITLE: Final = "Huyện Đông Lĩnh di dời hơn một nghìn hộ dân"
NAV: Final = "".join(f"<li><a href=/{i}>{name}</a></li>" for i, name in enumerate(
    ["Trang chủ", "Thời sự", "Kinh tế", "Pháp luật", "Giáo dục", "Sức khỏe", "Thể thao", "Du lịch"]))  # fmt: skip
OTHERS: Final = "".join(f"<li><a href=/n{i}>{name}</a></li>" for i, name in enumerate(
    ["Bình Lâm công bố kết quả thi vào lớp 10", "Khởi công cầu Vân Hà qua sông Lĩnh", "Giá lúa hè thu tăng nhẹ",
     "Thêm hai tuyến xe buýt từ thị trấn Phú Mỹ"]))  # fmt: skip
FOOT: Final = "<p>Cơ quan chủ quản: Sở Thông tin tỉnh Bình Lâm. Giấy phép số 15/GP-STTTT. Điện thoại: 0299 888 777</p>"
COMMENTS: Final = "<p>Nguyễn Hòa: Mong bà con bình an.</p><p>Lan Chi: Nước lên nhanh quá.</p>"
BODY: Final = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
HEAD: Final = (
    "<table><tr><td><b>ỦY BAN NHÂN DÂN<br>HUYỆN ĐÔNG LĨNH</b><br>Số: 08/CĐ-UBND</td><td><b>CỘNG HÒA XÃ HỘI CHỦ NGHĨA "
    "VIỆT NAM<br>Độc lập - Tự do - Hạnh phúc</b><br><i>Đông Lĩnh, ngày 12 tháng 7 năm 2024</i></td></tr></table>"
)
HEAD_TEXT: Final = (
    "ỦY BAN NHÂN DÂN HUYỆN ĐÔNG LĨNH Số: 08/CĐ-UBND CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM Độc lập - Tự do - Hạnh phúc "
    "Đông Lĩnh, ngày 12 tháng 7 năm 2024"
)
ROWS: Final = [
    ("Xã", "Số hộ", "Số nhà ngập"),
    ("An Thịnh", "312", "87"),
    ("Vân Hà", "1.045", "203"),
    ("Phú Mỹ", "98", "4"),
]
TABLE: Final = (
    f"<table border=1>{''.join('<tr>' + ''.join(f'<td>{cell}</td>' for cell in row) + '</tr>' for row in ROWS)}</table>"
)
TABLE_TEXT: Final = " ".join(cell for row in ROWS for cell in row)
FOOT_OF_ACT: Final = (
    "<table><tr><td><i>Nơi nhận:</i><br>- Các xã, thị trấn;<br>- Lưu: VT.</td>"
    "<td>CHỦ TỊCH<br>Trần Quốc Bảo</td></tr></table>"
)
FOOT_OF_ACT_TEXT: Final = "Nơi nhận: - Các xã, thị trấn; - Lưu: VT. CHỦ TỊCH Trần Quốc Bảo"
PROSE: Final = " ".join(PARAGRAPHS)

PAGES: Final[dict[str, tuple[str, str]]] = {
    "article, nav, aside, footer": (
        f"<header><nav><ul>{NAV}</ul></nav></header><main><article><h1>{TITLE}</h1>{BODY}</article></main>"
        f"<aside><h3>Tin khác</h3><ul>{OTHERS}</ul></aside><footer>{FOOT}</footer>",
        f"{TITLE} {PROSE}",
    ),
    "divs with classes": (
        f"<div class=top-menu><ul>{NAV}</ul></div><div class=wrap><h1>{TITLE}</h1><div class=content>{BODY}</div>"
        f"<div class=related-news><ul>{OTHERS}</ul></div><div class=comments>{COMMENTS}</div></div>"
        f"<div id=footer>{FOOT}</div>",
        f"{TITLE} {PROSE}",
    ),
    "divs without a name": (
        f"<div><div><ul>{NAV}</ul></div></div><div><div><h1>{TITLE}</h1><div>{BODY}</div></div><div><ul>{OTHERS}</ul></div>"
        "</div>",
        f"{TITLE} {PROSE}",
    ),
    "laid out by tables": (
        f"<table><tr><td colspan=2><ul>{NAV}</ul></td></tr><tr><td><ul>{OTHERS}</ul></td>"
        f"<td><h1>{TITLE}</h1>{BODY}</td></tr><tr><td colspan=2 class=footer>{FOOT}</td></tr></table>",
        f"{TITLE} {PROSE}",
    ),
    "act of a portal": (
        f"<div id=menu><ul>{NAV}</ul></div><div id=toanvan>{HEAD}<p><b>CÔNG ĐIỆN</b></p>{BODY}{FOOT_OF_ACT}</div>"
        f"<div class=footer>{FOOT}</div>",
        f"{HEAD_TEXT} CÔNG ĐIỆN {PROSE} {FOOT_OF_ACT_TEXT}",
    ),
    "report with a table": (
        f"<div class=nav><ul>{NAV}</ul></div><article><h1>{TITLE}</h1><p>{PARAGRAPHS[1]}</p>{TABLE}"
        f"<p>{PARAGRAPHS[2]}</p></article>",
        f"{TITLE} {PARAGRAPHS[1]} {TABLE_TEXT} {PARAGRAPHS[2]}",
    ),
    "saved by Word, lines in spans": (
        "<div class=WordSection1>"
        + "".join(f"<p class=MsoNormal><span>{p}<o:p></o:p></span></p>" for p in PARAGRAPHS)
        + "</div>",
        PROSE,
    ),
    "no paragraphs, br": (f"{TITLE}<br><br>{'<br>'.join(PARAGRAPHS)}", f"{TITLE} {PROSE}"),
    "a list of points": (
        f"<nav><ul>{NAV}</ul></nav><div><h1>{TITLE}</h1><ol>{''.join(f'<li>{p}</li>' for p in PARAGRAPHS)}</ol></div>",
        f"{TITLE} {PROSE}",
    ),
    "short notice": (
        f"<ul class=menu>{NAV}</ul><h1>Thông báo</h1><p>{PARAGRAPHS[1]}</p>",
        f"Thông báo {PARAGRAPHS[1]}",
    ),
}


def page(body: str) -> str:
    """Return a page with this body."""
    head = f"<head><meta charset=utf-8><title>{TITLE}</title></head>"
    return f"<!DOCTYPE html><html lang=vi>{head}<body>{body}</body></html>"


def ours(source: str) -> str:
    """Return the main text by vanban's reader."""
    return "\n".join(READER.read(source.encode(), None).pages)


def all_text(source: str) -> str:
    """Return all the text of a page, by selectolax."""
    from selectolax.lexbor import LexborHTMLParser

    body = LexborHTMLParser(source).body
    return body.text(separator=" ") if body else ""


def by_trafilatura(source: str) -> str:
    """Return the main text by trafilatura, told to leave nothing out that may be main."""
    import trafilatura

    return trafilatura.extract(source, favor_recall=True, include_comments=False, include_tables=True) or ""


def found_and_own(found: str, expected: str) -> tuple[float, float]:
    """Return which share of the expected words were found, and which of those found were expected."""
    a, b = Counter(found.split()), Counter(expected.split())
    both = (a & b).total()
    return both / b.total(), both / max(1, a.total())


def main() -> None:
    """Print a table."""
    readers: dict[str, Callable[[str], str]] = {"vanban": ours, "all text": all_text}
    try:
        import trafilatura  # noqa: F401

        readers["trafilatura"] = by_trafilatura
    except ImportError as error:
        print(f"without trafilatura: {error}")
    print(f"{'':32}" + "".join(f"{name:>16}" for name in readers))
    sums = {name: [0.0, 0.0] for name in readers}
    for name, (body, expected) in PAGES.items():
        cells = ""
        for reader, read in readers.items():
            scores = found_and_own(read(page(body)), expected)
            sums[reader] = [total + score for total, score in zip(sums[reader], scores, strict=True)]
            cells += f"{scores[0]:9.2f} {scores[1]:6.2f}"
        print(f"{name:32}{cells}")
    print(f"{'mean':32}" + "".join(f"{a / len(PAGES):9.2f} {b / len(PAGES):6.2f}" for a, b in sums.values()))


if __name__ == "__main__":
    main()

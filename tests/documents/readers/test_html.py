from __future__ import annotations

import sys
from typing import Final

import pytest

from vanban.documents.readers.apart import taken_here
from vanban.documents.readers.html import READER
from vanban.documents.readers.reader import Encoding, Taken
from vanban.errors import UserError

TITLE: Final = "Huyện Đông Lĩnh di dời hơn một nghìn hộ dân"
BODY: Final = [
    "Chiều 12 tháng 7, Chủ tịch Ủy ban nhân dân huyện Đông Lĩnh Trần Quốc Bảo đã kiểm tra việc chống bão tại ba xã.",
    "Đến 17 giờ, toàn huyện có 1.245 hộ dân phải di dời, trong đó xã An Thịnh có 312 hộ.",
]
LINKS: Final = "".join(f"<li><a href=/{i}>Mục số {i} của trang</a></li>" for i in range(8))
PARAGRAPHS: Final = "".join(f"<p>{paragraph}</p>" for paragraph in BODY)
WHOLE: Final = [TITLE, *BODY]


def read(page: str | bytes, encoding: Encoding | None = None) -> list[str]:
    return taken_here(READER, page if isinstance(page, bytes) else page.encode(), encoding).pages[0].split("\n")


@pytest.mark.parametrize(
    "page",
    [
        f"<nav>{LINKS}</nav><main><h1>{TITLE}</h1>{PARAGRAPHS}</main><aside>Tin khác</aside><footer>Liên hệ</footer>",
        f"<div class=top-menu><ul>{LINKS}</ul></div><div><h1>{TITLE}</h1><div>{PARAGRAPHS}</div></div>"
        "<div class='comments box'><p>Hay quá</p></div><div id=footer><p>Giấy phép số 15</p></div>",
        f"<div><ul>{LINKS}</ul></div><div><h1>{TITLE}</h1><div>{PARAGRAPHS}</div></div><ul>{LINKS}</ul>",
        f"<table><tr><td><ul>{LINKS}</ul></td><td><h1>{TITLE}</h1>{PARAGRAPHS}</td></tr></table>",
        f"<script>var a = '<p>x</p>'</script><style>p {{}}</style><h1>{TITLE}</h1>{PARAGRAPHS}<p hidden>ẩn</p>",
    ],
)
def test_the_main_text_is_found(page: str) -> None:
    assert read(f"<!DOCTYPE html><html><head><title>Báo</title></head><body>{page}</body></html>") == WHOLE


def test_lines_are_those_of_a_browser() -> None:
    page = (
        "<p>Số:\n  17/<b>CT</b>-UBND<br>Hà&nbsp;Nội</p><ul><li>một<li>hai</ul><pre>a  b\n c</pre>x<div>y</div>"
        "<p>Ha&#768; <span>Nội</span>,huyện</p>"
    )
    assert read(page) == ["Số: 17/CT-UBND", "Hà\xa0Nội", "một", "hai", "a  b", " c", "x", "y", "Ha\u0300 Nội,huyện"]


def test_tables_are_read_by_rows_or_cell_by_cell() -> None:
    rows = "<tr><th>Xã<th>Số hộ<tr><td>An Thịnh<td>312<tr><td>Cả <td><table><tr><td>1<td>2</table>"
    head = "<table><tr><td>UBND HUYỆN<br>Số: 8/CĐ<td>CỘNG HÒA</table>"
    assert read(f"{head}<p>{BODY[0]}</p><table>{rows}</table>") == [
        "UBND HUYỆN", "Số: 8/CĐ", "CỘNG HÒA", BODY[0], "Xã\tSố hộ", "An Thịnh\t312", "Cả\t1\t2",
    ]  # fmt: skip


def test_encodings() -> None:
    assert taken_here(READER, "<p>Hà Nội</p>".encode("utf-16")) == Taken(["Hà Nội"], encoding="UTF-16")
    named = '<meta http-equiv=Content-Type content="text/html; charset=windows-1252"><p>Là bà</p>'.encode("cp1252")
    assert taken_here(READER, named) == Taken(["Là bà"], encoding="windows-1252")
    with pytest.raises(UserError, match="in no encoding that is known; name it with --encoding"):
        read("<p>Là bà".encode("latin-1"))
    assert read("<p>Hô\u0323i".encode("cp1258"), "windows-1258") == ["Hô\u0323i"]


@pytest.mark.parametrize("page", ["", "<html></html>", "<body><script>load()</script><nav>Mục</nav>", "<!-- a -->"])
def test_a_page_without_text_is_named(page: str) -> None:
    with pytest.raises(UserError, match="found HTML without text; a page that a script fills"):
        read(page)


def test_depth_and_length_are_no_bombs() -> None:
    assert read("<div>" * 5_000 + "Hà Nội") == ["Hà Nội"]
    assert read("<table><tr><td>" * 2_000 + "Hà Nội") == ["Hà Nội"]
    assert read("</td></tr></table>" * 1_000 + "<td>Hà<tr>Nội") == ["HàNội"]
    assert len(read("<p>a</p>" * 20_000)) == 20_000


def test_without_the_package_its_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "selectolax.lexbor", None)
    with pytest.raises(UserError, match=r"^HTML needs selectolax: pip install 'vanban\[files\]'$"):
        read("<p>a")

"""Pages of the web: their main text, by selectolax. Menus, side bars, comments and what stands around are left out.

What is main is told by the page's own elements (`main`, `article`, `nav`, `aside`), else by where the text stands that
is no link. `tests/benchmarks/html_readers.py` compares with trafilatura.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from vanban.documents.extras import optional
from vanban.documents.readers.cells import row_of
from vanban.documents.readers.charset import decoded
from vanban.documents.readers.reader import Encoding, Reader, Taken
from vanban.errors import UserError

_BEGINS: Final = re.compile(
    rb"(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
_CHARSET: Final = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([\w-]{1,40})""", re.IGNORECASE)
_NO_TEXT: Final = (
    "script, style, noscript, template, iframe, svg, canvas, object, select, button, input, textarea, head, nav, "
    "aside, dialog, [hidden], [aria-hidden=true], [role=navigation], [role=banner], [role=contentinfo], [role=search], "
    "[role=complementary]"
)
_AROUND: Final = re.compile(
    r"(?:^|[\s_-])(?:comments?|sidebar|breadcrumbs?|menu|nav|navbar|share|sharing|social|related|tags|footer|copyright|"
    r"advert\w*|ads?|banner|cookies?|popup|binh-?luan|lien-?quan|tin-?khac)(?:$|[\s_-])",
    re.IGNORECASE,
)
_MOST_OF_IT: Final = 0.8
_LINKS: Final = 0.6  # of the text of a list of links
_LEAST_LINKS: Final = 3
_HOLDERS: Final = frozenset(["div", "section", "article", "main", "center", "form", "table", "tbody", "tr", "td"])
_BLOCKS: Final = frozenset({
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "div", "dl", "dt",
    "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr",
    "html", "legend", "li", "main", "ol", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th",
    "thead", "tr", "ul",
})  # fmt: skip
_SPACE: Final = re.compile(r"[ \t\r\n\f]+")


def read(data: bytes, encoding: Encoding | None) -> Taken:
    """Return the main text of a page. Raises UserError for one without text."""
    parser = optional("selectolax.lexbor", "files", "HTML")
    found = decoded_page(data, encoding)
    if found is None:
        raise UserError("found HTML in no encoding that is known; name it with --encoding, or save it in UTF-8")
    source, name = found
    tree = parser.LexborHTMLParser(source.removeprefix("\ufeff"))
    root, left_out, heading = _main(tree)
    lines = [heading] * bool(heading) + _lines(root, left_out)
    if not any(line.strip() for line in lines):
        raise UserError("found HTML without text; a page that a script fills is saved by the browser, as PDF or text")
    return Taken(["\n".join(lines)], encoding=name)


def decoded_page(data: bytes, encoding: Encoding | None) -> tuple[str, str | None] | None:
    """Return the source of a page, by the encoding that it names where it is not in UTF-8."""
    found = decoded(data, encoding)
    if found is not None or encoding:
        return found
    named = _CHARSET.search(data[: 1 << 14])
    try:
        charset = named[1].decode("ascii").lower() if named else ""
        return (data.decode(charset, "replace"), charset) if charset and charset != "utf-8" else None
    except LookupError:
        return None


def _main(tree: Any) -> tuple[Any, set[int], str]:
    """Return the element that holds the main text, the ids of those in it that don't, and a heading that stands before.

    An element is told by how much text it has, in links and without.
    """
    for node in tree.css(_NO_TEXT):
        node.decompose()
    body = tree.body or tree.root
    prose, linked = _lengths(body)
    whole = prose[body.mem_id]
    around = {
        node.mem_id
        for node in body.css("[class], [id], header, footer, ul, ol, div, section, td")
        if prose[node.mem_id] < whole / 2 and _is_around(node, prose[node.mem_id], linked[node.mem_id])
    }
    own = [node for node in body.css("main, [role=main], article") if prose[node.mem_id] >= whole / 3]
    root = max(own, key=lambda node: prose[node.mem_id]) if own else body
    inner: Any = root
    while inner is not None:
        root = inner
        inner = next(
            (
                child
                for child in _children(root)
                if child.tag in _HOLDERS and prose[child.mem_id] >= _MOST_OF_IT * prose[root.mem_id] > 0
            ),
            None,
        )
    first = body.css_first("h1")
    heading = "" if first is None or root.css_first("h1") is not None else _SPACE.sub(" ", first.text()).strip()
    return root, around, heading


def _lengths(body: Any) -> tuple[Counter[int], Counter[int]]:
    """Return how many letters each element has outside of links, and in links."""
    prose: Counter[int] = Counter()
    linked: Counter[int] = Counter()
    order = list(body.traverse(include_text=True))
    for node in reversed(order):
        if node.is_text_node:
            prose[node.mem_id] = len("".join((node.text_content or "").split()))
        if node.tag == "a":
            linked[node.mem_id] += prose[node.mem_id]
            prose[node.mem_id] = 0
        if node.mem_id != body.mem_id:
            prose[node.parent.mem_id] += prose[node.mem_id]
            linked[node.parent.mem_id] += linked[node.mem_id]
    return prose, linked


def _is_around(node: Any, prose: int, linked: int) -> bool:
    """True of an element that stands around the main text, by its name or by its links."""
    names = f"{node.attributes.get('class') or ''} {node.attributes.get('id') or ''}"
    if (_AROUND.search(names) or node.tag in ("header", "footer")) and node.css_first("h1") is None:
        return True
    is_list = node.tag in ("ul", "ol", "div", "section", "td")
    return is_list and linked > _LINKS * (prose + linked) and len(node.css("a")) >= _LEAST_LINKS


def _lines(root: Any, left_out: set[int]) -> list[str]:
    """Return the text below an element as a browser breaks it in lines; blank ones are left out."""
    page = _Lines()
    ahead = [(root, False)]
    while ahead:
        node, is_left = ahead.pop()
        if is_left:
            page.leave(node.tag)
        elif node.is_text_node:
            page.add(node.text_content or "")
        elif node.is_element_node and node.mem_id not in left_out:
            page.enter(node.tag)
            ahead.append((node, True))
            ahead += [(child, False) for child in reversed(list(_children(node)))]
    while len(page.cells) > 1:
        page.leave("td")
    page.end_line()
    return page.cells[0]


class _Lines:
    """Lines of text as elements begin and end; those of cells are kept until their row ends."""

    def __init__(self) -> None:
        self.cells: list[list[str]] = [[]]  # of the page, and of each cell in which the text stands
        self._rows: list[list[list[str]]] = []
        self._line = ""
        self._pre = 0

    def add(self, text: str) -> None:
        """Add text to the line."""
        if self._pre:
            first, *others = text.split("\n")
            self._line += first
            for line in others:
                self.end_line()
                self._line = line
        else:
            self._line += _SPACE.sub(" ", text)

    def end_line(self) -> None:
        """End the line, where there is one."""
        line = self._line.rstrip() if self._pre else _SPACE.sub(" ", self._line).strip()
        if line.strip():
            self.cells[-1].append(line)
        self._line = ""

    def enter(self, tag: str) -> None:
        """Begin an element."""
        if tag in _BLOCKS or tag == "br":
            self.end_line()
        if tag == "pre":
            self._pre += 1
        elif tag == "tr":
            self._rows.append([])
            self.cells.append([])  # of what stands in a row and in no cell
        elif tag in ("td", "th"):
            self.cells.append([])

    def leave(self, tag: str) -> None:
        """End an element."""
        if tag in _BLOCKS:
            self.end_line()
        if tag == "pre":
            self._pre -= 1
        elif tag in ("td", "th") and len(self.cells) > 1:
            cell = self.cells.pop()
            if self._rows:
                self._rows[-1].append(cell)
            else:
                self.cells[-1] += cell
        elif tag == "tr" and self._rows:
            outside = self.cells.pop()
            self.cells[-1] += outside + row_of([cell for cell in self._rows.pop()])


def _children(node: Any) -> Iterator[Any]:
    child = node.child
    while child is not None:
        yield child
        child = child.next


READER: Final = Reader(
    "html",
    "HTML",
    (".html", ".htm", ".xhtml"),
    read,
    begins=lambda head: _BEGINS.match(head.removeprefix(b"\xef\xbb\xbf").lstrip()) is not None,
    is_named=True,
)

"""Word documents: headers, paragraphs, tables cell by cell, text boxes, foot- and endnotes, footers, in this order.

Deleted text, fields' codes and hidden text are none. A row of a table whose cells have one line each is one line with
tabs, another is its cells one below the other: the head of an act is such a table.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any, Final

from vanban.documents.extras import optional
from vanban.documents.readers.cells import row_of
from vanban.documents.readers.reader import DEEPEST, Encoding, Reader, Taken
from vanban.documents.readers.runs import Fonts
from vanban.errors import UserError

W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MC: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_R: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_NOTES: Final = ("footnotes", "endnotes")
_GONE: Final = frozenset(
    W + name for name in ("del", "moveFrom", "pPr", "rPr", "tblPr", "tcPr", "trPr", "sectPr", "instrText", "delText")
)
_MARKS: Final = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "softHyphen": "\xad"}
_RATIO: Final = 200
_SMALL: Final = 10 << 20  # bytes; what unpacks to less is no bomb, whatever its ratio
_MOST_BYTES: Final = 512 << 20
_MOST_FILES: Final = 20_000
_OTHERS: Final = (
    ("xl/", "an Excel file", "save its sheets as CSV or its text as .docx"),
    ("ppt/", "a PowerPoint file", "save it as PDF"),
    ("content.xml", "an OpenDocument file", "save it as .docx: soffice --headless --convert-to docx FILE"),
)


def read(data: bytes, encoding: Encoding | None) -> Taken:
    """Return the text of a Word document. Raises UserError for another zipped file, and for a bomb."""
    _check(data)
    optional("docx", "files", "a Word document")
    from docx.opc.package import OpcPackage

    text = _Text(OpcPackage.open(io.BytesIO(data)).main_document_part, by_fonts=encoding is None)
    return Taken(["\n".join(text.lines())], encoding=text.fonts.found)


def _check(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            files = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise UserError(f"found a .docx or another zipped file, cut off or damaged: {error}; copy it again") from None
    names = [file.filename for file in files]
    if not any(name.startswith("word/") for name in names):
        kind, advice = next(
            (known[1:] for known in _OTHERS if any(name.startswith(known[0]) for name in names)),
            ("a zip archive", "unpack it first: unzip FILE"),
        )
        raise UserError(f"found {kind}, expected a Word document; {advice}")
    size = sum(file.file_size for file in files)
    if len(files) > _MOST_FILES or size > _MOST_BYTES or (size > _SMALL and size > _RATIO * len(data)):
        raise UserError(
            f"found a zipped file of {len(data):,} bytes that unpacks to {size:,} in {len(files):,} files, expected at "
            f"most {_MOST_BYTES:,} bytes and {_RATIO} times its size in {_MOST_FILES:,} files; it is no document"
        )


class _Text:
    """The text of a document, and the fonts that were met in it."""

    def __init__(self, main: Any, by_fonts: bool) -> None:
        self._main, self._root = main, _root(main)
        self._styles = _Styles(_related(main, "styles")) if by_fonts else None
        self.fonts = Fonts()

    def lines(self) -> Iterator[str]:
        """Yield the lines of headers, body, notes and footers."""
        yield from self._edges("header")
        yield from self._blocks(self._root)
        for name in _NOTES:
            notes = _related(self._main, name)
            for note in () if notes is None else notes:
                if note.get(W + "type") is None:  # those with one are lines that part them from the text
                    yield from self._blocks(note)
        yield from self._edges("footer")

    def _edges(self, name: str) -> Iterator[str]:
        """Yield the lines of the headers or footers of all sections, each once; numbers of pages are none."""
        seen: set[tuple[str, ...]] = set()
        for reference in self._root.iter(f"{W}{name}Reference"):
            part = self._main.related_parts.get(reference.get(f"{_R}id"))
            lines = tuple(self._blocks(_root(part))) if part is not None else ()
            if lines not in seen and any(letter.isalpha() for line in lines for letter in line):
                seen.add(lines)
                yield from lines

    def _blocks(self, element: Any) -> Iterator[str]:
        for child in _children(element, ("p", "tbl")):
            if child.tag == f"{W}p":
                boxes: list[Any] = []
                yield from self._paragraph(child, boxes).split("\n")
                for box in boxes:
                    yield from self._blocks(box)
            else:
                for row in _children(child, ("tr",)):
                    yield from row_of([list(self._blocks(cell)) for cell in _children(row, ("tc",))])

    def _paragraph(self, paragraph: Any, boxes: list[Any]) -> str:
        return self.fonts.text(self._runs(paragraph, _style(paragraph, "pPr", "pStyle"), boxes))

    def _runs(self, element: Any, style: str | None, boxes: list[Any]) -> Iterator[tuple[str, str]]:
        """Yield the texts below an element with their fonts, and gather the text boxes."""
        for child in element:
            if child.tag == f"{W}txbxContent":
                boxes.append(child)
            elif child.tag == f"{_MC}AlternateContent":
                yield from self._runs(child[0] if len(child) else child, style, boxes)
            elif child.tag == f"{W}r":
                if child.find(f"{W}rPr/{W}vanish") is None:
                    yield "".join(_letters(child)), self._font(child, style)
                    yield from self._runs(child, style, boxes)
            elif child.tag not in _GONE and len(child):
                yield from self._runs(child, style, boxes)

    def _font(self, run: Any, style: str | None) -> str:
        return self._styles.font_of(run, style) if self._styles is not None else ""


class _Styles:
    """The fonts that runs have by themselves or by their styles."""

    def __init__(self, styles: Any) -> None:
        self._own: dict[str, str | None] = {}
        self._based: dict[str, str | None] = {}
        self._default, self._paragraphs = "", None
        if styles is None:
            return
        self._default = _font_in(styles.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr")) or ""
        for style in styles.iterchildren(f"{W}style"):
            name = style.get(f"{W}styleId")
            based = style.find(f"{W}basedOn")
            self._own[name] = _font_in(style.find(f"{W}rPr"))
            self._based[name] = None if based is None else based.get(f"{W}val")
            if style.get(f"{W}type") == "paragraph" and style.get(f"{W}default") in ("1", "true", "on"):
                self._paragraphs = name

    def font_of(self, run: Any, style: str | None) -> str:
        """Return the font of a run in a paragraph of a style; empty where nothing names one."""
        return (
            _font_in(run.find(f"{W}rPr"))
            or self._of_style(_style(run, "rPr", "rStyle"))
            or self._of_style(style or self._paragraphs)
            or self._default
        )

    def _of_style(self, name: str | None) -> str | None:
        for _ in range(DEEPEST):  # styles may be based on each other in a circle
            if name is None or self._own.get(name):
                return self._own.get(name) if name else None
            name = self._based.get(name)
        return None


def _font_in(properties: Any) -> str | None:
    fonts = None if properties is None else properties.find(f"{W}rFonts")
    return None if fonts is None else fonts.get(f"{W}ascii") or fonts.get(f"{W}hAnsi")


def _style(element: Any, properties: str, kind: str) -> str | None:
    style = element.find(f"{W}{properties}/{W}{kind}")
    return None if style is None else style.get(f"{W}val")


def _letters(run: Any) -> Iterator[str]:
    for child in run:
        name = child.tag.removeprefix(W) if isinstance(child.tag, str) else ""
        if name == "t":
            yield child.text or ""
        elif name in _MARKS:
            yield _MARKS[name]


def _children(element: Any, names: Sequence[str]) -> Iterator[Any]:
    """Yield the children of these names, also those that stand in what only wraps them: controls, insertions."""
    for child in element:
        if child.tag in [W + name for name in names]:
            yield child
        elif child.tag == f"{_MC}AlternateContent":
            yield from _children(child[0] if len(child) else child, names)
        elif child.tag not in _GONE and child.tag not in (f"{W}p", f"{W}tbl", f"{W}tr", f"{W}tc"):
            yield from _children(child, names)


def _related(main: Any, name: str) -> Any:
    """Return the root of the first part that is related by such a name, None where there is none."""
    found = (rel.target_part for rel in main.rels.values() if not rel.is_external and rel.reltype.endswith(f"/{name}"))
    return next(map(_root, found), None)


def _root(part: Any) -> Any:
    from docx.oxml import parse_xml

    element = getattr(part, "element", None)
    return parse_xml(part.blob) if element is None else element


READER: Final = Reader(
    "docx", "a Word document", (".docx", ".docm", ".dotx"), read, begins=lambda head: head.startswith(b"PK\x03\x04")
)

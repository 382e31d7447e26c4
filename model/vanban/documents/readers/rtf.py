"""Rich text: headers, text with tables, footnotes, footers, in this order; letters by the code pages of their fonts.

By the specification of Microsoft, version 1.9.1. No package that was found (striprtf) tells in which font a text is,
and fonts before Unicode are told by their names alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Final

from vanban.documents.readers.cells import row_of
from vanban.documents.readers.charset import WINDOWS_1252, WINDOWS_1258
from vanban.documents.readers.old_letters import letters_of
from vanban.documents.readers.reader import DEEPEST, Encoding, Reader, Taken
from vanban.documents.readers.runs import Fonts
from vanban.errors import UserError

_TOKEN: Final = re.compile(
    r"\\(?P<word>[a-zA-Z]{1,32})(?P<number>-?\d{1,9})?[ ]?|\\'(?P<byte>[0-9a-fA-F]{2})|\\(?P<mark>[^a-zA-Z])"
    r"|(?P<brace>[{}])|(?P<text>[^\\{}\r\n]+)|[\r\n]+|\\",
    re.DOTALL,
)
_CODE_PAGES: Final = {
    77: "mac_roman", 128: "cp932", 129: "cp949", 134: "gbk", 136: "big5", 161: "cp1253", 162: "cp1254", 163: "cp1258",
    177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250",
}  # fmt: skip
_CELL, _ROW, _ROW_BEGINS = "\x00", "\x01", "\x02"
_WRITTEN: Final = {
    "par": "\n", "line": "\n", "sect": "\n", "page": "\n", "tab": "\t", "nestcell": "\t", "nestrow": "\n",
    "cell": _CELL, "row": _ROW, "trowd": _ROW_BEGINS, "emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’",
    "ldblquote": "“", "rdblquote": "”", "bullet": "•", "emspace": "\u2003", "enspace": "\u2002",
}  # fmt: skip
_MARKS: Final = {"~": "\xa0", "_": "\u2011", "-": "\xad", "\n": "\n", "\r": "\n", "\\": "\\", "{": "{", "}": "}"}
_STREAMS: Final = {
    **dict.fromkeys(("header", "headerl", "headerr", "headerf"), "header"),
    **dict.fromkeys(("footer", "footerl", "footerr", "footerf"), "footer"), "footnote": "notes",
}  # fmt: skip
_SKIPPED: Final = frozenset({
    "colortbl", "stylesheet", "info", "pict", "object", "objdata", "fldinst", "themedata", "colorschememapping",
    "latentstyles", "datastore", "generator", "listtable", "listoverridetable", "revtbl", "rsidtbl", "xmlnstbl",
    "filetbl", "mmathPr", "sp", "template", "private", "xe", "tc", "bkmkstart", "bkmkend", "atnid", "atnauthor",
    "annotation", "atndate", "nonshppict", "ftnsep", "ftnsepc", "ftncn", "aftnsep", "aftnsepc", "aftncn",
})  # fmt: skip
_KEPT: Final = frozenset({"shpinst", "shptxt", "fldrslt"})  # although a reader may pass them over
_ROWS: Final = re.compile(f"{_ROW_BEGINS}([^{_ROW}]*){_ROW}")


@dataclass(frozen=True, slots=True)
class _State:
    """What holds to the end of a group."""

    font: int = -1
    stream: str = "text"
    is_skipped: bool = False
    is_hidden: bool = False
    is_table_of_fonts: bool = False
    instead: int = 1  # bytes behind a letter of Unicode, for who knows none


@dataclass(slots=True)
class _Font:
    name: str = ""
    code_page: str | None = None


@dataclass(slots=True)
class _Document:
    by_fonts: bool
    code_page: str
    is_told: bool  # which code page it is, whatever the file says
    state: _State = field(default_factory=_State)
    outer: list[_State] = field(default_factory=list)
    fonts: dict[int, _Font] = field(default_factory=dict)
    default_font: int = 0
    streams: dict[str, list[tuple[str, str]]] = field(
        default_factory=lambda: {"header": [], "text": [], "notes": [], "footer": []}
    )
    left_out: int = 0  # bytes that stand in the place of a letter that was read
    is_ignorable: bool = False
    used_1258: bool = False

    def read(self, data: str) -> None:
        """Read it all. Raises UserError where it nests too deep, or ends within a group."""
        place = 0
        while match := _TOKEN.match(data, place):
            place = match.end()
            kind = match.lastgroup
            if kind == "brace":
                if self._brace(match["brace"]):
                    return
            elif kind in ("word", "number"):
                place += self._word(match["word"], None if match["number"] is None else int(match["number"]))
            elif kind == "byte":
                self._bytes(bytes([int(match["byte"], 16)]))
            elif kind == "text":
                self._bytes(match["text"].encode("latin-1"))
            elif kind == "mark":
                if match["mark"] == "*":
                    self.is_ignorable = True
                elif match["mark"] in _MARKS:
                    self._write(_MARKS[match["mark"]])
        raise UserError("found an RTF file that ends within a group: it is cut off, copy it again")

    def _brace(self, brace: str) -> bool:
        """Begin or end a group; return whether the last one has ended."""
        self.left_out, self.is_ignorable = 0, False
        if brace == "{":
            if len(self.outer) == DEEPEST:
                raise UserError(f"found an RTF file with more than {DEEPEST} groups in each other; it is no document")
            self.outer.append(self.state)
        else:
            self.state = self.outer.pop() if self.outer else self.state
        return not self.outer

    def _word(self, word: str, number: int | None) -> int:
        """Heed a control word; return the length of the binary data behind it."""
        ignorable, self.is_ignorable = self.is_ignorable, False
        if word == "bin":
            return max(0, number or 0)
        if word == "fonttbl":
            self.state = replace(self.state, is_table_of_fonts=True)
        elif word in _STREAMS:
            self.state = replace(self.state, stream=_STREAMS[word])
        elif word in _SKIPPED or (ignorable and word not in _KEPT):
            self.state = replace(self.state, is_skipped=True)
        elif word == "u" and number is not None:
            self._write(chr(number % 0x10000))
            self.left_out = self.state.instead
        elif word == "uc":
            self.state = replace(self.state, instead=max(0, number or 0))
        elif word == "f" and number is not None:
            self.state = replace(self.state, font=number)
        elif word == "fcharset" and self.state.is_table_of_fonts:
            self.fonts.setdefault(self.state.font, _Font()).code_page = _CODE_PAGES.get(number or 0)
        elif word == "deff":
            self.default_font = number or 0
        elif word == "ansicpg" and number and not self.is_told:
            self.code_page = "mac_roman" if number == 10000 else f"cp{number}"
        elif word == "plain":
            self.state = replace(self.state, font=-1, is_hidden=False)
        elif word in ("v", "deleted"):
            self.state = replace(self.state, is_hidden=number != 0)
        elif word in _WRITTEN:
            self._write(_WRITTEN[word])
        return 0

    def _bytes(self, data: bytes) -> None:
        taken = min(self.left_out, len(data))
        self.left_out -= taken
        data = data[taken:]
        if not data or self.state.is_skipped:
            return
        if self.state.is_table_of_fonts:
            self.fonts.setdefault(self.state.font, _Font()).name += data.decode("latin-1")
            return
        font = self._font()
        code_page = "cp1252" if self.by_fonts and letters_of(font.name) else font.code_page or self.code_page
        if code_page == "cp1252" or data.isascii():
            text = data.decode("latin-1").translate(WINDOWS_1252)
        else:
            self.used_1258 |= code_page == "cp1258"
            text = _text(data, code_page)
        self._write("".join(letter for letter in text if letter >= " " or letter == "\t"))

    def _write(self, text: str) -> None:
        if not (self.state.is_skipped or self.state.is_hidden or self.state.is_table_of_fonts):
            font = self._font().name.rstrip(";") if self.by_fonts else ""
            self.streams[self.state.stream].append((text, font))

    def _font(self) -> _Font:
        return self.fonts.get(self.state.font if self.state.font >= 0 else self.default_font) or _Font()


def read(data: bytes, encoding: Encoding | None) -> Taken:
    """Return the text of an RTF file. Raises UserError for one that is cut off or nests too deep."""
    is_told = encoding == WINDOWS_1258
    document = _Document(encoding is None, "cp1258" if is_told else "cp1252", is_told)
    document.read(data.decode("latin-1").lstrip())
    fonts = Fonts()
    lines: list[str] = []
    for pieces in document.streams.values():
        text = fonts.text(pieces).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        text = _ROWS.sub(_row, text).replace(_CELL, "\t").replace(_ROW, "\n").replace(_ROW_BEGINS, "").rstrip("\n")
        if text.strip():
            lines += text.split("\n")
    names = [fonts.found, WINDOWS_1258 if document.used_1258 else None]
    return Taken(["\n".join(lines)], encoding=" and ".join(filter(None, names)) or None)


def _text(data: bytes, code_page: str) -> str:
    try:
        return data.decode(code_page, "replace")
    except LookupError:  # one that no other program knows either
        return data.decode("latin-1").translate(WINDOWS_1252)


def _row(match: re.Match[str]) -> str:
    cells = match[1].replace(_ROW_BEGINS, "").split(_CELL)
    return "\n".join(row_of([cell.split("\n") for cell in cells[:-1]])) + "\n"


READER: Final = Reader(
    "rtf",
    "an RTF file",
    (".rtf",),
    read,
    begins=lambda head: head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{\\rtf"),
)

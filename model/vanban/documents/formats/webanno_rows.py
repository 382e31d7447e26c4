"""The rows of WebAnno TSV: how text and values are escaped, and the rows of a file → its text and its spans."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from vanban.documents.formats.utf16 import Units
from vanban.errors import UserError
from vanban.schema import Span

NAMED_ENTITY: Final = "de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity"
HEADER: Final = "#FORMAT=WebAnno TSV 3.3"
LAYER: Final = f"#T_SP={NAMED_ENTITY}|value"

_VERSION: Final = re.compile(r"#FORMAT=WebAnno TSV (\S+)")
_ID: Final = re.compile(r"\d+-\d+(?:\.\d+)?")
_OFFSETS: Final = re.compile(r"(\d{1,18})-(\d{1,18})")
_STACKED: Final = re.compile(r"(?:\\.|[^|\\])+", re.DOTALL)
_VALUE: Final = re.compile(r"(?P<value>(?:\\.|[^\\\[\]])*)(?:\[(?P<number>\d+)\])?", re.DOTALL)

# As INCEpTION writes them (Escaping.java): controls of text but \v, which is written as itself, and what has a
# meaning in a column.
_TEXT_ESCAPES: Final = {
    **{chr(c): f"\\{chr(c)}" for c in range(32) if not 7 < c < 14},
    "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", "\b": "\\b", "\\": "\\\\",
}  # fmt: skip
_ESCAPING: Final = str.maketrans(_TEXT_ESCAPES)
_TEXT_ESCAPED: Final = {escaped[1]: character for character, escaped in _TEXT_ESCAPES.items()}
_IN_VALUE: Final = re.compile(r"->|[\\\[\]|_;\t\n*]")
_VALUE_ESCAPED: Final = {"t": "\t", "n": "\n"}


def escape_text(line: str) -> str:
    """Return a line of text as it is written behind `#Text=`."""
    return line.translate(_ESCAPING)


def unescape_text(written: str) -> str:
    """Return the line of text behind `#Text=`. A backslash before what needs none stays."""
    return re.sub(r"\\(.)", lambda m: _TEXT_ESCAPED.get(m[1], m[0]), written, flags=re.DOTALL)


def escape_value(label: str) -> str:
    """Return a label as a column holds it."""
    return _IN_VALUE.sub(lambda m: "\\" + {"\t": "t", "\n": "n"}.get(m[0], m[0]), label)


def unescape_value(written: str) -> str:
    """Return the label that a column holds."""
    return re.sub(r"\\(.)", lambda m: _VALUE_ESCAPED.get(m[1], m[1]), written, flags=re.DOTALL)


@dataclass
class _Rows:
    """What was read so far: the text, its length in UTF-16 units, and the units of annotation."""

    text: list[str] = field(default_factory=list)
    length: int = 0
    lines: list[str] = field(default_factory=list)  # of the sentence whose tokens come
    units: list[tuple[int, int, int, str, str]] = field(default_factory=list)  # line, begin, end, text, column

    def add(self, text: str) -> None:
        self.text.append(text)
        self.length += len(text.encode("utf-16-le")) // 2

    def begin_sentence(self, begin: int, where: str) -> None:
        """Add what is between the sentences, and the sentence that begins at an offset in units."""
        gap = begin - self.length
        if gap < 0:
            raise UserError(f"{where}: found a sentence at {begin}, expected {self.length} or more: sentences overlap")
        self.add("\n" * (gap > 0 and self.length > 0))
        self.add(" " * (begin - self.length))
        self.add("\n".join(self.lines))
        self.lines = []


def read_rows(data: str, name: str) -> tuple[str, list[tuple[str, Span]]]:
    """Return the text of a file and the spans of its layer, in code points, with their labels.

    Raises UserError with file:line for what is not of the format, and where a token does not stand in the text.
    """
    lines = [line.removesuffix("\r") for line in data.removeprefix("\ufeff").split("\n")]
    version = _VERSION.fullmatch(lines[0])
    if version is None or version[1] not in ("3.2", "3.3"):
        raise UserError(f"{name}:1: found {lines[0]!r:.60}, expected {HEADER}; export it as WebAnno TSV 3.3")
    header = 1
    while header < len(lines) and lines[header].startswith("#T_"):
        header += 1
    column = _column(lines[1:header])
    rows = _Rows()
    for number, line in enumerate(lines[header:], header + 1):
        where = f"{name}:{number}"
        if line.startswith("#"):
            if line.startswith("#Text="):
                rows.lines.append(unescape_text(line.removeprefix("#Text=")))
            continue
        if not line:
            continue
        fields = line.split("\t")
        offsets = _OFFSETS.fullmatch(fields[1]) if len(fields) > 2 and _ID.fullmatch(fields[0]) else None
        if offsets is None or (column is not None and column >= len(fields)):
            raise UserError(f"{where}: found {line!r:.60}, expected 1-1<TAB>BEGIN-END<TAB>TOKEN and its columns")
        begin, end = int(offsets[1]), int(offsets[2])
        if rows.lines:
            rows.begin_sentence(begin, where)
        rows.units.append((number, begin, end, fields[2], "_" if column is None else fields[column]))
    text = "".join(rows.text)
    return text, _spans(text, rows, name)


def _column(layers: list[str]) -> int | None:
    """Return the index of the column of labels, None where no layer is named.

    That is `value` of NamedEntity, or the value, label or first feature of the one layer of the project's own.
    """
    columns: dict[str, dict[str, int]] = {}
    place = 3
    for layer in layers:
        kind, _, declared = layer.partition("=")
        type_name, *features = declared.split("|")
        features = [feature for feature in features if feature] or [""]
        if kind == "#T_SP":
            columns[type_name] = {feature: place + i for i, feature in enumerate(features)}
        place += len(features)
    own = [type_name for type_name in columns if type_name.startswith("webanno.custom.")]
    chosen = [NAMED_ENTITY] if NAMED_ENTITY in columns else own
    if len(chosen) > 1:
        raise UserError(f"found the layers {', '.join(own)}; expected NamedEntity or one layer of spans")
    if not chosen:
        return None
    features_of = columns[chosen[0]]
    return next((features_of[known] for known in ("value", "label") if known in features_of), min(features_of.values()))


def _spans(text: str, rows: _Rows, name: str) -> list[tuple[str, Span]]:
    offsets = Units(text)
    spans: list[tuple[str, Span]] = []
    numbered: dict[str, int] = {}  # the index in spans
    for number, begin, end, written, column in rows.units:
        where = f"{name}:{number}"
        start, stop = offsets.code_points(begin), offsets.code_points(end)
        if start is None or stop is None or end > offsets.length:
            raise UserError(
                f"{where}: found the offsets {begin}-{end}, expected those of whole characters, {offsets.length} at "
                "most (UTF-16 units)"
            )
        if written not in (text[start:stop], escape_text(text[start:stop])):
            raise UserError(
                f"{where}: found {written!r}, expected {text[start:stop]!r}, which is the text at {begin}-{end} "
                "(UTF-16 units)"
            )
        for value in _STACKED.findall(column) if column != "_" else ():
            match = _VALUE.fullmatch(value)
            if match is None or match["value"] in ("", "*"):
                raise UserError(f"{where}: found {value!r} at {written!r}, expected a label: give the span a value")
            known = numbered.get(match["number"]) if match["number"] else None
            if known is not None:
                label, (first, _) = spans[known]
                spans[known] = label, (first, stop)
                continue
            if match["number"]:
                numbered[match["number"]] = len(spans)
            spans.append((unescape_value(match["value"]), (start, stop)))
    return spans

"""What a file is by its first bytes: JSON Lines, text, or of a kind that is named with what to do."""

from __future__ import annotations

import json
import re
from typing import Any, Final

OLDER_OFFICE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1"
_TOLD: Final = "leave out --input-format, and name it by its kind"
_OCR: Final = "have its text read by OCR first, and save that as text or PDF"
_NO_TEXT: Final = {
    b"PK\x03\x04": ("a .docx, .xlsx or other zipped file", _TOLD),
    OLDER_OFFICE: ("a .doc, .xls or other file of the older Office", "save it as .docx"),
    b"%PDF": ("a PDF file", _TOLD),
    b"\x1f\x8b": ("a gzip file in a packed one", "unpack it first"),
    b"BZh": ("a bzip2 file", "unpack it first: bunzip2 -k FILE"),
    b"\xfd7zXZ\x00": ("an xz file", "unpack it first: unxz -k FILE"),
    b"\x28\xb5\x2f\xfd": ("a zstd file in a packed one", "unpack it first"),
    b"7z\xbc\xaf\x27\x1c": ("a 7z archive", "unpack it first"),
    b"Rar!\x1a\x07": ("a rar archive", "unpack it first"),
    b"PAR1": ("a Parquet file in a packed one or a pipe", "it is read from its end: name the file itself"),
    b"\x89PNG": ("a picture", _OCR),
    b"\xff\xd8\xff": ("a picture", _OCR),
    b"II*\x00": ("a picture", _OCR),
    b"MM\x00*": ("a picture", _OCR),
}
_XML: Final = re.compile(rb"<\?xml\b")
_STREAMS: Final = (
    ("EncryptedPackage", "an Office file that is locked by a password", "save it without one"),
    ("WordDocument", "a .doc file of the older Word", "save it as .docx: soffice --headless --convert-to docx FILE"),
    ("Workbook", "an .xls file of the older Excel", "save its sheets as CSV or its text as .docx"),
    ("PowerPoint Document", "a .ppt file of the older PowerPoint", "save it as PDF"),
    ("__substg1.0_", "an .msg file of Outlook", "save it as .eml"),
)
_AS_PROSE: Final = "or read it as prose with --input-format text"
_ANNOTATED: Final = {
    **dict.fromkeys((".conll", ".bio", ".iob2"), "CoNLL"), ".spacy": "a DocBin of spaCy", ".xmi": "UIMA CAS XMI",
    ".ann": "an .ann file of brat",
}  # fmt: skip
_ANNOTATIONS: Final = (
    ("CoNLL", re.compile(rb"-DOCSTART-|(?:\S{1,99}[\t ](?:[^\n]{0,199}[\t ])?(?:O|[BI]-\S{1,99})[ \t\r]{0,9}\n){2}")),
    ("WebAnno TSV", re.compile(rb"#FORMAT=WebAnno TSV")),
    ("UIMA CAS XMI", re.compile(rb"(?:<\?xml\b[^>]*>\s*)?<xmi:XMI\b")),
)
_LABEL_STUDIO: Final = frozenset({"annotations", "predictions", "completions", "annotation_id"})
_BEGINNING: Final = 1 << 14
_BOM: Final = b"\xef\xbb\xbf"
_RECORDS_BEGIN: Final = re.compile(rb"\[\s*\{\s*\"")


def no_text(head: bytes) -> str | None:
    """Return what a file is, and what to do, when its first bytes are those of a kind that holds no plain text."""
    for start, (kind, advice) in _NO_TEXT.items():
        if head.startswith(start):
            return f"found {kind}, expected plain text; {advice}"
    return None


def older_office(data: bytes) -> str:
    """Return what a file of the older Office is, by the names of its streams, and what to do."""
    kind, advice = next(
        (known[1:] for known in _STREAMS if known[0].encode("utf-16-le") in data), _NO_TEXT[OLDER_OFFICE]
    )
    return f"found {kind}, expected plain text or .docx; {advice}"


def markup(data: bytes) -> str | None:
    """Return what a file is, and what to do, when it begins as XML does."""
    if _XML.match(_content(data[:_BEGINNING])):
        return f"found XML, expected plain text; take its text out first, {_AS_PROSE}"
    return None


def of_annotations(data: bytes, suffix: str) -> str | None:
    """Return what a file is, and what to do, when it holds annotated documents that `vanban convert` alone reads."""
    begin = _content(data[:_BEGINNING])
    kind = _ANNOTATED.get(suffix) or next((kind for kind, known in _ANNOTATIONS if known.match(begin)), None)
    if kind is None:
        return None
    return _to_convert(kind)


def _to_convert(kind: str) -> str:
    return f"found {kind}, expected a text or records; convert it first: vanban convert FILE FILE.jsonl, {_AS_PROSE}"


def is_record(line: bytes, text_column: str = "text") -> bool:
    """True of a line that is the JSON object of a document: it has a text."""
    value = _json(line) if _content(line).startswith(b"{") else None
    return isinstance(value, dict) and isinstance(value.get(text_column), str)


def other_json(data: bytes, text_column: str = "text") -> str | None:
    """Return what a file is, and what to do, when it is JSON but no JSON Lines of documents."""
    begin = _content(data)
    if begin[:1] not in (b"[", b"{"):
        return None
    value = _json(begin)
    if _is_of_label_studio(value[0] if isinstance(value, list) and value else value):
        return _to_convert("JSON of Label Studio")
    if isinstance(value, list) or _RECORDS_BEGIN.match(begin):
        return (
            f'found a JSON array, expected a record with a "{text_column}" on each line; '
            f"convert it first: jq -c '.[]' FILE > FILE.jsonl, {_AS_PROSE}"
        )
    first = value if isinstance(value, dict) else _json(begin.split(b"\n", 1)[0])
    if not isinstance(first, dict):
        return None
    if isinstance(first.get(text_column), str):
        return (
            "found a JSON object over several lines, expected a record on each line; "
            f"convert it first: jq -c . FILE > FILE.jsonl, {_AS_PROSE}"
        )
    return (
        f'found JSON with the keys {list(first)}, expected records with a "{text_column}", one on each line; '
        f"{_AS_PROSE[3:]}"
    )


def _is_of_label_studio(value: Any) -> bool:
    return isinstance(value, dict) and (not _LABEL_STUDIO.isdisjoint(value) or isinstance(value.get("data"), dict))


def _content(data: bytes) -> bytes:
    return data.removeprefix(_BOM).lstrip()


def _json(data: bytes) -> Any:
    """Return the value of JSON, None of what is none."""
    try:
        return json.loads(data.removeprefix(_BOM).decode("utf-8"))
    except (ValueError, RecursionError):
        return None

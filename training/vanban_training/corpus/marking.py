"""Documents as they are written: spans marked inline while the text comes into being, then made into text and standoff.

    #! type=chi_thi | slug=01-an-toan-giao-thong | title=Về an toàn giao thông | date=2024-09-05 | region=Bắc | …

    Chủ tịch UBND ⟦P:huyện Nghĩa Hưng⟧ ⟦O:Lê Văn Bảo⟧ ký ⟦D:Chỉ thị số 09/CT-UBND⟧ …

The first line says what the manifest needs; a mark names its label by the first letter. Every mark is decided by
reading: nothing here finds a span.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from vanban.documents.counting import counted
from vanban.documents.formats.brat import span_fault, write_brat
from vanban.errors import UserError
from vanban.reading.text import checksum
from vanban.schema import DOCUMENT_TYPES, LABELS, Entity
from vanban_training.corpus.cuts import cut_of
from vanban_training.corpus.files import named_files
from vanban_training.corpus.rows import numbered_rows, read_record, read_text

HEADER: Final = "#! "
HEADER_KEYS: Final = ("type", "slug", "title", "date", "region", "province", "features")
_LABEL_OF: Final = {label[0]: label for label in LABELS}
_MARK: Final = re.compile(r"⟦([A-Z]):([^⟦⟧]*)⟧")
_BRACKET: Final = re.compile(r"[⟦⟧]")


@dataclass(frozen=True)
class MarkedDocument:
    """A document and its spans, as its writer marked them, and what its first line says of it."""

    text: str
    entities: tuple[Entity, ...]
    header: dict[str, str]


def read_marked(path: Path) -> MarkedDocument:
    """Read a marked document; raises UserError that names file and line, what was found and what was expected."""
    first, _, rest = read_text(path).partition("\n")
    header = _header(first, path)
    marked = rest.lstrip("\n")
    text, entities = unmark(marked, path, skipped=1 + len(rest) - len(marked))
    return MarkedDocument(text, entities, header)


def unmark(marked: str, path: Path, skipped: int = 0) -> tuple[str, tuple[Entity, ...]]:
    """Return the text without its marks, and the spans; `skipped` is how many lines of the file stand before it."""
    pieces: list[str] = []
    entities: list[Entity] = []
    position = length = 0
    for match in _MARK.finditer(marked):
        before = marked[position : match.start()]
        if match[1] not in _LABEL_OF:
            where = f"{path}:{skipped + marked.count(chr(10), 0, match.start()) + 1}"
            raise UserError(f"{where}: found the mark {match[1]!r}, expected one of {', '.join(_LABEL_OF)}")
        start = length + len(before)
        length = start + len(match[2])
        entities.append(Entity(_LABEL_OF[match[1]], start, length, match[2]))
        pieces += [before, match[2]]
        position = match.end()
    text = "".join([*pieces, marked[position:]])
    stray = _BRACKET.search(text)
    if stray:
        where = f"{path}:{skipped + text.count(chr(10), 0, stray.start()) + 1}"
        raise UserError(
            f"{where}: found a stray {stray.group()} in {text[max(0, stray.start() - 20) : stray.start() + 20]!r}"
        )
    for entity in entities:
        fault = span_fault(entity, text, LABELS) or cut_of(entity, text)
        if fault:
            where = f"{path}:{skipped + text.count(chr(10), 0, entity.start) + 1}"
            raise UserError(f"{where}: {fault}")
    return text, tuple(entities)


def _header(line: str, path: Path) -> dict[str, str]:
    entries = [entry.partition("=") for entry in line.removeprefix(HEADER).split(" | ")]
    header = {key.strip(): value.strip() for key, _, value in entries}
    missing = [key for key in HEADER_KEYS if key not in header]
    if not line.startswith(HEADER) or missing:
        raise UserError(
            f"{path}:1: found {line!r:.80}, expected {HEADER}{' | '.join(f'{key}=…' for key in HEADER_KEYS)}"
        )
    if header["type"] not in DOCUMENT_TYPES:
        raise UserError(f"{path}:1: found the type {header['type']!r}, expected one of {', '.join(DOCUMENT_TYPES)}")
    return header


def convert(marked: Path, out: Path, manifest: Path, types_only: bool = False) -> str:
    """Write OUT/<type>/<slug>.txt and .ann for every document under `marked`, and their rows into a manifest.

    `types_only`: the documents were read for their types alone; there are no marks, and no .ann is written. A row
    replaces the one of the same id; the others stay. Return what was written, in one line. Raises UserError at the
    first document with a fault, for two of one id and for a place outside the manifest's project; nothing is written
    then.
    """
    if not marked.is_dir():
        found = "is a file, expected a folder" if marked.exists() else f"no such folder (looked in {Path.cwd()})"
        raise UserError(f"{marked}: {found}")
    documents = {path: read_marked(path) for path in named_files(marked, ".txt").values()}
    if not documents:
        raise UserError(f"{marked}: holds no .txt")
    root = manifest.resolve().parent.parent
    if not out.resolve().is_relative_to(root):
        raise UserError(f"{out}: expected a folder under {root}, from which the paths of {manifest} count")
    rows = _rows_of(manifest)
    sources: dict[Path, Path] = {}  # by what will be written
    for source, document in documents.items():
        if types_only and document.entities:
            raise UserError(f"{source}: found marks, expected none in a document that was read for its type alone")
        slug = document.header["slug"]
        if not slug or slug.startswith(".") or "/" in slug or "\\" in slug:  # else it names a place outside OUT
            raise UserError(f"{source}:1: found the slug {slug!r}, expected the name of a file, as 01-an-toan")
        path = out / document.header["type"] / f"{slug}.txt"
        if path in sources:
            raise UserError(f"{source}:1: found the type and the slug of {sources[path]}, expected a slug of its own")
        sources[path] = source
        row = _row(document, path.resolve().relative_to(root))
        rows[row["id"]] = {k: v for k, v in row.items() if not (types_only and k in ("annotation", "spans"))}
    for path, source in sources.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(documents[source].text.encode("utf-8"))
        if not types_only:
            path.with_suffix(".ann").write_text(write_brat(documents[source].entities), encoding="utf-8")
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows.values())
    manifest.write_text(lines, encoding="utf-8")
    spans = sum(len(d.entities) for d in documents.values())
    return f"{counted(len(documents), 'documents')}, {counted(spans, 'spans')} → {out}, {manifest}"


def _rows_of(manifest: Path) -> dict[str, dict[str, Any]]:
    """Return the rows of a manifest by id, in their order; none when there is no such file yet."""
    if not manifest.exists():
        return {}
    rows = {}
    for where, row in numbered_rows(manifest):
        record = read_record(row, where)
        if "id" not in record:
            raise UserError(f'{where}: expected the key "id", found {", ".join(record) or "none"}')
        rows[str(record["id"])] = record
    return rows


def _row(document: MarkedDocument, path: Path) -> dict[str, Any]:
    header = document.header
    counts = Counter(entity.label for entity in document.entities)
    return {
        "id": f"{header['type']}/{header['slug']}",
        "path": path.as_posix(),
        "annotation": path.with_suffix(".ann").as_posix(),
        "sha256": checksum(document.text),
        "type": header["type"],
        "title": header["title"],
        "date": None if header["date"] == "-" else header["date"],
        "origin": "authored",
        "spans": {label: counts[label] for label in LABELS},
        "region": header["region"],
        "province": None if header["province"] == "-" else header["province"],
        "features": _features(header["features"]),
        "group": header["slug"].partition("-")[0],
    }


def _features(value: str) -> Sequence[str]:
    return [feature.strip() for feature in value.split(",") if feature.strip() not in ("", "-")]

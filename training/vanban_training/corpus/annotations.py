"""Checks over the hand-made annotations: keys, checksums, spans and counts behind a manifest."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from vanban.documents.formats.brat import numbered_brat
from vanban.errors import UserError
from vanban.reading.text import checksum
from vanban.schema import DOCUMENT_TYPES, LABELS
from vanban_training.corpus.cuts import cuts_in
from vanban_training.corpus.files import located, named_files
from vanban_training.corpus.rows import decoded, numbered_rows, read_record, read_rows

MANIFEST_KEYS: Final = ("id", "path", "sha256", "type", "title", "date", "origin")
STRING_KEYS: Final = ("id", "path", "sha256", "type", "origin")
SPAN_KEYS: Final = ("annotation", "spans")  # a document that was read for its type alone has neither
ORIGINS: Final = ("seed", "authored")


@dataclass
class Report:
    """What `check_manifest` found: numbers of documents and sound spans, and one message for each fault."""

    documents: int = 0
    spans: int = 0
    faults: list[str] = field(default_factory=list)


def check_manifest(manifest: Path) -> Report:
    """Check every line of a manifest: its keys, the text's checksum, every span, and the counts.

    Raises UserError only when the manifest itself can't be read; everything else is a fault of the report.
    """
    if not manifest.is_file():
        raise UserError(f"{manifest}: no such manifest (looked in {Path.cwd()})")
    report = Report()
    root = manifest.resolve().parent.parent
    seen: dict[str, str] = {}
    listed: set[Path] = set()
    for where, row in numbered_rows(manifest):
        try:
            record = read_record(row, where)
        except UserError as error:
            report.faults.append(str(error))
            continue
        annotated = any(key in record for key in SPAN_KEYS)
        expected = (*MANIFEST_KEYS, *SPAN_KEYS) if annotated else MANIFEST_KEYS
        missing = [key for key in expected if key not in record]
        if missing:
            report.faults.append(f"{where}: the keys {', '.join(missing)} are missing; expected {', '.join(expected)}")
            continue
        wrong = [key for key in (*STRING_KEYS, "annotation") if key in expected and not isinstance(record[key], str)]
        if wrong:
            found = ", ".join(f"{key} {record[key]!r}" for key in wrong)
            report.faults.append(f"{where}: found {found}, expected strings")
            continue
        if record["id"] in seen:
            report.faults.append(f"{where}: the id {record['id']!r} stands in line {seen[record['id']]} already")
        seen[record["id"]] = where.rpartition(":")[2]
        report.documents += 1
        if annotated:
            listed.add(located(root, record["annotation"]).resolve())
        _check_document(record, root, where, report)
    for folder in sorted({path.parent for path in listed}):
        try:
            standoffs = [path for path in named_files(folder, ".ann").values() if path.parent == folder]
        except UserError as error:
            report.faults.append(str(error))
            continue
        for stray in standoffs:
            if stray.resolve() not in listed:
                report.faults.append(f"{stray}: not in {manifest}; add its line or remove it")
    return report


def _check_document(record: dict[str, Any], root: Path, where: str, report: Report) -> None:
    if record["type"] not in DOCUMENT_TYPES:
        report.faults.append(f"{where}: found the type {record['type']!r}, expected one of {', '.join(DOCUMENT_TYPES)}")
    if record["origin"] not in ORIGINS:
        report.faults.append(f"{where}: found the origin {record['origin']!r}, expected one of {', '.join(ORIGINS)}")
    path = located(root, record["path"])
    standoff = located(root, record["annotation"]) if "annotation" in record else None
    absent = [file for file in (path, standoff) if file and not file.is_file()]
    if absent:
        report.faults += [f"{where}: {file} does not exist" for file in absent]
        return
    data = path.read_bytes()
    if checksum(data) != record["sha256"]:
        report.faults.append(f"{where}: {record['path']}: found sha256 {checksum(data)}, expected {record['sha256']}")
    try:
        text, rows = decoded(data, path), read_rows(standoff) if standoff else ""
    except UserError as error:
        report.faults.append(f"{where}: {error}")
        return
    if standoff is None:
        return
    spans, faults = numbered_brat(rows, text, record["annotation"])
    report.faults += [*faults, *cuts_in(spans, text)]
    report.spans += len(spans)
    counted = Counter(entity.label for entity, _ in spans)
    found = {label: counted[label] for label in LABELS}
    if found != record["spans"] and not faults:
        report.faults.append(f"{where}: {record['annotation']}: found the counts {found}, expected {record['spans']}")

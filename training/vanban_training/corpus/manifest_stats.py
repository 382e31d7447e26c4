"""What annotated documents there are: how many of each type, origin, region and year, and their spans by label."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from vanban.errors import UserError
from vanban.reading.text import checksum
from vanban.schema import DOCUMENT_TYPES, LABELS
from vanban_training.corpus.rows import numbered_rows, read_record

UNKNOWN: Final = "not stated"

Row = dict[str, Any]


def manifest_tables(manifests: Sequence[Path]) -> str:
    """Return Markdown tables of the documents of manifests, and the checksums of these.

    Raises UserError for a manifest that can't be read.
    """
    rows = [row for manifest in manifests for row in _rows(manifest)]
    stated = dict.fromkeys(str(row["type"]) for row in rows)
    types = [*(kind for kind in DOCUMENT_TYPES if kind in stated), *(k for k in stated if k not in DOCUMENT_TYPES)]
    tables = [
        _table("type", rows, lambda row: str(row["type"]), types),
        _table("origin", rows, lambda row: str(row.get("origin") or UNKNOWN)),
        _table("region", rows, lambda row: str(row.get("region") or UNKNOWN)),
        _table("year", rows, lambda row: str(row["date"])[:4] if row.get("date") else UNKNOWN),
    ]
    checksums = [f"{manifest}: sha256 {checksum(manifest.read_bytes())}" for manifest in manifests]
    return "\n\n".join([*tables, "\n".join(checksums)])


def _rows(manifest: Path) -> list[Row]:
    if not manifest.is_file():
        raise UserError(f"{manifest}: no such manifest (looked in {Path.cwd()})")
    rows = []
    for where, row in numbered_rows(manifest):
        record = read_record(row, where)
        spans = record.get("spans", {})
        if "type" not in record or not (isinstance(spans, dict) and all(type(n) is int for n in spans.values())):
            raise UserError(
                f'{where}: expected "type", and counts in "spans"; see: vanban annotations check {manifest}'
            )
        rows.append(record)
    return rows


def _table(name: str, rows: list[Row], key: Callable[[Row], str], order: list[str] | None = None) -> str:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    lines = [
        f"| {name} | documents | {' | '.join(LABELS)} | all spans |",
        f"|---|{'--:|' * (len(LABELS) + 2)}",
    ]
    for group in [*(order or sorted(groups)), None]:
        members = rows if group is None else groups[group]
        counts = [sum(row.get("spans", {}).get(label, 0) for row in members) for label in LABELS]
        cells = [len(members), *counts, sum(counts)]
        lines.append(f"| {'all' if group is None else group} | {' | '.join(f'{n:,}' for n in cells)} |")
    return "\n".join(lines)

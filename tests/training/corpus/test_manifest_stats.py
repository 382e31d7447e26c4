"""The tables of what annotated documents there are."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from project import ROOT
from vanban.errors import UserError
from vanban.schema import DOCUMENT_TYPES
from vanban_training.corpus.manifest_stats import manifest_tables


def test_tables(tmp_path: Path) -> None:
    rows = [
        {
            "type": "chi_thi",
            "origin": "authored",
            "region": "Bắc",
            "date": "2020-05",
            "spans": {"PLACE": 1200, "COUNT": 1},
        },
        {"type": "tin_bao_chi", "origin": "seed", "date": None, "spans": {"OFFICIAL": 2}},
        {"type": "chi_thi", "origin": "seed", "region": None, "date": "2020-01-02"},  # read for its type alone
    ]
    manifest = tmp_path / "m.jsonl"
    manifest.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert manifest_tables([manifest]) == (
        "| type | documents | OFFICIAL | PLACE | COUNT | DIRECTIVE | all spans |\n"
        "|---|--:|--:|--:|--:|--:|--:|\n"
        "| tin_bao_chi | 1 | 2 | 0 | 0 | 0 | 2 |\n"
        "| chi_thi | 2 | 0 | 1,200 | 1 | 0 | 1,201 |\n"
        "| all | 3 | 2 | 1,200 | 1 | 0 | 1,203 |\n\n"
        "| origin | documents | OFFICIAL | PLACE | COUNT | DIRECTIVE | all spans |\n"
        "|---|--:|--:|--:|--:|--:|--:|\n"
        "| authored | 1 | 0 | 1,200 | 1 | 0 | 1,201 |\n"
        "| seed | 2 | 2 | 0 | 0 | 0 | 2 |\n"
        "| all | 3 | 2 | 1,200 | 1 | 0 | 1,203 |\n\n"
        "| region | documents | OFFICIAL | PLACE | COUNT | DIRECTIVE | all spans |\n"
        "|---|--:|--:|--:|--:|--:|--:|\n"
        "| Bắc | 1 | 0 | 1,200 | 1 | 0 | 1,201 |\n"
        "| not stated | 2 | 2 | 0 | 0 | 0 | 2 |\n"
        "| all | 3 | 2 | 1,200 | 1 | 0 | 1,203 |\n\n"
        "| year | documents | OFFICIAL | PLACE | COUNT | DIRECTIVE | all spans |\n"
        "|---|--:|--:|--:|--:|--:|--:|\n"
        "| 2020 | 2 | 0 | 1,200 | 1 | 0 | 1,201 |\n"
        "| not stated | 1 | 2 | 0 | 0 | 0 | 2 |\n"
        "| all | 3 | 2 | 1,200 | 1 | 0 | 1,203 |\n\n"
        f"{manifest}: sha256 {hashlib.sha256(manifest.read_bytes()).hexdigest()}"
    )


def test_types_of_others_stand_below_those_of_the_project(tmp_path: Path) -> None:
    manifest = tmp_path / "m.jsonl"
    manifest.write_text('{"type": "bien_ban"}\n{"type": "chi_thi"}\n', encoding="utf-8")
    assert manifest_tables([manifest]).splitlines()[2:5] == [
        "| chi_thi | 1 | 0 | 0 | 0 | 0 | 0 |",
        "| bien_ban | 1 | 0 | 0 | 0 | 0 | 0 |",
        "| all | 2 | 0 | 0 | 0 | 0 | 0 |",
    ]


def test_the_documents_of_the_project() -> None:
    manifests = [ROOT / "annotations/documents.jsonl", ROOT / "annotations/typed.jsonl"]
    tables = manifest_tables(manifests)
    rows = [line.split(" | ") for line in tables.splitlines() if line.startswith("| ")]
    totals = [row for row in rows if row[0] == "| all"]
    assert [(row[1], row[-1]) for row in totals] == [("812", "26,350 |")] * 4
    by_type = {row[0].removeprefix("| "): int(row[1]) for row in rows[1 : rows.index(totals[0])]}
    assert list(by_type) == list(DOCUMENT_TYPES)
    assert sum(by_type.values()) == 812
    assert [line.split(": sha256 ")[0] for line in tables.splitlines()[-2:]] == [str(path) for path in manifests]
    assert "| all | 519 |" in manifest_tables(manifests[:1]) and "| all | 293 | 0 | 0 | 0 | 0 | 0 |" in manifest_tables(
        manifests[1:]
    )


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ('{"type": "chi_thi", "spans": [1]}', 'expected "type", and counts in "spans"; see: vanban annotations check'),
        (
            '{"type": "chi_thi", "spans": {"PLACE": null}}',
            'expected "type", and counts in "spans"; see: vanban annotations check',
        ),
        ('{"spans": {}}', 'expected "type", and counts in "spans"; see: vanban annotations check'),
        ("[1]", "expected an object, found list"),
    ],
)
def test_a_line_that_is_no_document(tmp_path: Path, row: str, message: str) -> None:
    manifest = tmp_path / "m.jsonl"
    manifest.write_text(row, encoding="utf-8")
    with pytest.raises(UserError, match=rf"m\.jsonl:1: {message}"):
        manifest_tables([manifest])
    with pytest.raises(UserError, match=r"nowhere: no such manifest"):
        manifest_tables([tmp_path / "nowhere"])

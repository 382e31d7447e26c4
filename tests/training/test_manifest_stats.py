"""The tables of what annotated documents there are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from project import ROOT
from vanban.errors import UserError
from vanban_training.manifest_stats import manifest_tables


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
        {"type": "chi_thi", "origin": "seed", "region": None, "date": "2020-01-02", "spans": {}},
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
        "| all | 3 | 2 | 1,200 | 1 | 0 | 1,203 |"
    )


def test_the_documents_of_the_project() -> None:
    tables = manifest_tables([ROOT / "annotations/documents.jsonl", ROOT / "annotations/authored.jsonl"])
    assert "| all | 169 | 456 | 3,194 | 2,284 | 499 | 6,433 |" in tables
    assert "| tin_bao_chi | 36 |" in tables and "| thong_bao | 12 |" in tables and "| nghi_dinh | 11 |" in tables


@pytest.mark.parametrize("row", ['{"type": "chi_thi"}', "[1]"])
def test_a_line_that_is_no_document(tmp_path: Path, row: str) -> None:
    manifest = tmp_path / "m.jsonl"
    manifest.write_text(row, encoding="utf-8")
    with pytest.raises(UserError, match=r'm\.jsonl:1: expected "type" and "spans"; see: vanban annotations check'):
        manifest_tables([manifest])
    with pytest.raises(UserError, match=r"nowhere: no such manifest"):
        manifest_tables([tmp_path / "nowhere"])

"""The texts on which exports are held against their models."""

from __future__ import annotations

import json
from pathlib import Path

from project import ROOT
from vanban.network.shipped import SAMPLE
from vanban_training.shipping.sample import build_sample


def test_the_sample_that_ships_is_what_the_annotations_hold(tmp_path: Path) -> None:
    out = tmp_path / "sample.jsonl"
    number = build_sample(ROOT / "annotations" / "documents.jsonl", out)
    assert out.read_bytes() == SAMPLE.read_bytes()
    records = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert len(records) == number == 20
    assert len({record["id"] for record in records}) == number
    assert all(record.keys() == {"id", "text"} and record["text"].strip() for record in records)


def test_the_seeds_are_in_it(seeds: dict[str, str]) -> None:
    texts = [json.loads(line)["text"] for line in SAMPLE.read_text(encoding="utf-8").splitlines()]
    assert set(seeds.values()) <= set(texts)

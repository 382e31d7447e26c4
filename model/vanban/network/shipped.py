"""The models that ship with the package, by name: which folder of `bundled/` holds each."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from vanban.schema import Task

BUNDLED: Final = Path(__file__).parents[1] / "bundled"
BUNDLED_ENCODER: Final = BUNDLED / "encoder"
SAMPLE: Final = BUNDLED / "sample.jsonl"  # texts on which an export is held against its model

NAMES: Final = ("fast", "accurate")  # taggers of four and of twelve layers; without a name one of six is taken


def shipped_folder(name: str | None, task: Task) -> Path:
    """Return the folder of a shipped model; None is the one that is taken where none is named."""
    named = BUNDLED / name / task if name else BUNDLED / task
    return named if named.is_dir() else BUNDLED / task  # where it is the same model

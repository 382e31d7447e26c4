"""Names that tests import: the root of the checkout, tags and types, the type of `save_model`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parent.parent
TAGS = (
    "O", "B-OFFICIAL", "I-OFFICIAL", "B-PLACE", "I-PLACE", "B-COUNT", "I-COUNT", "B-DIRECTIVE", "I-DIRECTIVE",
)  # fmt: skip
TYPES = ("bao_cao", "thong_bao", "cong_van")
SaveModel = Callable[..., Path]

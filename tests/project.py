"""Names that tests import: the root of the checkout, tags and types, the type of `save_model`, `write`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parent.parent
TAGS = (
    "O", "B-OFFICIAL", "I-OFFICIAL", "B-PLACE", "I-PLACE", "B-COUNT", "I-COUNT", "B-DIRECTIVE", "I-DIRECTIVE",
)  # fmt: skip
TYPES = ("bao_cao", "thong_bao", "cong_van")
SaveModel = Callable[..., Path]


def write(path: str, data: bytes | str = b"") -> None:
    """Write a file, text as UTF-8, and make the folders above it."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_bytes(data if isinstance(data, bytes) else data.encode("utf-8"))

"""Which weights a run started from, by checksum: the folder of an encoder or a teacher may hold others another day."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from vanban.reading.text import checksum

# the first of these that a folder has is what is loaded
STORED: Final = ("model*.safetensors", "pytorch_model*.bin", "adapter_model.safetensors")


def weights_sha256(folder: Path) -> str:
    """Return the sha256 of the file of a model's weights; of several, that of what `sha256sum` prints of them."""
    files = next((found for pattern in STORED if (found := sorted(folder.glob(pattern)))), [])
    sums = {}
    for path in files:
        with path.open("rb") as file:
            sums[path.name] = hashlib.file_digest(file, "sha256").hexdigest()
    if len(sums) == 1:
        return next(iter(sums.values()))
    return checksum("".join(f"{value}  {name}\n" for name, value in sums.items()))

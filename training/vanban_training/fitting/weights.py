"""Files of weights: their checksums, by which a run knows its encoder and its teacher again, and what goes wrong."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from vanban.errors import UserError, reason_of
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


@contextmanager
def told_of(folder: Path | str) -> Iterator[None]:
    """Raise UserError, naming `folder`, where its weights can't be written, as on a full disk, or can't be read."""
    from safetensors import SafetensorError  # which is no OSError

    try:
        yield
    except SafetensorError as error:
        raise UserError(f"{folder}: its weights can't be written or read ({reason_of(error)})") from None

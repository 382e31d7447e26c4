"""A file that gets its name when it is whole."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vanban.errors import UserError


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Yield the path to write to, PATH.partial; it becomes PATH at the end, and goes where an error ends the block.

    Raises UserError for a PATH that is there and no file, OSError for one that can't be written.
    """
    if path.is_dir():
        raise UserError(f"{path}: is a folder, expected a file")
    if path.exists() and not path.is_file():  # it would be replaced
        raise UserError(f"{path}: is a device or a pipe, expected a file")
    path.parent.mkdir(parents=True, exist_ok=True)
    real = Path(os.path.realpath(path))  # a link stays a link
    partial = real.with_name(f"{real.name}.partial")
    try:
        yield partial
        with open(partial, "rb+") as file:  # else a power cut could leave the name without what it stands for
            os.fsync(file.fileno())
        os.replace(partial, real)
    finally:
        partial.unlink(missing_ok=True)

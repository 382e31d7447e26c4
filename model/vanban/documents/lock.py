"""One run at a time writes an output: a lock that ends with its process, however that ends."""

from __future__ import annotations

import contextlib
import os
import weakref
from io import FileIO
from pathlib import Path
from typing import Self

from vanban.errors import UserError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]


class Lock:
    """Holds the file `path`, which is there for this alone, until it is released or nothing refers to the lock.

    Where the system has no such locks, or the file system none, nothing is held. In a `with` it is released where the
    block raises, and only then.
    """

    def __init__(self, path: Path, output: Path) -> None:
        """Raise UserError when another run holds it, which writes `output`; OSError when the file can't be made."""
        file = FileIO(path, "ab")
        while not _is_held(file, path, output):  # the run before took the file away after it was opened here
            file.close()
            file = FileIO(path, "ab")
        self.release = weakref.finalize(self, _release, file, path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self.release()


def _is_held(file: FileIO, path: Path, output: Path) -> bool:
    if fcntl is None:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise UserError(f"another run writes {output} now; wait for it, or give -o another name") from None
    except OSError:
        return True
    try:
        return os.path.samestat(os.fstat(file.fileno()), os.stat(path))
    except FileNotFoundError:
        return False


def _release(file: FileIO, path: Path) -> None:
    with contextlib.suppress(OSError):
        os.unlink(path)
    file.close()

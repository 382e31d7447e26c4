"""What commands say on standard error, and the statuses that they exit with."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import Final

from vanban.reading.text import printable

SOME_FAILED: Final = 1
WRONG_USE: Final = 2
BROKEN_PIPE: Final = 141  # 128 + SIGPIPE, what other commands exit with
GUESSED: Final = "what the bytes and words say"  # the encoding that is taken where none is named


def say(message: str) -> None:
    """Print a message, which may hold names of files, to standard error."""
    print("\n".join(map(printable, message.split("\n"))), file=sys.stderr, flush=True)


def discard_output() -> None:
    """Let what is left for standard output go nowhere: Python would complain when it flushes it at its end."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

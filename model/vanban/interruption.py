"""Ctrl-C, and SIGTERM, which schedulers and containers send some 10 s before they kill: both end a command with what is
done kept, with the exit status 128 + the signal's number."""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
from types import FrameType
from typing import Final

INTERRUPTED: Final = 128 + signal.SIGINT
TERMINATED: Final = 128 + signal.SIGTERM


class Terminated(SystemExit):
    """SIGTERM, which is heeded as Ctrl-C is; where nothing catches it, the process ends with its exit status."""


def heed_sigterm() -> None:
    """Let SIGTERM raise Terminated in the main thread of this process, as Ctrl-C raises KeyboardInterrupt."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise Terminated(TERMINATED)

    signal.signal(signal.SIGTERM, stop)


def heed_stops() -> None:
    """Heed SIGTERM, and let a second Ctrl-C or SIGTERM end the process at once, with the same exit status.

    The first one is raised, and what it ends may take a while to write what is done. The second asks for no more than
    `kill -9` leaves, which is whole up to the last record. A process that ignores Ctrl-C still does.
    """
    is_stopping = False

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal is_stopping
        if is_stopping:
            with contextlib.suppress(OSError):
                os.write(2, b"interrupted again, and ended at once\n")
            os._exit(128 + number)
        is_stopping = True
        raise KeyboardInterrupt if number == signal.SIGINT else Terminated(TERMINATED)

    signal.signal(signal.SIGTERM, stop)
    if signal.getsignal(signal.SIGINT) not in (signal.SIG_IGN, None):
        signal.signal(signal.SIGINT, stop)
        # Python takes its handlers away while it ends, and then Ctrl-C would kill it: the status would be lost
        atexit.register(signal.signal, signal.SIGINT, signal.SIG_IGN)


def exit_status(stop: KeyboardInterrupt | Terminated) -> int:
    """Return the exit status of a command that was stopped."""
    return TERMINATED if isinstance(stop, Terminated) else INTERRUPTED

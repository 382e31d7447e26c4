"""Ctrl-C, and SIGTERM, which schedulers and containers send some 10 s before they kill: both end a command with what is
done kept, with the exit status 128 + the signal's number."""

from __future__ import annotations

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


def exit_status(stop: KeyboardInterrupt | Terminated) -> int:
    """Return the exit status of a command that was stopped."""
    return TERMINATED if isinstance(stop, Terminated) else INTERRUPTED

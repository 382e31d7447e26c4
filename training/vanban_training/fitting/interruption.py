"""What a run raises when the user stopped it."""

from __future__ import annotations

from vanban.interruption import INTERRUPTED


class Interrupted(Exception):
    """Training was stopped by the user; the message says where it stood. The last step is saved.

    `status`: what the command exits with.
    """

    def __init__(self, message: str, status: int = INTERRUPTED) -> None:
        super().__init__(message)
        self.status = status

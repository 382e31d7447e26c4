"""Failures as they are told: of each kind the first few, and how many more there were."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Final

from vanban.documents.document import Failure

MOST: Final = 5  # of a kind that are told one by one


class Failures:
    """Tells failures by `say` as they come, at most 5 of a kind; `end` tells how many were not told."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._found: Counter[str] = Counter()

    def tell(self, failure: Failure) -> None:
        """Tell one, or count it."""
        kind = failure.kind or failure.reason
        self._found[kind] += 1
        if self._found[kind] <= MOST:
            self._say(f"error: {failure}")

    def end(self) -> None:
        """Tell how many more there were of each kind."""
        for kind, number in self._found.items():
            if number > MOST:
                self._say(f"error: and {number - MOST} more: {kind}")

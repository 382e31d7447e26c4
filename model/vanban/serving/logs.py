"""What is told of errors: their kind and place. Their messages may hold what was asked, and are left out."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable


def place_of(error: BaseException) -> str:
    """Return what an error is, and where it was raised."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{type(error).__name__}" + (f" at {frames[-1].filename}:{frames[-1].lineno}" if frames else "")


class PlacesAlone(logging.Handler):
    """Tells of what packages log who logged it, at which place, and of which error."""

    def __init__(self, say: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self._say = say

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        told = f": {place_of(error)}" if error is not None else ""
        self._say(f"{record.name}: {record.levelname.lower()} at {record.pathname}:{record.lineno}{told}")


def tell_places_alone(say: Callable[[str], None]) -> None:
    """Let packages log in that way, and the reader of forms, which warns of each that is broken, not at all."""
    logging.basicConfig(handlers=[PlacesAlone(say)], level=logging.WARNING, force=True)
    logging.getLogger("python_multipart").setLevel(logging.CRITICAL)

"""Where results go: a stream, a file or shards (`file_output.py`), a folder (`folder_output.py`). Nothing
half-written gets its final name, and nothing is taken for written before all of it is."""

from __future__ import annotations

import select
from collections.abc import Callable
from io import FileIO
from typing import Any, BinaryIO, Final, Protocol

from vanban.documents.document import Document
from vanban.schema import Prediction

Render = Callable[[Document, Prediction], str]

TRY_NEXT: Final = "go on with --resume, or start again with --overwrite"


class Output(Protocol):
    """Takes results one by one. `start` comes first, `finish` last and only when nothing interrupted the run."""

    done: int
    """Documents written, those of an interrupted run included."""

    def start(self, settings: dict[str, Any]) -> None:
        """Open for writing. `settings` must be those of the run that is resumed, else UserError."""

    def has(self, document: Document) -> bool:
        """True when an interrupted run wrote the document. A UserError concerns this document only."""

    def write(self, document: Document, prediction: Prediction) -> None:
        """Write one result. A UserError concerns this document only; an OSError ends the run."""

    def finish(self, failed: int = 0) -> None:
        """Give the output its final name. Keep what --resume needs when documents `failed`."""

    def close(self) -> None:
        """Let another run write here: the last call, whatever happened."""


class StreamOutput:
    """Writes to a stream that can't be replaced: standard output, a pipe, a device."""

    def __init__(self, stream: BinaryIO, render: Render) -> None:
        self.done = 0
        self._stream = stream
        self._render = render

    def start(self, settings: dict[str, Any]) -> None:
        """Do nothing: the stream is open."""

    def has(self, document: Document) -> bool:
        """Return False: nothing is known of what a stream took."""
        return False

    def write(self, document: Document, prediction: Prediction) -> None:
        """Write all of it, so that a reader sees each result at once."""
        write_all(self._stream, self._render(document, prediction).encode("utf-8"))
        self.done += 1

    def finish(self, failed: int = 0) -> None:
        """Do nothing: what was written is out."""

    def close(self) -> None:
        """Do nothing: a stream has whoever writes to it."""


def write_all(stream: BinaryIO | FileIO, data: bytes) -> None:
    """Write all of `data` to a stream at once, past its buffer; raises OSError where it takes no more.

    What stands behind a stream may take a part of what it is given: standard output under `PYTHONUNBUFFERED=1`, a disk
    that is nearly full, a pipe that does not block. The rest is given again; a full pipe is waited for.
    """
    stream.flush()
    raw = getattr(stream, "raw", stream)
    left = memoryview(data)
    while left:
        taken = raw.write(left)
        if taken is None:  # does not block, and has no room now
            select.select([], [raw], [])
        else:
            left = left[taken:]

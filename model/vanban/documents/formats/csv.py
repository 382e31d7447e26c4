"""CSV: a row for each entity. It holds no texts, and is written only."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import BinaryIO, Final

from vanban.documents.formats.format import Format, Losses, Tagged
from vanban.documents.formats.losses import count_losses

COLUMNS: Final = ("document", "label", "start", "end", "text", "score")


def write(documents: Iterable[Tagged], file: BinaryIO, losses: Losses) -> None:
    """Write a row for each entity: its document's id, label, half-open code points, text and score.

    In UTF-8 with a byte order mark, without which Excel takes it for another encoding. What is no entity is lost.
    """
    rows = io.TextIOWrapper(file, encoding="utf-8-sig", errors="backslashreplace", newline="")
    try:
        writer = csv.writer(rows, lineterminator="\n")
        writer.writerow(COLUMNS)
        for document, prediction in documents:
            for entity in prediction.entities:
                writer.writerow((document.id, entity.label, entity.start, entity.end, entity.text, entity.score))
            count_losses(losses, document, prediction, kept=("scores",))
            losses["texts"] += 1
    finally:
        rows.detach()  # the file stays open


FORMAT: Final = Format("csv", "a row for each entity", (".csv",), write=write)

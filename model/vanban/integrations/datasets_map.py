"""A function for `map` of Hugging Face `datasets`: the columns of `vanban.scale.tag_dataset`, in Arrow.

    tagged = dataset.with_format("arrow").map(TagTable(), batched=True, batch_size=512).with_format(None)

It takes and gives tables of Arrow, so that columns have their types from the first batch on, also where nothing was
found in it, and so that `datasets` itself is not imported. Streams (`IterableDataset`) are mapped in the same way.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from vanban.documents.parquet_rows import pyarrow
from vanban.scale import TaggingActor, absolute
from vanban.schema import TASKS, Backend, Task


@dataclass
class TagTable:
    """Adds to each table of rows what was read in its column of texts.

    New are `entities` (a list of structs: label, start, end, text, score, value), `record`, `doc_type`,
    `doc_type_score`, `doc_type_scores` (a list of structs: type, score; the most probable first), `model` and `error`;
    a value and the record are text in JSON. A column that has the name of a new one is kept as `input_<name>`. A row
    without a text, or at which the model raises, has an `error` and nothing else.

    The models are loaded at the first table, in each process of `num_proc`; `datasets` tells by the fields alone
    whether a result is in its cache.
    """

    model: str | list[str] | None = None
    device: str = "auto"
    tasks: Sequence[Task] = TASKS
    text_column: str = "text"
    min_score: float = 0.0
    backend: Backend = "auto"
    values: bool = True
    threads: int = field(default_factory=lambda: os.cpu_count() or 1)
    _actor: TaggingActor | None = field(default=None, repr=False, compare=False)

    def __call__(self, table: Any) -> Any:
        """Return the table of pyarrow with the new columns, a row for each of its rows."""
        if self._actor is None:
            self._actor = TaggingActor(
                absolute(self.model), self.device, tuple(self.tasks), self.text_column, self.min_score,
                self.threads, self.backend, self.values,
            )  # fmt: skip
        tagged = self._actor(table)
        return _without_map(tagged, "doc_type_scores") if "doctype" in self.tasks else tagged

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_actor": None}


def _without_map(table: Any, name: str) -> Any:
    """Return the table with a column of maps as one of lists of structs: `datasets` has no maps."""
    arrow = pyarrow()
    kind = arrow.list_(arrow.struct([("type", arrow.string()), ("score", arrow.float64())]))
    place = table.column_names.index(name)
    rows = [row and [{"type": of, "score": score} for of, score in row] for row in table[name].to_pylist()]
    return table.set_column(place, name, arrow.array(rows, kind))

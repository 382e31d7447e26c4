"""`tag_dataset`: a Ray dataset with a column of texts → the same dataset with what was read in them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from vanban.errors import UserError
from vanban.schema import TASKS, Backend, Entity, Prediction, Task

if TYPE_CHECKING:
    from vanban.documents.document import Document, Failure
    from vanban.predictor import Models

ROWS_PER_GPU_BATCH: Final = 256  # Ray wants a number of rows where an actor has a GPU
COLUMNS: Final[dict[Task, tuple[str, ...]]] = {
    "ner": ("entities", "record"),
    "doctype": ("doc_type", "doc_type_score", "doc_type_scores"),
}


def tag_dataset(
    dataset: Any,
    model: Models = None,
    device: str = "auto",
    tasks: Sequence[Task] = TASKS,
    *,
    text_column: str = "text",
    min_score: float = 0.0,
    backend: Backend = "auto",
    values: bool = True,
    actors: int | tuple[int, int] | None = None,
    cpus_per_actor: int = 1,
    batch_size: int | None = None,
) -> Any:
    """Return a `ray.data.Dataset` with the columns of `dataset` and those of the predictions.

    `dataset` needs a column of strings, `text_column`. All its columns stay; one that has the name of a new one is kept
    as `input_<name>`. New are `entities` (a list of structs: label, start, end, text, score, value), `record`,
    `doc_type`, `doc_type_score`, `doc_type_scores` (a map, the most probable first), `model` and `error`; columns of a
    task that is not among `tasks` are left out. A value and the record are text in JSON, null without `values`. A row
    without a text, or at which the model raises, has an `error` and nothing else.

    `model`, `tasks` and `backend` are those of `load`; a directory must be there on every node. `device` is `cpu`,
    `cuda`, or `auto`: `cuda` where the cluster has GPUs. Each actor loads the models once, computes on `cpus_per_actor`
    threads and has one GPU with `cuda`. `actors` is their number, or the least and the most; None: from one to as many
    as fit.

    `batch_size` is the rows that Ray hands to an actor at once, None: a whole block. The actor batches them by
    characters, as `Predictor.stream` does, so that rows of any lengths go together. Rows come in no order.

    Nothing runs before the dataset is written or iterated over. Raises UserError when ray is not installed, and for
    another device.
    """
    need_ray()
    import ray
    from ray.data import ActorPoolStrategy

    if device not in ("auto", "cpu", "cuda"):
        raise UserError(f"device {device}: expected auto, cpu or cuda; Ray chooses the GPU of each actor")
    held = ray.cluster_resources()
    if device == "auto":
        device = "cuda" if held.get("GPU", 0) >= 1 else "cpu"
    on_gpu = device == "cuda"
    fitting = int(held.get("GPU", 0)) if on_gpu else int(held.get("CPU", 0)) // cpus_per_actor
    least, most = (1, max(1, fitting)) if actors is None else (actors, actors) if isinstance(actors, int) else actors
    return dataset.map_batches(
        TaggingActor,
        fn_constructor_kwargs={
            "models": absolute(model),
            "device": device,
            "backend": backend,
            "values": values,
            "tasks": tuple(tasks),
            "text_column": text_column,
            "min_score": min_score,
            "threads": cpus_per_actor,
        },
        batch_format="pyarrow",
        batch_size=batch_size or (ROWS_PER_GPU_BATCH if on_gpu else None),
        compute=ActorPoolStrategy(min_size=least, max_size=most),
        # Ray calls both at once experimental: an actor with a GPU is bound by it
        **({"num_gpus": 1} if on_gpu else {"num_cpus": cpus_per_actor}),
        udf_modifying_row_count=False,
    )


def need_ray() -> None:
    """Raise UserError when Ray Data can't be imported."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is reported to anybody
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")  # what it says otherwise at each start
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")  # what goes wrong is raised, too
    try:
        import ray.data  # noqa: F401
    except ImportError as error:
        raise UserError(f"Ray Data is not installed ({error}): pip install 'vanban[ray]'") from None


def absolute(model: Models) -> list[str]:
    """Return models as actors find them, who work in other folders: paths that are there become absolute."""
    names = [] if model is None else [model] if isinstance(model, (str, os.PathLike)) else model
    return [os.path.abspath(name) if os.path.exists(name) else str(name) for name in names]


class TaggingActor:
    """Loads the models once, then adds to each table of rows the columns of the predictions."""

    def __init__(
        self,
        models: list[str],
        device: str,
        tasks: tuple[Task, ...],
        text_column: str = "text",
        min_score: float = 0.0,
        threads: int = 1,
        backend: Backend = "auto",
        values: bool = True,
    ) -> None:
        # before torch is imported; several actors on a machine would otherwise take all of its cores each
        os.environ["OMP_NUM_THREADS"] = str(threads)
        from vanban.documents.loading import load_predictor

        self._tasks = tasks
        self._text_column = text_column
        self._min_score = min_score
        self._failed: Exception | None = None
        try:
            self._predictor = load_predictor(models, device, tasks, backend, values)
            import torch

            torch.set_num_threads(threads)
        except Exception as error:  # of an actor that can't begin Ray makes another, for ever
            self._failed = error

    def __call__(self, table: Any) -> Any:
        """Return the pyarrow table with the new columns, one row for each, in its order."""
        from vanban.documents.batch import tag_documents
        from vanban.documents.document import Failure

        if self._failed is not None:
            raise self._failed
        name = self._text_column
        if name not in table.column_names:
            raise UserError(f"found the columns {', '.join(table.column_names)}, expected {name}: give text_column")
        rows = [_document(number, text) for number, text in enumerate(table[name].to_pylist())]
        # the predictor takes as many of them at a time as 400,000 characters
        tagged = tag_documents(rows, self._predictor, batch_size=max(1, len(rows)))
        results = [item.reason if isinstance(item, Failure) else item[1] for item in tagged]
        kept = table.rename_columns(own_names(table.column_names, columns_of(self._tasks)))
        for name, column in self._columns(results).items():
            kept = kept.append_column(name, column)
        return kept

    def _columns(self, results: list[Prediction | str]) -> dict[str, Any]:
        import pyarrow as pa

        from vanban.documents.formats.json_values import to_json
        from vanban.documents.parquet_output import entities_type, scores_type

        found = [r if isinstance(r, Prediction) else None for r in results]
        columns: dict[str, Any] = {}
        if "ner" in self._tasks:
            columns["entities"] = pa.array([p and self._entities(p.entities) for p in found], entities_type())
            records = [p and p.record and to_json(p.record.to_dict()) for p in found]
            columns["record"] = pa.array(records, pa.string())
        if "doctype" in self._tasks:
            columns["doc_type"] = pa.array([p and p.doc_type for p in found], pa.string())
            columns["doc_type_score"] = pa.array([p and p.doc_type_score for p in found], pa.float64())
            columns["doc_type_scores"] = pa.array([p and list(p.doc_type_scores.items()) for p in found], scores_type())
        columns["model"] = pa.array([p and p.model for p in found], pa.string())
        columns["error"] = pa.array([r if isinstance(r, str) else None for r in results], pa.string())
        return columns

    def _entities(self, entities: Sequence[Entity]) -> list[dict[str, Any]]:
        from vanban.documents.parquet_output import entities_row

        return entities_row([entity.to_dict() for entity in entities if entity.score >= self._min_score])


def columns_of(tasks: Sequence[Task]) -> tuple[str, ...]:
    """Return the names of the new columns, in their order."""
    return (*(name for task in TASKS if task in tasks for name in COLUMNS[task]), "model", "error")


def own_names(names: Sequence[str], new: Sequence[str]) -> list[str]:
    """Return the names of columns as they are kept beside the `new` ones: `input_model` for `model`."""
    kept: list[str] = []
    for name in names:
        own = name
        while own in new or (own != name and own in names) or own in kept:
            own = f"input_{own}"
        kept.append(own)
    return kept


def _document(number: int, text: object) -> Document | Failure:
    from vanban.documents.document import Document, Failure

    where = f"row {number}"
    if not isinstance(text, str):
        found = "null" if text is None else type(text).__name__
        return Failure(where, f"expected a text that is a string, found {found}")
    return Document(where, text, where, where, where)

"""Models are loaded as a command loads them: without bars and advice."""

from __future__ import annotations

import gc
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from vanban.errors import UserError
from vanban.schema import Backend, Task

if TYPE_CHECKING:
    from vanban.predictor import Predictor


# PyTorch and its oneDNN keep what they prepare for each shape of a batch, 1,024 shapes each by default: with 5 MB more
# for each chunk of documents memory grew by hundreds of MB. With few, memory stays, and so does the speed.
CACHES: Final = ("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "LRU_CACHE_CAPACITY")
SHAPES: Final = "16"


def load_predictor(
    models: Sequence[str], device: str, tasks: Sequence[Task], backend: Backend = "auto", values: bool = True
) -> Predictor:
    """Load models without the loading bars and the advice of transformers.

    Raises UserError where there is no such model, and for files of it that can't be read or written.
    """
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    for cache in CACHES:
        os.environ.setdefault(cache, SHAPES)
    from vanban.predictor import load

    try:
        predictor = load(list(models), device, tasks, backend, values)
    except OSError as error:
        raise UserError(f"{error.filename or 'the model'}: can't be loaded: {error.strerror or error}") from None
    # what is loaded stays: to look through it again and again for cycles took a fifth of the time of values and writing
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
    return predictor

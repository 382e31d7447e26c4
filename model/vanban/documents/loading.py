"""Models are loaded as a command loads them: without bars and advice."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from vanban.schema import Task

if TYPE_CHECKING:
    from vanban.predictor import Predictor


def load_predictor(models: Sequence[str], device: str, tasks: Sequence[Task]) -> Predictor:
    """Load models without the loading bars and the advice of transformers."""
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    # oneDNN keeps a compiled product for each shape of a batch, 1,024 by default: memory grew by 6 MB a chunk
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "128")
    from transformers.utils import logging

    from vanban.predictor import load

    logging.disable_progress_bar()
    return load(list(models), device, tasks)


def has_gpu() -> bool:
    """True where `auto` takes a GPU."""
    import torch

    return torch.cuda.is_available()

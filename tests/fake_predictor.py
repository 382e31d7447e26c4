"""A predictor that worker processes load by the name of this module: it needs no network, and dies when it is told."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from vanban.errors import UserError
from vanban.schema import Entity, Prediction

DELAY: Final = "FAKE_DELAY"  # seconds for each text, in the environment


class Fake:
    """Marks the first character of each text as a COUNT. Its scores depend on the texts of a batch, as in bfloat16.

    A text that begins with BOOM raises; one that is `die PATH` kills the process unless the file is there, which is
    made; one that is `die always` kills in any case.
    """

    name = "fake"
    info: dict[str, Any] = {}  # noqa: RUF012
    tagger = object()

    def predict_batch(self, texts: Sequence[str]) -> list[Prediction]:
        for text in texts:
            time.sleep(float(os.environ.get(DELAY, "0")))
            if text.startswith("BOOM"):
                raise RuntimeError("no such token")
            if text.startswith("die "):
                marker = Path(text.removeprefix("die "))
                if text == "die always" or not marker.exists():
                    if text != "die always":
                        marker.touch()
                    os.kill(os.getpid(), signal.SIGKILL)
        score = sum(map(len, texts)) % 1000 / 1000
        return [Prediction(t, (Entity("COUNT", 0, 1, t[0], score),) if t else (), self.name) for t in texts]


def load() -> Any:
    """Return the predictor."""
    return Fake()


def load_as_tag(models: Sequence[str], device: str, tasks: Sequence[str], backend: str, values: bool) -> Any:
    """Return the predictor, as `load_predictor` of `documents.loading` does."""
    return Fake()


def load_in_vain() -> Any:
    """Raise what is raised where there is no model."""
    raise UserError("modle: no such folder")


def load_with_threads() -> Any:
    """Return a predictor whose name is the number of threads that its process was given."""
    fake = Fake()
    fake.name = f"{os.environ['OMP_NUM_THREADS']} {os.environ['RAYON_NUM_THREADS']}"
    return fake

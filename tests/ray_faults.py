"""What goes wrong in the workers of the tests' Ray cluster, by words in the texts; installed in each of its processes.

FAULTY: the model raises. DEADLY: the process is killed, the first time. FINAL: the job fails, the first time, when
results of other documents are there. Networks run in float32, as in all tests.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

FOLDER = "VANBAN_TEST_FAULTS"  # names the folder that tells what has happened


def first_time(word: str) -> bool:
    try:
        (Path(os.environ[FOLDER]) / word).mkdir()
    except FileExistsError:
        return False
    return True


def install() -> None:
    from vanban.network import runner
    from vanban.predictor import Predictor
    from vanban.scale import TaggingActor

    predict_batch, call = Predictor.predict_batch, TaggingActor.__call__

    def predict_with_faults(self: Predictor, texts: Sequence[str]) -> list[Any]:
        if any("FAULTY" in text for text in texts):
            raise ValueError("a fault of the tests")
        return predict_batch(self, texts)

    def call_with_faults(self: TaggingActor, table: Any) -> Any:
        found = "".join(text or "" for text in table["text"].to_pylist())
        if "DEADLY" in found and first_time("DEADLY"):
            os.kill(os.getpid(), signal.SIGKILL)
        if "FINAL" in found and first_time("FINAL"):
            for _ in range(300):
                if any(Path(os.environ[FOLDER]).glob("out/tagged_*")):
                    break
                time.sleep(0.1)
            raise RuntimeError("the last fault of the tests")
        return call(self, table)

    def float32(device: Any, exact: bool = False) -> Any:
        import torch  # here, since most processes need none

        return torch.float32

    runner.dtype_of = float32
    Predictor.predict_batch = predict_with_faults  # type: ignore[method-assign]
    TaggingActor.__call__ = call_with_faults  # type: ignore[method-assign]

"""A network that was exported: ONNX Runtime runs it, and torch is not needed."""

from __future__ import annotations

import ctypes
import os
import weakref
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from vanban.errors import UserError, reason_of
from vanban.machine import cores

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float32]

# ONNX Runtime 1.32 adds and normalizes in one step that takes five times as long as the two
SLOWER_FUSED: Final = ("SkipLayerNormFusion",)


class OnnxNetwork:
    """A `model.onnx` that takes `input_ids` and `attention_mask`, (windows, tokens), and gives `logits`."""

    def __init__(self, path: Path, threads: int | None = None) -> None:
        """`threads` None: as many as OMP_NUM_THREADS says, else as this process may use cores.

        Raises UserError where ONNX Runtime is not installed, or can't read the file.
        """
        self.path = path
        self.threads = threads or threads_of_this_process()
        self._session = self._open()
        _networks.add(self)

    def _open(self) -> Any:
        runtime = import_runtime()
        options = runtime.SessionOptions()
        options.intra_op_num_threads = self.threads
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # two processes would fight
        options.log_severity_level = 3
        try:
            return runtime.InferenceSession(
                self.path, options, providers=["CPUExecutionProvider"], disabled_optimizers=SLOWER_FUSED
            )
        except Exception as error:  # its own kinds of errors, one for each reason
            raise UserError(
                f"{self.path}: ONNX Runtime can't read it ({reason_of(error)}); export the model again: vanban export"
            ) from None

    @property
    def classes(self) -> int | None:
        """The number of classes that it tells apart, where the file says so."""
        last = self._session.get_outputs()[0].shape[-1]
        return last if isinstance(last, int) else None

    def logits(self, batches: Iterable[tuple[IntArray, IntArray]]) -> Iterator[FloatArray]:
        """Yield the logits of each batch of ids and their mask: (windows, tokens, tags), or (windows, types)."""
        for ids, mask in batches:
            if self._session is None:
                self._session = self._open()
            yield self._session.run(["logits"], {"input_ids": ids, "attention_mask": mask})[0]


_networks: weakref.WeakSet[OnnxNetwork] = weakref.WeakSet()


def _after_fork() -> None:
    """Let the sessions go that were open: a forked child has none of their threads, and needs new ones.

    What is freed waits for its threads, here for ever. So no session is freed, and a child that ends, as gunicorn's do
    by themselves, goes when Python is done with it: ONNX Runtime has a thread of its own from its import on.
    """
    networks = list(_networks)
    for network in networks:
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(network._session))
        network._session = None
    libc = ctypes.CDLL(None)
    if networks and hasattr(libc, "on_exit"):
        libc.on_exit(libc._exit, None)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def import_runtime() -> Any:
    """Return the module of ONNX Runtime; raises UserError, which names the extra, where it is not installed."""
    try:
        import onnxruntime
    except ImportError as error:
        raise UserError(
            f"the back end onnx needs {error.name or 'onnxruntime'}: pip install 'vanban[onnx]', or take torch"
        ) from None
    onnxruntime.disable_telemetry_events()  # some of its builds can report to its makers
    return onnxruntime


def threads_of_this_process() -> int:
    """Return OMP_NUM_THREADS, which torch heeds as well, or the number of cores that this process may use."""
    wished = os.environ.get("OMP_NUM_THREADS", "").split(",")[0].strip()
    if wished.isdigit() and int(wished) > 0:
        return int(wished)
    return cores()

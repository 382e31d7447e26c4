"""A network that was exported: ONNX Runtime runs it, and torch is not needed."""

from __future__ import annotations

import ctypes
import itertools
import os
import weakref
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
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
    """A `model.onnx` that takes `input_ids` and `attention_mask`, (windows, tokens), and gives `logits`.

    Each batch is computed by one thread, several of them at once: threads that share one wait for each other at every
    step, which costs a quarter of the time of two, and more of more.
    """

    def __init__(self, path: Path, threads: int | None = None) -> None:
        """`threads` None: as many as OMP_NUM_THREADS says, else as this process may use cores.

        Raises UserError where ONNX Runtime is not installed, or can't read the file.
        """
        self.path = path
        self.threads = threads or threads_of_this_process()
        self._session = self._open()
        self._pool: ThreadPoolExecutor | None = None
        _networks.add(self)

    def _open(self) -> Any:
        runtime = import_runtime()
        options = runtime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
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
        if self._session is None:
            self._session = self._open()
        batches = iter(batches)
        first = list(itertools.islice(batches, 1 if self.threads == 1 else 2))
        if len(first) < 2:  # there is nothing to share
            yield from map(self._run, itertools.chain(first, batches))
            return
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self.threads, "vanban-onnx")
        computed: deque[Future[FloatArray]] = deque()
        try:
            for batch in itertools.chain(first, batches):
                computed.append(self._pool.submit(self._run, batch))
                if len(computed) > self.threads:
                    yield computed.popleft().result()
            while computed:
                yield computed.popleft().result()
        finally:  # also of a stream that is left
            for future in computed:
                future.cancel()

    def _run(self, batch: tuple[IntArray, IntArray]) -> FloatArray:
        ids, mask = batch
        logits: FloatArray = self._session.run(["logits"], {"input_ids": ids, "attention_mask": mask})[0]
        return logits


_networks: weakref.WeakSet[OnnxNetwork] = weakref.WeakSet()


def _after_fork() -> None:
    """Let the sessions go that were open, and the threads: a forked child has none of them, and needs new ones.

    What is freed waits for its threads, here for ever. So nothing is freed, and a child that ends, as gunicorn's do by
    themselves, goes when Python is done with it: ONNX Runtime has a thread of its own from its import on.
    """
    networks = list(_networks)
    for network in networks:
        for lost in (network._session, network._pool):
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(lost))
        network._session = network._pool = None
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

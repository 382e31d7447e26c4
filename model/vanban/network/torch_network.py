"""A network of transformers on a device: the back end that needs no export, and that trains."""

from __future__ import annotations

import contextlib
import ctypes
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from vanban.network.forks import alone
from vanban.network.onnx_network import FloatArray, IntArray

if TYPE_CHECKING:
    import torch


class TorchNetwork:
    """A network of transformers that computes in one precision on one device."""

    def __init__(self, network: Any, device: torch.device, dtype: torch.dtype) -> None:
        self.device, self.dtype = device, dtype
        with alone():
            self.module = network.to(device, dtype)
        _return_memory()

    def logits(self, batches: Iterable[tuple[IntArray, IntArray]]) -> Iterator[FloatArray]:
        """Yield the logits of each batch of ids and their mask: (windows, tokens, tags), or (windows, types).

        On a GPU the next batch is copied there, from pinned memory, while it computes the one before.
        """
        before: torch.Tensor | None = None
        for ids, mask in batches:
            scores = self._forward(ids, mask)
            if self.device.type == "cpu":
                yield scores.numpy()
                continue
            if before is not None:
                yield before.cpu().numpy()
            before = scores
        if before is not None:
            yield before.cpu().numpy()

    def _forward(self, ids: IntArray, mask: IntArray) -> torch.Tensor:
        import torch

        with torch.inference_mode():
            scores: torch.Tensor = self.module(input_ids=self._copy(ids), attention_mask=self._copy(mask)).logits
            return scores.float()

    def _copy(self, array: IntArray) -> torch.Tensor:
        import torch

        tensor = torch.from_numpy(array)
        if self.device.type == "cpu":
            return tensor.to(self.device)
        return tensor.pin_memory().to(self.device, non_blocking=True)


def _return_memory() -> None:
    """Have glibc, which keeps what is freed, return it to the system: after the shipped models were read, 200 MB."""
    with contextlib.suppress(AttributeError, OSError, TypeError):  # other C libraries lack the function
        ctypes.CDLL(None).malloc_trim(0)

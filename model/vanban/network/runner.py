"""A network on a device: windows of token ids in, rows of scores out, in batches of like length."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from vanban.errors import UserError
from vanban.network.onnx_network import FloatArray, OnnxNetwork
from vanban.network.torch_network import TorchNetwork
from vanban.reading.encoding import EncodedText, IntArray, Window, batches_by_length

if TYPE_CHECKING:
    import torch

    from vanban.reading.encoding import TextEncoder

# tests/benchmarks/token_budget.py, tokens/s on one thread: on an Intel Xeon bfloat16 is best with 4,096 and has 96 % of
# it with 2,048; on an AMD EPYC 2,048 is best, 512 to 4,096 have 96 % and more, of float32 94 % and more.
# int8 wants batches that fit the cache: of 256, its best, 512 has 98 %, 2,048 82 %
TOKENS_PER_BATCH: Final = {"cpu": 2048, "onnx": 512, "cuda": 32768}


class Runner:
    """Runs the windows of documents through one network."""

    def __init__(
        self,
        network: Any,
        encoder: TextEncoder,
        device: str,
        tokens_per_batch: int | None = None,
        exact: bool = False,
    ) -> None:
        """`network` is one of transformers, or one that was exported, which runs on the CPU.

        `device` is `auto`, `cpu`, `cuda` or `cuda:N`; `tokens_per_batch` bounds the padded tokens of a batch. `exact`
        keeps to float32.
        """
        if isinstance(network, OnnxNetwork):
            if device not in ("auto", "cpu"):
                raise UserError(f"device {device!r}: the back end onnx runs on the CPU; take cpu or torch")
            self.network: OnnxNetwork | TorchNetwork = network
            kind = "onnx"
        else:
            where = device_of(device)
            self.network = TorchNetwork(network, where, dtype_of(where, exact))
            kind = where.type
        self._encoder = encoder
        self.tokens_per_batch = tokens_per_batch or TOKENS_PER_BATCH[kind]

    def run(self, windows: Sequence[tuple[EncodedText, Window]]) -> list[FloatArray]:
        """Return what the network says of each window, in their order.

        That is (window tokens, classes) of a token classifier and (classes,) of a sequence classifier.
        """
        ids = [document.ids[window.start : window.end] for document, window in windows]
        special = len(self._encoder.prefix) + len(self._encoder.suffix)
        batches = list(batches_by_length([len(i) for i in ids], self.tokens_per_batch, special))
        logits = self.network.logits(self._padded([ids[index] for index in batch]) for batch in batches)
        first = len(self._encoder.prefix)
        rows: dict[int, FloatArray] = {}
        for batch, scores in zip(batches, logits, strict=True):
            for index, row in zip(batch, scores, strict=True):
                rows[index] = row if row.ndim == 1 else row[first : first + len(ids[index])]
        return [rows[index] for index in range(len(windows))]

    def _padded(self, batch: Sequence[IntArray]) -> tuple[IntArray, IntArray]:
        """Return (windows, longest) ids with the special tokens around, and the mask of what is no padding."""
        rows = [self._encoder.with_special_tokens(ids) for ids in batch]
        longest = max(len(row) for row in rows)
        assert longest <= self._encoder.window_tokens, "a window is longer than the encoder's positions"
        input_ids = np.full((len(rows), longest), self._encoder.pad_id, dtype=np.int64)
        mask = np.zeros((len(rows), longest), dtype=np.int64)
        for number, row in enumerate(rows):
            input_ids[number, : len(row)] = row
            mask[number, : len(row)] = 1
        return input_ids, mask


def device_of(device: str) -> torch.device:
    """Return the device of that name; raises UserError for one that this machine lacks."""
    import torch

    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        chosen = torch.device(device)
    except RuntimeError:
        raise UserError(f"device {device!r}: expected auto, cpu, cuda or cuda:N") from None
    if chosen.type not in ("cpu", "cuda"):
        raise UserError(f"device {device!r}: expected auto, cpu, cuda or cuda:N")
    if chosen.type == "cuda" and (not torch.cuda.is_available() or (chosen.index or 0) >= torch.cuda.device_count()):
        raise UserError(
            f"device {device!r}: this machine has {torch.cuda.device_count()} CUDA devices; use cpu or auto"
        )
    return chosen


def dtype_of(device: torch.device, exact: bool = False) -> torch.dtype:
    """bfloat16 where the hardware multiplies in it, float32 elsewhere (emulated, it is slower) and where `exact`."""
    import torch

    if exact:
        return torch.float32
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float32
    native = torch.cpu._is_amx_tile_supported() or torch.cpu._is_avx512_bf16_supported()
    return torch.bfloat16 if native else torch.float32

"""A network on a device: windows of token ids in, rows of scores out, in batches of like length."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from vanban.errors import UserError
from vanban.reading.encoding import EncodedText, IntArray, Window, batches_by_length

if TYPE_CHECKING:
    import torch

    from vanban.reading.encoding import TextEncoder

# tests/benchmarks/token_budget.py, tokens/s on one thread of a CPU: in bfloat16 4,096 is best and 2,048 has 96 % of it,
# 1,024 88 %, 512 79 %, 8,192 92 %; in float32 all from 512 to 8,192 have 97 % of the best and more
TOKENS_PER_BATCH: Final = {"cpu": 2048, "cuda": 32768}


class Runner:
    """Runs the windows of documents through one network."""

    def __init__(self, network: Any, encoder: TextEncoder, device: str, tokens_per_batch: int | None = None) -> None:
        """`device` is `auto`, `cpu`, `cuda` or `cuda:N`; `tokens_per_batch` bounds the padded tokens of a batch."""
        self.device = device_of(device)
        self.dtype = dtype_of(self.device)
        self._network = network.to(self.device, self.dtype)
        self._encoder = encoder
        self.tokens_per_batch = tokens_per_batch or TOKENS_PER_BATCH[self.device.type]

    def run(self, windows: Sequence[tuple[EncodedText, Window]]) -> list[torch.Tensor]:
        """Return what the network says of each window, float32 on the CPU, in their order.

        That is (window tokens, classes) of a token classifier and (classes,) of a sequence classifier.
        """
        ids = [document.ids[window.start : window.end] for document, window in windows]
        special = len(self._encoder.prefix) + len(self._encoder.suffix)
        rows: list[torch.Tensor | None] = [None] * len(ids)
        for batch in batches_by_length([len(i) for i in ids], self.tokens_per_batch, special):
            for index, row in zip(batch, self._forward([ids[i] for i in batch]), strict=True):
                rows[index] = row
        out = [row for row in rows if row is not None]
        assert len(out) == len(windows)
        return out

    def _forward(self, batch: list[IntArray]) -> list[torch.Tensor]:
        import torch

        rows = [self._encoder.with_special_tokens(ids) for ids in batch]
        longest = max(len(row) for row in rows)
        assert longest <= self._encoder.window_tokens, "a window is longer than the encoder's positions"
        input_ids = np.full((len(rows), longest), self._encoder.pad_id, dtype=np.int64)
        mask = np.zeros((len(rows), longest), dtype=np.int64)
        for number, row in enumerate(rows):
            input_ids[number, : len(row)] = row
            mask[number, : len(row)] = 1
        with torch.inference_mode():
            logits: torch.Tensor = self._network(
                input_ids=torch.from_numpy(input_ids).to(self.device),
                attention_mask=torch.from_numpy(mask).to(self.device),
            ).logits
            scores = logits.float().cpu()
        if scores.ndim == 2:
            return list(scores)
        first = len(self._encoder.prefix)
        return [scores[number, first : first + len(ids)] for number, ids in enumerate(batch)]


def device_of(device: str) -> torch.device:
    """Return the device of that name; raises UserError for one that this machine lacks."""
    import torch

    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        chosen = torch.device(device)
    except RuntimeError:
        raise UserError(f"device {device!r}: expected auto, cpu, cuda or cuda:N") from None
    if chosen.type not in TOKENS_PER_BATCH:
        raise UserError(f"device {device!r}: expected auto, cpu, cuda or cuda:N")
    if chosen.type == "cuda" and (not torch.cuda.is_available() or (chosen.index or 0) >= torch.cuda.device_count()):
        raise UserError(
            f"device {device!r}: this machine has {torch.cuda.device_count()} CUDA devices; use cpu or auto"
        )
    return chosen


def dtype_of(device: torch.device) -> torch.dtype:
    """bfloat16 where the hardware multiplies in it, float32 elsewhere (emulated, it is slower than float32)."""
    import torch

    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float32
    native = torch.cpu._is_amx_tile_supported() or torch.cpu._is_avx512_bf16_supported()
    return torch.bfloat16 if native else torch.float32

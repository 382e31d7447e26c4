"""`predict`, `load` and `Predictor`: texts → predictions, exact on any string."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, overload

import numpy as np

from vanban.checkpoint import Checkpoint, load_checkpoint
from vanban.encoding import EncodedText, TextEncoder, Window, batches_by_length
from vanban.errors import UserError
from vanban.schema import Prediction
from vanban.tagging import FloatArray, decode, labels_of, merge_windows, tag_names

if TYPE_CHECKING:
    import torch

TOKENS_PER_BATCH: Final = {"cpu": 2048, "cuda": 32768}  # measured in tests/benchmarks
CHARACTERS_PER_CHUNK: Final = 400_000  # what `stream` holds in memory at a time
TEXTS_PER_CHUNK: Final = 1024  # the same for texts that are short or empty


class Predictor:
    """A loaded model. It keeps no state between calls; one predictor serves any number of texts."""

    def __init__(self, checkpoint: Checkpoint, device: str = "auto", tokens_per_batch: int | None = None) -> None:
        """`device` is `auto`, `cpu`, `cuda` or `cuda:N`; `tokens_per_batch` bounds the padded tokens of a batch."""
        import torch

        self.device = _device(device)
        self.dtype = _dtype(self.device)
        self.name = checkpoint.name
        self.info = checkpoint.info
        names = sorted_tags(checkpoint.tags)
        self.labels = labels_of(names)
        self._columns = torch.tensor([checkpoint.tags.index(name) for name in names])
        self._network = checkpoint.network.to(self.device, self.dtype)
        self._encoder = TextEncoder(checkpoint.tokenizer, checkpoint.window_tokens, checkpoint.overlap_tokens)
        self.tokens_per_batch = tokens_per_batch or TOKENS_PER_BATCH[self.device.type]

    @overload
    def predict(self, text: str) -> Prediction: ...
    @overload
    def predict(self, text: list[str]) -> list[Prediction]: ...
    def predict(self, text: str | list[str]) -> Prediction | list[Prediction]:
        """Return the prediction for one text, or a list of them for a list of texts, in its order.

        Raises TypeError for anything but `str` and lists of `str`.
        """
        if isinstance(text, str):
            return self.predict_batch([text])[0]
        if isinstance(text, list):
            return self.predict_batch(text)
        raise TypeError(_wrong_type(text, "predict"))

    def predict_batch(self, texts: Sequence[str]) -> list[Prediction]:
        """Return one prediction for each text. All are held in memory at once: see `stream` for many."""
        if isinstance(texts, (str, bytes)) or not isinstance(texts, Sequence):
            raise TypeError(
                f"predict_batch takes a list of str, found {type(texts).__name__}. Call predict(text) for one text"
            )
        return list(self.stream(texts))

    def stream(self, texts: Iterable[str]) -> Iterator[Prediction]:
        """Yield one prediction for each text of any iterable, in order, in bounded memory.

        Texts are read some 400,000 characters ahead, 1,024 texts at most, so that windows of like length share a batch.
        Raises TypeError at once for a single `str`, and at its turn for an item that is none.
        """
        if isinstance(texts, (str, bytes)) or not isinstance(texts, Iterable):
            raise TypeError(
                f"stream takes an iterable of str, found one {type(texts).__name__}. Call predict(text) for one text"
            )
        return self._stream(texts)

    def _stream(self, texts: Iterable[str]) -> Iterator[Prediction]:
        chunk: list[str] = []
        characters = 0
        for number, text in enumerate(texts, 1):
            if not isinstance(text, str):
                raise TypeError(_wrong_type(text, f"text {number}", "str"))
            chunk.append(text)
            characters += len(text)
            if characters >= CHARACTERS_PER_CHUNK or len(chunk) >= TEXTS_PER_CHUNK:
                yield from self._predict_chunk(chunk)
                chunk, characters = [], 0
        if chunk:
            yield from self._predict_chunk(chunk)

    def _predict_chunk(self, texts: list[str]) -> Iterator[Prediction]:
        encoded = self._encoder.encode_batch(texts)
        for document, log_probs in zip(encoded, self.log_probabilities(encoded), strict=True):
            entities = decode(document, log_probs, self.labels)
            yield Prediction(document.text, tuple(entities), self.name)

    def log_probabilities(self, documents: Sequence[EncodedText]) -> list[FloatArray]:
        """Return (tokens, tags) log probabilities for each document, windows merged, tags as in `tag_names`."""
        windows = [(d, w) for d, document in enumerate(documents) for w in range(len(document.windows))]
        ids = [_window_ids(documents[d], documents[d].windows[w]) for d, w in windows]
        rows: list[FloatArray | None] = [None] * len(windows)
        for batch in batches_by_length([len(i) for i in ids], self.tokens_per_batch, self._special_tokens):
            for index, scores in zip(batch, self._forward([ids[i] for i in batch]), strict=True):
                rows[index] = scores
        out = []
        position = 0
        for document in documents:
            count = len(document.windows)
            of_document = [row for row in rows[position : position + count] if row is not None]
            assert len(of_document) == count
            position += count
            tokens = len(document.ids)
            empty = np.zeros((0, 1 + 2 * len(self.labels)), dtype=np.float32)
            out.append(merge_windows(document.windows, of_document, tokens) if tokens else empty)
        return out

    @property
    def _special_tokens(self) -> int:
        return len(self._encoder.prefix) + len(self._encoder.suffix)

    def _forward(self, batch: list[np.ndarray[Any, Any]]) -> list[FloatArray]:
        """Run windows of ids, (window tokens,) each, through the network.

        Return (window tokens, tags) log probabilities for each.
        """
        import torch

        prefix, suffix = self._encoder.prefix, self._encoder.suffix
        longest = max(len(ids) for ids in batch) + self._special_tokens
        assert longest <= self._encoder.window_tokens, "a window is longer than the encoder's positions"
        input_ids = np.full((len(batch), longest), self._encoder.pad_id, dtype=np.int64)
        mask = np.zeros((len(batch), longest), dtype=np.int64)
        for row, ids in enumerate(batch):
            filled = len(prefix) + len(ids) + len(suffix)
            input_ids[row, :filled] = [*prefix, *ids, *suffix]
            mask[row, :filled] = 1
        with torch.inference_mode():
            logits: torch.Tensor = self._network(
                input_ids=torch.from_numpy(input_ids).to(self.device),
                attention_mask=torch.from_numpy(mask).to(self.device),
            ).logits
            scores = logits.float().cpu()[..., self._columns].log_softmax(dim=-1).numpy()
        return [scores[row, len(prefix) : len(prefix) + len(ids)] for row, ids in enumerate(batch)]


def _window_ids(document: EncodedText, window: Window) -> np.ndarray[Any, Any]:
    return document.ids[window.start : window.end]


def sorted_tags(tags: Sequence[str]) -> list[str]:
    """Return the tags of a checkpoint in the order of `tag_names`; raises UserError when they are not IOB2."""
    names = tag_names(tuple(dict.fromkeys(tag[2:] for tag in tags if tag.startswith("B-"))))
    if sorted(names) != sorted(tags) or len(names) < 3:
        raise UserError(f"the model's tags are {', '.join(tags)}; expected O, B-… and I-… of each label (IOB2)")
    return names


def _device(device: str) -> torch.device:
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


def _dtype(device: torch.device) -> torch.dtype:
    """bfloat16 where the hardware multiplies in it, float32 elsewhere (emulated, it is slower than float32)."""
    import torch

    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float32
    native = torch.cpu._is_amx_tile_supported() or torch.cpu._is_avx512_bf16_supported()
    return torch.bfloat16 if native else torch.float32


def _wrong_type(value: object, what: str, expected: str = "str or a list of str") -> str:
    found = type(value).__name__
    if isinstance(value, bytes):
        return f"{what}: found bytes, expected str. Decode first: data.decode('utf-8')"
    if isinstance(value, Path):
        return f"{what}: found a path, expected str. Read it first: path.read_text(encoding='utf-8')"
    return f"{what}: found {found}, expected {expected}"


def load(path_or_name: str | Path | None = None, device: str = "auto") -> Predictor:
    """Return a predictor for the shipped model (None), a directory that `train` wrote, or a hub name.

    Raises TypeError for another type, and UserError (a ValueError) where there is no model.
    """
    if path_or_name is not None and not isinstance(path_or_name, (str, Path)):
        raise TypeError(f"load takes a path, a name or None, found {type(path_or_name).__name__}")
    return Predictor(load_checkpoint(path_or_name), device)


@functools.lru_cache(maxsize=1)
def _shipped() -> Predictor:
    return load()


@overload
def predict(text: str) -> Prediction: ...
@overload
def predict(text: list[str]) -> list[Prediction]: ...
def predict(text: str | list[str]) -> Prediction | list[Prediction]:
    """Return what the shipped model reads in `text`; it is loaded at the first call. See `Predictor.predict`."""
    if not isinstance(text, (str, list)):
        raise TypeError(_wrong_type(text, "predict"))
    return _shipped().predict(text)

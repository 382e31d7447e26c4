from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from vanban.errors import UserError
from vanban.network.checkpoint import load_checkpoint
from vanban.network.runner import TOKENS_PER_BATCH, Runner, device_of, dtype_of
from vanban.reading.encoding import TextEncoder

TEXTS = ["Huế", "Hà Nội có 24.973 ca mắc, Đà Nẵng có 46 ca. " * 6, "Chủ tịch tỉnh\nông Nguyễn Văn A", "46"]


class Recorded:
    """A network that passes its input on, and the shapes of what it was given."""

    def __init__(self, network: Any) -> None:
        self.network = network
        self.shapes: list[tuple[int, ...]] = []

    def to(self, *where: Any) -> Recorded:
        return self

    def __call__(self, **inputs: Any) -> Any:
        assert inputs["input_ids"].shape == inputs["attention_mask"].shape
        self.shapes.append(tuple(inputs["input_ids"].shape))
        return self.network(**inputs)


def rows_of(directory: Path, tokenizer: Any, budget: int | None = None) -> tuple[list[Any], list[tuple[int, ...]]]:
    """Return what the windows of `TEXTS` come to, and the shapes of the batches."""
    encoder = TextEncoder(tokenizer, 24, 4)
    network = Recorded(load_checkpoint(directory).network)
    windows = [(document, window) for document in encoder.encode_batch(TEXTS) for window in document.windows]
    rows = Runner(network, encoder, "cpu", budget).run(windows)
    assert len(rows) == len(windows) == 9
    return rows, network.shapes


@pytest.mark.parametrize("kind", ["model_directory", "classifier_directory"])
def test_the_size_of_a_batch_and_its_padding_change_nothing(
    request: pytest.FixtureRequest, unigram: Any, kind: str
) -> None:
    directory = request.getfixturevalue(kind)
    alone, shapes = rows_of(directory, unigram, budget=1)
    assert {shape[0] for shape in shapes} == {1}
    for budget in (60, None):
        together, shapes = rows_of(directory, unigram, budget)
        assert max(shape[0] for shape in shapes) > 1
        assert all(rows == 1 or rows * length <= (budget or TOKENS_PER_BATCH["cpu"]) for rows, length in shapes)
        for one, other in zip(alone, together, strict=True):
            assert one.shape == other.shape
            assert np.allclose(one, other, atol=1e-4)


def test_a_row_for_each_token_or_one_for_each_window(
    model_directory: Path, classifier_directory: Path, unigram: Any
) -> None:
    encoder = TextEncoder(unigram, 24, 4)
    windows = [w for document in encoder.encode_batch(TEXTS) for w in document.windows]
    of_tokens, _ = rows_of(model_directory, unigram)
    assert [tuple(row.shape) for row in of_tokens] == [(w.end - w.start, 9) for w in windows]
    of_windows, _ = rows_of(classifier_directory, unigram)
    assert {tuple(row.shape) for row in of_windows} == {(3,)}
    assert {row.dtype for row in (*of_tokens, *of_windows)} == {np.dtype(np.float32)}


def test_a_single_window_is_framed_by_the_special_tokens(model_directory: Path, unigram: Any) -> None:
    encoder = TextEncoder(unigram, 24, 4)
    assert encoder.with_special_tokens(np.array([7, 8])) == [0, 7, 8, 2]
    network = load_checkpoint(model_directory).network
    document = encoder.encode("Chủ tịch Hà Nội")
    (row,) = Runner(network, encoder, "cpu").run([(document, document.windows[0])])
    with torch.inference_mode():
        expected = network(**unigram("Chủ tịch Hà Nội", return_tensors="pt")).logits[0, 1:-1]
    assert np.allclose(row, expected.numpy(), atol=1e-5)


def test_nothing_to_run(model_directory: Path, unigram: Any) -> None:
    network = Recorded(None)  # it would raise
    assert Runner(network, TextEncoder(unigram, 24, 4), "cpu").run([]) == []
    assert network.shapes == []


def test_a_window_that_is_too_long_is_refused(unigram: Any, model_directory: Path) -> None:
    wide = TextEncoder(unigram, 40, 4)
    document = wide.encode("Hà Nội có 24.973 ca mắc, Đà Nẵng có 46 ca. " * 6)
    runner = Runner(load_checkpoint(model_directory).network, TextEncoder(unigram, 24, 4), "cpu")
    with pytest.raises(AssertionError, match="a window is longer than the encoder's positions"):
        runner.run([(document, document.windows[0])])


# ---- devices


def test_auto_is_the_gpu_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for there, expected in ((True, "cuda"), (False, "cpu")):
        monkeypatch.setattr("torch.cuda.is_available", lambda there=there: there)
        assert device_of("auto").type == expected
    assert device_of("cpu") == torch.device("cpu")


def test_a_gpu_that_this_machine_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.setattr("torch.cuda.device_count", lambda: 2)
    assert device_of("cuda:1") == torch.device("cuda", 1)
    with pytest.raises(UserError, match=r"^device 'cuda:2': this machine has 2 CUDA devices; use cpu or auto$"):
        device_of("cuda:2")


@pytest.mark.parametrize(("amx", "avx512"), [(True, False), (False, True), (False, False)])
def test_bfloat16_where_the_processor_multiplies_in_it(
    monkeypatch: pytest.MonkeyPatch, amx: bool, avx512: bool
) -> None:
    monkeypatch.setattr("torch.cpu._is_amx_tile_supported", lambda: amx)
    monkeypatch.setattr("torch.cpu._is_avx512_bf16_supported", lambda: avx512)
    assert dtype_of(torch.device("cpu")) == (torch.bfloat16 if amx or avx512 else torch.float32)


@pytest.mark.parametrize("native", [True, False])
def test_bfloat16_where_the_gpu_multiplies_in_it(monkeypatch: pytest.MonkeyPatch, native: bool) -> None:
    asked: list[bool] = []

    def supported(including_emulation: bool) -> bool:
        asked.append(including_emulation)
        return native

    monkeypatch.setattr("torch.cuda.is_bf16_supported", supported)
    assert dtype_of(torch.device("cuda")) == (torch.bfloat16 if native else torch.float32)
    assert asked == [False]


def test_a_runner_computes_in_the_dtype_of_its_device(
    model_directory: Path, unigram: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vanban.network.runner.dtype_of", lambda device, exact=False: torch.bfloat16)
    encoder = TextEncoder(unigram, 24, 4)
    network = load_checkpoint(model_directory).network
    runner = Runner(network, encoder, "cpu")
    assert (runner.network.dtype, network.classifier.weight.dtype) == (torch.bfloat16, torch.bfloat16)
    document = encoder.encode("Hà Nội")
    (row,) = runner.run([(document, document.windows[0])])
    assert row.dtype == np.float32

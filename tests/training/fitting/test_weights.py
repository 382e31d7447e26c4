"""Checksums of the weights that a run starts from."""

from __future__ import annotations

import hashlib

import pytest
from safetensors import SafetensorError

from vanban.errors import UserError
from vanban_training.fitting.weights import told_of, weights_sha256


def test_the_file_that_is_loaded(tmp_path):
    (tmp_path / "pytorch_model.bin").write_bytes(b"older")
    assert weights_sha256(tmp_path) == hashlib.sha256(b"older").hexdigest()
    (tmp_path / "model.safetensors").write_bytes(b"one")
    (tmp_path / "training_args.bin").write_bytes(b"no weights")
    assert weights_sha256(tmp_path) == hashlib.sha256(b"one").hexdigest()


def test_in_several_parts_and_none(tmp_path):
    empty = weights_sha256(tmp_path)
    for number, content in ((1, b"one"), (2, b"two")):
        (tmp_path / f"model-{number}.safetensors").write_bytes(content)
    lines = "".join(f"{hashlib.sha256(c).hexdigest()}  model-{n}.safetensors\n" for n, c in ((1, b"one"), (2, b"two")))
    assert weights_sha256(tmp_path) == hashlib.sha256(lines.encode()).hexdigest() != empty


def test_an_adapter(tmp_path):
    (tmp_path / "adapter_model.safetensors").write_bytes(b"low rank")
    assert weights_sha256(tmp_path) == hashlib.sha256(b"low rank").hexdigest()


def test_a_full_disk():
    with told_of("run"):
        pass
    with pytest.raises(UserError) as error, told_of("run"):
        raise SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)\nmore")
    assert str(error.value) == (
        "run: its weights can't be written or read (Error while serializing: I/O error: No space left on device "
        "(os error 28))"
    )

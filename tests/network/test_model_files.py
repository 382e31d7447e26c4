"""What a model's folder must hold, and the command that fetches what it lacks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from huggingface_hub import constants

from fake_hub import NAME, PHOBERT, TOKENIZER, WEIGHTS, without, written
from vanban.network.model_files import fetch_into, is_phobert, missing_files
from vanban.network.shipped import BUNDLED_ENCODER


def test_the_files_of_phobert(tmp_path: Path) -> None:
    assert not is_phobert(tmp_path)
    assert not is_phobert(written(tmp_path, {"vocab.txt": b""}))
    assert is_phobert(written(tmp_path, {"bpe.codes": b""}))
    # BERTweet's files bear the same names and mean something else
    assert not is_phobert(written(tmp_path, {"tokenizer_config.json": b'{"tokenizer_class": "BertweetTokenizer"}'}))


@pytest.mark.parametrize(
    ("files", "lacks"),
    [
        ({}, ["config.json", WEIGHTS, TOKENIZER]),
        (PHOBERT, []),
        ({**PHOBERT, "tokenizer.json": b"{}"}, []),
        (without("bpe.codes"), ["bpe.codes"]),
        # the tokenizer.json that is published beside does not stand in for the two files
        ({**without("bpe.codes", "vocab.txt"), "tokenizer.json": b"{}"}, ["vocab.txt", "bpe.codes"]),
        (without("config.json", "pytorch_model.bin"), ["config.json", WEIGHTS]),
    ],
)
def test_a_phobert(tmp_path: Path, files: dict[str, bytes], lacks: list[str]) -> None:
    assert missing_files(written(tmp_path, files)) == lacks


@pytest.mark.parametrize(
    ("files", "lacks"),
    [
        ({"config.json": b'{"model_type": "roberta"}', "vocab.txt": b""}, ["bpe.codes"]),
        ({"config.json": b'{"model_type": "roberta"}', "bpe.codes": b""}, ["vocab.txt"]),
        ({"config.json": b'{"model_type": "roberta"}', "vocab.txt": b"", "vocab.json": b"{}"}, []),
        ({"config.json": b'{"model_type": "bert"}', "vocab.txt": b""}, []),
        # a RoBERTa with BERT's tokenizer
        ({"config.json": b'{"model_type": "roberta", "tokenizer_class": "BertTokenizer"}', "vocab.txt": b""}, []),
        (
            {"config.json": b"{}", "tokenizer_config.json": b'{"tokenizer_class": "PhobertTokenizerFast"}'},
            ["vocab.txt", "bpe.codes"],
        ),
    ],
)
def test_which_tokenizer_is_phoberts(tmp_path: Path, files: dict[str, bytes], lacks: list[str]) -> None:
    assert missing_files(written(tmp_path, {**files, "model.safetensors": b""})) == lacks


@pytest.mark.parametrize(
    ("names", "lacks"),
    [
        (["tokenizer.json"], []),
        (["vocab.json", "merges.txt"], []),
        (["vocab.json"], [TOKENIZER]),
        (["sentencepiece.bpe.model"], []),
        (["spiece.model"], []),
        (["tokenizer.model"], []),
        (["special_tokens_map.json"], [TOKENIZER]),
    ],
)
def test_other_tokenizers(tmp_path: Path, names: list[str], lacks: list[str]) -> None:
    files = {"config.json": b'{"model_type": "xlm-roberta"}', "model.safetensors": b""}
    assert missing_files(written(tmp_path, files | dict.fromkeys(names, b"{}"))) == lacks


@pytest.mark.parametrize("stem", ["model.safetensors", "pytorch_model.bin"])
def test_weights_in_parts(tmp_path: Path, stem: str) -> None:
    index = {"weight_map": {"a": "part-2", "b": "part-1", "c": "part-2"}}
    files = {**without("pytorch_model.bin"), f"{stem}.index.json": json.dumps(index).encode()}
    assert missing_files(written(tmp_path, files)) == ["part-1", "part-2"]
    assert missing_files(written(tmp_path, {"part-1": b""})) == ["part-2"]
    assert missing_files(written(tmp_path, {"part-2": b""})) == []


@pytest.mark.parametrize("content", [b"", b'{"a": 1', b"[1]", b"\xff"])
@pytest.mark.parametrize("name", ["config.json", "tokenizer_config.json", "model.safetensors.index.json"])
def test_damaged_json(tmp_path: Path, name: str, content: bytes) -> None:
    assert f"{name} (damaged)" in missing_files(written(tmp_path, {**PHOBERT, name: content}))


def test_the_bundled_encoder_is_whole() -> None:
    assert missing_files(BUNDLED_ENCODER) == []


def test_the_command_that_fetches_into_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    folder = tmp_path / "my model"
    assert fetch_into(folder, ["bpe.codes"]) == f"hf download {NAME} vocab.txt bpe.codes --local-dir '{folder}'"
    assert fetch_into(folder, ["bpe.codes"], "a/b") == f"hf download a/b vocab.txt bpe.codes --local-dir '{folder}'"
    assert fetch_into(folder, [WEIGHTS, "bpe.codes"], "a/b") == f"hf download a/b --local-dir '{folder}'"
    assert fetch_into(folder, ["config.json (damaged)"]) == (
        f"hf download OWNER/NAME --local-dir '{folder}' --force-download"
    )
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)  # the command would do nothing
    assert fetch_into(tmp_path, [WEIGHTS]) == f"HF_HUB_OFFLINE=0 hf download OWNER/NAME --local-dir {tmp_path}"

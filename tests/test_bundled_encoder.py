"""The encoder that ships with the package is an ordinary Hugging Face folder and reads the seeds without a gap."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from project import ROOT
from vanban.documents.formats.brat import read_brat
from vanban.network.shipped import BUNDLED_ENCODER
from vanban.network.tagging import OUTSIDE, decode, tags_of_spans
from vanban.network.weights import position_limit
from vanban.reading.encoding import TextEncoder
from vanban.schema import LABELS


@pytest.fixture(scope="module")
def config() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((BUNDLED_ENCODER / "config.json").read_text(encoding="utf-8"))
    return loaded


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(BUNDLED_ENCODER)


def test_the_network_loads_with_plain_transformers(config: dict[str, Any], tokenizer: Any) -> None:
    import torch
    from transformers import AutoModel

    network, report = AutoModel.from_pretrained(BUNDLED_ENCODER, dtype=torch.float32, output_loading_info=True)
    assert {key for key in report["missing_keys"] if not key.startswith("pooler.")} == set()
    assert not report["unexpected_keys"] and not report["mismatched_keys"]
    assert (network.config.num_hidden_layers, network.config.hidden_size) == (12, 384)
    assert tuple(network.get_input_embeddings().weight.shape) == (config["vocab_size"], 384)
    batch = tokenizer(["Ủy ban nhân dân thành phố Hà Nội", "Hà Nội"], padding=True, return_tensors="pt")
    with torch.inference_mode():
        states = network(**batch)
    assert batch["attention_mask"].sum(dim=1).tolist() == [10, 4]
    assert states.last_hidden_state.shape == (2, 10, 384)
    assert bool(torch.isfinite(states.last_hidden_state).all())


def test_pieces_and_positions_are_those_of_its_config(config: dict[str, Any], tokenizer: Any) -> None:
    from transformers import AutoConfig

    assert len(tokenizer) == config["vocab_size"]
    assert (tokenizer.pad_token_id, tokenizer.unk_token) == (config["pad_token_id"], "<unk>")
    assert position_limit(AutoConfig.from_pretrained(BUNDLED_ENCODER), tokenizer) == 512


def test_the_seeds_have_no_unknown_piece(seeds: dict[str, str], tokenizer: Any) -> None:
    encoder = TextEncoder(tokenizer, 256, 64)
    assert len(seeds) == 5
    for name, text in seeds.items():
        encoded = encoder.encode(text)
        unknown = encoded.spans[encoded.ids == tokenizer.unk_token_id].tolist()
        assert [text[start:end] for start, end in unknown] == [], name
        assert int(encoded.ids.max()) < len(tokenizer)
        letters = {i for i, c in enumerate(text) if c.isalnum()}
        assert {i for a, b in encoded.spans.tolist() for i in range(a, b)} >= letters, name


def test_the_annotated_spans_of_the_seeds_come_back_from_their_tags(seeds: dict[str, str], tokenizer: Any) -> None:
    encoder = TextEncoder(tokenizer, 256, 64)
    for name, text in seeds.items():
        gold = read_brat((ROOT / "annotations" / "seeds" / f"{name}.ann").read_text(encoding="utf-8"), text, name)
        encoded = encoder.encode(text)
        tags = np.maximum(tags_of_spans(encoded, gold, LABELS), OUTSIDE)
        log_probs = np.log(np.where(np.eye(9)[tags] > 0, 1 - 8e-6, 1e-6)).astype(np.float32)
        assert gold
        assert [(e.label, e.start, e.end, e.text) for e in decode(encoded, log_probs, LABELS)] == [
            (e.label, e.start, e.end, e.text) for e in gold
        ]


def test_every_vietnamese_letter_has_a_piece(tokenizer: Any) -> None:
    letters = "aăâbcdđeêghiklmnoôơpqrstuưvxyàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ"
    for letter in letters + letters.upper() + "0123456789.,;:/-%()“”\"'!?":
        assert tokenizer.unk_token_id not in tokenizer(letter, add_special_tokens=False)["input_ids"], letter


def test_weights_are_half_precision(config: dict[str, Any]) -> None:
    from safetensors import safe_open

    with safe_open(BUNDLED_ENCODER / "model.safetensors", framework="pt") as file:
        assert {file.get_slice(key).get_dtype() for key in file.keys()} == {"F16"}  # noqa: SIM118 - not a dict
    assert (BUNDLED_ENCODER / "model.safetensors").stat().st_size < 60e6

"""New networks: what is new in them, how it begins, and encoders whose weights lack something."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import (
    AlbertConfig,
    AlbertModel,
    AutoConfig,
    AutoTokenizer,
    DebertaV2Config,
    DebertaV2Model,
    DistilBertConfig,
    DistilBertModel,
    ModernBertConfig,
    ModernBertModel,
)

from vanban.errors import UserError
from vanban.reading.encoding import TextEncoder
from vanban_training.config import EncoderConfig, validate_config
from vanban_training.fitting.networks import new_network, standardise_pooler, text_encoder

TINY_BERT = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}


@pytest.fixture
def without(encoder_directory: Path, tmp_path: Path):
    """Return `without(part, …)`: a copy of the encoder whose weights lack what has one of these in its name."""

    def copy(*parts: str) -> Path:
        folder = shutil.copytree(encoder_directory, tmp_path / "encoder")
        tensors = load_file(folder / "model.safetensors")
        kept = {name: tensor for name, tensor in tensors.items() if not any(part in name for part in parts)}
        assert len(kept) < len(tensors)
        save_file(kept, folder / "model.safetensors", metadata={"format": "pt"})
        return folder

    return copy


def test_a_network_for_types(encoder_directory, type_config):
    new = new_network(encoder_directory, type_config(dropout=0.25))
    assert type(new.network).__name__ == "BertForSequenceClassification"
    assert new.network.config.id2label == {0: "tin_bao_chi", 1: "chi_thi", 2: "bao_cao"}
    assert new.network.config.label2id == {"tin_bao_chi": 0, "chi_thi": 1, "bao_cao": 2}
    assert (new.network.config.hidden_dropout_prob, new.network.config.attention_probs_dropout_prob) == (0.25, 0.25)
    assert (new.network.dtype, new.tokenizer.is_fast, new.head) == (torch.float32, True, ("classifier",))
    pooler = load_file(encoder_directory / "model.safetensors")["pooler.dense.weight"]
    assert torch.equal(new.network.bert.pooler.dense.weight, pooler)  # the encoder's own stays


def test_a_new_pooler_standardises_the_first_token(without, type_config):
    new = new_network(without("pooler"), type_config(dropout=0))
    assert new.head == ("classifier", "pooler")
    assert new.random_head == ("classifier",)
    examples = [{"input_ids": [0, 5 + i, 9 + 2 * i, 2]} for i in range(8)]
    standardise_pooler(new, examples)
    bert = new.network.bert.eval()
    with torch.inference_mode():
        first = torch.cat([bert(input_ids=torch.tensor([e["input_ids"]])).last_hidden_state[:, 0] for e in examples])
        standard = bert.pooler.dense(first)
    assert torch.allclose(standard.mean(dim=0), torch.zeros(16), atol=1e-4)
    assert torch.allclose(standard.std(dim=0, correction=0), torch.ones(16), atol=1e-3)


def test_a_pooler_that_was_trained_stays(encoder_directory, without, type_config):
    new = new_network(encoder_directory, type_config())
    before = {name: weight.clone() for name, weight in new.network.state_dict().items()}
    standardise_pooler(new, [{"input_ids": [0, 5, 2]}])
    assert all(torch.equal(weight, before[name]) for name, weight in new.network.state_dict().items())


def test_a_pooler_of_another_kind_learns_with_the_head(encoder_directory, tmp_path, type_config):
    settings = DebertaV2Config(
        vocab_size=AutoTokenizer.from_pretrained(encoder_directory).vocab_size, hidden_size=16, num_hidden_layers=1,
        num_attention_heads=2, intermediate_size=16, pooler_hidden_size=16,
    )  # fmt: skip
    folder = shutil.copytree(encoder_directory, tmp_path / "encoder")
    DebertaV2Model(settings).save_pretrained(folder)
    new = new_network(folder, type_config())
    before = {name: weight.clone() for name, weight in new.network.state_dict().items()}
    standardise_pooler(new, [{"input_ids": [0, 5, 2]}])
    assert all(torch.equal(weight, before[name]) for name, weight in new.network.state_dict().items())
    assert new.head == new.random_head == ("classifier", "pooler")


def test_the_seed_makes_the_head(encoder_directory, type_config):
    weights = [new_network(encoder_directory, type_config(seed=s)).network.classifier.weight for s in (0, 0, 1)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


def test_phoberts_head_has_two_layers(phobert_directory, type_config):
    new = new_network(phobert_directory, type_config())
    assert type(new.network).__name__ == "RobertaForSequenceClassification"
    assert new.head == ("classifier",)
    assert new.network.classifier.out_proj.out_features == 3


def test_weights_that_lack_more_than_a_head(without, type_config, tiny_config):
    encoder = without("pooler", "layer.1.output.dense")
    lacking = "bert.encoder.layer.1.output.dense.bias, bert.encoder.layer.1.output.dense.weight"
    for config in (type_config(), tiny_config()):
        with pytest.raises(UserError) as error:
            new_network(encoder, config)
        assert str(error.value) == (
            f"encoder {encoder}: its weights lack {lacking}: damaged, or of another network than config.json says; "
            "fetch them again"
        )


def test_windows_are_never_longer_than_the_encoder_takes(encoder_directory, type_values, capsys):
    for tokens, found, said in (
        (500, 64, "windows: 64 tokens, all that the encoder takes, instead of 500\n"),
        (64, 64, ""),
        (32, 32, ""),
    ):
        config = validate_config({**type_values, "windows": {"tokens": tokens, "overlap": 4}}, "tiny")
        reader = text_encoder(new_network(encoder_directory, config), config)
        assert isinstance(reader, TextEncoder)
        assert (reader.window_tokens, reader.overlap, capsys.readouterr().out) == (found, 4, said)


# ---- networks that were trained before


@pytest.fixture
def trained(encoder_directory: Path, tmp_path: Path, tiny_values) -> Path:
    """A token classifier of PLACE and COUNT that was saved as a run saves it."""
    training = {**tiny_values["training"], "seed": 1}
    new = new_network(encoder_directory, _labels({**tiny_values, "training": training}, "PLACE", "COUNT"))
    new.network.classifier.bias.data += 1
    new.network.save_pretrained(tmp_path / "trained")
    new.tokenizer.save_pretrained(tmp_path / "trained")
    return tmp_path / "trained"


def _labels(values, *labels: str):
    return validate_config({**values, "data": {**values["data"], "labels": list(labels)}}, "tiny")


def test_the_same_labels_go_on_with_their_head(trained, tiny_values, capsys):
    new = new_network(trained, _labels(tiny_values, "PLACE", "COUNT"))
    assert torch.equal(new.network.classifier.weight, load_file(trained / "model.safetensors")["classifier.weight"])
    assert (new.head, capsys.readouterr().out) == (("classifier",), "")


@pytest.mark.parametrize("labels", [("COUNT", "PLACE"), ("PERSON", "COURT"), ("PLACE",), ("PLACE", "COUNT", "COURT")])
def test_other_labels_get_a_new_head(trained, tiny_values, capsys, labels):
    config = _labels(tiny_values, *labels)
    new = new_network(trained, config)
    assert capsys.readouterr().out == (
        f"encoder {trained}: its head tells O, B-PLACE, I-PLACE, B-COUNT, I-COUNT apart: a new one is trained\n"
    )
    before, after = load_file(trained / "model.safetensors"), new.network.state_dict()
    assert new.head == ("classifier",)
    assert tuple(new.network.config.id2label.values()) == config.classes
    assert all(torch.equal(after[name], t) for name, t in before.items() if "classifier" not in name)
    assert not torch.isclose(after["classifier.weight"][:3], before["classifier.weight"][:3]).any()
    assert after["classifier.weight"].std() == pytest.approx(0.6, rel=0.3)  # as wide as the config says
    assert torch.equal(after["classifier.bias"], torch.zeros(len(config.classes)))
    again = new_network(trained, config).network.state_dict()
    assert torch.equal(again["classifier.weight"], after["classifier.weight"])  # the seed makes it


def test_a_tagger_becomes_a_classifier_of_types(trained, type_config, capsys):
    new = new_network(trained, type_config())
    assert new.network.classifier.out_features == 3
    assert new.head == ("classifier", "pooler")
    assert "its head tells O, B-PLACE," in capsys.readouterr().out


# ---- fewer layers


def _with_layers(tiny_values, number: int):
    return validate_config({**tiny_values, "encoder": {**tiny_values["encoder"], "layers": number}}, "tiny")


def test_the_first_layers_alone(encoder_directory, tiny_values):
    whole = new_network(encoder_directory, validate_config(tiny_values, "tiny")).network
    new = new_network(encoder_directory, _with_layers(tiny_values, 1)).network
    assert (whole.config.num_hidden_layers, new.config.num_hidden_layers) == (2, 1)
    expected = {name: t for name, t in whole.state_dict().items() if ".layer.1." not in name}
    assert expected.keys() == new.state_dict().keys()
    assert all(torch.equal(new.state_dict()[name], t) for name, t in expected.items() if "classifier" not in name)


def test_more_layers_than_there_are(encoder_directory, kin, tiny_values):
    for encoder in (encoder_directory, kin("albert")):  # whose layers are one, applied several times
        with pytest.raises(UserError) as error:
            new_network(encoder, _with_layers(tiny_values, 5))
        assert str(error.value) == f"encoder.layers: found 5, the encoder {encoder} has 2"


# ---- encoders that are no BERT


@pytest.fixture
def kin(encoder_directory: Path, tmp_path: Path):
    """Return `kin(name)`, a tiny encoder of two layers without a head."""

    def save(name: str) -> Path:
        folder = shutil.copytree(encoder_directory, tmp_path / name)
        sizes = {"vocab_size": AutoTokenizer.from_pretrained(folder).vocab_size, "max_position_embeddings": 64}
        special = dict.fromkeys(("bos_token_id", "eos_token_id", "cls_token_id", "sep_token_id"), 2)
        distil = DistilBertConfig(**sizes, dim=16, hidden_dim=32, n_layers=2, n_heads=2)
        network = {
            "distilbert": lambda: DistilBertModel(distil),
            "modernbert": lambda: ModernBertModel(ModernBertConfig(**sizes, **TINY_BERT, **special, pad_token_id=1)),
            "albert": lambda: AlbertModel(AlbertConfig(**sizes, **TINY_BERT, embedding_size=8)),
        }[name]()
        network.save_pretrained(folder)
        return folder

    return save


@pytest.mark.parametrize(
    ("name", "dropouts", "heads"),
    [
        ("distilbert", ("dropout", "attention_dropout"), [("classifier",), ("classifier", "pre_classifier")]),
        (
            "modernbert",
            ("embedding_dropout", "attention_dropout", "mlp_dropout"),
            [("classifier", "head"), ("classifier", "head")],
        ),
    ],
)
def test_dropout_and_the_head_of_other_kinds(kin, tiny_config, type_config, name, dropouts, heads):
    encoder = kin(name)
    for config, head in zip((tiny_config(dropout=0.25), type_config(dropout=0.25)), heads, strict=True):
        new = new_network(encoder, config)
        assert [getattr(new.network.config, dropout) for dropout in dropouts] == [0.25] * len(dropouts)
        assert (new.head, new.random_head) == (head, head)
    one = new_network(encoder, tiny_config().model_copy(update={"encoder": EncoderConfig(name="x", layers=1)}))
    one.network.save_pretrained(encoder.parent / "one")
    assert AutoConfig.from_pretrained(encoder.parent / "one").num_hidden_layers == 1


def test_an_encoder_without_dropout(kin, tiny_config, monkeypatch):
    encoder = kin("albert")
    monkeypatch.setattr("vanban_training.fitting.networks.DROPOUTS", ("layer_dropout",))
    assert new_network(encoder, tiny_config()).head == ("classifier",)
    with pytest.raises(UserError) as error:
        new_network(encoder, tiny_config(dropout=0))
    assert str(error.value) == (
        f"training.dropout: found 0, but the config of the encoder {encoder} has none of layer_dropout; "
        "set training.dropout: null"
    )


def test_a_config_that_is_of_no_network(encoder_directory, tmp_path, tiny_config):
    encoder = shutil.copytree(encoder_directory, tmp_path / "encoder")
    (encoder / "config.json").write_text('{"model_type": "brt"}')
    with pytest.raises(UserError, match=rf"^encoder {encoder}: its config can't be read \(.*\); fetch it again$"):
        new_network(encoder, tiny_config())

"""Fitting: learning rates, determinism, interruption and resumption, on a network that trains in a moment."""

from __future__ import annotations

import os
import re
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from vanban.errors import UserError
from vanban.network.weights import load_tokenizer
from vanban.reading.encoding import TextEncoder
from vanban_training.config import TrainingConfig
from vanban_training.fitting.interruption import Interrupted
from vanban_training.fitting.networks import NewNetwork, new_network
from vanban_training.fitting.trainer import (
    _StopAfterStep,
    _with_lora,
    layer_index,
    loss_over_all,
    parameter_groups,
    processes,
    use_bfloat16,
)
from vanban_training.ner.sequence_loss import sequence_loss
from vanban_training.ner.token_classification import TokenClassification, build_features


@pytest.fixture
def train(encoder_directory, tiny_config, documents):
    """Return `train(checkpoints, resume, **training)`, which gives the weights of the merged network."""

    def run(checkpoints: Path | None = None, resume: bool = False, **training: Any) -> dict[str, torch.Tensor]:
        checkpoint, _ = TokenClassification().train(
            tiny_config(**training), encoder_directory, documents, checkpoints, resume
        )
        return {name: tensor.clone() for name, tensor in checkpoint.network.state_dict().items()}

    return run


def _equal(left: dict[str, torch.Tensor], right: dict[str, torch.Tensor]) -> bool:
    return left.keys() == right.keys() and all(torch.equal(left[name], right[name]) for name in left)


# ---- learning rates


@pytest.mark.parametrize(
    ("name", "layer"),
    [
        ("bert.embeddings.word_embeddings.weight", 0),
        ("bert.embeddings.LayerNorm.bias", 0),
        ("bert.encoder.layer.0.attention.self.query.weight", 1),
        ("bert.encoder.layer.11.output.dense.bias", 12),
        ("base_model.model.bert.encoder.layer.3.output.dense.lora_A.default.weight", 4),
        ("model.layers.2.mlp.weight", 3),
        ("transformer.h.2.mlp.weight", 3),
        ("classifier.weight", 12),
        ("bert.pooler.dense.weight", 12),
    ],
)
def test_layer_index(name, layer):
    assert layer_index(name, 12) == layer


def _groups_by_name(new: NewNetwork, settings: TrainingConfig) -> dict[str, tuple[float, float]]:
    names = {id(parameter): name for name, parameter in new.network.named_parameters()}
    groups = parameter_groups(new.network, settings, new.head)
    found = {names[id(p)]: (group["lr"], group["weight_decay"]) for group in groups for p in group["params"]}
    assert len(found) == sum(len(group["params"]) for group in groups)  # none twice
    return found


def test_parameter_groups(encoder_directory, tiny_config):
    settings = TrainingConfig(learning_rate=1.0, head_learning_rate=5.0, layer_decay=0.5, weight_decay=0.01)
    new = new_network(encoder_directory, tiny_config())
    found = _groups_by_name(new, settings)
    assert found.keys() == {name for name, _ in new.network.named_parameters()}
    assert found["classifier.weight"] == (5.0, 0.01)
    assert found["classifier.bias"] == (5.0, 0.0)
    assert found["bert.encoder.layer.1.output.dense.weight"] == (1.0, 0.01)
    assert found["bert.encoder.layer.0.output.dense.weight"] == (0.5, 0.01)
    assert found["bert.encoder.layer.0.output.dense.bias"] == (0.5, 0.0)
    assert found["bert.encoder.layer.0.output.LayerNorm.weight"] == (0.5, 0.0)
    assert found["bert.embeddings.word_embeddings.weight"] == (0.25, 0.01)


def test_parameter_groups_leave_out_what_is_frozen(encoder_directory, tiny_config):
    new = new_network(encoder_directory, tiny_config())
    for parameter in new.network.bert.embeddings.parameters():
        parameter.requires_grad = False
    found = _groups_by_name(new, TrainingConfig(learning_rate=1.0))
    assert not any("embeddings" in name for name in found)
    assert found["classifier.weight"] == (1.0, 0.01)  # no rate of its own


def test_parameter_groups_of_another_head(encoder_directory, type_config):
    settings = TrainingConfig(learning_rate=1.0, head_learning_rate=5.0, layer_decay=0.5)
    new = new_network(encoder_directory, type_config())
    found = _groups_by_name(new, settings)
    assert new.head == ("classifier",)  # the encoder brings its pooler along
    assert found["classifier.weight"][0] == 5.0
    assert found["bert.pooler.dense.weight"][0] == 1.0
    found = _groups_by_name(replace(new, head=("classifier", "pooler")), settings)
    assert {name for name, (rate, _) in found.items() if rate == 5.0} == {
        "classifier.weight", "classifier.bias", "bert.pooler.dense.weight", "bert.pooler.dense.bias",
    }  # fmt: skip


@pytest.mark.parametrize("head", [("classifier",), ("classifier", "pooler")])
def test_lora_leaves_the_head_out_and_trains_it_whole(encoder_directory, type_config, head):
    new = new_network(encoder_directory, type_config())
    network = _with_lora(new.network, type_config(method="lora").training, head)
    low_rank = {name.partition(".lora_A")[0] for name, _ in network.named_parameters() if ".lora_A" in name}
    trained = {name for name, parameter in network.named_parameters() if parameter.requires_grad}
    for part in ("classifier", "pooler"):
        assert any(part in name for name in low_rank) == (part not in head)
        whole = {name for name in trained if part in name.split(".") and "lora_" not in name}
        assert len(whole) == (2 if part in head else 0)  # weight and bias
    assert len(low_rank) == 12 + ("pooler" not in head)


def test_precision():
    assert use_bfloat16("bfloat16") is True
    assert use_bfloat16("float32") is False
    assert isinstance(use_bfloat16("auto"), bool)


# ---- training


@pytest.mark.parametrize("method", ["full", "lora"])
def test_the_same_seed_gives_the_same_weights(train, method):
    first = train(method=method)
    assert _equal(first, train(method=method))
    other = train(method=method, seed=1)
    assert not torch.equal(first["classifier.weight"], other["classifier.weight"])


def test_whole_sequences_are_learned(encoder_directory, tiny_config, documents):
    encoder = TextEncoder(load_tokenizer(encoder_directory), 32, 8)
    examples = build_features(documents, encoder, tiny_config().data.labels, sequences=True)
    losses = []
    for epochs in (1, 25):
        config = tiny_config(loss="sequences", epochs=epochs, learning_rate=3e-3, dropout=0)
        checkpoint, _ = TokenClassification().train(config, encoder_directory, documents, None)
        with torch.no_grad():
            outputs = [checkpoint.network(torch.tensor([e["input_ids"]])) for e in examples]
        pairs = zip(outputs, examples, strict=True)
        losses.append(sum(sequence_loss(out, torch.tensor([e["labels"]])).item() for out, e in pairs) / len(examples))
    assert losses[1] < losses[0] / 2


def test_every_part_learns(train, encoder_directory, tiny_config):
    torch.manual_seed(0)
    before = new_network(encoder_directory, tiny_config()).network.state_dict()
    after = train()
    assert after.keys() == before.keys()
    assert [name for name in after if torch.equal(before[name], after[name])] == []
    assert all(torch.isfinite(tensor).all() for tensor in after.values())


def test_frozen_embeddings_stay(train, encoder_directory, tiny_config):
    before = new_network(encoder_directory, tiny_config()).network.state_dict()
    after = train(freeze_embeddings=True)
    name = "bert.embeddings.word_embeddings.weight"
    assert torch.equal(before[name], after[name])
    assert not torch.equal(before[name], train()[name])


def test_lora_changes_linear_layers_alone_and_merges_to_a_plain_network(
    encoder_directory, tiny_config, documents, train
):
    before = new_network(encoder_directory, tiny_config()).network.state_dict()
    checkpoint, trained = TokenClassification().train(tiny_config(method="lora"), encoder_directory, documents, None)
    after = checkpoint.network.state_dict()
    assert after.keys() == before.keys()
    changed = {name for name in after if not torch.equal(before[name], after[name])}
    linear = {
        f"bert.encoder.layer.{i}.{part}.weight"
        for i in range(2)
        for part in (
            "attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense",
            "intermediate.dense", "output.dense",
        )
    }  # fmt: skip
    assert changed == linear | {"classifier.weight", "classifier.bias"}
    # as trained: still low-rank, and the same function
    assert any("lora_A" in name for name, _ in trained.named_parameters())
    ids = torch.arange(5, 20)[None]
    with torch.inference_mode():
        difference = trained.eval()(input_ids=ids).logits - checkpoint.network(input_ids=ids).logits
    assert difference.abs().max() < 1e-4


def test_without_checkpoints_nothing_is_left_on_disk(train, tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    train()
    assert list((tmp_path / "here").iterdir()) == []


def test_the_loss_of_several_processes_is_that_of_one():
    logits = torch.randn(4, 6, 3, generator=torch.Generator().manual_seed(0))
    labels = torch.tensor([[-100, 0, 1, 2, 0, -100], [-100, 1, -100, -100, -100, -100], [-100] * 6, [2] * 6])
    whole = torch.nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten())
    number = (labels != -100).sum()
    shares = [
        loss_over_all({"logits": logits[rows]}, labels[rows], number)
        for rows in (slice(0, 1), slice(1, 2), slice(2, 3), slice(3, 4))
    ]
    assert sum(shares).item() == pytest.approx(whole.item(), abs=1e-6)
    assert shares[2] == 0  # no label: nothing, and no division by nothing
    assert loss_over_all({"logits": logits[2:3]}, labels[2:3], torch.tensor(0)) == 0


def test_the_loss_of_several_processes_on_documents():
    logits = torch.randn(5, 3, generator=torch.Generator().manual_seed(0))
    labels = torch.tensor([0, 2, 1, -100, 2])  # one that was seen before
    whole = torch.nn.functional.cross_entropy(logits, labels)
    number = (labels != -100).sum()
    rows = [slice(0, 3), slice(3, 4), slice(4, 5)]
    shares = [loss_over_all({"logits": logits[part]}, labels[part], number) for part in rows]
    assert sum(shares).item() == pytest.approx(whole.item(), abs=1e-6)
    assert shares[1] == 0


def test_a_batch_that_the_processes_can_not_share(train, monkeypatch):
    monkeypatch.setattr(processes, "count", lambda: 3)
    with pytest.raises(UserError, match=r"^training\.batch_size: 2 windows a step can't be dealt out evenly to 3 "):
        train()


# ---- Ctrl-C


@pytest.mark.parametrize("method", ["full", "lora"])
def test_interrupted_and_resumed_is_as_if_never_interrupted(train, tmp_path, interrupt_in_step, method):
    whole = train(tmp_path / "whole", method=method, epochs=4)
    with interrupt_in_step(5), pytest.raises(Interrupted, match=r"^stopped after step 5 of 12$"):
        train(tmp_path / "cut", method=method, epochs=4)
    assert [path.name for path in tmp_path.glob("cut/checkpoint-*")] == ["checkpoint-5"]
    assert _equal(whole, train(tmp_path / "cut", resume=True, method=method, epochs=4))


def test_an_interrupted_run_without_checkpoints_writes_none(train, interrupt_in_step, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.iterdir())
    with interrupt_in_step(2), pytest.raises(Interrupted, match=r"^stopped after step 2 of 6$"):
        train()
    assert sorted(tmp_path.iterdir()) == before


def test_a_second_ctrl_c_stops_at_once_and_the_handler_is_put_back(train, interrupt_in_step, tmp_path):
    before = signal.getsignal(signal.SIGINT)
    with interrupt_in_step(2, times=2), pytest.raises(KeyboardInterrupt):
        train(tmp_path / "checkpoints")
    assert signal.getsignal(signal.SIGINT) is before


def test_a_launcher_may_pass_ctrl_c_on(monkeypatch):
    monkeypatch.setattr(processes, "count", lambda: 2)
    stop = _StopAfterStep()
    with stop.listening():
        for _ in range(3):
            os.kill(os.getpid(), signal.SIGINT)
        assert stop.asked
        stop._since -= 6
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)


def test_ctrl_c_in_another_process(train, tmp_path, monkeypatch):
    steps: list[bool] = []

    def any_of(flag: bool) -> bool:
        steps.append(flag)
        return len(steps) >= 3

    monkeypatch.setattr(processes, "any_of", any_of)
    with pytest.raises(Interrupted, match=r"^stopped after step 3 of 6$"):
        train(tmp_path)
    assert steps == [False, False, False, True]
    assert [path.name for path in tmp_path.glob("checkpoint-*")] == ["checkpoint-3"]


def test_a_checkpoint_that_was_cut_short_is_passed_over(train, tmp_path):
    whole = train(tmp_path / "a", epochs=4)
    newest = max((tmp_path / "a").glob("checkpoint-*"), key=lambda p: int(p.name[11:]))
    assert newest.name == "checkpoint-12"
    (tmp_path / "a/checkpoint-13").mkdir()  # killed while it was being written: no trainer_state.json
    (tmp_path / "a/checkpoint-13/model.safetensors").write_bytes(b"half")
    assert _equal(whole, train(tmp_path / "a", resume=True, epochs=4))


def test_a_checkpoint_that_another_machine_does_not_see(train, tmp_path, monkeypatch):
    train(tmp_path)
    monkeypatch.setattr(processes, "gather", lambda seen: [seen, False])
    with pytest.raises(UserError) as error:
        train(tmp_path, resume=True, epochs=4)
    assert str(error.value) == (
        f"--resume: not every process sees {tmp_path}/checkpoint-6; put output where all the machines see it"
    )


@pytest.mark.parametrize("folder", ["nowhere", "."])
def test_nothing_to_resume(train, tmp_path, folder):
    path = tmp_path / folder
    with pytest.raises(
        UserError, match=rf"^--resume: no checkpoint in {re.escape(str(path))}; start without --resume$"
    ):
        train(path, resume=True)

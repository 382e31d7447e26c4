"""Learning from a teacher: its targets, the loss that they give, and teachers that can't teach."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from vanban.errors import UserError
from vanban.network.checkpoint import load_checkpoint
from vanban.network.tagging import IGNORED
from vanban_training.config import validate_config
from vanban_training.fitting.distillation import (
    SOFT,
    add_soft_targets,
    check_teacher,
    collate_with_soft_targets,
    soft_loss,
)
from vanban_training.fitting.networks import new_network
from vanban_training.ner.token_classification import TokenClassification
from vanban_training.runs import training


@pytest.fixture
def teacher(tiny_config, tmp_path) -> Path:
    """A model directory that was trained on the tiny encoder."""
    training.train(training.prepare(tiny_config(epochs=4)))
    return (tmp_path / "run").rename(tmp_path / "teacher")


@pytest.fixture
def taught(tiny_values, teacher):
    """Return `taught(**distillation)`, the config with a teacher."""

    def config(**settings):
        return validate_config({**tiny_values, "distillation": {"teacher": str(teacher), **settings}}, "tiny")

    return config


def test_targets_are_what_the_teacher_says_of_each_window(taught, teacher, encoder_directory):
    config = taught()
    examples = [{"input_ids": [0, *range(5, 5 + length), 2]} for length in (3, 20, 7, 1)]
    add_soft_targets(examples, new_network(encoder_directory, config), config)
    network = load_checkpoint(teacher).network
    for example in examples:
        with torch.inference_mode():
            alone = network(torch.tensor([example["input_ids"]])).logits[0].log_softmax(dim=-1)
        assert example[SOFT].dtype == torch.float16
        assert torch.allclose(example[SOFT].float(), alone, atol=5e-3)


def test_without_a_teacher_nothing_is_added(tiny_config, encoder_directory):
    examples = [{"input_ids": [0, 5, 2]}]
    add_soft_targets(examples, new_network(encoder_directory, tiny_config()), tiny_config())
    assert examples == [{"input_ids": [0, 5, 2]}]


def test_targets_are_padded_beside_the_rest():
    collate = collate_with_soft_targets(lambda rows: {"ids": [row["ids"] for row in rows]})
    soft = [torch.full((2, 3), -1.0).half(), torch.full((4, 3), -2.0).half()]
    batch = collate([{"ids": 1, SOFT: soft[0]}, {"ids": 2, SOFT: soft[1]}])
    assert (batch["ids"], batch[SOFT].shape, batch[SOFT].dtype) == ([1, 2], (2, 4, 3), torch.float32)
    assert batch[SOFT][0, :, 0].tolist() == [-1, -1, 0, 0]
    assert collate([{"ids": 1}]) == {"ids": [1]}


def test_the_loss_by_hand():
    logits = torch.tensor([[[2.0, 0.0], [1.0, 1.0], [0.0, 5.0]]])
    soft = torch.tensor([[[0.5, 0.5], [0.5, 0.5], [0.9, 0.1]]]).log()
    labels = torch.tensor([[0, 1, IGNORED]])  # what has no label teaches nothing
    # softened by 2: 0.731 and 0.269 against 0.5 and 0.5
    p = torch.sigmoid(torch.tensor(1.0))
    expected = 4 * (0.5 * (0.5 / p).log() + 0.5 * (0.5 / (1 - p)).log()) / 2
    assert soft_loss(logits, soft, labels, 2.0, torch.tensor(2)).item() == pytest.approx(expected.item(), abs=1e-6)
    assert soft_loss(soft, soft, labels, 3.0, torch.tensor(2)).item() == pytest.approx(0, abs=1e-6)
    of_documents = soft_loss(logits[0, :2], soft[0, :2], torch.tensor([0, 1]), 2.0, torch.tensor(2))
    nothing = soft_loss(logits, soft, torch.full((1, 3), IGNORED), 2.0, torch.tensor(0))
    assert nothing.item() == 0
    assert of_documents.item() == pytest.approx(expected.item(), abs=1e-6)


@pytest.mark.parametrize("loss", ["tokens", "sequences"])
def test_a_student_comes_nearer_to_its_teacher(taught, tiny_values, teacher, encoder_directory, documents, loss):
    settings = {"epochs": 10, "learning_rate": 3e-3, "dropout": 0, "loss": loss}
    divergence = {}
    for name, config in (("alone", validate_config(tiny_values, "tiny")), ("taught", taught(weight=1.0))):
        config = config.model_copy(update={"training": config.training.model_copy(update=settings)})
        student, _ = TokenClassification().train(config, encoder_directory, documents, None)
        examples = [{"input_ids": [0, *range(5, 30), 2]}]
        add_soft_targets(examples, new_network(encoder_directory, taught()), taught())
        with torch.inference_mode():
            logits = student.network(torch.tensor([examples[0]["input_ids"]])).logits
        soft = examples[0][SOFT].float()[None]
        labels = torch.zeros(logits.shape[:2], dtype=torch.long)
        divergence[name] = soft_loss(logits, soft, labels, 1.0, torch.tensor(27)).item()
    assert divergence["taught"] < 0.75 * divergence["alone"]


def test_a_teacher_of_other_classes(taught, unigram):
    config = taught()
    other = config.model_copy(update={"data": config.data.model_copy(update={"labels": ("PLACE",)})})
    with pytest.raises(UserError) as error:
        check_teacher(unigram, other)
    assert str(error.value).endswith("(ner), expected O, B-PLACE, I-PLACE (ner)")


def test_a_teacher_of_the_same_labels_in_another_order(taught, unigram, teacher):
    config = taught()
    other = config.model_copy(update={"data": config.data.model_copy(update={"labels": config.data.labels[::-1]})})
    with pytest.raises(UserError) as error:
        check_teacher(unigram, other)
    assert str(error.value) == (
        f"distillation.teacher: {teacher} has the labels of data.labels in another order; put them in its order: "
        "OFFICIAL, PLACE, COUNT, DIRECTIVE"
    )


def test_a_teacher_of_another_vocabulary(taught, wordpiece, unigram, teacher, encoder_directory):
    check_teacher(unigram, taught())
    with pytest.raises(UserError) as error:
        check_teacher(wordpiece, taught())
    assert str(error.value) == (
        f"distillation.teacher: {teacher} has another vocabulary than the encoder {encoder_directory}: its "
        "probabilities are of other tokens"
    )


def test_no_teacher_there(tiny_values, tiny_config, unigram, tmp_path):
    check_teacher(unigram, tiny_config())
    config = validate_config({**tiny_values, "distillation": {"teacher": str(tmp_path / "none")}}, "tiny")
    with pytest.raises(UserError, match=rf"^distillation\.teacher: {tmp_path}/none: no model directory there"):
        check_teacher(unigram, config)


def test_a_teacher_that_was_exported(tiny_values, exported_directory, unigram):
    values = {**tiny_values, "distillation": {"teacher": str(exported_directory)}}
    with pytest.raises(UserError) as error:
        check_teacher(unigram, validate_config(values, "tiny"))
    assert str(error.value) == (
        f"distillation.teacher: {exported_directory} was exported; name the model that it was made of"
    )

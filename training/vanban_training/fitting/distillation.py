"""Learning from a teacher: what a trained model thinks of the training windows is a target beside their labels.

After Hinton et al. 2015 (arXiv 1503.02531): the divergence of the student's probabilities from the teacher's, both
softened by a temperature, whose square keeps the gradients of like size.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import torch

from vanban.documents.counting import counted
from vanban.errors import UserError
from vanban.network import runner
from vanban.network.checkpoint import Checkpoint, find_model, load_checkpoint
from vanban.network.tagging import IGNORED
from vanban.reading.encoding import batches_by_length
from vanban_training.config import RunConfig
from vanban_training.fitting.networks import NewNetwork

SOFT: Final = "teacher"  # the key of an example's soft targets
_TOKENS_PER_BATCH: Final = 4096


def add_soft_targets(examples: Sequence[dict[str, Any]], new: NewNetwork, config: RunConfig) -> None:
    """Give each example the teacher's log probabilities, in float16: (tokens, classes), or (classes,) of a document.

    Does nothing where the config names no teacher. Raises UserError as `load_teacher` does.
    """
    if config.distillation is None:
        return
    where = config.distillation.teacher
    teacher = load_teacher(where, new.tokenizer, config)
    print(f"teacher: {where} reads {counted(len(examples), 'windows')}", flush=True)
    device = runner.device_of("auto")
    network: Any = teacher.network
    network.to(device, runner.dtype_of(device))
    for batch in batches_by_length([len(example["input_ids"]) for example in examples], _TOKENS_PER_BATCH):
        ids = [examples[number]["input_ids"] for number in batch]
        rows = new.tokenizer.pad({"input_ids": ids}, return_tensors="pt")
        with torch.inference_mode():
            logits = network(**rows.to(device)).logits.float().log_softmax(dim=-1).half().cpu()
        for number, row in zip(batch, logits, strict=True):
            of_tokens = row[: len(examples[number]["input_ids"])] if config.task == "ner" else row
            examples[number][SOFT] = of_tokens.clone()


def check_teacher(tokenizer: Any, config: RunConfig) -> Path | None:
    """Return the folder of the teacher, None where the config names none; raises UserError as `load_teacher` does."""
    if config.distillation is None:
        return None
    where = config.distillation.teacher
    load_teacher(where, tokenizer, config)
    return find_model(where, config.task).folder


def load_teacher(where: str, tokenizer: Any, config: RunConfig) -> Checkpoint:
    """Return the teacher of a student that reads with `tokenizer`.

    Raises UserError for one that is not there, reads otherwise than the student, or tells other classes apart.
    """
    try:
        teacher = load_checkpoint(where, config.task)
    except UserError as error:
        raise UserError(f"distillation.teacher: {error}") from None
    if teacher.task == config.task and teacher.classes != config.classes and {*teacher.classes} == {*config.classes}:
        begins = [name.removeprefix("B-") for name in teacher.classes if name.startswith("B-")]
        raise UserError(
            f"distillation.teacher: {where} has the labels of data.labels in another order; put them in its order: "
            f"{', '.join(begins if config.task == 'ner' else teacher.classes)}"
        )
    if teacher.task != config.task or teacher.classes != config.classes:
        raise UserError(
            f"distillation.teacher: {where} tells {', '.join(teacher.classes)} apart ({teacher.task}), expected "
            f"{', '.join(config.classes)} ({config.task})"
        )
    if not isinstance(teacher.network, torch.nn.Module):
        raise UserError(f"distillation.teacher: {where} was exported; name the model that it was made of")
    if teacher.tokenizer.get_vocab() != tokenizer.get_vocab():
        raise UserError(
            f"distillation.teacher: {where} has another vocabulary than the encoder {config.encoder.name}: its "
            "probabilities are of other tokens"
        )
    return teacher


def collate_with_soft_targets(collate: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a collator that pads the soft targets, where there are any, as `collate` pads the rest."""

    def collated(examples: Sequence[dict[str, Any]]) -> Any:
        soft = [example[SOFT] for example in examples if SOFT in example]
        batch = collate([{key: value for key, value in example.items() if key != SOFT} for example in examples])
        if soft:
            batch[SOFT] = torch.nn.utils.rnn.pad_sequence(soft, batch_first=True).float()
        return batch

    return collated


def soft_loss(
    logits: torch.Tensor, soft: torch.Tensor, labels: torch.Tensor, temperature: float, number: torch.Tensor
) -> torch.Tensor:
    """Return the divergence from the teacher, over what has a label, divided by the `number` of labels.

    `logits`, `soft`: (windows, tokens, classes), or (windows, classes); `labels`: the same without classes.
    """
    student = (logits.float() / temperature).log_softmax(dim=-1)
    teacher = (soft / temperature).log_softmax(dim=-1)
    divergence = torch.nn.functional.kl_div(student, teacher, reduction="none", log_target=True).sum(dim=-1)
    return divergence[labels != IGNORED].sum() * temperature**2 / number.clamp(min=1)

"""A network to be trained: an encoder with a new head for a task."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch

from vanban.checkpoint import check_vocabulary, load_network, load_tokenizer, position_limit
from vanban.encoding import TextEncoder
from vanban.errors import UserError
from vanban_training.config import RunConfig

NEW_PARTS: Final = {"ner": ("classifier",), "doctype": ("classifier", "pooler", "score", "pre_classifier")}


@dataclass(frozen=True)
class NewNetwork:
    """A network with a new head, its tokenizer, and the names of the modules that are new."""

    network: Any
    tokenizer: Any
    head: tuple[str, ...]


def new_network(encoder: Path | str, config: RunConfig) -> NewNetwork:
    """Return a network for the task and the classes of `config` over `encoder`.

    Raises UserError for weights that can't be read, or that lack more than the head.
    """
    classes = config.classes
    options: dict[str, Any] = {}
    if config.training.dropout is not None:
        options = {
            "hidden_dropout_prob": config.training.dropout,
            "attention_probs_dropout_prob": config.training.dropout,
        }
    torch.manual_seed(config.training.seed)  # the new head's weights
    network, missing = load_network(
        encoder,
        config.task,
        f"encoder {encoder}: its weights or its config",
        "; fetch them again",
        num_labels=len(classes),
        id2label=dict(enumerate(classes)),
        label2id={name: i for i, name in enumerate(classes)},
        dtype=torch.float32,
        # on a CPU the fused attention's backward pass costs a third of a step on windows this short
        attn_implementation="sdpa" if torch.cuda.is_available() else "eager",
        **options,
    )
    parts = {part: next((p for p in part.split(".") if p in NEW_PARTS[config.task]), None) for part in missing}
    lacks = [part for part, head in parts.items() if head is None]
    if lacks:
        raise UserError(
            f"encoder {encoder}: its weights lack {', '.join(lacks[:3])}"
            f"{f' and {len(lacks) - 3} more' if len(lacks) > 3 else ''}: damaged, or of another network than "
            "config.json says; fetch them again"
        )
    tokenizer = load_tokenizer(encoder)
    check_vocabulary(network, tokenizer, encoder)
    head = tuple(sorted({head for head in parts.values() if head is not None} or {"classifier"}))
    if "pooler" in head:
        _begin_as_identity(network.base_model.pooler)
    return NewNetwork(network, tokenizer, head)


def _begin_as_identity(pooler: Any) -> None:
    """Let a new pooler hand on the state of the first token: a random one hides what the encoder knows at first."""
    with torch.no_grad():
        pooler.dense.weight.copy_(torch.eye(pooler.dense.weight.shape[0]))
        pooler.dense.bias.zero_()


def text_encoder(new: NewNetwork, config: RunConfig) -> TextEncoder:
    """Return what cuts texts into the windows of `config`, or into shorter ones where the encoder takes no more."""
    limit = position_limit(new.network.config, new.tokenizer)
    window = min(config.windows.tokens, limit)
    if window < config.windows.tokens:
        print(f"windows: {window} tokens, all that the encoder takes, instead of {config.windows.tokens}")
    return TextEncoder(new.tokenizer, window, config.windows.overlap)

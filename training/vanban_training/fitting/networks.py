"""A network to be trained: an encoder with a new head for a task."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch

from vanban.errors import UserError, reason_of
from vanban.network.checkpoint import Checkpoint
from vanban.network.weights import check_vocabulary, load_network, load_tokenizer, position_limit
from vanban.reading.encoding import TextEncoder
from vanban_training.config import RunConfig

POOLER_EXAMPLES: Final = 150
DROPOUTS: Final = (  # as BERT's kin, DistilBERT and ModernBERT call them
    "hidden_dropout_prob", "attention_probs_dropout_prob", "dropout", "attention_dropout", "embedding_dropout",
    "mlp_dropout",
)  # fmt: skip
NEW_PARTS: Final = {
    "ner": ("classifier", "head"),
    "doctype": ("classifier", "head", "pooler", "score", "pre_classifier"),
}


@dataclass(frozen=True)
class NewNetwork:
    """A network with a new head, its tokenizer, and the names of the modules that are new.

    `pooler`: the square layer of a new pooler on the first token's state, which `standardise_pooler` sets.
    """

    network: Any
    tokenizer: Any
    head: tuple[str, ...]
    pooler: torch.nn.Linear | None = None

    @property
    def random_head(self) -> tuple[str, ...]:
        """The new modules that begin as random weights, and learn faster than the rest."""
        return tuple(name for name in self.head if name != "pooler" or self.pooler is None)


def new_network(encoder: Path | str, config: RunConfig) -> NewNetwork:
    """Return a network for the task and the classes of `config` over `encoder`.

    Raises UserError for weights that can't be read, or that lack more than the head.
    """
    classes = config.classes
    own = _config_of(encoder)
    options = _options(own, encoder, config)
    told_apart = _classes_of(own)
    # a head that is kept would tell the new classes by the old ones' weights
    has_other_head = bool(told_apart) and told_apart != classes
    if has_other_head:
        print(f"encoder {encoder}: its head tells {', '.join(told_apart)} apart: a new one is trained")
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
        ignore_mismatched_sizes=has_other_head,
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
    tokenizer = _tokenizer_of(encoder)
    check_vocabulary(network, tokenizer, encoder)
    renewed = _renew_head(network) if has_other_head else []
    head = tuple(sorted({head for head in (*parts.values(), *renewed) if head is not None} or {"classifier"}))
    return NewNetwork(network, tokenizer, head, _pooler(network) if "pooler" in head else None)


def _options(own: Any, encoder: Path | str, config: RunConfig) -> dict[str, Any]:
    """Return what a run wants otherwise than the encoder's `own` config says: its dropout and its number of layers.

    Raises UserError for a config without dropout, and for one with fewer layers.
    """
    options: dict[str, Any] = {}
    if config.training.dropout is not None:
        options = {name: config.training.dropout for name in DROPOUTS if hasattr(own, name)}
        if not options:
            raise UserError(
                f"training.dropout: found {config.training.dropout:g}, but the config of the encoder {encoder} has "
                f"none of {', '.join(DROPOUTS)}; set training.dropout: null"
            )
    if config.encoder.layers is not None:
        if config.encoder.layers > own.num_hidden_layers:
            raise UserError(
                f"encoder.layers: found {config.encoder.layers}, the encoder {encoder} has {own.num_hidden_layers}"
            )
        options["num_hidden_layers"] = config.encoder.layers
        if getattr(own, "layer_types", None):  # ModernBERT names the kind of each
            options["layer_types"] = own.layer_types[: config.encoder.layers]
    return options


def check_encoder(encoder: Path | str, config: RunConfig) -> Any:
    """Return the tokenizer of `encoder`; raises UserError where it, or the encoder's config, does not fit `config`."""
    own = _config_of(encoder)
    _options(own, encoder, config)
    tokenizer = _tokenizer_of(encoder)
    TextEncoder(tokenizer, _window(own, tokenizer, config), config.windows.overlap)
    return tokenizer


def _config_of(encoder: Path | str) -> Any:
    from transformers import AutoConfig

    return _read("config", AutoConfig.from_pretrained, encoder)


def _tokenizer_of(encoder: Path | str) -> Any:
    return _read("tokenizer", load_tokenizer, encoder)


def _read(what: str, read: Callable[[Path | str], Any], encoder: Path | str) -> Any:
    try:
        return read(encoder)
    except UserError:
        raise
    except Exception as error:  # ValueError, KeyError, TypeError and more, as the kind of model has it
        reason = f"{type(error).__name__}: {reason_of(error)}"
        raise UserError(f"encoder {encoder}: its {what} can't be read ({reason}); fetch it again") from None


def _classes_of(own: Any) -> tuple[str, ...]:
    """Return what a network that was trained before tells apart; nothing for an encoder without a head."""
    has_head = any(str(name).endswith("Classification") for name in own.architectures or ())
    return tuple((own.id2label or {}).values()) if has_head else ()


def _renew_head(network: Any) -> list[str]:
    """Begin what tells classes apart with new random weights, as transformers draws them; return the modules' names."""
    renewed = [name for name in ("classifier", "score", "pre_classifier") if hasattr(network, name)]
    for module in (module for name in renewed for module in getattr(network, name).modules()):
        for parameter in module.parameters(recurse=False):
            parameter._is_hf_initialized = False  # else it is left as it was loaded
        network._init_weights(module)
    return renewed


def _pooler(network: Any) -> torch.nn.Linear | None:
    """Return the layer of a pooler like BERT's, `pooler.dense` in the encoder; None where it is of another kind."""
    dense = getattr(getattr(network.base_model, "pooler", None), "dense", None)
    square = isinstance(dense, torch.nn.Linear) and dense.in_features == dense.out_features
    return dense if square else None


def standardise_pooler(new: NewNetwork, examples: Sequence[dict[str, Any]]) -> None:
    """Let a new pooler begin with what tells windows apart: the first token's state, standardised over `examples`.

    Each feature gets mean 0 and standard deviation 1 over some of the examples. The first token has much the same state
    in all windows: with a random pooler, or one that hands the state on as it is, hundreds of steps go by before the
    head sees the differences. Does nothing where the network has no new pooler, or one unlike BERT's.
    """
    if new.pooler is None:
        return
    encoder = new.network.base_model.eval()
    states = []
    with torch.no_grad():
        for example in examples[:: max(1, len(examples) // POOLER_EXAMPLES)]:
            ids = torch.tensor([example["input_ids"]], device=encoder.device)
            states.append(encoder(input_ids=ids).last_hidden_state[0, 0])
        rows = torch.stack(states)
        deviation = rows.std(dim=0, correction=0) + 1e-6
        new.pooler.weight.copy_(torch.diag(1 / deviation))
        new.pooler.bias.copy_(-rows.mean(dim=0) / deviation)


def text_encoder(new: NewNetwork, config: RunConfig) -> TextEncoder:
    """Return what cuts texts into the windows of `config`, or into shorter ones where the encoder takes no more."""
    window = _window(new.network.config, new.tokenizer, config)
    if window < config.windows.tokens:
        print(f"windows: {window} tokens, all that the encoder takes, instead of {config.windows.tokens}")
    return TextEncoder(new.tokenizer, window, config.windows.overlap)


def _window(own: Any, tokenizer: Any, config: RunConfig) -> int:
    return min(config.windows.tokens, position_limit(own, tokenizer))


def trained_checkpoint(config: RunConfig, new: NewNetwork, reader: TextEncoder, network: Any) -> Checkpoint:
    """Return a trained network ready to predict, with what it was trained to read and to tell apart."""
    return Checkpoint(
        task=config.task,
        network=network.eval(),
        tokenizer=new.tokenizer,
        classes=config.classes,
        window_tokens=reader.window_tokens,
        overlap_tokens=reader.overlap,
        name=config.output,
        info={},
        reading=config.reading.as_read(),
    )

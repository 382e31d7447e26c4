"""Networks of transformers and their tokenizers, read from whole models and from adapters over an encoder."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from vanban.errors import UserError, reason_of
from vanban.network.model_files import is_phobert
from vanban.network.shipped import BUNDLED_ENCODER
from vanban.schema import Task

if TYPE_CHECKING:
    import torch

# these count positions from the padding id on
ROBERTA_KIN: Final = frozenset({
    "camembert", "data2vec-text", "ibert", "longformer", "luke", "mpnet", "roberta", "roberta-prelayernorm",
    "xlm-roberta", "xlm-roberta-xl", "xmod",
})  # fmt: skip
UNSUPPORTED_LORA: Final = ("alpha_pattern", "rank_pattern", "fan_in_fan_out", "use_dora")


def network_class(task: Task) -> Any:
    """Return the class of transformers whose networks do `task`."""
    from transformers import AutoModelForSequenceClassification, AutoModelForTokenClassification

    return AutoModelForTokenClassification if task == "ner" else AutoModelForSequenceClassification


def load_tokenizer(folder: str | Path) -> Any:
    """Return the tokenizer of a model in `folder`: vanban's own for a PhoBERT, else what transformers finds there."""
    from transformers import AutoTokenizer

    if is_phobert(Path(folder)):
        from vanban.reading.phobert import PhobertTokenizerFast

        return PhobertTokenizerFast(Path(folder))
    return AutoTokenizer.from_pretrained(folder)


def check_vocabulary(network: Any, tokenizer: Any, where: str | Path) -> None:
    """Raise UserError when a PhoBERT has other rows of embeddings than its vocab.txt has pieces."""
    if not getattr(tokenizer, "reads_words", False):
        return
    rows = network.get_input_embeddings().weight.shape[0]
    expected = (tokenizer.first_alias, len(tokenizer.reference_ids))
    if rows not in expected:
        raise UserError(
            f"{where}: its network has {rows} rows of embeddings, its vocab.txt and bpe.codes ask for {expected[0]} "
            f"(or {expected[1]}, as vanban saves it): they are of different models; fetch them again together"
        )


def position_limit(config: Any, tokenizer: Any) -> int:
    """Return how many tokens the encoder takes, special tokens included.

    RoBERTa and its kin count positions from the padding id on (258 embeddings, 256 usable), the rest from 0.
    """
    positions = int(getattr(config, "max_position_embeddings", 512) or 512)
    if config.model_type in ROBERTA_KIN:
        positions -= int(config.pad_token_id) + 1
    stated = getattr(tokenizer, "model_max_length", positions)
    return min(positions, int(stated)) if stated and stated < 1e6 else positions


def load_network(where: str | Path, task: Task, what: str, mend: str = "", **options: Any) -> tuple[Any, list[str]]:
    """Return a network of transformers, and the keys of its weights that were not there and are random.

    Raises UserError, which calls it `what` and says how to `mend` it, when it can't be read.
    """
    from transformers.utils import logging

    shows_bars = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()  # a bar for one local file says nothing
    try:
        network, report = network_class(task).from_pretrained(where, output_loading_info=True, **options)
    except Exception as error:  # damaged files raise EOFError, KeyError, RuntimeError, SafetensorError and more
        raise UserError(f"{what} can't be read ({type(error).__name__}: {reason_of(error)}){mend}") from None
    finally:
        if shows_bars:
            logging.enable_progress_bar()
    return network, sorted(report["missing_keys"])


def load_whole(where: Path, task: Task, info: dict[str, Any]) -> tuple[Any, Any]:
    """Return the network and the tokenizer of a whole model, in float32."""
    import torch

    what = f"{where}: the {'token' if task == 'ner' else 'sequence'} classifier there"
    try:
        tokenizer = load_tokenizer(where)
    except UserError:
        raise
    except Exception as error:
        raise UserError(f"{what} can't be read ({type(error).__name__}: {reason_of(error)})") from None
    network, missing = load_network(where, task, what, dtype=torch.float32)
    check_vocabulary(network, tokenizer, where)
    if missing:
        raise UserError(
            f"{where}: its weights lack {', '.join(missing)}; an encoder without a trained head: train one first"
        )
    return network, tokenizer


def load_adapter(folder: Path, task: Task, info: dict[str, Any]) -> tuple[Any, Any]:
    """Return the network of an adapter, merged into its encoder in float32, and the tokenizer of that."""
    try:
        encoder, classes = str(info["encoder"]["path"]), list(info["classes"])
    except (KeyError, TypeError):
        raise UserError(
            f"{folder / 'vanban.json'}: expected encoder.path and classes; the model directory is damaged: "
            "copy it again"
        ) from None
    base = BUNDLED_ENCODER if encoder == "bundled" else Path(encoder)
    if not (base / "model.safetensors").is_file():
        raise UserError(f"{folder}: its encoder {base} is not there; put it back or train again")
    try:
        return _merged(folder, base, task, classes, info["encoder"].get("layers")), load_tokenizer(base)
    except UserError:
        raise
    except Exception as error:  # damaged files raise JSONDecodeError, SafetensorError, ValueError and more
        what = f"{type(error).__name__}: {reason_of(error)}"
        raise UserError(f"{folder} or its encoder {base} can't be read ({what}); copy them again, or train") from None


def _merged(folder: Path, base: Path, task: Task, classes: list[str], layers: int | None) -> Any:
    import torch
    from safetensors import safe_open
    from transformers import AutoConfig
    from transformers.initialization import no_init_weights

    config = AutoConfig.from_pretrained(
        base,
        num_labels=len(classes),
        id2label=dict(enumerate(classes)),
        label2id={c: i for i, c in enumerate(classes)},
        **({} if layers is None else {"num_hidden_layers": int(layers)}),
    )
    with no_init_weights():  # every weight is loaded below; drawing random ones first takes a quarter of a second
        network = network_class(task).from_config(config, dtype=torch.float32)
    prefix = f"{network.base_model_prefix}."
    with safe_open(base / "model.safetensors", "pt") as stored:
        keys = {prefix + key.removeprefix(prefix): key for key in stored.keys()}  # noqa: SIM118, it is no dict
        # what this network has no place for is left out: another head, layers above, or the pooler under a tagger
        state = {key: stored.get_tensor(keys[key]).float() for key in network.state_dict() if key in keys}
    try:
        _merge(folder, state)
        network.load_state_dict(state, assign=True)  # a copy would hold every weight twice
    except (KeyError, RuntimeError) as error:
        what = textwrap.shorten(f"{type(error).__name__}: {error}", 400, placeholder=" …")
        raise UserError(f"{folder}: does not fit its encoder {base} ({what})") from None
    return network


def _merge(folder: Path, state: dict[str, torch.Tensor]) -> None:
    """Change and add what the adapter does in the tensors of an encoder: W + alpha/r · B·A (Hu et al. 2021, arXiv
    2106.09685).

    Read here instead of through peft, whose import takes longer than the whole load.
    """
    from safetensors.torch import load_file

    settings = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))
    unsupported = [name for name in UNSUPPORTED_LORA if settings.get(name)]
    scale = settings["lora_alpha"] / (settings["r"] ** 0.5 if settings.get("use_rslora") else settings["r"])
    prefix = "base_model.model."
    tensors = load_file(folder / "adapter_model.safetensors")
    adapter = {key.removeprefix(prefix): value.float() for key, value in tensors.items()}
    for key, value in adapter.items():
        if key.endswith(".lora_A.weight"):
            name = key.replace(".lora_A.weight", ".weight")
            up = adapter[key.replace(".lora_A.", ".lora_B.")]
            state[name] += scale * (up @ value)
        elif ".lora_" not in key:
            state[key] = value  # what the adapter holds whole: the head
        elif not key.endswith(".lora_B.weight"):
            unsupported.append(key)
    if unsupported:
        raise UserError(
            f"{folder}: the adapter has {', '.join(unsupported)}, expected plain LoRA of linear layers. "
            "Merge it with peft's merge_and_unload and save the whole model"
        )

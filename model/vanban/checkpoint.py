"""One layout for a saved model. A model directory is one of two:

- whole: `config.json`, `model.safetensors`, `tokenizer.json`: plain `AutoModelForTokenClassification` loads it;
- adapter: `adapter_config.json`, `adapter_model.safetensors`: low-rank updates of an encoder named in `vanban.json`.

Both may hold `vanban.json`: the task, the encoder and the window that the model was trained with.
"""

from __future__ import annotations

import difflib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from vanban.errors import UserError

if TYPE_CHECKING:
    import torch

BUNDLED: Final = Path(__file__).parent / "bundled"
BUNDLED_ENCODER: Final = BUNDLED / "encoder"
SHIPPED_NER: Final = BUNDLED / "ner"

DEFAULT_WINDOW: Final = {"tokens": 256, "overlap": 64}
LAYOUTS: Final = {
    "whole": ("config.json", "model.safetensors", "tokenizer.json"),
    "adapter": ("adapter_config.json", "adapter_model.safetensors", "vanban.json"),
}


@dataclass(frozen=True)
class Checkpoint:
    """A token classifier ready to run: the network in float32, its tokenizer, and what is recorded of it."""

    network: torch.nn.Module
    tokenizer: Any
    tags: tuple[str, ...]
    window_tokens: int
    overlap_tokens: int
    name: str
    info: dict[str, Any]


def layout_of(folder: Path) -> str | None:
    """Return `whole`, `adapter`, or None when the folder holds neither."""
    for layout, names in LAYOUTS.items():
        if all((folder / name).is_file() for name in names):
            return layout
    return None


def load_checkpoint(where: str | Path | None = None) -> Checkpoint:
    """Load the shipped model (None), a model directory, or a token classifier by its hub name.

    Raises UserError when there is no such model; the message says what was looked for and what is near.
    """
    folder = SHIPPED_NER if where is None else Path(where)
    if folder.is_dir():
        layout = layout_of(folder)
        if layout is None:
            raise UserError(_no_model_in(folder))
        info = _read_info(folder)
        network, tokenizer = _load_adapter(folder, info) if layout == "adapter" else _load_whole(str(folder))
    elif folder.exists() or not _may_be_hub_name(str(where)):
        raise UserError(_no_model_at(folder))
    else:
        info = {}
        network, tokenizer = _load_whole(str(where))
    config: Any = network.config
    tags = tuple(config.id2label[i] for i in range(config.num_labels))
    window = {**DEFAULT_WINDOW, **info.get("windows", {})}
    limit = position_limit(config, tokenizer)
    return Checkpoint(
        network=network.eval(),
        tokenizer=tokenizer,
        tags=tags,
        window_tokens=min(window["tokens"], limit),
        overlap_tokens=window["overlap"],
        name=info.get("name") or (str(where) if where is not None else "vanban"),
        info=info,
    )


def position_limit(config: Any, tokenizer: Any) -> int:
    """Return how many tokens the encoder takes, special tokens included.

    RoBERTa and its kin count positions from the padding id on (258 embeddings, 256 usable), the rest from 0.
    """
    positions = int(getattr(config, "max_position_embeddings", 512) or 512)
    if config.model_type in ("roberta", "xlm-roberta", "xlm-roberta-xl", "camembert", "mpnet", "data2vec-text", "longformer"):
        positions -= int(config.pad_token_id) + 1
    stated = getattr(tokenizer, "model_max_length", positions)
    return min(positions, int(stated)) if stated and stated < 1e6 else positions


def _read_info(folder: Path) -> dict[str, Any]:
    path = folder / "vanban.json"
    if not path.is_file():
        return {}
    try:
        info = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: not JSON ({error}); the model directory is damaged: train or copy it again") from None
    return dict(info)


def _load_whole(where: str) -> tuple[torch.nn.Module, Any]:
    import torch
    from transformers import AutoModelForTokenClassification, AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(where)
        network = AutoModelForTokenClassification.from_pretrained(where, dtype=torch.float32)
    except (OSError, ValueError) as error:
        first_line = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise UserError(f"{where}: no token classifier could be loaded from there: {first_line}") from None
    return network, tokenizer


def _load_adapter(folder: Path, info: dict[str, Any]) -> tuple[torch.nn.Module, Any]:
    import torch
    from safetensors.torch import load_file
    from transformers import AutoConfig, AutoModelForTokenClassification, AutoTokenizer

    encoder = info.get("encoder", {}).get("path")
    base = BUNDLED_ENCODER if encoder == "bundled" else Path(str(encoder))
    if not base.is_dir():
        raise UserError(f"{folder}: its encoder {base} is not there; put it back or train again")
    tags = info["tags"]
    config = AutoConfig.from_pretrained(
        base, num_labels=len(tags), id2label=dict(enumerate(tags)), label2id={t: i for i, t in enumerate(tags)}
    )
    network = AutoModelForTokenClassification.from_config(config, dtype=torch.float32)
    state = {f"{network.base_model_prefix}.{key}": value for key, value in load_file(base / "model.safetensors").items()}
    state.update(_merged(folder, state))
    missing, unexpected = network.load_state_dict(state, strict=False)
    if missing or unexpected:
        raise UserError(f"{folder}: does not fit its encoder {base}: missing {missing}, unexpected {unexpected}")
    return network, AutoTokenizer.from_pretrained(base)


def _merged(folder: Path, encoder: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Return the tensors that the adapter changes or adds: W + alpha/r · B·A (Hu et al. 2021, arXiv 2106.09685).

    Read here instead of through peft, whose import takes longer than the whole load.
    """
    import torch
    from safetensors.torch import load_file

    settings = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))
    scale = settings["lora_alpha"] / (settings["r"] ** 0.5 if settings.get("use_rslora") else settings["r"])
    prefix = "base_model.model."
    adapter = {key.removeprefix(prefix): value.float() for key, value in load_file(folder / "adapter_model.safetensors").items()}
    merged: dict[str, torch.Tensor] = {}
    for key, value in adapter.items():
        if key.endswith(".lora_A.weight"):
            name = key.replace(".lora_A.weight", ".weight")
            up = adapter[key.replace(".lora_A.", ".lora_B.")]
            merged[name] = encoder[name].float() + scale * (up @ value)
        elif ".lora_" not in key:
            merged[key] = value  # what the adapter holds whole: the head
    return merged


def _may_be_hub_name(where: str) -> bool:
    parts = where.split("/")
    return len(parts) == 2 and all(part and part[0].isalnum() for part in parts) and "\\" not in where


def _no_model_in(folder: Path) -> str:
    found = ", ".join(sorted(p.name for p in folder.iterdir())[:8]) or "nothing"
    tried = "; or ".join(", ".join(names) for names in LAYOUTS.values())
    return f"{folder}: holds no model. Expected {tried}; found {found}. Make one with: train --config configs/ner.yaml"


def _no_model_at(path: Path) -> str:
    parent = path.parent
    names = [p.name for p in parent.iterdir() if p.is_dir()] if parent.is_dir() else []
    near = difflib.get_close_matches(path.name, names, n=1, cutoff=0.5)
    hint = f" Did you mean {parent / near[0]}?" if near else ""
    return f"{path}: no model directory there (looked in {parent.resolve()}).{hint}"

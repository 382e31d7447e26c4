"""What a model's folder must hold, what it lacks, and the command that fetches it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from vanban.reading.phobert_vocabulary import PHOBERT_FILES

# in the order in which transformers looks for them: it loads the first
WEIGHTS: Final = (
    "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json",
)  # fmt: skip
TOKENIZERS: Final = (  # one of these sets is enough
    ("tokenizer.json",), ("vocab.json", "merges.txt"), ("vocab.txt",),
    ("sentencepiece.bpe.model",), ("spiece.model",), ("tokenizer.model",),
)  # fmt: skip
DAMAGED: Final = " (damaged)"


def is_phobert(folder: Path) -> bool:
    """True when `folder` holds both files of PhoBERT's tokenizer. BERTweet's bear the same names."""
    return _all_there(folder, PHOBERT_FILES) and not any(c.startswith("Bertweet") for c in _tokenizer_classes(folder))


def missing_files(folder: Path) -> list[str]:
    """Return what `folder` lacks to serve as an encoder or a model; empty when it is whole.

    Listed are names of files, `weights (…)` or `a tokenizer (…)` where several would do, and `NAME (damaged)` for JSON
    that can't be read. A link to a file that is gone, as in a cache that was cleaned, counts as missing.
    """
    lacks = [] if (folder / "config.json").is_file() else ["config.json"]
    lacks += missing_weights(folder) + missing_tokenizer(folder)
    read = ("config.json", "tokenizer_config.json", *(name for name in WEIGHTS if name.endswith(".json")))
    return lacks + [name + DAMAGED for name in read if (folder / name).is_file() and _json(folder / name) is None]


def missing_weights(folder: Path) -> list[str]:
    """Return what `folder` lacks of the weights: `weights (…)` as a whole, or the parts that an index names."""
    name = next((name for name in WEIGHTS if (folder / name).is_file()), None)
    if name is None:
        return ["weights (model.safetensors or pytorch_model.bin)"]
    parts = (_json(folder / name) or {}).get("weight_map") if name.endswith(".json") else None
    if not isinstance(parts, dict):
        return []
    return [part for part in sorted({str(part) for part in parts.values()}) if not (folder / part).is_file()]


def missing_tokenizer(folder: Path) -> list[str]:
    """Return what `folder` lacks of its tokenizer. PhoBERT needs its own two files, whatever else is beside them."""
    if _means_phobert(folder):
        return [name for name in PHOBERT_FILES if not (folder / name).is_file()]
    enough = any(_all_there(folder, names) for names in TOKENIZERS)
    return [] if enough else ["a tokenizer (tokenizer.json or a vocabulary)"]


def fetch_into(folder: Path, lacks: Sequence[str], name: str | None = None) -> str:
    """Return the command that fetches what `folder` lacks; `name` is the hub's name of its model, where it is known."""
    if set(lacks) <= set(PHOBERT_FILES):  # they belong together
        what = f"{name or 'vinai/phobert-base'} {' '.join(PHOBERT_FILES)}"
    else:
        what = name or "OWNER/NAME"
    return hf_download(f"{what} --local-dir {shlex.quote(str(folder.resolve()))}", lacks)


def _means_phobert(folder: Path) -> bool:
    stated = _tokenizer_classes(folder)
    if stated:  # other RoBERTas have a vocab.txt too, some of them BERT's
        return any(value.startswith("Phobert") for value in stated)
    some = any((folder / name).is_file() for name in PHOBERT_FILES)
    is_roberta = (_json(folder / "config.json") or {}).get("model_type") == "roberta"
    return is_roberta and some and not (folder / "vocab.json").is_file()


def _tokenizer_classes(folder: Path) -> list[str]:
    objects = [_json(folder / name) or {} for name in ("config.json", "tokenizer_config.json")]
    return [value for value in (o.get("tokenizer_class") for o in objects) if isinstance(value, str)]


def _all_there(folder: Path, names: Sequence[str]) -> bool:
    return all((folder / name).is_file() for name in names)


def _json(path: Path) -> dict[str, Any] | None:
    """Return the object of a JSON file; None where there is no file or no object in it."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None


def hf_download(arguments: str, lacks: Sequence[str] = ()) -> str:
    """Return the command of the hub's client; what is damaged is fetched anew."""
    from huggingface_hub import constants

    switch = "HF_HUB_OFFLINE=0 " if constants.HF_HUB_OFFLINE else ""
    anew = any(name.endswith(DAMAGED) for name in lacks)  # what is there is passed over otherwise
    return f"{switch}hf download {arguments}{' --force-download' if anew else ''}"

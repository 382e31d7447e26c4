"""What results depend on: the models with their files, the options, and the version of the package."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from vanban.errors import UserError

WEIGHTS: Final = (".safetensors", ".bin", ".onnx")
MODEL_FILES: Final = frozenset({
    "vanban.json", "config.json", "adapter_config.json", "tokenizer.json", "tokenizer_config.json",
    "special_tokens_map.json", "added_tokens.json", "vocab.txt", "bpe.codes", "sentencepiece.bpe.model", "merges.txt",
    "vocab.json",
})  # fmt: skip


def check_settings(where: Path, before: Mapping[str, Any] | None, now: Mapping[str, Any]) -> None:
    """Raise UserError when the run that left its work in `where` had other settings; None is one that left none."""
    for name, value in now.items():
        if before is not None and before.get(name) != value:
            raise UserError(
                f"{where}: the interrupted run had {name} {before.get(name)}, this one has {value}; "
                "give it the same options, or start again with --overwrite"
            )


def fingerprint(settings: Mapping[str, Any]) -> str:
    """Return the sha256 of the settings of a run, in hexadecimal."""
    return hashlib.sha256(json.dumps(settings, sort_keys=True).encode("ascii")).hexdigest()


def models_digest(models: Iterable[str], record: Mapping[str, Any]) -> str:
    """Return a short sha256 of the files of the models that are folders, by name and content, and of what is recorded.

    The shipped models are of the package's version, and a model of the hub is what the record says.
    """
    digest = hashlib.sha256(json.dumps(record, sort_keys=True, default=str).encode("ascii"))
    for model in models:
        for path in sorted(path for path in Path(model).glob("*") if _is_of_model(path)):
            with open(path, "rb") as file:
                content = hashlib.file_digest(file, "sha256").hexdigest()
            digest.update(f"{path.name}\0{content}\n".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:16]


def _is_of_model(path: Path) -> bool:
    # other files may change meanwhile: `tag` may write into the folder of its model
    return path.is_file() and (path.suffix in WEIGHTS or path.name in MODEL_FILES)

"""Which encoder serves: the one that the config names, or the bundled one when the hub is out of reach."""

from __future__ import annotations

import difflib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from vanban.checkpoint import BUNDLED_ENCODER
from vanban.errors import UserError
from vanban.hub import cache_folder, cached, download
from vanban_training.config import EncoderConfig

KNOWN_ENCODERS: Final = (
    "bundled",
    "vinai/phobert-base",
    "vinai/phobert-base-v2",
    "vinai/phobert-large",
    "FacebookAI/xlm-roberta-base",
    "intfloat/multilingual-e5-small",
)


@dataclass(frozen=True)
class ResolvedEncoder:
    """The encoder that a run uses: where it is loaded from, what was wanted, and how it was found."""

    wanted: str
    used: str
    path: str
    how: str

    def to_dict(self) -> dict[str, Any]:
        """Return the record that goes into `training.json`."""
        return asdict(self)

    def __str__(self) -> str:
        return f"encoder: {self.used} ({self.how})"


def resolve_encoder(config: EncoderConfig) -> ResolvedEncoder:
    """Find the encoder: bundled, a folder, the hub's cache, the hub, and last what `offline` names.

    Raises UserError when it is nowhere and `offline` is null, or when the name looks mistyped.
    """
    name = config.name
    if name == "bundled":
        return ResolvedEncoder(name, "bundled", str(BUNDLED_ENCODER), "ships with the package")
    folder = Path(name).expanduser()
    if folder.is_dir():
        if not (folder / "config.json").is_file():
            found = ", ".join(sorted(p.name for p in folder.iterdir())[:8]) or "nothing"
            raise UserError(
                f"encoder.name: {name}: expected a folder with config.json, weights and a tokenizer, found {found}"
            )
        return ResolvedEncoder(name, name, str(folder), "a local folder")
    _check_name(name)
    path, how = cached(name), "in the hub's cache"
    if path is None:
        how = "downloaded from the hub"
        problem = download(name)
        if problem:
            return _substitute(config, f"{problem} and it is not in the cache")
        path = cached(name) or name
    if not _gives_offsets(path):
        return _substitute(config, "its tokenizer gives no offsets, which vanban needs")
    return ResolvedEncoder(name, name, path, how)


def _substitute(config: EncoderConfig, problem: str) -> ResolvedEncoder:
    if config.offline == "bundled":
        return ResolvedEncoder(config.name, "bundled", str(BUNDLED_ENCODER), f"{config.name} was wanted, but {problem}")
    raise UserError(
        f"encoder.name: {config.name}: {problem} ({cache_folder()}), and encoder.offline is null. "
        f"Fetch it on a connected machine with: hf download {config.name}; or set encoder.offline: bundled"
    )


def _gives_offsets(folder: str) -> bool:
    """False for tokenizers without offsets, PhoBERT's among them."""
    from transformers import AutoTokenizer

    try:
        return bool(AutoTokenizer.from_pretrained(folder).is_fast)
    except Exception:
        return True  # loading it for good says what is wrong


def _check_name(name: str) -> None:
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils import validate_repo_id  # type: ignore[attr-defined]

    near = difflib.get_close_matches(name, KNOWN_ENCODERS, n=1, cutoff=0.6)
    hint = f" Did you mean {near[0]}?" if near else ""
    parts = name.split("/")
    is_path = name.startswith((".", "/", "~")) or len(parts) > 2 or "\\" in name
    if is_path:
        raise UserError(f"encoder.name: {name}: no such folder (looked for {Path(name).expanduser().resolve()}).{hint}")
    if len(parts) != 2 or not all(parts):
        raise UserError(
            f"encoder.name: {name}: unknown encoder; expected bundled, owner/name on the hub, or a folder.{hint}"
        )
    try:
        validate_repo_id(name)
    except HFValidationError as error:
        raise UserError(f"encoder.name: {name}: expected owner/name on the hub ({error}){hint}") from None
    almost = difflib.get_close_matches(name, KNOWN_ENCODERS, n=1, cutoff=0.93)
    if almost and almost[0] != name and not name.startswith("vinai/phobert-base-v"):
        raise UserError(f"encoder.name: {name}: unknown encoder. Did you mean {almost[0]}?")

"""Which encoder serves: the one that the config names, or the bundled one when the hub is out of reach."""

from __future__ import annotations

import difflib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from vanban.errors import UserError
from vanban.network.hub import OutOfReach, Refused, from_hub
from vanban.network.model_files import fetch_into, missing_files
from vanban.network.shipped import BUNDLED_ENCODER
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
        """Return what a model directory records; the bundled encoder is wherever the package is."""
        return {**asdict(self), "path": "bundled" if self.used == "bundled" else self.path}

    def __str__(self) -> str:
        return f"encoder: {self.used} ({self.how})"


def resolve_encoder(config: EncoderConfig) -> ResolvedEncoder:
    """Find the encoder: bundled, a folder, the hub's cache, the hub, and last what `offline` names.

    Raises UserError when it is nowhere and `offline` is null, when a folder lacks files, when the hub itself does not
    give the model, or when the name looks mistyped.
    """
    name = config.name
    if name == "bundled":
        return ResolvedEncoder(name, "bundled", str(BUNDLED_ENCODER), "ships with the package")
    folder = Path(name).expanduser()
    if folder.is_dir():
        _check_folder(name, folder)
        return ResolvedEncoder(name, name, str(folder), "a local folder")
    _check_name(name)
    try:
        path, how = from_hub(name, KNOWN_ENCODERS)
    except Refused as refusal:  # whatever `offline` is: a mistyped name must not train on another encoder
        raise UserError(f"encoder.name: {name}: {refusal}") from None
    except OutOfReach as problem:
        return _substitute(config, str(problem))
    return ResolvedEncoder(name, name, str(path), how)


def _check_folder(name: str, folder: Path) -> None:
    lacks = missing_files(folder)
    if not lacks:
        return
    found = ", ".join(sorted(p.name for p in folder.iterdir())[:8]) or "nothing"
    where = folder.resolve()
    origin = next((known for known in KNOWN_ENCODERS if known.partition("/")[2] == where.name), None)
    raise UserError(
        f"encoder.name: {name}: expected a folder with config.json, weights and a tokenizer, but {where} lacks "
        f"{', '.join(lacks)} (found {found}); fetch what it lacks with: {fetch_into(folder, lacks, origin)}"
    )


def _substitute(config: EncoderConfig, problem: str) -> ResolvedEncoder:
    """Return the encoder that `offline` names for one that is out of reach; raises UserError where that is null."""
    name = config.name
    if Path(name).parent.is_dir() and name not in KNOWN_ENCODERS:  # of its two parts, the first is a folder here
        raise UserError(f"encoder.name: {name}: no such folder (looked for {Path(name).resolve()}); {problem}")
    if config.offline == "bundled":
        return ResolvedEncoder(name, "bundled", str(BUNDLED_ENCODER), f"{name} was wanted, but {problem}")
    raise UserError(f"encoder.name: {name}: {problem}; or set encoder.offline: bundled")


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

"""Which encoder serves: the one that the config names, or the bundled one when the hub is out of reach."""

from __future__ import annotations

import difflib
import queue
import threading
import urllib.error
import urllib.request
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from vanban.checkpoint import BUNDLED_ENCODER
from vanban.errors import UserError
from vanban_training.config import EncoderConfig

PROBE_SECONDS: Final = 3.0  # the libraries' own retries take a minute
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
    cached = _cached(name)
    if cached:
        return ResolvedEncoder(name, name, cached, "in the hub's cache")
    problem = _download(name)
    if problem is None:
        return ResolvedEncoder(name, name, _cached(name) or name, "downloaded from the hub")
    if config.offline == "bundled":
        return ResolvedEncoder(
            name, "bundled", str(BUNDLED_ENCODER), f"{name} was wanted, but {problem} and it is not in the cache"
        )
    raise UserError(
        f"encoder.name: {name}: {problem}, it is not in the hub's cache ({_cache_folder()}), and encoder.offline is "
        f"null. Fetch it on a connected machine with: hf download {name}; or set encoder.offline: bundled"
    )


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


def _cache_folder() -> str:
    from huggingface_hub.constants import HF_HUB_CACHE

    return HF_HUB_CACHE


def _cached(name: str) -> str | None:
    """Return the snapshot folder of `name` when the cache holds its config and weights."""
    from huggingface_hub import try_to_load_from_cache

    config = try_to_load_from_cache(name, "config.json")
    if not isinstance(config, str):
        return None
    folder = Path(config).parent
    weights = ("model.safetensors", "pytorch_model.bin", "model.safetensors.index.json", "pytorch_model.bin.index.json")
    return str(folder) if any((folder / file).exists() for file in weights) else None


def _download(name: str) -> str | None:
    """Fetch `name` into the cache; return why it can't be had, or None. An unreachable hub is given up after 3 s."""
    from huggingface_hub import constants, snapshot_download
    from huggingface_hub.errors import HfHubHTTPError

    if constants.HF_HUB_OFFLINE:
        return "HF_HUB_OFFLINE is set"
    if not _hub_answers(constants.ENDPOINT):
        return f"the hub can't be reached (tried for {PROBE_SECONDS:.0f} s at most)"
    try:
        snapshot_download(name, ignore_patterns=["*.h5", "*.msgpack", "*.onnx", "*.ot", "onnx/*", "openvino/*"])
    except Exception as error:  # the hub's client lets its HTTP library's own errors through (a proxy, TLS)
        for refusal in (error, error.__cause__):
            if isinstance(refusal, HfHubHTTPError) and refusal.response is not None:
                status = refusal.response.status_code
                return f"the hub refused it ({status}: no such model, or it is gated: hf auth login)"
        reason = str(error).partition("\n")[0]
        return f"the download failed ({type(error).__name__}: {reason})"
    return None


def _hub_answers(endpoint: str) -> bool:
    """True when the hub answers an HTTP request in time; whatever hangs (DNS, connect, TLS) is left behind."""
    answers: queue.Queue[bool] = queue.Queue()

    def probe() -> None:
        request = urllib.request.Request(endpoint, method="HEAD", headers={"User-Agent": "vanban"})
        try:
            with urllib.request.urlopen(request, timeout=PROBE_SECONDS):
                answers.put(True)
        except urllib.error.HTTPError:  # an answer all the same: the download says what is wrong
            answers.put(True)
        except (OSError, ValueError):
            answers.put(False)

    threading.Thread(target=probe, daemon=True).start()
    try:
        return answers.get(timeout=PROBE_SECONDS)
    except queue.Empty:
        return False

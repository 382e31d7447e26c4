"""The model hub: what its cache holds, whether it answers, and fetching from it without the libraries' long retries."""

from __future__ import annotations

import queue
import threading
import urllib.error
import urllib.request
from pathlib import Path
from typing import Final

PROBE_SECONDS: Final = 3.0  # the libraries' own retries take a minute
WEIGHTS: Final = (
    "model.safetensors", "pytorch_model.bin", "model.safetensors.index.json", "pytorch_model.bin.index.json",
)  # fmt: skip
OTHER_FORMATS: Final = ["*.h5", "*.msgpack", "*.onnx", "*.ot", "onnx/*", "openvino/*"]


def cached(name: str) -> str | None:
    """Return the snapshot folder of `name` when the cache holds its config and weights."""
    from huggingface_hub import try_to_load_from_cache

    config = try_to_load_from_cache(name, "config.json")
    if not isinstance(config, str):
        return None
    folder = Path(config).parent
    return str(folder) if any((folder / file).exists() for file in WEIGHTS) else None


def cache_folder() -> str:
    """Return where the hub's libraries keep what they fetched."""
    from huggingface_hub import constants

    return constants.HF_HUB_CACHE


def download(name: str) -> str | None:
    """Fetch `name` into the cache; return why it can't be had, or None. An unreachable hub is given up after 3 s."""
    from huggingface_hub import constants, snapshot_download
    from huggingface_hub.errors import HfHubHTTPError

    if constants.HF_HUB_OFFLINE:
        return "HF_HUB_OFFLINE is set"
    if not _answers(constants.ENDPOINT):
        return f"the hub can't be reached (tried for {PROBE_SECONDS:.0f} s at most)"
    try:
        snapshot_download(name, ignore_patterns=OTHER_FORMATS)
    except Exception as error:  # the hub's client lets its HTTP library's own errors through (a proxy, TLS)
        for refusal in (error, error.__cause__):
            if isinstance(refusal, HfHubHTTPError) and refusal.response is not None:
                status = refusal.response.status_code
                return f"the hub refused it ({status}: no such model, or it is gated: hf auth login)"
        reason = str(error).partition("\n")[0]
        return f"the download failed ({type(error).__name__}: {reason})"
    return None


def _answers(endpoint: str) -> bool:
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

"""The model hub: what its cache holds, and fetching from it without long waits."""

from __future__ import annotations

import difflib
import os
import queue
import threading
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from vanban.errors import UserError
from vanban.network.model_files import DAMAGED, hf_download, missing_files

PROBE_SECONDS: Final = 3.0  # the libraries' own retries take a minute
OTHER_FORMATS: Final = ["*.h5", "*.msgpack", "*.onnx", "*.ot", "onnx/*", "openvino/*"]


class OutOfReach(UserError):
    """Neither the cache nor the hub gives the model here and now; says where it was looked for and how to fetch it."""


class Refused(UserError):
    """The hub's own answer: it has no such model, keeps it from this user, or has it without what vanban needs."""


def cache_folder() -> Path:
    """Return where the hub's libraries keep what they fetched: HF_HUB_CACHE, or `hub` in HF_HOME."""
    from huggingface_hub import constants

    return Path(constants.HF_HUB_CACHE).absolute()


def cached(name: str) -> Path | None:
    """Return the snapshot folder of `name` when the cache holds all that it needs."""
    folder = _snapshot(name)
    return folder if folder is not None and not missing_files(folder) else None


def from_hub(name: str, known: Sequence[str] = ()) -> tuple[Path, str]:
    """Return the folder of `name` in the cache, where it is fetched to if need be, and how it was found.

    Raises OutOfReach when it can't be had here and now (an unreachable hub is given up after 3 s), and Refused when the
    hub itself does not give it; of the `known` names the nearest to one that does not exist is named.
    """
    whole = cached(name)
    if whole is not None:
        return whole, "in the hub's cache"
    part = _snapshot(name)
    lacks = missing_files(part) if part is not None else []
    held = f"the cache {cache_folder()}, which HF_HOME or HF_HUB_CACHE moves, does not hold it"
    if lacks:
        held = f"the cache is half-downloaded: {part} lacks {', '.join(lacks)}"
    folder = _download(name, held, lacks, known)
    lacks = missing_files(folder)
    if lacks:
        raise Refused(f"the hub's model lacks {', '.join(lacks)}, which vanban needs; it was fetched to {folder}")
    return folder, "downloaded from the hub"


def _snapshot(name: str) -> Path | None:
    """Return the folder of what the cache holds of `name`, whole or not; None when that is nothing."""
    from huggingface_hub import constants
    from huggingface_hub.file_download import repo_folder_name

    storage = cache_folder() / repo_folder_name(repo_id=name, repo_type="model")
    try:
        commit = (storage / "refs" / constants.DEFAULT_REVISION).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None
    folder = storage / "snapshots" / commit
    return folder if commit and folder.is_dir() else None


def _download(name: str, held: str, lacks: Sequence[str], known: Sequence[str]) -> Path:
    """Fetch `name` and return its folder in the cache; `held` and `lacks` say what was there before."""
    from huggingface_hub import constants, get_hf_file_metadata, hf_hub_url, snapshot_download

    hub, command = constants.ENDPOINT, hf_download(name, lacks)
    if constants.HF_HUB_OFFLINE:
        switch = "HF_HUB_OFFLINE" if os.environ.get("HF_HUB_OFFLINE") else "TRANSFORMERS_OFFLINE"
        raise OutOfReach(f"{switch} is set, and {held}; fetch it with: {command}")
    elsewhere = f"{held}; fetch it on a connected machine with: {command}"
    if not _answers(hub):
        tried = f"tried for {PROBE_SECONDS:.0f} s at most"
        raise OutOfReach(f"the hub at {hub} can't be reached ({tried}), and {elsewhere}")
    try:
        # asked first: snapshot_download hands out what is in the cache, however little, when the hub refuses the rest
        if get_hf_file_metadata(hf_hub_url(name, "config.json")).commit_hash is not None:
            anew = DAMAGED in "".join(lacks)
            return Path(snapshot_download(name, ignore_patterns=OTHER_FORMATS, force_download=anew))
    except Exception as error:  # the hub's client lets its HTTP library's own errors through (a proxy, TLS)
        refusal = _refusal(error, name, held, known)
        raise refusal or OutOfReach(f"{_failure(error, hub)}, and {elsewhere}") from error
    # a proxy's page, or that of a network that wants a login
    raise OutOfReach(f"what answers at {hub} is not the hub, and {elsewhere}")


def _refusal(error: Exception, name: str, held: str, known: Sequence[str]) -> Refused | None:
    """Return what to tell when the hub itself does not give the model; None for every other failure."""
    from huggingface_hub import constants
    from huggingface_hub.errors import GatedRepoError, RemoteEntryNotFoundError, RepositoryNotFoundError

    hub, access = constants.ENDPOINT, f"hf auth login && {hf_download(name)}"
    for cause in (error, error.__cause__):
        if isinstance(cause, GatedRepoError):
            return Refused(
                f"the hub at {hub} refuses it ({cause.response.status_code}: the model is gated), and {held}; "
                f"ask for access at {hub}/{name}, and then: {access}"
            )
        if isinstance(cause, RepositoryNotFoundError):
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
            hint = f" Did you mean {near[0]}?" if near else ""
            return Refused(
                f"the hub at {hub} has no such model ({cause.response.status_code}), and {held}.{hint} "
                f"If it is a private one: {access}"
            )
        if isinstance(cause, RemoteEntryNotFoundError):
            return Refused(f"the hub's model at {hub}/{name} has no config.json, which vanban needs")
    return None


def _failure(error: Exception, hub: str) -> str:
    from huggingface_hub.errors import HfHubHTTPError

    for cause in (error, error.__cause__):
        if isinstance(cause, HfHubHTTPError):
            said = cause.response.headers.get("X-Error-Message")
            return f"the hub at {hub} answered {cause.response.status_code}" + (f" ({said})" if said else "")
    return f"the download failed ({type(error).__name__}: {str(error).strip().partition(chr(10))[0]})"


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

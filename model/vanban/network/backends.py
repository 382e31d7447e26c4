"""Which back end runs a model here, and the cache of what was exported for ONNX Runtime."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import json
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final, Literal

from vanban.errors import UserError
from vanban.network.checkpoint import Checkpoint, FoundModel, find_model, read_checkpoint
from vanban.network.export import PACKAGES, RECIPE, Parity, TooFarOff, export
from vanban.network.forks import alone
from vanban.network.processor import choice_for, features_of_this_processor
from vanban.network.record import installed_version
from vanban.network.shipped import BUNDLED_ENCODER
from vanban.schema import BACKENDS, Backend

# what is computed with; a model's folder may hold what else was written there, and how it was trained changes nothing
_COMPUTED: Final = (".bin", ".codes", ".json", ".model", ".safetensors", ".txt")
_ASIDE: Final = ("metrics.json", "training.json")
NEEDED: Final = ("onnxruntime", "onnx", "onnxscript", "platformdirs", "filelock")
REFUSED: Final = "refused.txt"
LOCK: Final = ".lock"
LEFT_BEHIND: Final = 3600  # seconds after which no export is still made
# a cache may hold other things
_NAME: Final = r"(?:ner|doctype)-(?:int8|float32)-[0-9a-f]{16}"
_UNFINISHED: Final = re.compile(rf"\.{_NAME}-\w+")
# one is there where a driver of NVIDIA is, also under Windows, or AMD's
_GPU_DEVICES: Final = ("/dev/nvidiactl", "/dev/dxg", "/dev/nvmap", "/dev/kfd")


def _say(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


def checkpoint_for(
    model: FoundModel, backend: Backend = "auto", device: str = "auto", say: Callable[[str], None] = _say
) -> Checkpoint:
    """Load a model for a back end; `auto` takes what VANBAN_BACKEND says, or what is fastest on this processor, as
    `processor.CHOICES` has it.

    What ONNX Runtime needs is exported at the first use, which `say` is told, and kept in the cache. Raises UserError
    for an unknown back end, one that is not installed, or one that the model or the device does not go with.
    """
    if backend not in BACKENDS:
        raise UserError(f"backend {backend!r}: expected one of {', '.join(BACKENDS)}")
    wished = wished_backend()
    if wished not in BACKENDS:
        raise UserError(f"VANBAN_BACKEND={wished}: expected one of {', '.join(BACKENDS)}")
    if backend == "auto" and wished != "auto" and model.layout != "exported":
        return checkpoint_for(model, wished, device, say)
    if model.layout == "exported":
        if backend == "torch":
            raise UserError(f"{model.folder}: was exported for ONNX Runtime; the back end torch needs the model itself")
        return read_checkpoint(model)
    if backend == "torch" or (backend == "auto" and not _onnx_is_best(device)):
        return read_checkpoint(model)
    if backend == "onnx" and device not in ("auto", "cpu"):
        raise UserError(f"device {device!r}: the back end onnx runs on the CPU; take cpu, or the back end torch")
    try:
        return _from_cache(model, "int8", say)
    except TooFarOff as refusal:
        if backend == "auto":
            if not refusal.is_remembered:  # each run needs not say it
                say(f"{refusal}. Going on with torch")
            return read_checkpoint(model)
        say(f"{refusal}. Going on in float32")
        return _from_cache(model, "float32", say)
    except UserError as problem:
        if backend != "auto":
            raise
        say(f"{problem}. Going on with torch")
        return read_checkpoint(model)


def wished_backend() -> str:
    """Return what VANBAN_BACKEND says, `auto` where it says nothing."""
    return os.environ.get("VANBAN_BACKEND") or "auto"


def _from_cache(model: FoundModel, precision: Literal["int8", "float32"], say: Callable[[str], None]) -> Checkpoint:
    """Load an export; one that is damaged is made again."""
    folder = exported_in_cache(model, precision, say)
    try:
        return _read(folder, model.name)
    except UserError:
        if onnx_lacks():  # nothing is said of the export
            raise
    with _one_process(folder, say):
        try:
            return _read(folder, model.name)  # another process may have made it again
        except UserError as problem:
            say(f"{problem}. It is made again")
        try:
            shutil.rmtree(folder)
        except FileNotFoundError:
            pass
        except OSError as error:
            raise UserError(f"{folder}: is damaged, and can't be removed ({error.strerror}): remove it") from None
    return _read(exported_in_cache(model, precision, say), model.name)


def _read(folder: Path, name: str) -> Checkpoint:
    """Load an export under the name of the model that is asked for: it may have been made of a copy."""
    return read_checkpoint(replace(find_model(folder), name=name))


def _onnx_is_best(device: str) -> bool:
    """True where ONNX Runtime is at hand, the fastest on this processor, and no GPU is to be used."""
    if device not in ("auto", "cpu") or choice_for(features_of_this_processor()).backend != "onnx":
        return False
    if onnx_lacks():
        return False
    return device == "cpu" or not has_gpu()


def onnx_lacks() -> list[str]:
    """Return the packages that exporting and running need and that are not installed."""
    return [name for name in NEEDED if importlib.util.find_spec(name) is None]


def has_gpu() -> bool:
    """True where `auto` takes a GPU."""
    # importing torch to ask takes longer than all else that a model in ONNX needs
    if sys.platform == "darwin" or (sys.platform == "linux" and not any(map(os.path.exists, _GPU_DEVICES))):
        return False
    try:
        import torch
    except ImportError:  # models that were exported need none, and run on the CPU
        return False
    return torch.cuda.is_available()


def cached_exports(cache: Path) -> list[Path]:
    """Return the folders of exports in a cache, which may hold other things."""
    return [path for path in cache.glob("*-*-*") if re.fullmatch(_NAME, path.name) and path.is_dir()]


def cache_folder() -> Path:
    """Return where exports are kept: VANBAN_CACHE, or the user's cache folder."""
    chosen = os.environ.get("VANBAN_CACHE")
    if chosen:
        return Path(chosen).absolute()
    try:
        from platformdirs import user_cache_path
    except ImportError:
        raise UserError("keeping an export needs platformdirs: pip install 'vanban[onnx]'") from None
    return user_cache_path("vanban", appauthor=False)


def exported_in_cache(model: FoundModel, precision: Literal["int8", "float32"], say: Callable[[str], None]) -> Path:
    """Return the folder of a model that was exported for this processor; exported now where the cache lacks it.

    Raises TooFarOff, now and at every later call, where int8 reads the sample otherwise than the model.
    """
    folder = cache_folder() / f"{model.task}-{precision}-{key_of(model, precision)}"
    refusal = folder / REFUSED
    if refusal.is_file():
        raise TooFarOff(model.name, refusal.read_text(encoding="utf-8"), is_remembered=True)
    if folder.is_dir():
        return folder
    try:
        with _one_process(folder, say):
            if refusal.is_file():
                raise TooFarOff(model.name, refusal.read_text(encoding="utf-8"), is_remembered=True)
            if folder.is_dir():  # the process that was waited for made it
                return folder
            say(f"exporting {model.name} ({model.task}) for ONNX Runtime in {precision}, once, to {folder}")
            _sweep(folder.parent)
            with alone(f"exporting {model.name}"):
                parity: Parity = export(model, folder, precision)
            say(str(parity))
    except TooFarOff as error:
        with contextlib.suppress(OSError):  # it holds without being remembered
            if not folder.is_dir():
                _remember(error, folder)
        raise
    except OSError as error:
        if not folder.is_dir():  # else another process was faster
            raise UserError(
                f"{folder}: can't be written ({error.strerror}); set VANBAN_CACHE to a folder that can be, or take "
                "the back end torch"
            ) from None
    return folder


@contextlib.contextmanager
def _one_process(folder: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Let one process at a time export into the cache that holds `folder`; all, where the file system has no locks."""
    if onnx_lacks():  # the export says so
        yield
        return
    from filelock import FileLock, Timeout

    folder.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder.parent / LOCK)
    with contextlib.ExitStack() as held:
        try:
            held.enter_context(lock.acquire(timeout=0))
        except Timeout:
            say(f"waiting for another process, which is exporting to {folder.parent}")
            held.enter_context(lock.acquire())
        except NotImplementedError:
            pass
        yield


def _sweep(cache: Path) -> None:
    """Remove what exports that were killed have left."""
    for path in cache.glob(".*"):
        with contextlib.suppress(OSError):  # another process may be at it
            if _UNFINISHED.fullmatch(path.name) and time.time() - path.stat().st_mtime > LEFT_BEHIND:
                shutil.rmtree(path)


def _remember(refusal: TooFarOff, folder: Path) -> None:
    """Write the refusal to `folder`, which is there whole or not at all."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as scratch:
        made = Path(scratch) / "refused"
        made.mkdir()
        (made / REFUSED).write_text(refusal.what, encoding="utf-8")
        os.replace(made, folder)


def key_of(model: FoundModel, precision: str) -> str:
    """Return what an export depends on, as 16 digits: weights and record, versions, precision, this processor."""
    digest = hashlib.sha256()
    folders = [model.folder]
    if model.layout == "adapter":
        recorded = model.record.get("encoder")
        encoder = str(recorded.get("path")) if isinstance(recorded, dict) else ""
        folders.append(BUNDLED_ENCODER if encoder == "bundled" else Path(encoder))
    for folder in folders:
        for path in sorted(folder.iterdir()) if folder.is_dir() else []:
            if path.is_file() and path.suffix in _COMPUTED and path.name not in _ASIDE:
                digest.update(path.name.encode())
                with path.open("rb") as file:
                    digest.update(hashlib.file_digest(file, "sha256").digest())
    versions = {name: installed_version(name) or "none" for name in PACKAGES}
    features = sorted(features_of_this_processor()) if precision == "int8" else []
    digest.update(json.dumps([RECIPE, versions, precision, features]).encode())
    return digest.hexdigest()[:16]

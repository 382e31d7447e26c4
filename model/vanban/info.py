"""What `vanban info` prints: the processor, the back end it takes, versions, models, caches and threads."""

from __future__ import annotations

import contextlib
import sys
from typing import Final

from vanban import __version__
from vanban.errors import UserError
from vanban.network.backends import cache_folder, cached_exports, onnx_lacks, wished_backend
from vanban.network.checkpoint import find_model
from vanban.network.hub import cache_folder as hub_cache
from vanban.network.onnx_network import threads_of_this_process
from vanban.network.processor import CHOICES, choice_for, features_of_this_processor, model_name
from vanban.network.record import installed_version
from vanban.network.shipped import NAMES
from vanban.schema import BACKENDS, TASKS

PACKAGES: Final = ("torch", "transformers", "tokenizers", "onnxruntime", "onnx", "pyarrow", "ray")


def information() -> str:
    """Return the text; nothing is loaded for it but torch, where it is installed, to ask for a GPU."""
    found = features_of_this_processor()
    choice = choice_for(found)
    packages = (f"{name} {installed_version(name) or 'is not installed'}" for name in PACKAGES)
    lines = [
        f"vanban {__version__}, Python {sys.version.split()[0]}",
        f"packages: {', '.join(packages)}",
        f"processor: {model_name()}",
        f"features: {', '.join(sorted(found)) or 'none that count here'}",
        f"threads: {threads_of_this_process()} (OMP_NUM_THREADS sets them)",
        f"GPU: {_gpu()}",
        "",
        f"back ends, the first row that fits is taken{_overruled()}:",
    ]
    for row in CHOICES:
        features = " + ".join(sorted(row.features)) or "any other"
        mark = "→" if row is choice else " "
        lines.append(f" {mark} {features:<12} {row.backend:<5} {row.precision:<9} {row.measured}")
    lacks = onnx_lacks()
    if choice.backend == "onnx" and lacks:
        lines.append(f"   {', '.join(lacks)} not installed, so torch is taken: pip install 'vanban[onnx]'")
    lines += ["", "models that ship:"]
    for name in (None, *NAMES):
        for task in TASKS:
            model = find_model(name, task)
            lines.append(f"   {name or 'unnamed':<9} {task:<8} {model.name}: {model.folder}")
    lines += ["", f"cache of exports: {_cache()}", f"cache of the hub: {hub_cache()}"]
    return "\n".join(lines)


def _overruled() -> str:
    wished = wished_backend()
    if wished == "auto":
        return ""
    expected = "" if wished in BACKENDS else f", expected one of {', '.join(BACKENDS)}"
    return f", where VANBAN_BACKEND does not say otherwise (it says {wished}{expected})"


def _gpu() -> str:
    try:
        import torch
    except ImportError:
        return "not looked for, since torch is not installed"
    if not torch.cuda.is_available():
        return "none that torch can use"
    names = ", ".join(torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count()))
    return f"{names}, on which torch is taken before any of these back ends"


def _cache() -> str:
    try:
        folder = cache_folder()
    except UserError as error:
        return str(error)
    exports = cached_exports(folder)
    size = 0
    with contextlib.suppress(OSError):  # another process may be at it
        size = sum(path.stat().st_size for one in exports for path in one.iterdir())
    return f"{folder} (exports: {len(exports)}, {size / 1e6:.0f} MB; they can be removed at any time)"

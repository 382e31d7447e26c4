"""What this processor multiplies in, and which back end and precision is fastest on its kind."""

from __future__ import annotations

import platform
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

# the names of Linux's /proc/cpuinfo → ours
_FLAGS: Final = {
    "amx_bf16": "amx", "avx512_bf16": "bf16", "avx512_vnni": "vnni", "avx_vnni": "vnni", "avx512f": "avx512",
    "avx2": "avx2", "asimddp": "dotprod", "bf16": "bf16",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Choice:
    """What is taken on processors that have all `features`; `measured` says how much faster it was, or that none was.

    `precision` is that of the back end `onnx`; torch multiplies in bfloat16 where the hardware does, else in float32.
    """

    features: frozenset[str]
    backend: Literal["torch", "onnx"]
    precision: Literal["bfloat16", "float32", "int8"]
    measured: str


# the first row that fits is taken
CHOICES: Final = (
    Choice(frozenset({"amx"}), "torch", "bfloat16", "bfloat16 1.8 times int8, which is faster since, on an Intel Xeon"),
    Choice(frozenset({"bf16", "vnni"}), "onnx", "int8", "int8 1.4 times bfloat16, on one core of an AMD EPYC"),
    Choice(frozenset({"vnni"}), "onnx", "int8", "int8 4.1 times torch in float32, on one core of an AMD EPYC"),
    Choice(
        frozenset({"avx2"}),
        "onnx",
        "int8",
        "int8 1.8 times torch in float32, with all else of an AMD EPYC hidden",
    ),
    Choice(frozenset({"arm64"}), "torch", "float32", "not measured"),
    Choice(frozenset(), "torch", "float32", "not measured"),
)


def features_of_this_processor() -> frozenset[str]:
    """Return those of amx, bf16, vnni, avx512, avx2, dotprod and arm64 that this processor has.

    Linux tells them; elsewhere only arm64 is known, and what is not known counts as not there.
    """
    found = {"arm64"} if platform.machine().lower() in ("arm64", "aarch64") else set()
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return frozenset(found)
    for line in text.splitlines():
        name, _, value = line.partition(":")
        if name.strip().lower() in ("flags", "features"):
            return frozenset(found | {_FLAGS[flag] for flag in value.split() if flag in _FLAGS})
    return frozenset(found)


def choice_for(features: Collection[str]) -> Choice:
    """Return the row of `CHOICES` that a processor with `features` takes."""
    return next(choice for choice in CHOICES if choice.features <= set(features))


def model_name() -> str:
    """Return what the processor calls itself, as far as the system tells."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    except OSError:
        pass
    return platform.processor() or platform.machine() or "unknown"

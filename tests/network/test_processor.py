"""Made texts of /proc/cpuinfo → what the processor multiplies in → the back end that is taken."""

from __future__ import annotations

import platform
from pathlib import Path

import pytest

from vanban.network import processor
from vanban.network.processor import CHOICES, choice_for, features_of_this_processor, model_name

X86 = "processor\t: 0\nmodel name\t: Made of Sand @ 2.00GHz\nflags\t\t: fpu sse4_2 {}\nbugs\t\t: amx_bf16\n"
ARM = "processor\t: 0\nBogoMIPS\t: 50.00\nFeatures\t: fp asimd {}\n"


def made(text: str | None, machine: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let the processor be of that `machine`, and /proc/cpuinfo hold `text`; None: there is no such file."""
    path = tmp_path / "cpuinfo"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    monkeypatch.setattr(processor, "Path", {"/proc/cpuinfo": path}.__getitem__)
    monkeypatch.setattr(platform, "machine", lambda: machine)


@pytest.mark.parametrize(
    ("text", "machine", "features", "row"),
    [
        (X86.format("avx2 avx512f avx512_vnni avx512_bf16 amx_bf16 amx_tile amx_int8"), "x86_64",
         {"amx", "bf16", "vnni", "avx512", "avx2"}, 0),
        (X86.format("avx2 avx512f avx512_vnni avx512_bf16"), "x86_64", {"bf16", "vnni", "avx512", "avx2"}, 1),
        (X86.format("avx2 avx512f avx512_vnni"), "x86_64", {"vnni", "avx512", "avx2"}, 2),
        (X86.format("avx2 avx_vnni"), "AMD64", {"vnni", "avx2"}, 2),
        (X86.format("avx avx2"), "x86_64", {"avx2"}, 3),
        (ARM.format("asimddp i8mm bf16"), "aarch64", {"arm64", "dotprod", "bf16"}, 4),
        (ARM.format(""), "aarch64", {"arm64"}, 4),
        (None, "arm64", {"arm64"}, 4),
        (X86.format("avx"), "x86_64", set(), 5),
        ("flags: \n", "x86_64", set(), 5),
        ("", "riscv64", set(), 5),
        (None, "AMD64", set(), 5),
    ],
)  # fmt: skip
def test_flags_are_features_are_a_row(
    text: str | None, machine: str, features: set[str], row: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made(text, machine, monkeypatch, tmp_path)
    assert features_of_this_processor() == features
    assert choice_for(features) is CHOICES[row]


def test_each_row_can_be_taken_and_the_last_fits_all() -> None:
    assert [choice_for(choice.features) for choice in CHOICES] == list(CHOICES)
    assert CHOICES[-1].features == frozenset()
    # what is taken on each kind; torch multiplies in int8 on none
    assert [(choice.backend, choice.precision) for choice in CHOICES] == [
        ("torch", "bfloat16"), ("onnx", "int8"), ("onnx", "int8"), ("onnx", "int8"), ("torch", "float32"),
        ("torch", "float32"),
    ]  # fmt: skip


def test_the_name_of_the_processor(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    made(X86.format("avx2"), "x86_64", monkeypatch, tmp_path)
    assert model_name() == "Made of Sand @ 2.00GHz"
    made(ARM.format(""), "aarch64", monkeypatch, tmp_path)  # which tells no name
    monkeypatch.setattr(platform, "processor", lambda: "")
    assert model_name() == "aarch64"

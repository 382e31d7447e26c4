"""What `vanban info` prints."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from vanban import __version__, cli, info
from vanban.info import information
from vanban.network import backends, record
from vanban.network.processor import CHOICES


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(info, "features_of_this_processor", lambda: frozenset({"vnni", "avx2"}))
    monkeypatch.setattr(info, "model_name", lambda: "Made of Sand")
    monkeypatch.setenv("VANBAN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("OMP_NUM_THREADS", "3")


def test_features_and_rows(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for name in ("ner-int8-0123456789abcdef", "photos"):  # what is not ours is not counted
        (tmp_path / "cache" / name).mkdir(parents=True)
        (tmp_path / "cache" / name / "model.onnx").write_bytes(bytes(3_000_000))
    monkeypatch.setattr(sys, "argv", ["vanban", "info"])
    monkeypatch.delenv("VANBAN_BACKEND")
    with pytest.raises(SystemExit) as exit_:
        cli.main()
    assert not exit_.value.code
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"vanban {__version__}, Python {sys.version.split()[0]}"
    assert lines[2:5] == ["processor: Made of Sand", "features: avx2, vnni", "threads: 3 (OMP_NUM_THREADS sets them)"]
    first = lines.index("back ends, the first row that fits is taken:") + 1
    rows = lines[first : first + len(CHOICES)]
    for row, choice in zip(rows, CHOICES, strict=True):
        features = " + ".join(sorted(choice.features)) or "any other"
        assert row.split("  ")[0].lstrip(" →").strip() == features or features in row
        assert choice.backend in row and choice.precision in row and row.endswith(choice.measured)
    assert [row.startswith(" → ") for row in rows] == [False, False, True, False, False, False]
    shipped = [line.split()[:2] for line in lines[lines.index("models that ship:") + 1 :] if line.startswith("   ")]
    assert shipped == [[name, task] for name in ("unnamed", "fast", "accurate") for task in ("ner", "doctype")]
    assert lines[-2] == f"cache of exports: {tmp_path / 'cache'} (exports: 1, 3 MB; they can be removed at any time)"


@pytest.mark.parametrize("package", ["onnxruntime", "onnxscript"])
def test_what_is_not_installed(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = backends.importlib.util.find_spec
    monkeypatch.setattr(backends.importlib.util, "find_spec", lambda name: None if name == package else real(name))
    assert f"   {package} not installed, so torch is taken: pip install 'vanban[onnx]'\n" in info.information()


def test_it_needs_no_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    assert "GPU: not looked for, since torch is not installed\n" in info.information()
    monkeypatch.setattr(record, "version", lambda name: "9" if name not in ("onnx", "pyarrow") else info_missing())
    real = backends.importlib.util.find_spec
    monkeypatch.setattr(backends.importlib.util, "find_spec", lambda name: None if name == "onnx" else real(name))
    import pyarrow

    # as onnxruntime-gpu: the package is there, and called otherwise where it is installed
    assert f"onnxruntime 9, onnx is not installed, pyarrow {pyarrow.__version__}" in info.information()


def info_missing() -> str:
    raise record.PackageNotFoundError


@pytest.mark.parametrize(
    ("wished", "said"), [("torch", "(it says torch)"), ("onxx", "(it says onxx, expected one of auto,")]
)
def test_what_the_environment_says(wished: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VANBAN_BACKEND", wished)
    assert f"taken, where VANBAN_BACKEND does not say otherwise {said}" in information()

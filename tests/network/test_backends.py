"""Which back end is taken, and what the cache of exports keeps. What exports is a stub that copies a folder."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import time
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from filelock import FileLock

from vanban.errors import UserError
from vanban.network import backends
from vanban.network import record as record_file
from vanban.network.backends import LOCK, REFUSED, cache_folder, checkpoint_for, key_of
from vanban.network.checkpoint import Checkpoint, FoundModel, find_model
from vanban.network.export import Parity, TooFarOff
from vanban.network.onnx_network import OnnxNetwork
from vanban.schema import Backend

AMX, VNNI = frozenset({"amx", "bf16", "vnni"}), frozenset({"vnni"})


@pytest.fixture(autouse=True)
def _nothing_wished(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VANBAN_BACKEND", raising=False)


class Exports:
    """Stands for `export`: counts what it is called for, and refuses what is in `refused`."""

    def __init__(self, ready: Path) -> None:
        self.ready = ready
        self.made: list[str] = []
        self.refused: tuple[str, ...] = ()
        self.said: list[str] = []

    def __call__(self, model: FoundModel, out: Path, precision: str) -> Parity:
        self.made.append(precision)
        if precision in self.refused:
            raise TooFarOff(model.name, "too far off")
        shutil.copytree(self.ready, out)
        return Parity("spans", 500, 1, 0.01)

    def load(self, folder: Path, backend: Backend = "auto", device: str = "cpu") -> Checkpoint:
        return checkpoint_for(find_model(folder), backend, device, self.said.append)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VANBAN_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def exports(exported_directory: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Exports:
    stub = Exports(exported_directory)
    monkeypatch.setattr(backends, "export", stub)
    on_processor(VNNI, monkeypatch)
    return stub


@pytest.fixture
def model(model_directory: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return shutil.copytree(model_directory, tmp_path / "model")


def kept(cache: Path) -> list[Path]:
    return sorted(path for path in cache.iterdir() if path.name != LOCK)


def on_processor(features: Collection[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backends, "features_of_this_processor", lambda: frozenset(features))


def runs_on_onnx(checkpoint: Checkpoint) -> bool:
    return isinstance(checkpoint.network, OnnxNetwork)


@pytest.mark.parametrize(
    ("features", "backend", "device", "onnx"),
    [
        (VNNI, "auto", "cpu", True),
        (VNNI, "auto", "auto", True),
        (VNNI, "torch", "cpu", False),
        (VNNI, "onnx", "auto", True),
        (VNNI, "auto", "cuda:0", False),
        (AMX, "auto", "cpu", False),
        (AMX, "onnx", "cpu", True),
        (frozenset({"arm64"}), "auto", "cpu", False),
        (frozenset(), "auto", "cpu", False),
    ],
)
def test_what_is_taken(
    features: frozenset[str], backend: Backend, device: str, onnx: bool, exports: Exports, model_directory: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    on_processor(features, monkeypatch)
    monkeypatch.setattr(backends, "has_gpu", lambda: False)
    assert runs_on_onnx(exports.load(model_directory, backend, device)) is onnx
    assert exports.made == (["int8"] if onnx else [])


def test_a_gpu_is_taken_before_onnx(exports: Exports, model_directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backends, "has_gpu", lambda: True)
    assert not runs_on_onnx(exports.load(model_directory, device="auto"))
    assert runs_on_onnx(exports.load(model_directory, device="cpu"))


@pytest.mark.parametrize("package", ["onnxruntime", "onnx", "onnxscript", "platformdirs"])
def test_torch_is_taken_where_a_package_is_not_there(
    package: str, exports: Exports, model_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = backends.importlib.util.find_spec
    monkeypatch.setattr(backends.importlib.util, "find_spec", lambda name: None if name == package else real(name))
    assert backends.onnx_lacks() == [package]
    assert not runs_on_onnx(exports.load(model_directory))
    assert (exports.made, exports.said) == ([], [])


def test_an_export_runs_where_nothing_exports(
    exports: Exports, exported_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_processor(AMX, monkeypatch)
    for backend in ("auto", "onnx"):
        checkpoint = exports.load(exported_directory, backend)  # type: ignore[arg-type]
        assert (runs_on_onnx(checkpoint), checkpoint.name, checkpoint.window_tokens) == (True, "tiny", 32)
    assert (exports.made, exports.said) == ([], [])
    with pytest.raises(UserError, match="was exported for ONNX Runtime; the back end torch needs the model itself"):
        exports.load(exported_directory, "torch")


def test_an_export_has_the_name_of_what_is_asked_for(exports: Exports, model: Path) -> None:
    """Two copies of a model share an export, and one that refuses int8 its refusal."""
    record = json.loads((model / "vanban.json").read_text(encoding="utf-8"))
    del record["name"]
    (model / "vanban.json").write_text(json.dumps(record), encoding="utf-8")
    other = Path(shutil.copytree(model, model.with_name("other")))
    assert [exports.load(folder).name for folder in (model, other)] == [str(model), str(other)]
    assert exports.made == ["int8"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"classes": ["O", "B-A", "I-A"]}, r"found 3 classes in vanban\.json and 9 in model\.onnx"),
        ({"classes": [0, 1, 2]}, "expected classes, windows and export.tokenizer; the folder is damaged"),
        ({"export": {"tokenizer": {"sep": "a", "pad": 1}}}, "expected classes, windows and export.tokenizer"),
        ({"export": {"tokenizer": {"sep": 2, "pad": 1, "reads_words": True}}}, "with which it reads words"),
        ({"name": 7}, "found the name 7"),
    ],
)
def test_a_damaged_record_of_an_export(
    exports: Exports, exported_directory: Path, tmp_path: Path, changes: dict[str, object], message: str
) -> None:
    copy = shutil.copytree(exported_directory, tmp_path / "copy")
    record = json.loads((copy / "vanban.json").read_text(encoding="utf-8"))
    (copy / "vanban.json").write_text(json.dumps({**record, **changes}), encoding="utf-8")
    with pytest.raises(UserError, match=message):
        exports.load(copy)


@pytest.mark.parametrize(("features", "runs"), [({"avx2"}, False), ({"avx2", "vnni"}, True), (set(), True)])
def test_sums_that_would_overflow(
    exported_directory: Path, tmp_path: Path, features: set[str], runs: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an exported folder says of itself is heeded, also on systems that tell nothing of the processor."""
    monkeypatch.setattr("vanban.network.exported.features_of_this_processor", lambda: frozenset(features))
    copy = shutil.copytree(exported_directory, tmp_path / "copy")
    record = json.loads((copy / "vanban.json").read_text(encoding="utf-8"))
    record["export"] |= {"precision": "int8", "reduce_range": False}
    (copy / "vanban.json").write_text(json.dumps(record), encoding="utf-8")
    if runs:
        assert checkpoint_for(find_model(copy)).classes
    else:
        with pytest.raises(UserError, match=r"in int8 for processors with VNNI, which this one lacks.*--any-processor"):
            checkpoint_for(find_model(copy))
    record["export"]["reduce_range"] = True
    (copy / "vanban.json").write_text(json.dumps(record), encoding="utf-8")
    assert checkpoint_for(find_model(copy)).classes


def test_no_gpu_is_looked_for_where_no_driver_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Importing torch to ask takes longer than a model in ONNX needs for its first prediction."""
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(backends.os.path, "exists", lambda path: False)
    assert backends.has_gpu() is False
    monkeypatch.undo()
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    for platform, there, expected in (("linux", True, True), ("darwin", True, False), ("win32", False, True)):
        monkeypatch.setattr(sys, "platform", platform)
        monkeypatch.setattr(backends.os.path, "exists", lambda path, there=there: there)
        assert backends.has_gpu() is expected


def test_a_model_that_was_not_exported_needs_torch(
    exports: Exports, model_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    for backend in ("torch", "onnx"):
        with pytest.raises(UserError, match="needs torch, which is not installed: pip install torch, or name a model"):
            exports.load(model_directory, backend)  # type: ignore[arg-type]


def test_wrong_wishes(exports: Exports, model_directory: Path, exported_directory: Path) -> None:
    from vanban import load

    with pytest.raises(UserError, match="backend 'tflite': expected one of auto, torch, onnx"):
        exports.load(model_directory, "tflite")  # type: ignore[arg-type]
    with pytest.raises(UserError, match="device 'cuda': the back end onnx runs on the CPU; take cpu, or the back end"):
        exports.load(model_directory, "onnx", "cuda")
    with pytest.raises(UserError, match="device 'cuda': the back end onnx runs on the CPU"):
        load(exported_directory, "cuda", ("ner",))
    assert exports.made == []


# ---- the cache


def test_a_model_is_exported_once(exports: Exports, model_directory: Path, cache: Path) -> None:
    assert all(runs_on_onnx(exports.load(model_directory)) for _ in range(3))
    (folder,) = kept(cache)
    assert folder.name == f"ner-int8-{key_of(find_model(model_directory), 'int8')}"
    assert exports.made == ["int8"]
    assert exports.said == [
        f"exporting tiny (ner) for ONNX Runtime in int8, once, to {folder}",
        "1 of 500 spans of the sample are read otherwise than by torch in float32, largest difference of a score "
        "0.0100",
    ]


def test_what_is_computed_with_changes_the_key(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    on_processor(VNNI, monkeypatch)
    keys = [key_of(find_model(model), "int8"), key_of(find_model(model), "float32")]
    weights = bytearray((model / "model.safetensors").read_bytes())
    weights[-1] ^= 1
    (model / "model.safetensors").write_bytes(weights)
    keys.append(key_of(find_model(model), "int8"))
    record = json.loads((model / "vanban.json").read_text(encoding="utf-8"))
    (model / "vanban.json").write_text(json.dumps({**record, "name": "other"}), encoding="utf-8")
    keys.append(key_of(find_model(model), "int8"))
    on_processor(AMX, monkeypatch)  # int8 is held against its model as this processor multiplies
    keys.append(key_of(find_model(model), "int8"))
    exact = key_of(find_model(model), "float32")
    on_processor(VNNI, monkeypatch)
    assert key_of(find_model(model), "float32") == exact
    real = record_file.version
    for package in ("vanban", "onnxruntime", "onnx", "torch", "transformers"):
        changed = {package: "0.0"}
        monkeypatch.setattr(record_file, "version", lambda name, changed=changed: changed.get(name) or real(name))
        keys.append(key_of(find_model(model), "int8"))
    assert len(set(keys)) == len(keys) == 10
    assert {len(key) for key in keys} == {16}


def test_what_is_told_of_a_model_changes_no_key(model: Path) -> None:
    before = key_of(find_model(model), "int8")
    for name in ("README.md", "metrics.json", "training.json", "config.yaml", "found.jsonl", "found.jsonl.partial"):
        (model / name).write_text("{}", encoding="utf-8")
    (model / "checkpoints").mkdir()
    assert key_of(find_model(model), "int8") == before
    shutil.copytree(model, model.with_name("elsewhere"))
    assert key_of(find_model(model.with_name("elsewhere")), "int8") == before


def test_the_encoder_of_an_adapter_is_a_part_of_its_key(
    adapter_directory: Path, encoder_directory: Path, tmp_path: Path
) -> None:
    adapter, encoder = (shutil.copytree(f, tmp_path / f.name) for f in (adapter_directory, encoder_directory))
    record = json.loads((adapter / "vanban.json").read_text(encoding="utf-8"))
    record["encoder"]["path"] = str(encoder)
    (adapter / "vanban.json").write_text(json.dumps(record), encoding="utf-8")
    before = key_of(find_model(adapter), "float32")
    weights = bytearray((encoder / "model.safetensors").read_bytes())
    weights[-1] ^= 1
    (encoder / "model.safetensors").write_bytes(weights)
    assert key_of(find_model(adapter), "float32") != before


def test_a_refusal_is_remembered(exports: Exports, model_directory: Path, cache: Path) -> None:
    exports.refused = ("int8",)
    assert not any(runs_on_onnx(exports.load(model_directory)) for _ in range(3))  # torch is as good
    assert exports.made == ["int8"]
    (folder,) = kept(cache)
    assert (folder / REFUSED).read_text(encoding="utf-8") == "too far off"
    exports.said.clear()
    for _ in range(2):
        assert runs_on_onnx(exports.load(model_directory, "onnx"))
    assert exports.made == ["int8", "float32"]
    assert [line for line in exports.said if "Going on" in line] == ["tiny: too far off. Going on in float32"] * 2
    assert {path.name.split("-")[1] for path in kept(cache)} == {"int8", "float32"}


def test_two_processes_export_once(exports: Exports, model_directory: Path, cache: Path) -> None:
    folder = cache / f"ner-int8-{key_of(find_model(model_directory), 'int8')}"
    cache.mkdir()
    with ThreadPoolExecutor() as other:
        with FileLock(cache / LOCK):
            loading = other.submit(exports.load, model_directory, "onnx")
            while not exports.said:
                time.sleep(0.01)
            assert exports.said == [f"waiting for another process, which is exporting to {cache}"]
            shutil.copytree(exports.ready, folder)
        assert runs_on_onnx(loading.result())
    assert exports.made == []


def test_another_process_may_be_faster(
    exports: Exports, model_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(model: FoundModel, out: Path, precision: str) -> Parity:
        exports(model, out, precision)  # the other one
        raise OSError(39, "Directory not empty")

    monkeypatch.setattr(backends, "export", late)
    assert runs_on_onnx(exports.load(model_directory))


def test_a_cache_that_cannot_be_written(
    exports: Exports, model_directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("VANBAN_CACHE", str(tmp_path / "file" / "cache"))
    lacks = (
        r"file/cache/ner-int8-\w{16}: can't be written \(Not a directory\); set VANBAN_CACHE to a folder that can be"
    )
    with pytest.raises(UserError, match=lacks):
        exports.load(model_directory, "onnx")
    assert not runs_on_onnx(exports.load(model_directory))
    assert re.search(f"{lacks}.*Going on with torch", exports.said[-1])


def test_a_refusal_that_cannot_be_written_holds(
    exports: Exports, model_directory: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, text: str, **_: object) -> int:
        path.touch()
        raise OSError(28, "No space left on device")

    exports.refused = ("int8",)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", full)
        assert not runs_on_onnx(exports.load(model_directory))
    assert kept(cache) == []  # nothing that would be taken for an export
    assert not runs_on_onnx(exports.load(model_directory))
    assert exports.made == ["int8", "int8"]


def test_where_the_cache_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VANBAN_CACHE", "here")
    assert cache_folder() == tmp_path / "here"
    for none in (lambda: monkeypatch.setenv("VANBAN_CACHE", ""), lambda: monkeypatch.delenv("VANBAN_CACHE")):
        none()
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user"))
        assert cache_folder().name == "vanban"
    monkeypatch.setitem(sys.modules, "platformdirs", None)
    with pytest.raises(UserError, match=r"needs platformdirs: pip install 'vanban\[onnx\]'"):
        cache_folder()


def test_the_environment_overrules_what_is_fastest(
    exports: Exports, model_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backends, "features_of_this_processor", lambda: VNNI)
    monkeypatch.setenv("VANBAN_BACKEND", "torch")
    assert not isinstance(exports.load(model_directory).network, OnnxNetwork)
    assert isinstance(exports.load(model_directory, "onnx").network, OnnxNetwork)
    monkeypatch.setenv("VANBAN_BACKEND", "tensorflow")
    with pytest.raises(UserError, match="VANBAN_BACKEND=tensorflow: expected one of auto, torch, onnx"):
        exports.load(model_directory)


@pytest.mark.parametrize("name", ["model.onnx", "vanban.json", "tokenizer.json"])
def test_a_damaged_export_is_made_again(exports: Exports, model_directory: Path, cache: Path, name: str) -> None:
    exports.load(model_directory)
    (folder,) = kept(cache)
    (folder / name).write_bytes(b"{")
    assert runs_on_onnx(exports.load(model_directory))
    assert exports.made == ["int8", "int8"]
    assert any(said.endswith("It is made again") for said in exports.said)


def test_what_a_killed_export_left_is_removed(exports: Exports, model_directory: Path, cache: Path) -> None:
    key = "0123456789abcdef"
    for name, age in ((f".ner-int8-{key}-old", 7200), (f".ner-int8-{key}-new", 60), (".other-things", 7200)):
        (cache / name).mkdir(parents=True)
        os.utime(cache / name, (time.time() - age,) * 2)
    exports.load(model_directory)
    left = sorted(path.name for path in kept(cache) if path.name.startswith("."))
    assert left == [f".ner-int8-{key}-new", ".other-things"]

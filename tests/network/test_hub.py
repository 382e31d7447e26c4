"""What the cache of the hub holds, and what is said when the hub does not give a model."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import huggingface_hub
import pytest
from huggingface_hub import constants

from fake_hub import NAME, PHOBERT, WEIGHTS, connect, serve, snapshot, without
from vanban.network import hub
from vanban.network.hub import OutOfReach, Refused, cached, from_hub


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of the hub."""
    folder = tmp_path / "cache"
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(folder))
    return folder


def problem(kind: type[Exception], name: str = NAME, known: tuple[str, ...] = ()) -> str:
    with pytest.raises(kind) as error:
        from_hub(name, known)
    assert "\n" not in str(error.value)
    return str(error.value)


def not_held(cache: Path) -> str:
    return f"the cache {cache}, which HF_HOME or HF_HUB_CACHE moves, does not hold it"


# ---- the cache, offline


def test_a_whole_cache(cache: Path) -> None:
    folder = snapshot(cache, NAME, PHOBERT)
    assert cached(NAME) == folder
    assert from_hub(NAME) == (folder, "in the hub's cache")


def test_an_empty_cache(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = f"fetch it with: HF_HUB_OFFLINE=0 hf download {NAME}"
    assert problem(OutOfReach) == f"HF_HUB_OFFLINE is set, and {not_held(cache)}; {command}"
    monkeypatch.delenv("HF_HUB_OFFLINE")
    monkeypatch.setenv("TRANSFORMERS_OFFLINE", "1")
    assert problem(OutOfReach) == f"TRANSFORMERS_OFFLINE is set, and {not_held(cache)}; {command}"


@pytest.mark.parametrize("reference", [b"", b"\xff", b"d" * 40])
def test_a_cache_that_holds_only_the_name(cache: Path, reference: bytes) -> None:
    """transformers leaves that behind when it asks for a file that the model does not have."""
    refs = cache / "models--vinai--phobert-base" / "refs"
    refs.mkdir(parents=True)
    (refs.parent / "snapshots").mkdir()
    (refs / "main").write_bytes(reference)
    assert not_held(cache) in problem(OutOfReach)


@pytest.mark.parametrize("lack", list(PHOBERT))
def test_a_half_downloaded_cache(cache: Path, lack: str) -> None:
    folder = snapshot(cache, NAME, without(lack))
    assert cached(NAME) is None
    assert problem(OutOfReach) == (
        f"HF_HUB_OFFLINE is set, and the cache is half-downloaded: {folder} lacks "
        f"{WEIGHTS if lack == 'pytorch_model.bin' else lack}; fetch it with: HF_HUB_OFFLINE=0 hf download {NAME}"
    )


def test_links_to_files_that_are_gone(cache: Path) -> None:
    folder = snapshot(cache, NAME, PHOBERT)
    blob = (folder / "pytorch_model.bin").resolve()
    blob.rename(f"{blob}.incomplete")
    assert f"half-downloaded: {folder} lacks {WEIGHTS};" in problem(OutOfReach)


def test_a_damaged_cache(cache: Path) -> None:
    folder = snapshot(cache, NAME, {**PHOBERT, "config.json": b'{"model_type"'})
    assert problem(OutOfReach) == (
        f"HF_HUB_OFFLINE is set, and the cache is half-downloaded: {folder} lacks config.json (damaged); "
        f"fetch it with: HF_HUB_OFFLINE=0 hf download {NAME} --force-download"
    )


@pytest.mark.parametrize("variable", ["HF_HOME", "HF_HUB_CACHE"])
def test_the_environment_says_where_the_cache_is(tmp_path: Path, variable: str) -> None:
    place = tmp_path / "hub" if variable == "HF_HOME" else tmp_path
    folder = snapshot(place, NAME, PHOBERT)
    script = "from vanban.network.hub import from_hub\nfor name in ('vinai/phobert-base', 'vinai/phobert-large'):\n"
    script += "    try: print(*from_hub(name))\n    except ValueError as error: print(error)"
    clean = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**clean, variable: str(tmp_path), "HF_HUB_OFFLINE": "1"}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.splitlines() == [
        f"{folder} in the hub's cache",
        f"HF_HUB_OFFLINE is set, and {not_held(place)}; "
        "fetch it with: HF_HUB_OFFLINE=0 hf download vinai/phobert-large",
    ]


# ---- a hub out of reach


def test_the_hub_has_three_seconds() -> None:
    assert hub.PROBE_SECONDS == 3.0


def test_a_hub_that_never_answers(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "PROBE_SECONDS", 0.6)
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}"
        connect(monkeypatch, address)
        started = time.perf_counter()
        found = problem(OutOfReach)
    assert 0.6 <= time.perf_counter() - started < 2
    assert found == (
        f"the hub at {address} can't be reached (tried for 1 s at most), and {not_held(cache)}; "
        f"fetch it on a connected machine with: hf download {NAME}"
    )


def test_a_name_server_that_never_answers(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No time limit of a request holds while the system looks up a name."""
    answered = threading.Event()

    def look_up(*args: object, **kwargs: object) -> None:
        answered.wait(20)
        raise OSError

    monkeypatch.setattr(urllib.request, "urlopen", look_up)
    monkeypatch.setattr(hub, "PROBE_SECONDS", 0.1)
    connect(monkeypatch, "http://127.0.0.1:9")
    started = time.perf_counter()
    assert problem(OutOfReach).startswith("the hub at http://127.0.0.1:9 can't be reached (tried for 0 s at most)")
    assert time.perf_counter() - started < 2
    answered.set()


def test_a_hub_that_no_one_listens_at(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = snapshot(cache, NAME, without("bpe.codes"))
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}"
    connect(monkeypatch, address)
    assert problem(OutOfReach) == (
        f"the hub at {address} can't be reached (tried for 3 s at most), and the cache is half-downloaded: {folder} "
        f"lacks bpe.codes; fetch it on a connected machine with: hf download {NAME}"
    )


@pytest.mark.parametrize(
    ("status", "headers", "said"),
    [
        (403, {}, "403"),
        (404, {}, "404"),
        (503, {}, "503"),
        (401, {"X-Error-Message": "Invalid credentials in Authorization header"},
         "401 (Invalid credentials in Authorization header)"),
    ],
)  # fmt: skip
def test_what_is_no_answer_of_the_hub(
    cache: Path, monkeypatch: pytest.MonkeyPatch, status: int, headers: dict[str, str], said: str
) -> None:
    with serve(status=status, headers=headers) as address:
        connect(monkeypatch, address)
        assert problem(OutOfReach) == (
            f"the hub at {address} answered {said}, and {not_held(cache)}; "
            f"fetch it on a connected machine with: hf download {NAME}"
        )


def test_a_proxy_that_lets_no_weights_through(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serve(PHOBERT, refused={"pytorch_model.bin": ""}) as address:
        connect(monkeypatch, address)
        assert problem(OutOfReach) == (
            f"the hub at {address} answered 403, and {not_held(cache)}; "
            f"fetch it on a connected machine with: hf download {NAME}"
        )


def test_a_page_of_someone_else(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serve(PHOBERT, status=203) as address:
        connect(monkeypatch, address)
        assert problem(OutOfReach) == (
            f"what answers at {address} is not the hub, and {not_held(cache)}; "
            f"fetch it on a connected machine with: hf download {NAME}"
        )


@pytest.mark.parametrize("failure", [OSError("disk full\nat all"), RuntimeError("proxy")])
def test_a_download_that_fails(cache: Path, monkeypatch: pytest.MonkeyPatch, failure: Exception) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise failure

    monkeypatch.setattr(huggingface_hub, "snapshot_download", fail)
    with serve(PHOBERT) as address:
        connect(monkeypatch, address)
        assert problem(OutOfReach) == (
            f"the download failed ({type(failure).__name__}: {str(failure).splitlines()[0]}), and {not_held(cache)}; "
            f"fetch it on a connected machine with: hf download {NAME}"
        )


# ---- what the hub itself refuses


@pytest.mark.parametrize("status", [401, 403])
def test_a_gated_model(cache: Path, monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    with serve(status=status, headers={"X-Error-Code": "GatedRepo"}) as address:
        connect(monkeypatch, address)
        assert problem(Refused) == (
            f"the hub at {address} refuses it ({status}: the model is gated), and {not_held(cache)}; "
            f"ask for access at {address}/{NAME}, and then: hf auth login && hf download {NAME}"
        )


@pytest.mark.parametrize("gated", ["config.json", "pytorch_model.bin"])
def test_a_gated_model_of_which_the_cache_holds_a_part(
    cache: Path, monkeypatch: pytest.MonkeyPatch, gated: str
) -> None:
    folder = snapshot(cache, NAME, without("pytorch_model.bin"))
    with serve(PHOBERT, refused={gated: "GatedRepo"}) as address:
        connect(monkeypatch, address)
        assert problem(Refused) == (
            f"the hub at {address} refuses it (403: the model is gated), and the cache is half-downloaded: {folder} "
            f"lacks {WEIGHTS}; ask for access at {address}/{NAME}, and then: hf auth login && hf download {NAME}"
        )


@pytest.mark.parametrize("status", [401, 404])
@pytest.mark.parametrize(
    ("known", "hint"), [((), ""), (("vinai/phobert-base", "a/b"), " Did you mean vinai/phobert-base?")]
)
def test_a_model_that_does_not_exist(
    cache: Path, monkeypatch: pytest.MonkeyPatch, status: int, known: tuple[str, ...], hint: str
) -> None:
    with serve(status=status, headers={"X-Error-Code": "RepoNotFound"}) as address:
        connect(monkeypatch, address)
        assert problem(Refused, "vinai/phobert-basis", known) == (
            f"the hub at {address} has no such model ({status}), and {not_held(cache)}.{hint} "
            "If it is a private one: hf auth login && hf download vinai/phobert-basis"
        )


def test_a_model_that_is_not_one_for_vanban(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serve(without("config.json")) as address:
        connect(monkeypatch, address)
        assert problem(Refused) == f"the hub's model at {address}/{NAME} has no config.json, which vanban needs"
    with serve(without("pytorch_model.bin")) as address:
        connect(monkeypatch, address)
        folder = cache / "models--vinai--phobert-base" / "snapshots" / ("c" * 40)
        assert problem(Refused) == (f"the hub's model lacks {WEIGHTS}, which vanban needs; it was fetched to {folder}")


# ---- downloads


def test_a_download(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serve({**PHOBERT, "tf_model.h5": b"other"}) as address:
        connect(monkeypatch, address)
        folder, how = from_hub(NAME)
    assert how == "downloaded from the hub"
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == PHOBERT
    assert from_hub(NAME) == (folder, "in the hub's cache")


def cut_off(folder: Path) -> None:
    (folder / "pytorch_model.bin").unlink()


def clean(folder: Path) -> None:
    (folder / "pytorch_model.bin").resolve().unlink()


def damage(folder: Path) -> None:
    (folder / "config.json").write_bytes(b"{")


@pytest.mark.parametrize("harm", [cut_off, clean, damage])
def test_the_hub_completes_the_cache(
    cache: Path, monkeypatch: pytest.MonkeyPatch, harm: Callable[[Path], None]
) -> None:
    folder = snapshot(cache, NAME, PHOBERT)
    harm(folder)
    assert cached(NAME) is None
    with serve(PHOBERT) as address:
        connect(monkeypatch, address)
        assert from_hub(NAME) == (folder, "downloaded from the hub")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == PHOBERT

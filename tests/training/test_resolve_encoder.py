"""Which encoder serves: bundled, a folder, the hub's cache, the hub, and what comes when the hub is out of reach."""

from __future__ import annotations

import http.server
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import huggingface_hub.constants
import pytest

from vanban import hub
from vanban.checkpoint import BUNDLED_ENCODER
from vanban.errors import UserError
from vanban_training.config import EncoderConfig
from vanban_training.encoder import ResolvedEncoder, resolve_encoder

PHOBERT = "vinai/phobert-base"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of the hub."""
    folder = tmp_path / "cache"
    folder.mkdir()
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(folder))
    return folder


@pytest.fixture
def online(cache: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The hub may be asked; a test sets its address with `monkeypatch.setattr(constants, "ENDPOINT", …)`."""
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setenv("no_proxy", "*")
    return monkeypatch


@pytest.fixture
def silent_server() -> Iterator[str]:
    """A server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture(params=["RepoNotFound", ""])
def refusing_server(request: pytest.FixtureRequest) -> Iterator[str]:
    """A server that has nothing, and says so as the hub does, or as any other server."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response(404)
            self.send_header("X-Error-Code", request.param)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_HEAD

        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def _message(name: str, offline: str | None = "bundled") -> str:
    with pytest.raises(UserError) as error:
        resolve_encoder(EncoderConfig(name=name, offline=offline))
    return str(error.value)


def test_bundled():
    found = resolve_encoder(EncoderConfig(name="bundled"))
    assert found == ResolvedEncoder("bundled", "bundled", str(BUNDLED_ENCODER), "ships with the package")
    assert str(found) == "encoder: bundled (ships with the package)"
    assert found.to_dict() == {
        "wanted": "bundled",
        "used": "bundled",
        "path": str(BUNDLED_ENCODER),
        "how": "ships with the package",
    }


def test_a_folder(encoder_directory, monkeypatch):
    found = resolve_encoder(EncoderConfig(name=str(encoder_directory)))
    assert found == ResolvedEncoder(*[str(encoder_directory)] * 3, "a local folder")
    monkeypatch.setenv("HOME", str(encoder_directory.parent))
    assert resolve_encoder(EncoderConfig(name=f"~/{encoder_directory.name}")).path == str(encoder_directory)


def test_a_folder_that_holds_no_encoder(tmp_path):
    expected = f"encoder.name: {tmp_path}: expected a folder with config.json, weights and a tokenizer, found "
    assert _message(str(tmp_path)) == expected + "nothing"
    (tmp_path / "b.txt").touch()
    (tmp_path / "a.bin").touch()
    assert _message(str(tmp_path)) == expected + "a.bin, b.txt"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "bundeld",
            "unknown encoder; expected bundled, owner/name on the hub, or a folder. Did you mean bundled?",
        ),
        ("phobert", "unknown encoder; expected bundled, owner/name on the hub, or a folder."),
        ("vinai/", "unknown encoder; expected bundled, owner/name on the hub, or a folder."),
        ("vinai/phobert-bsae", "unknown encoder. Did you mean vinai/phobert-base?"),
        ("intfloat/multilingual-e5-smal", "unknown encoder. Did you mean intfloat/multilingual-e5-small?"),
    ],
)
def test_names_that_look_mistyped(cache, name, message):
    assert _message(name) == f"encoder.name: {name}: {message}"


@pytest.mark.parametrize("name", ["vinai/pho bert", "vinai/pho..bert", "vinai/-phobert"])
def test_names_that_the_hub_can_not_have(cache, name):
    assert _message(name).startswith(f"encoder.name: {name}: expected owner/name on the hub (")


@pytest.mark.parametrize("name", ["./runs/a", "/nowhere/encoder", "~/encoder", "runs/a/encoder"])
def test_paths_that_are_not_there(cache, name):
    looked = Path(name).expanduser().resolve()
    assert _message(name) == f"encoder.name: {name}: no such folder (looked for {looked})."


def test_a_cached_model(cache, monkeypatch):
    folder = cache / "models--vinai--phobert-base"
    snapshot = folder / "snapshots" / ("a" * 40)
    snapshot.mkdir(parents=True)
    (folder / "refs").mkdir()
    (folder / "refs/main").write_text("a" * 40)
    (snapshot / "config.json").write_text("{}")
    # a download that was cut short has no weights yet
    assert resolve_encoder(EncoderConfig(name=PHOBERT)).used == "bundled"
    (snapshot / "pytorch_model.bin").touch()
    assert resolve_encoder(EncoderConfig(name=PHOBERT)) == ResolvedEncoder(
        PHOBERT, PHOBERT, str(snapshot), "in the hub's cache"
    )
    # until vanban has a fast one of its own, PhoBERT's tokenizer must not end a run that has a substitute
    slow = SimpleNamespace(is_fast=False)
    monkeypatch.setattr("transformers.AutoTokenizer.from_pretrained", lambda where: slow)
    assert str(resolve_encoder(EncoderConfig(name=PHOBERT))) == (
        f"encoder: bundled ({PHOBERT} was wanted, but its tokenizer gives no offsets, which vanban needs)"
    )
    assert "gives no offsets" in _message(PHOBERT, offline=None)


def test_offline(cache):
    found = resolve_encoder(EncoderConfig(name=PHOBERT))
    assert (found.wanted, found.used, found.path) == (PHOBERT, "bundled", str(BUNDLED_ENCODER))
    assert str(found) == (
        f"encoder: bundled ({PHOBERT} was wanted, but HF_HUB_OFFLINE is set and it is not in the cache)"
    )


def test_offline_without_a_substitute(cache):
    assert _message(PHOBERT, offline=None) == (
        f"encoder.name: {PHOBERT}: HF_HUB_OFFLINE is set and it is not in the cache ({cache}), and encoder.offline "
        f"is null. Fetch it on a connected machine with: hf download {PHOBERT}; or set encoder.offline: bundled"
    )


def test_a_hub_that_never_answers_is_given_up(online, silent_server):
    online.setattr(huggingface_hub.constants, "ENDPOINT", silent_server)
    online.setattr(hub, "PROBE_SECONDS", 1.0)
    started = time.perf_counter()
    found = resolve_encoder(EncoderConfig(name=PHOBERT))
    assert time.perf_counter() - started < 10
    assert str(found) == (
        f"encoder: bundled ({PHOBERT} was wanted, but the hub can't be reached (tried for 1 s at most) "
        "and it is not in the cache)"
    )


def test_the_hub_has_three_seconds():
    assert hub.PROBE_SECONDS == 3.0


def test_a_hub_that_no_one_listens_at(online):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    online.setattr(huggingface_hub.constants, "ENDPOINT", f"http://127.0.0.1:{port}")
    assert "the hub can't be reached (tried for 3 s at most)" in _message(PHOBERT, offline=None)


def test_a_hub_that_refuses(online, refusing_server):
    online.setattr(huggingface_hub.constants, "ENDPOINT", refusing_server)
    assert _message(PHOBERT, offline=None).startswith(
        f"encoder.name: {PHOBERT}: the hub refused it (404: no such model, or it is gated: hf auth login) and it is"
    )


@pytest.mark.parametrize("failure", [OSError("disk full"), RuntimeError("proxy")])
def test_a_download_that_fails(online, refusing_server, failure):
    def fail(*args: object, **kwargs: object) -> None:
        raise failure

    online.setattr(huggingface_hub.constants, "ENDPOINT", refusing_server)
    online.setattr(huggingface_hub, "snapshot_download", fail)
    found = resolve_encoder(EncoderConfig(name=PHOBERT))
    assert found.used == "bundled"
    assert f"but the download failed ({type(failure).__name__}: {failure})" in found.how


def test_a_download(online, refusing_server, cache):
    snapshot = cache / "models--vinai--phobert-base/snapshots" / ("b" * 40)

    def download(name: str, **kwargs: object) -> None:
        snapshot.mkdir(parents=True)
        (snapshot / "config.json").touch()
        (snapshot / "model.safetensors").touch()
        (snapshot.parents[1] / "refs").mkdir()
        (snapshot.parents[1] / "refs/main").write_text("b" * 40)

    online.setattr(huggingface_hub.constants, "ENDPOINT", refusing_server)
    online.setattr(huggingface_hub, "snapshot_download", download)
    assert resolve_encoder(EncoderConfig(name=PHOBERT)) == ResolvedEncoder(
        PHOBERT, PHOBERT, str(snapshot), "downloaded from the hub"
    )

"""Which encoder serves: bundled, a folder, the hub's cache, the hub, and what comes when the hub is out of reach."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from huggingface_hub import constants

from fake_hub import connect, serve, snapshot
from vanban.errors import UserError
from vanban.network.shipped import BUNDLED_ENCODER
from vanban_training.config import EncoderConfig
from vanban_training.fitting.encoder import ResolvedEncoder, resolve_encoder

PHOBERT = "vinai/phobert-base"
FILES = {
    "config.json": b'{"model_type": "roberta", "tokenizer_class": "PhobertTokenizer"}',
    "pytorch_model.bin": b"weights",
    "vocab.txt": b"a 1",
    "bpe.codes": b"a b 1",
}


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of the hub."""
    folder = tmp_path / "cache"
    folder.mkdir()
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(folder))
    return folder


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
        "path": "bundled",  # wherever the package is
        "how": "ships with the package",
    }


def test_a_folder(encoder_directory, monkeypatch):
    found = resolve_encoder(EncoderConfig(name=str(encoder_directory)))
    assert found == ResolvedEncoder(*[str(encoder_directory)] * 3, "a local folder")
    monkeypatch.setenv("HOME", str(encoder_directory.parent))
    assert resolve_encoder(EncoderConfig(name=f"~/{encoder_directory.name}")).path == str(encoder_directory)


def test_a_folder_that_holds_no_encoder(tmp_path):
    lacks = (
        "config.json, weights (model.safetensors or pytorch_model.bin), a tokenizer (tokenizer.json or a vocabulary)"
    )
    expected = f"encoder.name: {tmp_path}: expected a folder with config.json, weights and a tokenizer, but {tmp_path} "
    command = f"fetch what it lacks with: HF_HUB_OFFLINE=0 hf download OWNER/NAME --local-dir {tmp_path}"
    assert _message(str(tmp_path)) == f"{expected}lacks {lacks} (found nothing); {command}"
    (tmp_path / "b.txt").touch()
    (tmp_path / "a.bin").touch()
    assert _message(str(tmp_path)) == f"{expected}lacks {lacks} (found a.bin, b.txt); {command}"


def test_a_folder_of_phobert(phobert_directory, tmp_path, monkeypatch):
    found = resolve_encoder(EncoderConfig(name=str(phobert_directory)))
    assert found == ResolvedEncoder(*[str(phobert_directory)] * 3, "a local folder")
    for folder, origin in (("mine", "vinai/phobert-base"), ("phobert-large", "vinai/phobert-large")):
        copy = tmp_path / folder
        shutil.copytree(phobert_directory, copy)
        (copy / "bpe.codes").unlink()
        monkeypatch.chdir(tmp_path)
        assert _message(f"./{folder}") == (
            f"encoder.name: ./{folder}: expected a folder with config.json, weights and a tokenizer, but {copy} lacks "
            "bpe.codes (found config.json, pytorch_model.bin, vocab.txt); fetch what it lacks with: "
            f"HF_HUB_OFFLINE=0 hf download {origin} vocab.txt bpe.codes --local-dir {copy}"
        )
        (copy / "pytorch_model.bin").unlink()
        origin = origin if folder == "phobert-large" else "OWNER/NAME"
        assert _message(f"./{folder}").endswith(f"with: HF_HUB_OFFLINE=0 hf download {origin} --local-dir {copy}")


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


def not_held(cache: Path) -> str:
    return f"the cache {cache}, which HF_HOME or HF_HUB_CACHE moves, does not hold it"


def test_a_cached_model(cache):
    """PhoBERT's tokenizer has a fast form in vanban, so that it needs no substitute."""
    folder = snapshot(cache, PHOBERT, FILES)
    assert resolve_encoder(EncoderConfig(name=PHOBERT)) == ResolvedEncoder(
        PHOBERT, PHOBERT, str(folder), "in the hub's cache"
    )


def test_a_half_downloaded_cache(cache):
    folder = snapshot(cache, PHOBERT, {name: FILES[name] for name in ("config.json", "vocab.txt")})
    problem = (
        f"HF_HUB_OFFLINE is set, and the cache is half-downloaded: {folder} lacks weights (model.safetensors or "
        f"pytorch_model.bin), bpe.codes; fetch it with: HF_HUB_OFFLINE=0 hf download {PHOBERT}"
    )
    assert str(resolve_encoder(EncoderConfig(name=PHOBERT))) == (
        f"encoder: bundled ({PHOBERT} was wanted, but {problem})"
    )
    assert _message(PHOBERT, offline=None) == f"encoder.name: {PHOBERT}: {problem}; or set encoder.offline: bundled"


def test_offline(cache):
    found = resolve_encoder(EncoderConfig(name=PHOBERT))
    assert (found.wanted, found.used, found.path) == (PHOBERT, "bundled", str(BUNDLED_ENCODER))
    assert str(found) == (
        f"encoder: bundled ({PHOBERT} was wanted, but HF_HUB_OFFLINE is set, and {not_held(cache)}; "
        f"fetch it with: HF_HUB_OFFLINE=0 hf download {PHOBERT})"
    )


def test_offline_without_a_substitute(cache):
    assert _message(PHOBERT, offline=None) == (
        f"encoder.name: {PHOBERT}: HF_HUB_OFFLINE is set, and {not_held(cache)}; "
        f"fetch it with: HF_HUB_OFFLINE=0 hf download {PHOBERT}; or set encoder.offline: bundled"
    )


def test_a_mistyped_folder_is_not_looked_for_on_the_hub_alone(cache, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs").mkdir()
    assert _message("runs/encodr") == (
        f"encoder.name: runs/encodr: no such folder (looked for {tmp_path}/runs/encodr); HF_HUB_OFFLINE is set, and "
        f"{not_held(cache)}; fetch it with: HF_HUB_OFFLINE=0 hf download runs/encodr"
    )
    (tmp_path / "vinai").mkdir()
    assert resolve_encoder(EncoderConfig(name=PHOBERT)).used == "bundled"


@pytest.mark.parametrize("offline", ["bundled", None])
@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (
            403,
            "GatedRepo",
            "the hub at {hub} refuses it (403: the model is gated), and {held}; ask for access at {hub}/{name}, "
            "and then: hf auth login && hf download {name}",
        ),
        (
            404,
            "RepoNotFound",
            "the hub at {hub} has no such model (404), and {held}. Did you mean vinai/phobert-base? "
            "If it is a private one: hf auth login && hf download {name}",
        ),
    ],
)
def test_a_model_that_the_hub_refuses_has_no_substitute(cache, monkeypatch, status, code, expected, offline):
    name = "vinai/phobert-of-mine"
    with serve(status=status, headers={"X-Error-Code": code}) as address:
        connect(monkeypatch, address)
        message = expected.format(hub=address, held=not_held(cache), name=name)
        assert _message(name, offline) == f"encoder.name: {name}: {message}"


@pytest.mark.parametrize("status", [403, 404, 503])
def test_a_proxy_that_refuses_is_a_hub_out_of_reach(cache, monkeypatch, status):
    with serve(status=status) as address:
        connect(monkeypatch, address)
        problem = (
            f"the hub at {address} answered {status}, and {not_held(cache)}; "
            f"fetch it on a connected machine with: hf download {PHOBERT}"
        )
        assert str(resolve_encoder(EncoderConfig(name=PHOBERT))) == (
            f"encoder: bundled ({PHOBERT} was wanted, but {problem})"
        )
        assert _message(PHOBERT, offline=None) == (
            f"encoder.name: {PHOBERT}: {problem}; or set encoder.offline: bundled"
        )


def test_a_download(cache, monkeypatch):
    with serve(FILES) as address:
        connect(monkeypatch, address)
        found = resolve_encoder(EncoderConfig(name=PHOBERT))
    assert found.path.startswith(f"{cache}/models--vinai--phobert-base/snapshots/")
    assert found == ResolvedEncoder(PHOBERT, PHOBERT, found.path, "downloaded from the hub")
    assert sorted(path.name for path in Path(found.path).iterdir()) == sorted(FILES)

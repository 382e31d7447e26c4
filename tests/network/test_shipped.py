"""The names of models that ship."""

from __future__ import annotations

from pathlib import Path

import pytest

from vanban import load
from vanban.errors import UserError
from vanban.network import shipped
from vanban.network.checkpoint import find_model
from vanban.network.shipped import NAMES, shipped_folder


@pytest.fixture
def bundled(
    model_directory: Path, classifier_directory: Path, adapter_directory: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:  # fmt: skip
    """A package whose tagger has a twin by the name `fast`; all else is as it is taken without a name."""
    (tmp_path / "fast").mkdir()
    (tmp_path / "ner").symlink_to(model_directory)
    (tmp_path / "doctype").symlink_to(classifier_directory)
    (tmp_path / "fast" / "ner").symlink_to(adapter_directory)
    monkeypatch.setattr(shipped, "BUNDLED", tmp_path)
    return tmp_path


def test_what_bears_no_name_of_its_own_is_what_is_taken_without(bundled: Path) -> None:
    assert [shipped_folder(None, "ner"), shipped_folder("accurate", "ner")] == [bundled / "ner"] * 2
    assert shipped_folder("fast", "ner") == bundled / "fast" / "ner"
    assert {shipped_folder(name, "doctype") for name in (None, *NAMES)} == {bundled / "doctype"}
    assert [find_model(name).name for name in (None, *NAMES)] == ["tiny", "tiny-adapter", "tiny"]


@pytest.mark.parametrize(
    ("model", "name"),
    [(None, "tiny + tiny-types"), ("fast", "tiny-adapter + tiny-types"), ("accurate", "tiny + tiny-types"),
     (["fast"], "tiny-adapter + tiny-types")],
)  # fmt: skip
def test_names_are_loaded(bundled: Path, model: str | list[str] | None, name: str) -> None:
    assert load(model, "cpu", backend="torch").name == name


def test_a_name_goes_with_a_folder_of_one_task(bundled: Path, phobert_model: Path, classifier_directory: Path) -> None:
    assert load(["fast", phobert_model], "cpu", backend="torch").name == "tiny-phobert + tiny-types"
    assert load([classifier_directory, "fast"], "cpu", backend="torch").name == "tiny-adapter + tiny-types"
    assert load("fast", "cpu", ("ner",), "torch").name == "tiny-adapter"


def test_two_names_are_one_too_many(bundled: Path) -> None:
    with pytest.raises(UserError, match="fast and accurate are both for every task: give one of them"):
        load(["fast", "accurate"])


def test_the_names_of_the_package_are_there() -> None:
    for name in NAMES:
        assert find_model(name, "ner").task == "ner"
        assert find_model(name, "doctype").task == "doctype"

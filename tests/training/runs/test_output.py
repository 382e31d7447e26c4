"""What `train` refuses to write over."""

from __future__ import annotations

from pathlib import Path

import pytest

from vanban.errors import UserError
from vanban_training.runs.output import check_output


def _message(out: Path, cross_validate: bool = False) -> str:
    with pytest.raises(UserError) as error:
        check_output(out, cross_validate, resume=False, overwrite=False)
    return str(error.value)


def _begin(folder: Path) -> None:
    folder.mkdir()
    (folder / "config.yaml").write_text("task: ner\n# encoder: bundled\n# documents: 0123\n")


def _finish(out: Path) -> None:
    for name in ("training.json", "vanban.json"):
        (out / name).touch()


def test_a_new_and_an_empty_folder_are_taken(tmp_path):
    check_output(tmp_path / "new", False, False, False)
    check_output(tmp_path, True, False, False)


def test_files_that_no_run_wrote_are_kept_whatever_is_asked(tmp_path):
    (tmp_path / "README.md").write_text("mine")
    (tmp_path / "thesis.txt").touch()
    assert _message(tmp_path) == (
        f"output: {tmp_path}: holds files that no run wrote (README.md, thesis.txt); give it a folder of its own"
    )
    with pytest.raises(UserError, match="no run wrote"):
        check_output(tmp_path, False, resume=False, overwrite=True)
    assert _message(tmp_path / "README.md") == f"output: {tmp_path}/README.md: is a file, expected a folder"


@pytest.mark.parametrize("name", ["checkpoints", "cross-validation"])
def test_folders_of_others_that_are_named_like_those_of_a_run(tmp_path, name):
    (tmp_path / name).mkdir()
    (tmp_path / name / "config.yaml").write_text("model: theirs\n# of another tool\n")
    (tmp_path / "README.md").write_text("mine")
    told = f"output: {tmp_path}: holds files that no run wrote ({name}); give it a folder of its own"
    assert _message(tmp_path) == _message(tmp_path, cross_validate=True) == told
    _finish(tmp_path)
    assert _message(tmp_path) == told
    with pytest.raises(UserError, match="no run wrote"):
        check_output(tmp_path, False, resume=False, overwrite=True)


def test_a_training_json_of_others(tmp_path):
    (tmp_path / "training.json").touch()
    assert _message(tmp_path).startswith(f"output: {tmp_path}: holds files that no run wrote (training.json); ")


def test_a_finished_and_an_interrupted_run(tmp_path):
    _finish(tmp_path)
    assert _message(tmp_path) == (
        f"output: {tmp_path}: holds a finished run: --overwrite it, or name another with --set output=…; "
        f"to train its model on, with --set encoder.name={tmp_path} too"
    )
    check_output(tmp_path, True, False, False)  # measuring leaves the model alone
    _begin(tmp_path / "checkpoints")
    (tmp_path / "checkpoints/checkpoint-3").mkdir()
    assert _message(tmp_path) == (
        f"output: {tmp_path}: holds an interrupted run: go on with --resume, or --overwrite it"
    )
    check_output(tmp_path, False, resume=True, overwrite=False)
    check_output(tmp_path, False, resume=False, overwrite=True)


def test_folds_that_are_done(tmp_path):
    _begin(tmp_path / "cross-validation")
    (tmp_path / "cross-validation/seed-0-fold-1.json").touch()
    assert _message(tmp_path, cross_validate=True) == (
        f"output: {tmp_path}: holds folds that are done: go on with --resume, or --overwrite them"
    )
    check_output(tmp_path, False, False, False)  # a model may be trained beside them

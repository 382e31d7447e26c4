"""`train` and the training commands as a shell sees them: exit status, standard output, standard error."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest
import typer

from project import ROOT
from vanban.errors import UserError
from vanban.interruption import Terminated
from vanban_training.cli import annotations_app, bundle_app, run_app, train_app
from vanban_training.fitting.interruption import Interrupted


def test_train(command, config_file, tmp_path, encoder_directory):
    status, out, err = command(train_app, "--config", config_file, "--set", "training.epochs=1")
    assert status == 0
    lines = out.splitlines()
    assert lines[0] == f"encoder: {encoder_directory} (a local folder)"
    assert lines[1] == "documents: 4 with 9 spans"
    assert "on the training documents (fit, not generalisation)" in lines
    assert f"model: {tmp_path}/run" in lines
    assert lines[-1].startswith("wall time: ")
    assert "Traceback" not in err
    assert json.loads((tmp_path / "run/training.json").read_text(encoding="utf-8"))["seed"] == 0


def test_cross_validate(command, config_file, tmp_path):
    status, out, _ = command(
        train_app, "-c", config_file, "--cross-validate", "--seeds", 2, "--set", "training.epochs=0.5"
    )
    assert status == 0
    assert "fold 4 of 4, random seed 1: third is held out" in out
    assert "mean over 2 random seeds" in out
    assert not (tmp_path / "run/model.safetensors").exists()


def test_offsets_inside_a_syllable(command, config_file, tmp_path):
    rows = [
        {"id": str(n), "text": "ở ông Trần", "entities": [{"label": "OFFICIAL", "start": 6, "end": 8}]}
        for n in range(7)
    ]
    path = tmp_path / "cut.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    arguments = ("-c", config_file, "--set", f"data.documents={path}", "--set", "training.epochs=0.5")
    told = (
        "7 spans begin or end inside a syllable or a character, which a model reads whole; mend the offsets (half-open "
        "code points into the raw text):\n"
        + "".join(f"  {path}:{n}: OFFICIAL 6 8 'Tr' ends inside a syllable: 'ở ông Tr|ần'\n" for n in range(1, 6))
        + "  and 2 more\n"
    )
    for more in ((), ("--cross-validate",)):
        status, _, err = command(train_app, *arguments, *more, "--strict")
        assert (status, err) == (2, f"error: {told}without --strict this is a warning\n")
    status, out, err = command(train_app, *arguments)
    assert (status, f"warning: {told}" in err, "documents: 7 with 7 spans" in out) == (0, True, True)


def test_ctrl_c_and_resume(command, config_file, tmp_path, interrupt_in_step):
    with interrupt_in_step(3):
        status, _, err = command(train_app, "-c", config_file)
    assert status == 130
    assert err.splitlines()[-1] == "stopped after step 3 of 6; go on with --resume"
    assert "Traceback" not in err
    status, _, err = command(train_app, "-c", config_file, "--resume", "--set", "training.epochs=3")
    assert (status, "differs in training.epochs: 3.0 (was 2.0). Give it the same" in err) == (2, True)
    assert command(train_app, "-c", config_file, "--resume")[0] == 0
    status, _, err = command(train_app, "-c", config_file, "--resume")
    assert (status, err) == (2, f"error: {tmp_path}/run: the run is complete; nothing to resume\n")


def test_ctrl_c_before_the_first_step_is_told(command, config_file, monkeypatch):
    def stop(config, strict):
        raise KeyboardInterrupt

    monkeypatch.setattr("vanban_training.runs.training.prepare", stop)
    assert command(train_app, "-c", config_file) == (130, "", "\ninterrupted\n")


def test_sigterm_is_heeded_as_ctrl_c_is(command, config_file, tmp_path, interrupt_in_step):
    with interrupt_in_step(3, by=signal.SIGTERM):
        status, _, err = command(train_app, "-c", config_file)
    assert (status, err.splitlines()[-1]) == (143, "stopped after step 3 of 6; go on with --resume")
    assert [path.name for path in (tmp_path / "run/checkpoints").glob("checkpoint-*")] == ["checkpoint-3"]
    with interrupt_in_step(4, times=2, by=signal.SIGTERM):  # a second one ends it at once
        status, _, err = command(train_app, "-c", config_file, "--resume")
    assert (status, "Traceback" in err) == (143, False)
    assert command(train_app, "-c", config_file, "--resume")[0] == 0


def test_a_finished_run_with_more_epochs(command, config_file, tmp_path):
    assert command(train_app, "-c", config_file)[0] == 0
    more = ("--set", "training.epochs=3")
    status, _, err = command(train_app, "-c", config_file, *more, "--resume")
    assert (status, err) == (
        2,
        f"error: --resume: the run in {tmp_path}/run is finished, and differs in training.epochs: 3.0 (was 2.0). Its "
        "learning rate has come down to 0: train anew with --overwrite, or train its model on with "
        f"--set encoder.name={tmp_path}/run --set output=…\n",
    )
    status, out, _ = command(
        train_app, "-c", config_file, *more, "--set", f"encoder.name={tmp_path}/run", "--set", f"output={tmp_path}/on"
    )
    assert (status, f"encoder: {tmp_path}/run (a local folder)" in out) == (0, True)
    assert command(train_app, "-c", config_file, *more, "--overwrite")[0] == 0


def test_names_and_labels_that_formats_can_hardly_hold(command, config_file, brat_folder, tmp_path):
    """A file whose name is not UTF-8, and a label with a space, from training to brat and back into training."""
    odd = os.fsdecode(b"c\xf4ng v\xe3n")
    (brat_folder / f"{odd}.txt").write_text("Ông Nguyễn Văn Nam ở Hà Nội.", encoding="utf-8")
    (brat_folder / f"{odd}.ann").write_text("T1\tTên_người 4 18\tNguyễn Văn Nam\n", encoding="utf-8")
    labels = ("--set", "data.labels=[OFFICIAL, PLACE, COUNT, DIRECTIVE, Tên người]")
    status, out, err = command(train_app, "-c", config_file, *labels)
    assert (status, "Traceback" in err) == (0, False)
    assert "| Tên người " in out
    assert "`c\\xf4ng v\\xe3n`: 1 span" in (tmp_path / "run/README.md").read_text(encoding="utf-8")
    status, out, err = command(
        train_app, "-c", config_file, *labels, "--cross-validate", "--set", "training.epochs=0.5"
    )
    assert status == 0
    assert "c\\xf4ng v\\xe3n is held out" in out


def test_mistakes_end_with_two_and_one_message(command, config_file, tmp_path):
    path = tmp_path / "tiny.yml"
    status, out, err = command(train_app, "-c", path)
    assert (status, out) == (2, "")
    assert err == f"error: {path}: no such config (looked in {tmp_path}). Did you mean {config_file}?\n"
    status, out, err = command(train_app, "-c", config_file, "--set", "training.learning_rte=1")
    assert (status, out) == (2, "")
    assert err == (
        f"error: {config_file} --set training.learning_rte=1: unknown key training.learning_rte; "
        "did you mean training.learning_rate?\n"
    )
    status, _, err = command(train_app, "-c", config_file, "--seeds", 2)
    assert (status, err) == (
        2,
        "error: --seeds goes with --cross-validate: a trained model has one seed, training.seed\n",
    )
    assert command(train_app)[0] == 2  # --config is missing


@pytest.mark.parametrize(
    ("raised", "status", "message"),
    [
        (UserError("a.txt:3: found x, expected y"), 2, "error: a.txt:3: found x, expected y\n"),
        (Interrupted("stopped after step 3 of 6"), 130, "\nstopped after step 3 of 6; go on with --resume\n"),
        (Interrupted("stopped after step 3 of 6", 143), 143, "\nstopped after step 3 of 6; go on with --resume\n"),
        (KeyboardInterrupt(), 130, "\ninterrupted\n"),
        (Terminated(143), 143, ""),
    ],
)
def test_exit_status(command, raised, status, message):
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

    @app.command()
    def fail() -> None:
        raise raised

    assert command(app) == (status, "", message)


def test_a_fault_of_the_program_keeps_its_traceback(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["command"])
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

    @app.command()
    def fail() -> None:
        raise ValueError("a bug")

    with pytest.raises(ValueError, match=r"^a bug$"):
        run_app(app)


def test_annotations_check(command, manifest, tmp_path):
    assert command(annotations_app, "check", manifest) == (0, "2 documents, 9 spans, 0 faults\n", "")
    (tmp_path / "annotations/seeds/second.ann").write_text("T1\tLOC 0 2\tBà\n", encoding="utf-8")
    status, out, err = command(annotations_app, "check", manifest)
    assert (status, out) == (1, "2 documents, 6 spans, 1 fault\n")
    assert err == (
        "annotations/seeds/second.ann:1: found the label 'LOC', expected one of OFFICIAL, PLACE, COUNT, DIRECTIVE\n"
    )
    status, _, err = command(annotations_app, "check", tmp_path / "none.jsonl")
    assert (status, err.startswith(f"error: {tmp_path}/none.jsonl: no such manifest")) == (2, True)


def test_annotations_agreement(command, manifest, tmp_path):
    folder = tmp_path / "annotations/seeds"
    status, out, _ = command(annotations_app, "agreement", folder, folder, "--manifest", manifest)
    assert status == 0
    assert out.startswith("2 documents\n| label ")
    assert out.endswith("| micro      |     1.000 |  1.000 |     1.000 |       9 |     9 |\n")


def test_bundle_model_of_what_is_no_run(command, tmp_path):
    status, _, err = command(bundle_app, "model", tmp_path / "none")
    assert (status, err.startswith(f"error: {tmp_path}/none: expected a finished run")) == (2, True)


def test_help_is_quick():
    code = (
        "import sys\n"
        "from vanban_training.cli import main\n"
        "try:\n    main()\n"
        "except SystemExit as stop:\n"
        "    heavy = {'torch', 'transformers', 'peft', 'pydantic', 'numpy', 'datasets'} & set(sys.modules)\n"
        "    print('status', stop.code, 'heavy', sorted(heavy))\n"
    )
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'model'}:{ROOT / 'training'}"}
    result = subprocess.run(
        [sys.executable, "-c", code, "--help"], env=environment, capture_output=True, text=True, check=True
    )
    assert "--cross-validate" in result.stdout
    assert result.stdout.splitlines()[-1] == "status 0 heavy []"


def test_the_package_runs_as_a_module(tmp_path):
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'model'}:{ROOT / 'training'}"}
    result = subprocess.run(
        [sys.executable, "-m", "vanban_training", "-c", str(tmp_path / "none.yaml")],
        env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == f"error: {tmp_path}/none.yaml: no such config (looked in {tmp_path}).\n"


def test_a_missing_extra_is_named(capsys):
    def app() -> None:
        raise ModuleNotFoundError("No module named 'pydantic'", name="pydantic")

    with pytest.raises(SystemExit) as stop:
        run_app(app)
    assert stop.value.code == 2
    assert capsys.readouterr().err == "error: training needs pydantic: pip install 'vanban[train]'\n"

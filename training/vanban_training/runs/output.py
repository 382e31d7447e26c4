"""Whether a run may write to its output folder: nothing that is done, and nothing foreign, is lost without a word."""

from __future__ import annotations

from pathlib import Path

from vanban.errors import UserError


def check_output(out: Path, cross_validate: bool, resume: bool, overwrite: bool) -> None:
    """Raise UserError when `out` holds what `resume` or `overwrite` should decide on, or files that no run wrote."""
    if out.exists() and not out.is_dir():
        raise UserError(f"output: {out}: is a file, expected a folder")
    found = sorted(path.name for path in out.iterdir()) if out.is_dir() else []
    is_run = any(name in found for name in ("training.json", "checkpoints", "cross-validation"))
    if found and not is_run:
        raise UserError(
            f"output: {out}: holds files that no run wrote ({', '.join(found[:5])}); give it a folder of its own"
        )
    if resume or overwrite:
        return
    if cross_validate:
        if any((out / "cross-validation").glob("seed-*.json")):
            raise UserError(f"output: {out}: holds folds that are done: go on with --resume, or --overwrite them")
    elif any((out / "checkpoints").glob("checkpoint-*")):
        raise UserError(f"output: {out}: holds an interrupted run: go on with --resume, or --overwrite it")
    elif "training.json" in found:
        raise UserError(
            f"output: {out}: holds a finished run: --overwrite it, or name another with --set output=…; "
            f"to train its model on, with --set encoder.name={out} too"
        )

"""Whether a run may write to its output folder: nothing that is done, and nothing foreign, is lost without a word."""

from __future__ import annotations

from pathlib import Path

from vanban.errors import UserError


def check_output(out: Path, cross_validate: bool, resume: bool, overwrite: bool) -> None:
    """Raise UserError when `out` holds what `resume` or `overwrite` should decide on, or files that no run wrote."""
    if out.exists() and not out.is_dir():
        raise UserError(f"output: {out}: is a file, expected a folder")
    found = sorted(path.name for path in out.iterdir()) if out.is_dir() else []
    inside = [name for name in ("checkpoints", "cross-validation") if name in found]
    ours = [name for name in inside if _is_of_a_run(out / name)]
    finished = (out / "training.json").is_file() and (out / "vanban.json").is_file()
    # what stands in these two is deleted, whatever is beside them
    foreign = [name for name in inside if name not in ours] or ([] if ours or finished else found)
    if foreign:
        raise UserError(
            f"output: {out}: holds files that no run wrote ({', '.join(foreign[:5])}); give it a folder of its own"
        )
    if resume or overwrite:
        return
    if cross_validate:
        if any((out / "cross-validation").glob("seed-*.json")):
            raise UserError(f"output: {out}: holds folds that are done: go on with --resume, or --overwrite them")
    elif any((out / "checkpoints").glob("checkpoint-*")):
        raise UserError(f"output: {out}: holds an interrupted run: go on with --resume, or --overwrite it")
    elif finished:
        raise UserError(
            f"output: {out}: holds a finished run: --overwrite it, or name another with --set output=…; "
            f"to train its model on, with --set encoder.name={out} too"
        )


def _is_of_a_run(folder: Path) -> bool:
    """True where a run wrote its config, which ends with the checksum of its documents."""
    config = folder / "config.yaml"
    return config.is_file() and "\n# documents: " in config.read_text(encoding="utf-8", errors="replace")

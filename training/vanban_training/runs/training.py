"""A training run from config to run directory.

A run directory holds the model (it loads with plain transformers), `config.yaml` as used, `metrics.json`,
`training.json` (what it was trained on, with what, how long) and a model card. `checkpoints/` is there only while a
run is under way.
"""

from __future__ import annotations

import json
import platform
import shutil
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from vanban.errors import UserError
from vanban.network.checkpoint import Checkpoint
from vanban.network.record import FORMAT, installed_version
from vanban.reading.text import checksum
from vanban_training.config import RunConfig
from vanban_training.corpus.annotated import AnnotatedDocument
from vanban_training.corpus.cuts import report_cuts
from vanban_training.fitting import processes
from vanban_training.fitting.distillation import check_teacher
from vanban_training.fitting.encoder import ResolvedEncoder, resolve_encoder
from vanban_training.fitting.networks import check_encoder
from vanban_training.fitting.trainer import last_checkpoint
from vanban_training.fitting.weights import told_of, weights_sha256
from vanban_training.runs.card import run_card
from vanban_training.runs.tasks import TrainingTask, task_of

VERSIONED: Final = ("vanban", "torch", "transformers", "accelerate", "peft", "tokenizers", "underthesea", "numpy")


@dataclass(frozen=True)
class Prepared:
    """What a run starts from: the config, its encoder, its documents and the folder of its teacher, all checked.

    `weights`: the sha256 of those of the encoder and of the teacher, by these names.
    """

    config: RunConfig
    task: TrainingTask
    encoder: ResolvedEncoder
    documents: list[AnnotatedDocument]
    teacher: Path | None = None
    weights: dict[str, str] = field(default_factory=dict)

    def identity(self) -> str:
        """Return what a run must share with the interrupted one that it resumes: config, encoder and documents.

        It is the config as YAML, the rest in comments. Origins and groups of documents count: folds follow them.
        """
        rows = "".join(f"{d.id} {d.sha256} {self.task.count(d)} {d.origin} {d.group}\n" for d in self.documents)
        digest = checksum(rows)
        weights = "".join(f"# weights of the {name}: {sha256}\n" for name, sha256 in self.weights.items())
        return f"{self.config.to_yaml()}# encoder: {self.encoder.used}\n{weights}# documents: {digest}\n"

    def __str__(self) -> str:
        return f"{self.encoder}\ndocuments: {self.task.describe(self.documents)}"


def prepare(config: RunConfig, strict: bool = False) -> Prepared:
    """Check everything that can be wrong before the minutes of training; raises UserError.

    Spans that begin or end inside a syllable or a character are warned of, and refused where `strict` is true.
    """
    task = task_of(config)
    documents = task.load(config)
    report_cuts([cut for d in documents for cut in d.cuts], strict)
    # the main process downloads what is to be downloaded, the others find it in the cache
    encoder = processes.main_first(lambda: resolve_encoder(config.encoder))
    tokenizer = check_encoder(encoder.path, config)
    teacher = processes.main_first(lambda: check_teacher(tokenizer, config))
    folders = {"encoder": Path(encoder.path)} | ({"teacher": teacher} if teacher else {})
    weights = {name: weights_sha256(folder) for name, folder in folders.items()}
    prepared = Prepared(config, task, encoder, documents, teacher, weights)
    _check_alike(processes.gather(prepared.identity()))
    return prepared


def train(prepared: Prepared, resume: bool = False) -> str:
    """Train on all documents, write the run directory and return the table of scores on the training documents.

    Of several processes the main one alone writes, and the others return no scores.
    Raises UserError when --resume finds nothing to go on with, and Interrupted after Ctrl-C.
    """
    config, task, out = prepared.config, prepared.task, Path(prepared.config.output)
    checkpoints = out / "checkpoints"
    processes.from_main(lambda: _begin(checkpoints, prepared.identity(), resume))
    started = time.perf_counter()
    checkpoint, trained = task.train(config, prepared.encoder.path, prepared.documents, checkpoints, resume)
    seconds = time.perf_counter() - started
    processes.part()
    if not processes.is_main():
        return ""
    _save_network(checkpoint, trained, out, config)  # before predicting, which may round the weights to bfloat16
    table, scores = task.scores(config, prepared.documents, task.predict(checkpoint, prepared.documents))
    measured = out / "cross-validation"
    settings = task.settings(config, measured if _config_of(measured) == prepared.identity() else None)
    _write_json(out / "vanban.json", {**describe(checkpoint, prepared.encoder), **settings})
    _write_json(out / "metrics.json", {"on": "the training documents (fit, not generalisation)", "scores": scores})
    record = training_record(prepared, checkpoint, seconds)
    _write_json(out / "training.json", record)
    (out / "config.yaml").write_text(prepared.identity(), encoding="utf-8")
    (out / "README.md").write_text(run_card(config, task.heading, record, table), encoding="utf-8")
    shutil.rmtree(checkpoints, ignore_errors=True)
    return table


def describe(checkpoint: Checkpoint, encoder: ResolvedEncoder) -> dict[str, Any]:
    """Return what a model directory records for those who load it."""
    network: Any = checkpoint.network
    return {
        "format": FORMAT,
        "task": checkpoint.task,
        "encoder": {**encoder.to_dict(), "layers": network.config.num_hidden_layers},
        "windows": {"tokens": checkpoint.window_tokens, "overlap": checkpoint.overlap_tokens},
        "classes": checkpoint.classes,
    } | ({"edge_marks": asdict(checkpoint.edge_marks), "rules": checkpoint.rules} if checkpoint.task == "ner" else {})


def _begin(checkpoints: Path, identity: str, resume: bool) -> None:
    """Make a clean place for checkpoints, or check that the one that is there belongs to this run."""
    out = checkpoints.parent
    if resume:
        # a run that was begun again over a finished one has both
        if (out / "training.json").is_file() and not checkpoints.is_dir():
            raise UserError(_finished(out, identity))
        if _config_of(checkpoints) is None:
            raise UserError(f"--resume: no interrupted run in {out}; start without --resume")
        check_same_run(checkpoints, identity)
        last_checkpoint(checkpoints)
        return
    try:
        shutil.rmtree(checkpoints, ignore_errors=True)
        checkpoints.mkdir(parents=True)
        (checkpoints / "config.yaml").write_text(identity, encoding="utf-8")
    except OSError as error:
        raise UserError(f"output: {out}: can't be written ({error.strerror})") from None


def _finished(out: Path, identity: str) -> str:
    """Return what to do about a finished run that is to be resumed, with the same config or with more epochs."""
    difference = _difference(identity, _config_of(out) or identity, "was")
    if not difference:
        return f"{out}: the run is complete; nothing to resume"
    return (
        f"--resume: the run in {out} is finished, and differs in {difference}. Its learning rate has come down to 0: "
        f"train anew with --overwrite, or train its model on with --set encoder.name={out} --set output=…"
    )


def check_same_run(folder: Path, identity: str, free: tuple[str, ...] = ()) -> None:
    """Raise UserError when the interrupted run in `folder` had another config, encoder or documents.

    Sections of the config that are `free` may differ.
    """
    before = _config_of(folder)
    difference = _difference(identity, before, "was", free) if before else ""
    if not difference:
        return
    raise UserError(
        f"--resume: the interrupted run in {folder} differs in {difference}. "
        f"Give it the same config, --set and documents (its own: {folder / 'config.yaml'}), or start without --resume"
    )


def _check_alike(identities: Sequence[str]) -> None:
    """Raise UserError when a process has another config, encoder or documents than the main one."""
    for number, identity in enumerate(identities):
        if identity != identities[0]:
            raise UserError(
                f"process {number} differs from the main process in "
                f"{_difference(identity, identities[0], 'main process:')}. Give every machine the same files and caches"
            )


def _difference(identity: str, other: str, word: str, free: tuple[str, ...] = ()) -> str:
    here, there = _entries(identity), _entries(other)
    keys = [key for key in {**here, **there} if key.partition(".")[0] not in free]
    changed = [key for key in keys if here.get(key) != there.get(key)]
    return "; ".join(f"{key}: {here.get(key)} ({word} {there.get(key)})" for key in changed)


def _entries(identity: str) -> dict[str, Any]:
    """Return the entries of an identity by dotted key, the comments too."""
    comments = [line[2:] for line in identity.splitlines() if line.startswith("# ")]
    entries = dict(comment.split(": ", 1) for comment in comments)
    for name in entries.keys() - {"encoder"}:
        entries[name] = f"those of checksum {entries[name][:12]}"
    sections = [("", yaml.safe_load(identity))]
    while sections:
        prefix, values = sections.pop(0)
        for key, value in values.items():
            if isinstance(value, dict):
                sections.append((f"{prefix}{key}.", value))
            else:
                entries[f"{prefix}{key}"] = value
    return entries


def _config_of(folder: Path) -> str | None:
    record = folder / "config.yaml"
    return record.read_text(encoding="utf-8") if record.is_file() else None


def _save_network(checkpoint: Any, trained: Any, out: Path, config: RunConfig) -> None:
    from transformers.utils import logging

    logging.disable_progress_bar()
    if getattr(checkpoint.tokenizer, "reads_words", False):
        from vanban.reading.phobert import add_aliases

        add_aliases(checkpoint.network, checkpoint.tokenizer)
    shutil.rmtree(out / "adapter", ignore_errors=True)  # that of an earlier run does not belong to these weights
    with told_of(out):
        checkpoint.network.save_pretrained(out)
        checkpoint.tokenizer.save_pretrained(out)
        if config.training.method == "lora":
            trained.save_pretrained(out / "adapter")
    for weights in (*out.glob("*.safetensors"), *out.glob("adapter/*.safetensors")):
        weights.chmod(0o644)  # written for their owner alone, unlike the rest


def training_record(prepared: Prepared, checkpoint: Checkpoint, seconds: float) -> dict[str, Any]:
    """Return what makes a run traceable: versions, encoder, teacher, data checksums, processes, seed, time."""
    taught, sha256 = prepared.config.distillation, prepared.weights
    return {
        "versions": {
            "python": platform.python_version(),
            **{name: installed_version(name) or "not installed" for name in VERSIONED},
        },
        "machine": f"{platform.system()} {platform.machine()}",
        "encoder": {**prepared.encoder.to_dict(), "sha256": sha256.get("encoder")},
        **({"distillation": {**taught.model_dump(), "sha256": sha256.get("teacher")}} if taught else {}),
        "documents": [{"id": d.id, "sha256": d.sha256, **prepared.task.count(d)} for d in prepared.documents],
        "windows": {"tokens": checkpoint.window_tokens, "overlap": checkpoint.overlap_tokens},
        "processes": processes.count(),
        "seed": prepared.config.training.seed,
        "seconds": round(seconds, 1),
    }


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

"""One layout for a saved model. A model directory is one of three:

- whole: `config.json`, weights and a tokenizer, PhoBERT's own too: plain `AutoModelForTokenClassification` (the task
  `ner`) or `AutoModelForSequenceClassification` (`doctype`) loads it;
- adapter: `adapter_config.json`, `adapter_model.safetensors`: low-rank updates of an encoder named in `vanban.json`;
- exported: `model.onnx` and a tokenizer, which ONNX Runtime reads without torch.

All may hold `vanban.json`, the last two must: the task, the encoder, the windows that the model was trained with, and
what a classifier reads of a document and how sure it must be.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from vanban.errors import UserError
from vanban.network.classification import Reading
from vanban.network.edges import USUAL_MARKS, EdgeMarks
from vanban.network.exported import EXPORTED_FILES, exported_network, exported_tokenizer
from vanban.network.forks import alone
from vanban.network.hub import from_hub
from vanban.network.model_files import (
    fetch_into,
    is_phobert,
    missing_files,
    missing_tokenizer,
    missing_weights,
)
from vanban.network.record import edge_marks_of, how_a_type_is_chosen, read_record, rules_of, task_of, windows_of
from vanban.network.rules import Rules
from vanban.network.shipped import NAMES, shipped_folder
from vanban.network.weights import load_adapter, load_whole, position_limit
from vanban.reading.phobert_vocabulary import PHOBERT_FILES
from vanban.schema import Task

if TYPE_CHECKING:
    import torch

    from vanban.network.onnx_network import OnnxNetwork

DEFAULT_READING: Final = Reading()
ADAPTER_FILES: Final = ("adapter_config.json", "adapter_model.safetensors", "vanban.json")
LAYOUTS: Final = {  # what a directory of each is expected to hold, as messages say it
    "whole": "config.json, weights (model.safetensors or pytorch_model.bin), tokenizer.json (or vocab.txt, bpe.codes)",
    "adapter": ", ".join(ADAPTER_FILES),
    "exported": ", ".join(EXPORTED_FILES),
}


@dataclass(frozen=True)
class FoundModel:
    """Where a model lies, in which layout, and what is recorded of it. `name`: as it was asked for or is recorded."""

    folder: Path
    layout: str
    task: Task
    name: str
    record: dict[str, Any]


@dataclass(frozen=True)
class Checkpoint:
    """A model ready to run: its network (in float32, or exported), its tokenizer, and what is recorded of it.

    `classes` are the tags of a token classifier or the types of a document classifier. Entities begin and end with
    words, or with one of `edge_marks`, and break none of the `rules` of their label. `temperature` divides the pooled
    logits of a classifier, and the log odds of an entity's score; no type is given below a probability of `threshold`,
    or to a text of fewer words than `least_words`.
    """

    task: Task
    network: torch.nn.Module | OnnxNetwork
    tokenizer: Any
    classes: tuple[str, ...]
    window_tokens: int
    overlap_tokens: int
    name: str
    info: dict[str, Any]
    reading: Reading = DEFAULT_READING
    temperature: float = 1.0
    threshold: float = 0.0
    least_words: int = 0
    edge_marks: EdgeMarks = USUAL_MARKS
    rules: Rules = field(default_factory=dict)


def layout_of(folder: Path) -> str | None:
    """Return `whole`, `adapter`, `exported`, or None when the folder holds none of them."""
    # a PhoBERT that is half there is none, even where the tokenizer.json that its authors published is beside it
    tokenizer = (folder / "tokenizer.json").is_file() or is_phobert(folder)
    if tokenizer and (folder / "config.json").is_file() and not missing_weights(folder) + missing_tokenizer(folder):
        return "whole"
    for layout, names in (("adapter", ADAPTER_FILES), ("exported", EXPORTED_FILES)):
        if all((folder / name).is_file() for name in names):
            return layout
    return None


def find_model(where: str | Path | None = None, task: Task = "ner") -> FoundModel:
    """Find the shipped model of `task` (None, or one of its names), a model directory, or a model by its hub name.

    Raises UserError when there is no such model; the message says what was looked for and what is near.
    """
    if where is not None and not str(where).strip():
        raise UserError("the name of the model is empty; name a model directory, or None for the shipped model")
    if where is None or where in NAMES:
        folder = shipped_folder(None if where is None else str(where), task)
        layout = layout_of(folder)
        if layout is None:
            raise UserError(f"{folder}: the shipped model is missing; install vanban again, or name a model directory")
        record = read_record(folder)
        return FoundModel(folder, layout, task_of(folder, record), record.get("name") or "vanban", record)
    folder = Path(where)
    if folder.is_dir():
        layout = layout_of(folder)
        if layout is None:
            raise UserError(_no_model_in(folder))
        record = read_record(folder)
        return FoundModel(folder, layout, task_of(folder, record), record.get("name") or str(where), record)
    if folder.exists() or folder.parent.is_dir() or not _may_be_hub_name(str(where)):
        raise UserError(_no_model_at(folder))
    cached = _from_hub(str(where))
    record = read_record(cached)
    return FoundModel(cached, "whole", task_of(cached, record), str(where), record)


def load_checkpoint(where: str | Path | None = None, task: Task = "ner") -> Checkpoint:
    """Load what `find_model` finds; raises UserError as it does, and where the model can't be read."""
    return read_checkpoint(find_model(where, task))


def read_checkpoint(model: FoundModel) -> Checkpoint:
    """Load a model: with torch, or with ONNX Runtime where it was exported."""
    folder, record = model.folder, model.record
    network: Any
    if model.layout == "exported":
        tokenizer = exported_tokenizer(folder, record)
        network = exported_network(folder, record)
        classes, limit = tuple(record["classes"]), record["windows"]["tokens"]
    else:
        load = load_adapter if model.layout == "adapter" else load_whole
        with alone(f"{model.name}: was not exported, so it"):
            network, tokenizer = load(folder, model.task, record)
        network = network.eval()
        config: Any = network.config
        classes = tuple(config.id2label[i] for i in range(config.num_labels))
        limit = position_limit(config, tokenizer)
    window_tokens, overlap_tokens = windows_of(record, folder, limit)
    return Checkpoint(
        task=model.task,
        network=network,
        tokenizer=tokenizer,
        classes=classes,
        window_tokens=window_tokens,
        overlap_tokens=overlap_tokens,
        name=model.name,
        info=record,
        edge_marks=edge_marks_of(record, folder),
        rules=rules_of(record, folder),
        **how_a_type_is_chosen(record, folder),
    )


def _from_hub(name: str) -> Path:
    """Return the folder of a model in the hub's cache, where it is fetched to when it is not there."""
    try:
        return Path(from_hub(name)[0])
    except UserError as problem:
        raise UserError(f"{name}: no such folder (looked in {Path.cwd()}); {problem}") from None


def _may_be_hub_name(where: str) -> bool:
    parts = where.split("/")
    return len(parts) == 2 and all(part and part[0].isalnum() for part in parts) and "\\" not in where


def _no_model_in(folder: Path) -> str:
    found = ", ".join(sorted(p.name for p in folder.iterdir())[:8]) or "nothing"
    mend = "Make one with: train --config configs/ner.yaml"
    lacks = missing_files(folder)
    if lacks and any((folder / name).is_file() for name in ("config.json", *PHOBERT_FILES)):  # a part of a model
        trained = (folder / "vanban.json").is_file()
        again = "copy it again, or train again" if trained else f"fetch what it lacks with: {fetch_into(folder, lacks)}"
        mend = f"It lacks {', '.join(lacks)}; {again}"
    return f"{folder}: holds no model. Expected {'; or '.join(LAYOUTS.values())}; found {found}. {mend}"


def _no_model_at(path: Path) -> str:
    parent = path.parent
    names = [p.name for p in parent.iterdir() if p.is_dir()] if parent.is_dir() else []
    near = difflib.get_close_matches(path.name, names, n=1, cutoff=0.5)
    meant = parent / near[0] if near else next(iter(difflib.get_close_matches(str(path), NAMES, n=1)), None)
    hint = f" Did you mean {meant}?" if meant else ""
    return f"{path}: no model directory there (looked in {parent.resolve()}), and none of {', '.join(NAMES)}.{hint}"

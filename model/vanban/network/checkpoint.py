"""One layout for a saved model. A model directory is one of two:

- whole: `config.json`, weights and a tokenizer, PhoBERT's own too: plain `AutoModelForTokenClassification` (the task
  `ner`) or `AutoModelForSequenceClassification` (`doctype`) loads it;
- adapter: `adapter_config.json`, `adapter_model.safetensors`: low-rank updates of an encoder named in `vanban.json`.

Both may hold `vanban.json`: the task, the encoder, the windows that the model was trained with, and what a classifier
reads of a document and how sure it must be.
"""

from __future__ import annotations

import difflib
import json
import math
import textwrap
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from vanban.errors import UserError
from vanban.network.classification import POOLINGS, Reading
from vanban.network.edges import USUAL_MARKS, EdgeMarks
from vanban.network.hub import from_hub
from vanban.network.model_files import (
    fetch_into,
    is_phobert,
    missing_files,
    missing_tokenizer,
    missing_weights,
)
from vanban.network.rules import RULES, Rules
from vanban.reading.phobert_vocabulary import PHOBERT_FILES
from vanban.schema import TASKS, Task

if TYPE_CHECKING:
    import torch

BUNDLED: Final = Path(__file__).parents[1] / "bundled"
BUNDLED_ENCODER: Final = BUNDLED / "encoder"

DEFAULT_READING: Final = Reading()
DEFAULT_WINDOW: Final = {"tokens": 256, "overlap": 64}
ADAPTER_FILES: Final = ("adapter_config.json", "adapter_model.safetensors", "vanban.json")
LAYOUTS: Final = {  # what a directory of each is expected to hold, as messages say it
    "whole": "config.json, weights (model.safetensors or pytorch_model.bin), tokenizer.json (or vocab.txt, bpe.codes)",
    "adapter": ", ".join(ADAPTER_FILES),
}
# these count positions from the padding id on
ROBERTA_KIN: Final = frozenset({
    "camembert", "data2vec-text", "ibert", "longformer", "luke", "mpnet", "roberta", "roberta-prelayernorm",
    "xlm-roberta", "xlm-roberta-xl", "xmod",
})  # fmt: skip
UNSUPPORTED_LORA: Final = ("alpha_pattern", "rank_pattern", "fan_in_fan_out", "use_dora")


@dataclass(frozen=True)
class Checkpoint:
    """A model ready to run: the network in float32, its tokenizer, and what is recorded of it.

    `classes` are the tags of a token classifier or the types of a document classifier. Entities begin and end with
    words, or with one of `edge_marks`, and break none of the `rules` of their label. `temperature` divides the pooled
    logits of a classifier, and the log odds of an entity's score; no type is given below a probability of `threshold`,
    or to a text of fewer words than `least_words`.
    """

    task: Task
    network: torch.nn.Module
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
    """Return `whole`, `adapter`, or None when the folder holds neither."""
    # a PhoBERT that is half there is none, even where the tokenizer.json that its authors published is beside it
    tokenizer = (folder / "tokenizer.json").is_file() or is_phobert(folder)
    if tokenizer and (folder / "config.json").is_file() and not missing_weights(folder) + missing_tokenizer(folder):
        return "whole"
    return "adapter" if all((folder / name).is_file() for name in ADAPTER_FILES) else None


def load_checkpoint(where: str | Path | None = None, task: Task = "ner") -> Checkpoint:
    """Load the shipped model of `task` (None), a model directory, or a model by its hub name.

    Raises UserError when there is no such model; the message says what was looked for and what is near.
    """
    if where is not None and not str(where).strip():
        raise UserError("the name of the model is empty; name a model directory, or None for the shipped model")
    shipped = BUNDLED / task
    if where is None and layout_of(shipped) is None:
        raise UserError(f"{shipped}: the shipped model is missing; install vanban again, or name a model directory")
    folder = shipped if where is None else Path(where)
    if folder.is_dir():
        layout = layout_of(folder)
        if layout is None:
            raise UserError(_no_model_in(folder))
        info = _read_info(folder)
        found = _task_of(folder, info)
        load = _load_adapter if layout == "adapter" else _load_whole
        network, tokenizer = load(folder, found, info)
    elif folder.exists() or folder.parent.is_dir() or not _may_be_hub_name(str(where)):
        raise UserError(_no_model_at(folder))
    else:
        info = {}
        cached = _from_hub(str(where))
        found = _task_of(cached, info)
        network, tokenizer = _load_whole(cached, found, info)
    config: Any = network.config
    window_tokens, overlap_tokens = _windows(info, folder, position_limit(config, tokenizer))
    return Checkpoint(
        task=found,
        network=network.eval(),
        tokenizer=tokenizer,
        classes=tuple(config.id2label[i] for i in range(config.num_labels)),
        window_tokens=window_tokens,
        overlap_tokens=overlap_tokens,
        name=info.get("name") or (str(where) if where is not None else "vanban"),
        info=info,
        edge_marks=_edge_marks(info, folder),
        rules=_rules(info, folder),
        **_how_a_type_is_chosen(info, folder),
    )


def network_class(task: Task) -> Any:
    """Return the class of transformers whose networks do `task`."""
    from transformers import AutoModelForSequenceClassification, AutoModelForTokenClassification

    return AutoModelForTokenClassification if task == "ner" else AutoModelForSequenceClassification


def _task_of(folder: Path, info: dict[str, Any]) -> Task:
    """Return what is recorded of a model's task; without a record, what its network is made for."""
    task = info.get("task")
    if task is None:
        try:
            config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
            task = "doctype" if str(config["architectures"][0]).endswith("ForSequenceClassification") else "ner"
        except (OSError, ValueError, LookupError, TypeError):
            task = "ner"  # what is wrong with the config, loading the network will say
    if task not in TASKS:
        raise UserError(f"{folder / 'vanban.json'}: found the task {task!r}, expected one of {', '.join(TASKS)}")
    return cast(Task, task)


def _edge_marks(info: dict[str, Any], folder: Path) -> EdgeMarks:
    """Return the marks at which annotated spans began and ended, if that is recorded."""
    if "edge_marks" not in info:
        return USUAL_MARKS
    found = info["edge_marks"]
    if not (isinstance(found, dict) and found.keys() == {"first", "last"} and {*map(type, found.values())} == {str}):
        raise UserError(
            f"{folder / 'vanban.json'}: found edge_marks {json.dumps(found)}, expected the marks at which spans begin "
            'and end, as {"first": "(", "last": ")%"}'
        )
    return EdgeMarks(**found)


def _rules(info: dict[str, Any], folder: Path) -> Rules:
    """Return the rules of labels, if any are recorded."""
    found = info.get("rules", {})
    if not isinstance(found, dict) or not all(
        isinstance(names, list) and all(isinstance(name, str) and name in RULES for name in names)
        for names in found.values()
    ):
        raise UserError(
            f"{folder / 'vanban.json'}: found rules {json.dumps(found)}, expected a list for each label that has any, "
            f"of {', '.join(RULES)}"
        )
    return {str(label): tuple(names) for label, names in found.items()}


def _how_a_type_is_chosen(info: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Return the reading, temperature, threshold and least number of words that are recorded of a classifier."""
    names = ("reading", "temperature", "threshold", "least_words")
    recorded: dict[str, Any] = {name: info[name] for name in names if name in info}
    try:
        if "reading" in recorded:
            reading = recorded["reading"] = Reading(**recorded["reading"])
            windows = (reading.head, reading.body, reading.tail, reading.formulae)
            if not all(isinstance(number, int) and number >= 0 for number in windows) or not any(windows[:3]):
                raise ValueError(windows)
            if reading.pooling not in POOLINGS:
                raise ValueError(reading.pooling)
        for name in recorded.keys() & {"temperature", "threshold"}:
            recorded[name] = float(recorded[name])
        if type(recorded.get("least_words", 0)) is not int or recorded.get("least_words", 0) < 0:
            raise ValueError
        if not 0 < recorded.get("temperature", 1) < math.inf or not 0 <= recorded.get("threshold", 0) <= 1:
            raise ValueError
    except (TypeError, ValueError):
        raise UserError(
            f"{folder / 'vanban.json'}: found {json.dumps({n: info[n] for n in recorded})}, expected a reading with "
            f"head, body, tail, formulae and a pooling ({', '.join(POOLINGS)}), a temperature above 0, a threshold "
            "from 0 to 1 and a least_words of 0 or more"
        ) from None
    return recorded


def load_tokenizer(folder: str | Path) -> Any:
    """Return the tokenizer of a model in `folder`: vanban's own for a PhoBERT, else what transformers finds there."""
    from transformers import AutoTokenizer

    if is_phobert(Path(folder)):
        from vanban.reading.phobert import PhobertTokenizerFast

        return PhobertTokenizerFast(Path(folder))
    return AutoTokenizer.from_pretrained(folder)


def check_vocabulary(network: Any, tokenizer: Any, where: str | Path) -> None:
    """Raise UserError when a PhoBERT has other rows of embeddings than its vocab.txt has pieces."""
    if not getattr(tokenizer, "reads_words", False):
        return
    rows = network.get_input_embeddings().weight.shape[0]
    expected = (tokenizer.first_alias, len(tokenizer.reference_ids))
    if rows not in expected:
        raise UserError(
            f"{where}: its network has {rows} rows of embeddings, its vocab.txt and bpe.codes ask for {expected[0]} "
            f"(or {expected[1]}, as vanban saves it): they are of different models; fetch them again together"
        )


def position_limit(config: Any, tokenizer: Any) -> int:
    """Return how many tokens the encoder takes, special tokens included.

    RoBERTa and its kin count positions from the padding id on (258 embeddings, 256 usable), the rest from 0.
    """
    positions = int(getattr(config, "max_position_embeddings", 512) or 512)
    if config.model_type in ROBERTA_KIN:
        positions -= int(config.pad_token_id) + 1
    stated = getattr(tokenizer, "model_max_length", positions)
    return min(positions, int(stated)) if stated and stated < 1e6 else positions


def _windows(info: dict[str, Any], folder: Path, limit: int) -> tuple[int, int]:
    """Return the tokens of a window and of an overlap, within what the encoder takes."""
    try:
        window = {**DEFAULT_WINDOW, **info.get("windows", {})}
        tokens, overlap = int(window["tokens"]), int(window["overlap"])
    except (TypeError, ValueError):
        raise UserError(
            f"{folder / 'vanban.json'}: found windows {info['windows']!r}, expected {json.dumps(DEFAULT_WINDOW)}"
        ) from None
    if tokens <= limit:
        return tokens, overlap
    return limit, min(overlap, limit // 4)


def _from_hub(name: str) -> Path:
    """Return the folder of a model in the hub's cache, where it is fetched to when it is not there."""
    try:
        return Path(from_hub(name)[0])
    except UserError as problem:
        raise UserError(f"{name}: no such folder (looked in {Path.cwd()}); {problem}") from None


def _read_info(folder: Path) -> dict[str, Any]:
    path = folder / "vanban.json"
    if not path.is_file():
        return {}
    try:
        info = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: not JSON ({error}); the model directory is damaged: train or copy it again") from None
    if not isinstance(info, dict):
        raise UserError(f"{path}: found {info!r}, expected a JSON object; the directory is damaged: copy it again")
    return info


def load_network(where: str | Path, task: Task, what: str, mend: str = "", **options: Any) -> tuple[Any, list[str]]:
    """Return a network of transformers, and the keys of its weights that were not there and are random.

    Raises UserError, which calls it `what` and says how to `mend` it, when it can't be read.
    """
    from transformers.utils import logging

    shows_bars = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()  # a bar for one local file says nothing
    try:
        network, report = network_class(task).from_pretrained(where, output_loading_info=True, **options)
    except Exception as error:  # damaged files raise EOFError, KeyError, RuntimeError, SafetensorError and more
        reason = (str(error).strip().splitlines() or [""])[0]
        raise UserError(f"{what} can't be read ({type(error).__name__}: {reason}){mend}") from None
    finally:
        if shows_bars:
            logging.enable_progress_bar()
    return network, sorted(report["missing_keys"])


def _load_whole(where: Path, task: Task, info: dict[str, Any]) -> tuple[Any, Any]:
    import torch

    what = f"{where}: the {'token' if task == 'ner' else 'sequence'} classifier there"
    try:
        tokenizer = load_tokenizer(where)
    except UserError:
        raise
    except Exception as error:
        reason = (str(error).strip().splitlines() or [""])[0]
        raise UserError(f"{what} can't be read ({type(error).__name__}: {reason})") from None
    network, missing = load_network(where, task, what, dtype=torch.float32)
    check_vocabulary(network, tokenizer, where)
    if missing:
        raise UserError(
            f"{where}: its weights lack {', '.join(missing)}; an encoder without a trained head: train one first"
        )
    return network, tokenizer


def _load_adapter(folder: Path, task: Task, info: dict[str, Any]) -> tuple[Any, Any]:
    import torch
    from safetensors.torch import load_file
    from transformers import AutoConfig
    from transformers.initialization import no_init_weights

    try:
        encoder, classes = str(info["encoder"]["path"]), list(info["classes"])
    except (KeyError, TypeError):
        raise UserError(
            f"{folder / 'vanban.json'}: expected encoder.path and classes; the model directory is damaged: "
            "copy it again"
        ) from None
    base = BUNDLED_ENCODER if encoder == "bundled" else Path(encoder)
    if not (base / "model.safetensors").is_file():
        raise UserError(f"{folder}: its encoder {base} is not there; put it back or train again")
    layers = info["encoder"].get("layers")
    config = AutoConfig.from_pretrained(
        base,
        num_labels=len(classes),
        id2label=dict(enumerate(classes)),
        label2id={c: i for i, c in enumerate(classes)},
        **({} if layers is None else {"num_hidden_layers": int(layers)}),
    )
    with no_init_weights():  # every weight is loaded below; drawing random ones first takes a quarter of a second
        network = network_class(task).from_config(config, dtype=torch.float32)
    prefix = f"{network.base_model_prefix}."
    tensors = load_file(base / "model.safetensors")
    encoder_state = {prefix + key.removeprefix(prefix): value for key, value in tensors.items()}
    # what this network has no place for is left out: another head, or the pooler under a tagger
    state = {key: encoder_state[key] for key in network.state_dict() if key in encoder_state}
    try:
        state.update(_merged(folder, state))
        network.load_state_dict(state)
    except (KeyError, RuntimeError) as error:
        what = textwrap.shorten(f"{type(error).__name__}: {error}", 400, placeholder=" …")
        raise UserError(f"{folder}: does not fit its encoder {base} ({what})") from None
    return network, load_tokenizer(base)


def _merged(folder: Path, encoder: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Return the tensors that the adapter changes or adds: W + alpha/r · B·A (Hu et al. 2021, arXiv 2106.09685).

    Read here instead of through peft, whose import takes longer than the whole load.
    """
    from safetensors.torch import load_file

    settings = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))
    unsupported = [name for name in UNSUPPORTED_LORA if settings.get(name)]
    scale = settings["lora_alpha"] / (settings["r"] ** 0.5 if settings.get("use_rslora") else settings["r"])
    prefix = "base_model.model."
    tensors = load_file(folder / "adapter_model.safetensors")
    adapter = {key.removeprefix(prefix): value.float() for key, value in tensors.items()}
    merged: dict[str, torch.Tensor] = {}
    for key, value in adapter.items():
        if key.endswith(".lora_A.weight"):
            name = key.replace(".lora_A.weight", ".weight")
            up = adapter[key.replace(".lora_A.", ".lora_B.")]
            merged[name] = encoder[name].float() + scale * (up @ value)
        elif ".lora_" not in key:
            merged[key] = value  # what the adapter holds whole: the head
        elif not key.endswith(".lora_B.weight"):
            unsupported.append(key)
    if unsupported:
        raise UserError(
            f"{folder}: the adapter has {', '.join(unsupported)}, expected plain LoRA of linear layers. "
            "Merge it with peft's merge_and_unload and save the whole model"
        )
    return merged


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
    hint = f" Did you mean {parent / near[0]}?" if near else ""
    return f"{path}: no model directory there (looked in {parent.resolve()}).{hint}"

"""`vanban.json`, the record of a model: its task, its windows, and how entities and types are chosen."""

from __future__ import annotations

import importlib
import importlib.util
import json
import math
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final, cast

from vanban.errors import UserError
from vanban.network.classification import POOLINGS, Reading
from vanban.network.edges import USUAL_MARKS, EdgeMarks
from vanban.network.rules import RULES, Rules
from vanban.schema import TASKS, Task

FORMAT: Final = 1  # of vanban.json
DEFAULT_WINDOW: Final = {"tokens": 256, "overlap": 64}


def installed_version(package: str) -> str | None:
    """Return the version of an installed package, which may come under another name; None where it is not there."""
    try:
        return version(package)
    except PackageNotFoundError:  # onnxruntime comes as onnxruntime-gpu, too
        if importlib.util.find_spec(package) is None:
            return None
    return str(getattr(importlib.import_module(package), "__version__", "unknown"))


def read_record(folder: Path) -> dict[str, Any]:
    """Return what `vanban.json` of a model directory holds; empty where there is none."""
    path = folder / "vanban.json"
    if not path.is_file():
        return {}
    try:
        info = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: not JSON ({error}); the model directory is damaged: train or copy it again") from None
    if not isinstance(info, dict):
        raise UserError(f"{path}: found {info!r}, expected a JSON object; the directory is damaged: copy it again")
    if info.get("format", FORMAT) not in (None, FORMAT):
        raise UserError(f"{path}: found the format {info['format']!r}, expected {FORMAT}: upgrade vanban to read it")
    if not isinstance(info.get("name", ""), str):
        raise UserError(f"{path}: found the name {info['name']!r}, expected a text; the directory is damaged")
    return info


def task_of(folder: Path, info: dict[str, Any]) -> Task:
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


def windows_of(info: dict[str, Any], folder: Path, limit: int) -> tuple[int, int]:
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


def edge_marks_of(info: dict[str, Any], folder: Path) -> EdgeMarks:
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


def rules_of(info: dict[str, Any], folder: Path) -> Rules:
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


def how_a_type_is_chosen(info: dict[str, Any], folder: Path) -> dict[str, Any]:
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

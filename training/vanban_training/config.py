"""The YAML schema of a training run. Every key is declared here once; an unknown one is an error that names a near one."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from vanban.errors import UserError
from vanban.schema import LABELS


class Section(BaseModel):
    """A part of the config: no unknown keys, no silent conversions."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class EncoderConfig(Section):
    """What encoder is wanted, and what serves when it cannot be had."""

    name: str = Field(description="a hub name, a folder, or `bundled`")
    offline: Literal["bundled"] | None = Field("bundled", description="used when `name` is out of reach; null = error")


class DataConfig(Section):
    """Where annotated documents are, and the labels to learn."""

    documents: tuple[str, ...] = Field(
        description="any of: a documents.jsonl manifest, a folder of .txt + .ann, a .jsonl of spans, a .conll file"
    )
    labels: tuple[str, ...] = LABELS

    @model_validator(mode="before")
    @classmethod
    def _one_path_is_a_list(cls, values: Any) -> Any:
        if isinstance(values, dict):
            values = dict(values)
            if isinstance(values.get("documents"), str):
                values["documents"] = (values["documents"],)
            for key in ("documents", "labels"):
                if isinstance(values.get(key), list):
                    values[key] = tuple(values[key])
        return values


class WindowConfig(Section):
    """Windows of tokens, special tokens included; never more than the encoder's own limit."""

    tokens: int = Field(128, ge=16)
    overlap: int = Field(32, ge=0)


class LoraConfig(Section):
    """Low-rank adaptation (Hu et al. 2021, arXiv 2106.09685) of every linear layer of the encoder."""

    rank: int = Field(16, ge=1)
    alpha: float = Field(32, gt=0)
    dropout: float = Field(0.0, ge=0, lt=1)


class TrainingConfig(Section):
    """How the network is fitted."""

    method: Literal["full", "lora"] = "full"
    epochs: float = Field(15, gt=0)
    learning_rate: float = Field(2e-4, gt=0)
    head_learning_rate: float | None = Field(None, gt=0, description="of the new head; null = learning_rate")
    layer_decay: float = Field(1.0, gt=0, le=1, description="each layer below the top learns this much slower")
    batch_size: int = Field(8, ge=1, description="windows per step")
    warmup: float = Field(0.1, ge=0, lt=1, description="share of the steps")
    weight_decay: float = Field(0.01, ge=0)
    dropout: float | None = Field(None, ge=0, lt=1, description="of the encoder; null = as it was pre-trained")
    freeze_embeddings: bool = False
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    seed: int = Field(0, ge=0)
    lora: LoraConfig = LoraConfig()


class AugmentationConfig(Section):
    """Copies of the training documents in which mentions are replaced by others of their kind."""

    copies: int = Field(0, ge=0, description="augmented copies of each document, beside the original")
    share: float = Field(0.7, ge=0, le=1, description="of the mentions of a copy that are replaced")
    counter_examples: float = Field(
        0.0, ge=0, le=1, description="share that gives way to what the guidelines leave out"
    )


class RunConfig(Section):
    """One training run."""

    task: Literal["ner"]
    encoder: EncoderConfig
    data: DataConfig
    output: str
    windows: WindowConfig = WindowConfig()
    training: TrainingConfig = TrainingConfig()
    augmentation: AugmentationConfig = AugmentationConfig()

    def to_yaml(self) -> str:
        """Return the config as used, every default written out."""
        return yaml.safe_dump(self.model_dump(mode="json"), allow_unicode=True, sort_keys=False)


def load_config(path: Path, overrides: Sequence[str] = ()) -> RunConfig:
    """Read and validate a config; `overrides` are `section.key=value` with YAML values.

    Raises UserError that names the file, the entry, what was found and the nearest key that exists.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        near = difflib.get_close_matches(str(path), [str(p) for p in path.parent.glob("*.y*ml")], n=1, cutoff=0.5)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise UserError(f"{path}: no such config (looked in {path.parent.resolve()}).{hint}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: can't be read as a UTF-8 text file ({error})") from None
    try:
        values = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path}:{mark.line + 1}" if mark else str(path)
        raise UserError(f"{where}: not YAML: {getattr(error, 'problem', None) or error}") from None
    if not isinstance(values, dict):
        raise UserError(f"{path}: expected a mapping with the keys {', '.join(RunConfig.model_fields)}")
    for override in overrides:
        _override(values, override)
    return validate_config(values, str(path))


def validate_config(values: dict[str, Any], where: str) -> RunConfig:
    """Return the config that `values` spell out; raises UserError with one line for each fault."""
    try:
        return RunConfig.model_validate(_plain_numbers(values))
    except ValidationError as error:
        faults = [f"{where}: {_fault(dict(e))}" for e in error.errors(include_url=False)]
        raise UserError("\n".join(faults)) from None


def _plain_numbers(value: Any) -> Any:
    """YAML 1.1 reads 2e-4 as a string: turn such strings into the numbers that they mean."""
    if isinstance(value, dict):
        return {key: _plain_numbers(v) for key, v in value.items()}
    if isinstance(value, str) and value[:1] in "+-.0123456789" and "e" in value.lower():
        try:
            number = float(value)
        except ValueError:
            return value
        return number if math.isfinite(number) else value
    return value


def _override(values: dict[str, Any], override: str) -> None:
    key, equals, value = override.partition("=")
    if not equals or not key:
        raise UserError(f"--set {override}: expected section.key=value, for example --set training.epochs=3")
    *sections, last = key.split(".")
    for section in sections:
        inner = values.setdefault(section, {})
        if inner is None:
            inner = values[section] = {}
        if not isinstance(inner, dict):
            raise UserError(f"--set {override}: {section} is a value, not a section")
        values = inner
    try:
        values[last] = yaml.safe_load(value)
    except yaml.YAMLError:
        raise UserError(f"--set {override}: the value is not YAML") from None


def _fault(error: dict[str, Any]) -> str:
    location = [part for part in error["loc"] if not isinstance(part, int)]
    path = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        known = list(_fields_at(location[:-1]))
        near = difflib.get_close_matches(str(location[-1]), known, n=1, cutoff=0.4)
        hint = f"did you mean {near[0]}?" if near else f"known here: {', '.join(known)}"
        elsewhere = [p for p in _all_paths(RunConfig) if p.split(".")[-1] == location[-1]]
        if not near and elsewhere:
            hint = f"did you mean {elsewhere[0]}?"
        return f"unknown key {path}; {hint}"
    if error["type"] == "missing":
        return f"the key {path} is missing"
    found = error["input"]
    return f"{path}: {error['msg'][0].lower()}{error['msg'][1:]}, found {found!r} ({type(found).__name__})"


def _fields_at(location: Sequence[Any]) -> Iterator[str]:
    model: type[BaseModel] = RunConfig
    for part in location:
        annotation = model.model_fields[str(part)].annotation
        assert isinstance(annotation, type) and issubclass(annotation, BaseModel)
        model = annotation
    yield from model.model_fields


def _all_paths(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield prefix + name
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _all_paths(field.annotation, f"{prefix}{name}.")

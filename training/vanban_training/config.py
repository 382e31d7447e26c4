"""The YAML schema of a training run. Every key is declared once; an unknown one is an error that names a near one."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from vanban.documents.formats.brat import brat_label
from vanban.documents.names import composed
from vanban.errors import UserError
from vanban.network.classification import POOLINGS, Reading
from vanban.network.rules import RULES
from vanban.network.tagging import tag_names
from vanban.reading.text import printable
from vanban.schema import DOCUMENT_TYPES, LABELS, Task
from vanban_training.yaml_values import read_yaml

DEFAULT_LABELS: Final = {"ner": LABELS, "doctype": tuple(DOCUMENT_TYPES)}
AUGMENTATIONS: Final = {"ner": ("copies",), "doctype": ("retitled", "masked", "fragments", "formulae")}


class Section(BaseModel):
    """A part of the config: no unknown keys, no silent conversions."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class EncoderConfig(Section):
    """What encoder is wanted, and what serves when it cannot be had."""

    name: str = Field(description="a hub name, a folder, or `bundled`")
    offline: Literal["bundled"] | None = Field(
        default="bundled", description="used when `name` is out of reach; null = error"
    )
    layers: int | None = Field(default=None, ge=1, description="the first N of its layers alone; null = all")


class DataConfig(Section):
    """Where annotated documents are, and the labels to learn: of spans, or the types of documents."""

    documents: tuple[str, ...] = Field(
        min_length=1,
        description="any of: a documents.jsonl manifest, a folder of .txt + .ann, a .jsonl of spans, a .conll file; "
        "for types a manifest, a .jsonl of texts and types, a folder with a folder for each type",
    )
    origins: tuple[str, ...] = Field(default=(), description="of a manifest's documents, e.g. seed; empty = all")
    labels: tuple[str, ...] = Field(
        default=(), description="empty = OFFICIAL, PLACE, COUNT, DIRECTIVE, or the 13 types"
    )
    conll_column: int | None = Field(
        default=None, ge=2, description="number of the column of tags, 1 is the token; null = the last"
    )
    folds: int | None = Field(
        default=None,
        ge=2,
        description="of --cross-validate, for spans: the documents of one group of a manifest together; null = one for "
        "each seed document, or else five",
    )
    rules: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description=f"what the spans of a label must be made of: {', '.join(RULES)}"
    )

    @model_validator(mode="before")
    @classmethod
    def _one_path_is_a_list(cls, values: Any) -> Any:
        if isinstance(values, dict):
            values = dict(values)
            if isinstance(values.get("documents"), str):
                values["documents"] = (values["documents"],)
            for key in ("documents", "origins", "labels"):
                if isinstance(values.get(key), list):
                    values[key] = tuple(values[key])
            if isinstance(values.get("rules"), dict):
                lists = values["rules"].items()
                values["rules"] = {
                    composed(label) if isinstance(label, str) else label: tuple(v) if isinstance(v, list) else v
                    for label, v in lists
                }
        return values

    @field_validator("labels", "origins")
    @classmethod
    def _composed(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(composed(name) for name in names)

    @field_validator("labels")
    @classmethod
    def _each_once(cls, labels: tuple[str, ...]) -> tuple[str, ...]:
        twice = sorted({label for label in labels if labels.count(label) > 1})
        if twice:
            raise ValueError(f"expected each label once, found {', '.join(twice)} more than once")
        return labels

    @field_validator("labels")
    @classmethod
    def _can_be_written(cls, labels: tuple[str, ...]) -> tuple[str, ...]:
        in_brat: dict[str, str] = {}
        for label in labels:
            if not label or label != label.strip() or printable(label) != label:
                raise ValueError(
                    f"found {label!r}, expected labels without white space at their ends, tabs and line breaks: "
                    "CoNLL and brat can't hold these"
                )
            other = in_brat.setdefault(brat_label(label), label)
            if other != label:
                raise ValueError(
                    f"found {other!r} and {label!r}, which brat can't tell apart: it has {brat_label(label)!r} for both"
                )
        return labels


class WindowConfig(Section):
    """Windows of tokens, special tokens included; never more than the encoder's own limit."""

    tokens: int = Field(default=128, ge=16)
    overlap: int = Field(default=32, ge=0)


class LoraConfig(Section):
    """Low-rank adaptation (Hu et al. 2021, arXiv 2106.09685) of every linear layer of the encoder."""

    rank: int = Field(default=16, ge=1)
    alpha: float = Field(default=32.0, gt=0)
    dropout: float = Field(default=0.0, ge=0, lt=1)


class TrainingConfig(Section):
    """How the network is fitted."""

    method: Literal["full", "lora"] = "full"
    epochs: float = Field(default=15.0, gt=0)
    learning_rate: float = Field(default=2e-4, gt=0)
    head_learning_rate: float | None = Field(default=None, gt=0, description="of the new head; null = learning_rate")
    layer_decay: float = Field(default=1.0, gt=0, le=1, description="each layer below the top learns this much slower")
    batch_size: int = Field(default=8, ge=1, description="windows per step")
    warmup: float = Field(default=0.1, ge=0, lt=1, description="share of the steps")
    weight_decay: float = Field(default=0.01, ge=0)
    loss: Literal["tokens", "sequences"] = Field(
        default="tokens", description="for spans: of each tag alone, or of whole tag sequences among all that are valid"
    )
    dropout: float | None = Field(default=None, ge=0, lt=1, description="of the encoder; null = as it was pre-trained")
    freeze_embeddings: bool = False
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    seed: int = Field(default=0, ge=0, le=2**32 - 1)
    lora: LoraConfig = LoraConfig()


class DistillationConfig(Section):
    """A trained model to learn from, beside the labels."""

    teacher: str = Field(description="a model directory of the same task, classes and vocabulary")
    weight: float = Field(default=0.5, gt=0, le=1, description="share of the loss; the labels have the rest")
    temperature: float = Field(default=2.0, ge=0.05, le=100, description="softens the probabilities of both")


class ReadingConfig(Section):
    """What a document classifier reads of a long document, and how it pools the windows."""

    head: int = Field(default=1, ge=0, description="windows from the start")
    body: int = Field(default=0, ge=0, description="windows spread evenly between head and tail")
    tail: int = Field(default=1, ge=0, description="windows at the end")
    formulae: int = Field(
        default=0, ge=0, description="windows more that hold most of the document's own formulae, as `Quyết định này`"
    )
    pooling: str = Field(default="mean", description=f"of the windows: {', '.join(POOLINGS)}")

    @model_validator(mode="after")
    def _something_is_read(self) -> ReadingConfig:
        if self.pooling not in POOLINGS:
            raise ValueError(f"pooling: found {self.pooling!r}, expected one of {', '.join(POOLINGS)}")
        if self.head + self.body + self.tail == 0:
            raise ValueError("expected at least one window in head, body or tail")
        return self

    def as_read(self) -> Reading:
        """Return what a classifier is given of it."""
        return Reading(**self.model_dump())


class CalibrationConfig(Section):
    """How sure a document classifier must be to name a type."""

    accuracy: float = Field(
        default=0.95, gt=0, le=1, description="of the answers on held-out documents: less sure ones are withheld"
    )
    least_words: int = Field(default=0, ge=0, description="of a text to which a type is given")


class SurfaceConfig(Section):
    """Shares of the copies, or of their lines, that come to look as real documents do; spans stay where they are."""

    capitals: float = Field(default=0.0, ge=0, le=1, description="of the short lines, in capitals as headings are")
    lower_case: float = Field(default=0.0, ge=0, le=1, description="of the short lines, in lower case")
    bare: float = Field(default=0.0, ge=0, le=1, description="of the lines, without diacritics")
    plain: float = Field(
        default=0.0, ge=0, le=1, description="of the copies, in small letters without diacritics from first to last"
    )
    merged_heads: float = Field(default=0.0, ge=0, le=1, description="of the copies, two columns in one line")
    wrapped: float = Field(default=0.0, ge=0, le=1, description="of the copies, lines broken at a page's width")
    scanned: float = Field(default=0.0, ge=0, le=1, description="of the copies, misread as by a scanner")
    misread: float = Field(default=0.03, ge=0, le=1, description="of the characters of a scanned copy")


class AugmentationConfig(Section):
    """Variants of the training documents.

    For spans: copies in which mentions are replaced by others of their kind. For types, in each epoch: heads whose
    title is drawn anew, heads without one, and pieces from the middle.
    """

    retitled: int = Field(
        default=0, ge=0, description="heads with the title of a type drawn at random, which becomes the label"
    )
    masked: int = Field(default=0, ge=0, description="heads without type line, number and symbol")
    fragments: int = Field(default=0, ge=0, description="pieces that begin at a line drawn at random")
    formulae: int = Field(default=0, ge=0, description="pieces around one of the document's own formulae")
    copies: int = Field(default=0, ge=0, description="augmented copies of each document, beside the original")
    share: float = Field(default=0.7, ge=0, le=1, description="of the mentions of a copy that are replaced")
    counter_examples: float = Field(
        default=0.0, ge=0, le=1, description="share that gives way to what the guidelines leave out"
    )
    surface: SurfaceConfig = SurfaceConfig()


class RunConfig(Section):
    """One training run."""

    task: Task
    encoder: EncoderConfig
    data: DataConfig
    output: str
    windows: WindowConfig = WindowConfig()
    training: TrainingConfig = TrainingConfig()
    distillation: DistillationConfig | None = None
    augmentation: AugmentationConfig = AugmentationConfig()
    reading: ReadingConfig = ReadingConfig()
    calibration: CalibrationConfig = CalibrationConfig()

    @model_validator(mode="before")
    @classmethod
    def _labels_of_the_task(cls, values: Any) -> Any:
        data = values.get("data") if isinstance(values, dict) else None
        if isinstance(data, dict) and not data.get("labels") and str(values.get("task")) in DEFAULT_LABELS:
            values = {**values, "data": {**data, "labels": DEFAULT_LABELS[values["task"]]}}
        return values

    @model_validator(mode="after")
    def _windows_overlap_in_part(self) -> RunConfig:
        tokens, overlap = self.windows.tokens, self.windows.overlap
        if overlap >= tokens:
            raise ValueError(f"windows.overlap: found {overlap}, expected fewer than the {tokens} of windows.tokens")
        return self

    @model_validator(mode="after")
    def _rules_are_of_labels(self) -> RunConfig:
        for label, names in self.data.rules.items():
            # those of the package's own labels may stay in a config whose labels are others
            if self.task == "doctype" or label not in (*self.data.labels, *LABELS):
                spans = "no label of spans" if self.task == "doctype" else f"one of {', '.join(self.data.labels)}"
                raise ValueError(f"data.rules: found the label {label!r}, expected {spans}")
            unknown = [name for name in names if name not in RULES]
            if unknown:
                raise ValueError(f"data.rules.{label}: found {unknown[0]!r}, expected any of {', '.join(RULES)}")
        return self

    @model_validator(mode="after")
    def _only_what_the_task_knows(self) -> RunConfig:
        known = AUGMENTATIONS[self.task]
        strange = [name for names in AUGMENTATIONS.values() for name in names if name not in known]
        for name in strange:
            if getattr(self.augmentation, name):
                raise ValueError(f"augmentation.{name} is not for the task {self.task}, which knows {', '.join(known)}")
        if self.task == "doctype" and (self.data.folds or self.augmentation.surface != SurfaceConfig()):
            entry = "data.folds" if self.data.folds else "augmentation.surface"
            raise ValueError(f"{entry} is not for the task doctype")
        if self.task == "doctype" and self.training.loss != "tokens":
            raise ValueError(f"training.loss: {self.training.loss} is not for the task doctype, which has no sequences")
        if self.task == "doctype" and len(self.data.labels) < 2:
            raise ValueError(f"data.labels: expected two types or more, found {', '.join(self.data.labels)}")
        if self.task == "doctype" and self.training.epochs % 1:
            raise ValueError(f"training.epochs: found {self.training.epochs:g}, expected a whole number for types")
        return self

    @property
    def classes(self) -> tuple[str, ...]:
        """What the network tells apart: the tags of the labels, or the types."""
        return tuple(tag_names(self.data.labels)) if self.task == "ner" else self.data.labels

    def to_yaml(self) -> str:
        """Return the config as used, every default written out."""
        return str(yaml.safe_dump(self.model_dump(mode="json"), allow_unicode=True, sort_keys=False))


def load_config(path: Path, overrides: Sequence[str] = ()) -> RunConfig:
    """Read and validate a config; `overrides` are `section.key=value` with YAML values.

    A config may say `extends: other.yaml`, beside it: what it leaves out stands there.

    Raises UserError that names the file, the entry, what was found and the nearest key that exists.
    """
    files = [path]
    values = _read(path)
    while (base := values.pop("extends", None)) is not None:
        if not isinstance(base, str):
            raise UserError(f"{files[-1]}: extends: found {base!r}, expected the name of a config beside this one")
        path = path.parent / base
        if path.resolve() in [file.resolve() for file in files]:
            raise UserError(f"{files[-1]}: extends: {base} extends this file in turn; expected one that ends the chain")
        files.append(path)
        values = _over(_read(path), values)
    for override in overrides:
        _override(values, override)
    where = " over ".join(map(str, files))
    return validate_config(values, " ".join([where, *(f"--set {override}" for override in overrides)]))


def _over(base: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in values.items():
        inner = merged.get(key)
        merged[key] = _over(inner, value) if isinstance(inner, dict) and isinstance(value, dict) else value
    return merged


def _read(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        near = difflib.get_close_matches(str(path), [str(p) for p in path.parent.glob("*.y*ml")], n=1, cutoff=0.5)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise UserError(f"{path}: no such config (looked in {path.parent.resolve()}).{hint}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: can't be read as a UTF-8 text file ({error})") from None
    try:
        values = read_yaml(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path}:{mark.line + 1}" if mark else str(path)
        raise UserError(f"{where}: not YAML: {getattr(error, 'problem', None) or error}") from None
    if not isinstance(values, dict):
        found = "nothing" if values is None else f"{values!r:.60} ({type(values).__name__})"
        raise UserError(f"{path}: found {found}, expected a mapping with the keys {', '.join(RunConfig.model_fields)}")
    return values


def validate_config(values: dict[str, Any], where: str) -> RunConfig:
    """Return the config that `values` spell out; raises UserError with one line for each fault."""
    try:
        return RunConfig.model_validate(_plain_numbers(values))
    except ValidationError as error:
        # a list with a wrong item counts as too short, too
        errors = [e for e in error.errors(include_url=False) if e["type"] != "too_short" or not e["input"]]
        faults = [f"{where}: {_fault(dict(e))}" for e in errors]
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
        values[last] = read_yaml(value)
    except yaml.YAMLError as error:
        problem = getattr(error, "problem", None) or error
        raise UserError(f"--set {override}: the value {value!r} is not YAML: {problem}") from None


def _fault(error: dict[str, Any]) -> str:
    path = ".".join(str(part) for part in error["loc"])
    found = error["input"]
    if error["type"] in ("extra_forbidden", "invalid_key"):
        sections = [str(part) for part in error["loc"][:-1]]
        return f"unknown key {path}; {_hint(sections, str(error['loc'][-1]))}"
    if error["type"] == "missing":
        return f"the key {path} is missing"
    if error["type"] == "value_error":  # of a validator here, whose message says what was found
        message = error["msg"].removeprefix("Value error, ")
        return f"{path}: {message}" if path else message
    expected = error["msg"][0].lower() + error["msg"][1:]
    if error["type"] == "too_short":
        return f"{path}: expected at least one, found none"
    if error["type"] == "model_type":
        expected = f"expected a section with the keys {', '.join(_fields_at(str(part) for part in error['loc']))}"
    return f"{path}: {expected}, found {found!r} ({type(found).__name__})"


def _hint(sections: Sequence[str], key: str) -> str:
    """Return where the unknown `key` of a section belongs, or what is near it, or what there is."""
    elsewhere = [path for path in _all_paths(RunConfig) if path.split(".")[-1] == key]
    if elsewhere:
        return f"did you mean {' or '.join(elsewhere)}?"
    known = list(_fields_at(sections))
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.6)
    if near:
        return f"did you mean {'.'.join([*sections, near[0]])}?"
    paths = {path.split(".")[-1]: path for path in _all_paths(RunConfig)}
    far = difflib.get_close_matches(key, list(paths), n=1, cutoff=0.75)
    return f"did you mean {paths[far[0]]}?" if far else f"known here: {', '.join(known)}"


def _fields_at(location: Iterable[str]) -> Iterator[str]:
    model: type[BaseModel] = RunConfig
    for part in location:
        annotation = model.model_fields[part].annotation
        assert isinstance(annotation, type) and issubclass(annotation, BaseModel)
        model = annotation
    yield from model.model_fields


def _all_paths(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield prefix + name
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _all_paths(field.annotation, f"{prefix}{name}.")

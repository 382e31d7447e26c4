"""Fixtures of the training tests: documents written as marked-up strings, and configs over the tiny encoder."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from vanban.documents.formats.brat import write_brat
from vanban.schema import Entity
from vanban_training.cli import run_app
from vanban_training.config import RunConfig, validate_config
from vanban_training.corpus.annotated import AnnotatedDocument

Annotated = Callable[..., AnnotatedDocument]

SOME = {
    "first": "Chủ tịch tỉnh [PLACE Đà Nẵng] ông [OFFICIAL Nguyễn Văn Nam] ký [DIRECTIVE Chỉ thị số 17/CT-UBND].\n"
    "Ngày 5, [PLACE thành phố Hà Nội] có [COUNT 12 ca mắc] ở [COUNT 3 thị xã].\n",
    "second": "Bà [OFFICIAL Nguyễn Thị Hà] là chủ tịch [PLACE tỉnh Đà Nẵng].\r\n\r\nCó [COUNT 120 trường hợp].",
    "third": "Không có ca mắc.",
    "empty": "",
}


def _annotated(id: str, markup: str, **fields: Any) -> AnnotatedDocument:
    text, entities = "", []
    for piece in re.split(r"(\[[A-Z]+ [^\]]*\])", markup):
        match = re.fullmatch(r"\[([A-Z]+) ([^\]]*)\]", piece)
        if match:
            entities.append(Entity(match[1], len(text), len(text) + len(match[2]), match[2]))
        text += match[2] if match else piece
    return AnnotatedDocument(id, text, tuple(entities), **fields)


@pytest.fixture(scope="session")
def annotated() -> Annotated:
    """Return `annotated(id, "ở [PLACE Hà Nội]", **fields)`: the document that the markup means."""
    return _annotated


@pytest.fixture(scope="session")
def documents() -> list[AnnotatedDocument]:
    """Four documents: two with entities (one has CRLF and a blank line), one without, one empty."""
    return [_annotated(name, markup) for name, markup in SOME.items()]


@pytest.fixture
def brat_folder(tmp_path: Path, documents: Sequence[AnnotatedDocument]) -> Path:
    """The documents as .txt + .ann."""
    folder = tmp_path / "corpus"
    folder.mkdir()
    for document in documents:
        (folder / f"{document.id}.txt").write_bytes(document.text.encode())
        (folder / f"{document.id}.ann").write_text(write_brat(document.entities), encoding="utf-8")
    return folder


@pytest.fixture
def manifest(tmp_path: Path, documents: Sequence[AnnotatedDocument]) -> Path:
    """The first two documents as a project lays them out: seeds/, annotations/seeds/, annotations/documents.jsonl."""
    for folder in ("seeds", "annotations/seeds"):
        (tmp_path / folder).mkdir(parents=True)
    rows = []
    for document in documents[:2]:
        data = document.text.encode()
        (tmp_path / f"seeds/{document.id}.txt").write_bytes(data)
        standoff = write_brat(document.entities)
        (tmp_path / f"annotations/seeds/{document.id}.ann").write_text(standoff, encoding="utf-8")
        counts = dict.fromkeys(("OFFICIAL", "PLACE", "COUNT", "DIRECTIVE"), 0)
        for entity in document.entities:
            counts[entity.label] += 1
        rows.append(
            {
                "id": document.id,
                "path": f"seeds/{document.id}.txt",
                "annotation": f"annotations/seeds/{document.id}.ann",
                "sha256": hashlib.sha256(data).hexdigest(),
                "type": "tin_bao_chi",
                "title": "Tin",
                "date": None,
                "origin": "seed",
                "spans": counts,
            }
        )
    path = tmp_path / "annotations/documents.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


TINY = {"epochs": 2, "batch_size": 2, "learning_rate": 1e-2, "precision": "float32"}


@pytest.fixture
def tiny_values(tmp_path: Path, brat_folder: Path, encoder_directory: Path) -> dict[str, Any]:
    """The values of a config that trains for a moment on the tiny encoder."""
    return {
        "task": "ner",
        "encoder": {"name": str(encoder_directory), "offline": None},
        "data": {"documents": str(brat_folder)},
        "output": str(tmp_path / "run"),
        "windows": {"tokens": 32, "overlap": 8},
        "training": TINY,
    }


@pytest.fixture
def tiny_config(tiny_values: dict[str, Any]) -> Callable[..., RunConfig]:
    """Return `tiny_config(**training)`, the config with these entries of its training section changed."""

    def config(**training: Any) -> RunConfig:
        return validate_config({**tiny_values, "training": {**TINY, **training}}, "tiny")

    return config


@pytest.fixture
def config_file(tmp_path: Path, tiny_values: dict[str, Any]) -> Path:
    """The tiny config as a file."""
    path = tmp_path / "tiny.yaml"
    path.write_text(yaml.safe_dump(tiny_values, allow_unicode=True), encoding="utf-8")
    return path


@pytest.fixture
def interrupt_in_step() -> Callable[..., AbstractContextManager[None]]:
    """Return `interrupt_in_step(n, times=1, by=SIGINT)`: inside `with`, Ctrl-C is pressed while step n is under way."""

    @contextmanager
    def arranged(step: int, times: int = 1, by: signal.Signals = signal.SIGINT) -> Iterator[None]:
        def press(self: Any, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            if state.global_step == step - 1:
                for _ in range(times):
                    os.kill(os.getpid(), by)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("vanban_training.fitting.trainer._StopAfterStep.on_step_begin", press)
            yield

    return arranged


# ---- document types

TYPES = ("tin_bao_chi", "chi_thi", "bao_cao")
WORDS = {"tin_bao_chi": "hà nội", "chi_thi": "chủ tịch", "bao_cao": "ca mắc"}  # by which a network can tell them apart
CODES = {"chi_thi": "CT", "bao_cao": "BC"}


def _typed(doc_type: str, number: int) -> AnnotatedDocument:
    head = ""
    if doc_type in CODES:
        title = {"chi_thi": "CHỈ THỊ", "bao_cao": "BÁO CÁO"}[doc_type]
        head = f"SỞ Y TẾ\nSố: {number}/{CODES[doc_type]}-SYT\n\n{title}\nvề số {number}\n\n"
    lines = [f"{WORDS[doc_type]} {number}{line} ông {number} bà {line}{number}\n" for line in range(12)]
    return AnnotatedDocument(f"{doc_type}/{number}", head + "".join(lines), (), doc_type)


@pytest.fixture(scope="session")
def typed_documents() -> list[AnnotatedDocument]:
    """Five documents of each of three types, longer than a window of 32 tokens; those but of the press have heads."""
    return [_typed(doc_type, number) for doc_type in TYPES for number in range(1, 6)]


@pytest.fixture
def typed_folder(tmp_path: Path, typed_documents: Sequence[AnnotatedDocument]) -> Path:
    """The documents as a folder with a folder for each type."""
    for document in typed_documents:
        path = tmp_path / "typed" / f"{document.id}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(document.text.encode())
    return tmp_path / "typed"


@pytest.fixture
def type_values(tiny_values: dict[str, Any], typed_folder: Path) -> dict[str, Any]:
    """The values of a config that trains a document classifier for a moment on the tiny encoder."""
    return {
        **tiny_values,
        "task": "doctype",
        "data": {"documents": str(typed_folder), "labels": list(TYPES)},
        "windows": {"tokens": 32, "overlap": 0},
        "reading": {"head": 1, "body": 1, "tail": 1, "pooling": "mean"},
        "augmentation": {"retitled": 1, "masked": 1, "fragments": 1},
        "training": {**TINY, "epochs": 1, "batch_size": 4},
    }


@pytest.fixture
def type_config(type_values: dict[str, Any]) -> Callable[..., RunConfig]:
    """Return `type_config(**training)`, as `tiny_config` does."""

    def config(**training: Any) -> RunConfig:
        return validate_config({**type_values, "training": {**type_values["training"], **training}}, "tiny")

    return config


@pytest.fixture
def type_config_file(tmp_path: Path, type_values: dict[str, Any]) -> Path:
    """The tiny config of a document classifier as a file."""
    path = tmp_path / "types.yaml"
    path.write_text(yaml.safe_dump(type_values, allow_unicode=True), encoding="utf-8")
    return path


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[Any, str, str]]:
    """Return `command(app, *arguments)` → (exit status, standard output, standard error)."""

    def run(app: typer.Typer, *arguments: object) -> tuple[Any, str, str]:
        monkeypatch.setattr(sys, "argv", ["command", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            run_app(app)
        printed = capsys.readouterr()
        return stop.value.code, printed.out, printed.err

    return run

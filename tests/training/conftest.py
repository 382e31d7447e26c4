"""Fixtures of the training tests: documents written as marked-up strings, and configs over the tiny encoder."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from vanban.brat import write_brat
from vanban.schema import Entity
from vanban_training.config import RunConfig, validate_config
from vanban_training.corpus import AnnotatedDocument

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
    """Return `interrupt_in_step(n, times=1)`: inside `with`, Ctrl-C is pressed while step n is under way."""

    @contextmanager
    def arranged(step: int, times: int = 1) -> Iterator[None]:
        def press(self: Any, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            if state.global_step == step - 1:
                for _ in range(times):
                    os.kill(os.getpid(), signal.SIGINT)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("vanban_training.fitting._StopAfterStep.on_step_begin", press)
            yield

    return arranged

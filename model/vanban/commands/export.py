"""`vanban export`: a model as ONNX."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from vanban.schema import Task


def export(
    model: Annotated[str, typer.Argument(help="Model directory, hub name, fast or accurate.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder to write, which is not there yet.")],
    precision: Annotated[
        Literal["int8", "float32"],
        typer.Option(help="int8 is refused where it reads the sample otherwise than the model."),
    ] = "int8",
    any_processor: Annotated[
        bool, typer.Option("--any-processor", help="int8 in 7 bits, as processors without VNNI need it.")
    ] = False,
    task: Annotated[Task, typer.Option(help="Which of the models that ship: ner or doctype.")] = "ner",
) -> None:
    """Write a model as a folder that ONNX Runtime reads without torch: model.onnx, tokenizer, vanban.json."""
    from vanban.network.checkpoint import find_model
    from vanban.network.export import export as write

    parity = write(find_model(model, task), out, precision, any_processor)
    print(f"{parity}\n→ {out}")

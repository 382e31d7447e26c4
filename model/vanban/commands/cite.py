"""`vanban cite`: the graph of citations."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vanban.commands.messages import say
from vanban.commands.valued import (
    BackendOption,
    Device,
    EncodingOption,
    FormatOption,
    IdColumn,
    Inputs,
    Model,
    ReadValues,
    TextColumn,
    stoppable,
)
from vanban.documents.counting import counted
from vanban.documents.records import USUAL_ID, USUAL_TEXT
from vanban.documents.whole import whole_file


def cite(
    inputs: Inputs,
    out: Annotated[Path, typer.Option("-o", "--out", help="File to write: .jsonl, .graphml or .html.")],
    model: Model = None,
    device: Device = "auto",
    backend: BackendOption = "auto",
    input_format: FormatOption = "auto",
    encoding: EncodingOption = None,
    text_column: TextColumn = USUAL_TEXT,
    id_column: IdColumn = USUAL_ID,
) -> None:
    """Join documents into the graph of citations: which act cites which, how, and how often.

    Acts meet by their id, however they are written; one that lacks its year or place joins the only one that agrees.
    Acts that are cited and not there are in it, too. Many documents are best tagged first, with --workers of tag.

    Exit status: as of tag.
    """
    # the grammars of values take longer to import than all else here, and tag --help has no need of them
    from vanban.documents.citation_output import graph_writer
    from vanban.documents.citations import Citations

    write = graph_writer(str(out))
    citations = Citations()
    reading = ReadValues(inputs, out, model, device, backend, input_format, encoding, text_column, id_column)
    with stoppable(out):
        for valued in reading:
            citations.add(valued)
        graph = citations.graph()
        with whole_file(out) as partial_file:
            partial_file.write_text(write(graph), encoding="utf-8", errors="backslashreplace")
    here = sum(bool(act.documents) for act in graph.acts.values())
    say(
        f"{counted(reading.documents, 'documents')}: "
        f"{counted(here, 'acts and other documents', 'act or other document')}, "
        f"{counted(len(graph.acts) - here, 'more acts that are cited', 'more act that is cited')}, "
        f"{counted(len(graph.edges), 'edges')} → {out}"
    )
    reading.end()

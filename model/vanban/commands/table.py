"""`vanban table`: a row for each value of a label."""

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
from vanban.schema import LABELS


def table(
    inputs: Inputs,
    label: Annotated[str, typer.Option(help=f"{', '.join(LABELS)}.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="File to write: .csv, .parquet or .xlsx.")],
    model: Model = None,
    device: Device = "auto",
    backend: BackendOption = "auto",
    input_format: FormatOption = "auto",
    encoding: EncodingOption = None,
    text_column: TextColumn = USUAL_TEXT,
    id_column: IdColumn = USUAL_ID,
) -> None:
    """Write a row for each value of a label: document and its date, place in whose scope it stands, fields, sentence.

    The place is that which stands nearest before it in its sentence, else in its paragraph, else that of the issuer;
    scope_from says which. Exit status: as of tag.
    """
    from vanban.documents.table_output import table_writer
    from vanban.documents.value_table import columns_of, rows_of

    columns = columns_of(label)
    write = table_writer(str(out))
    reading = ReadValues(inputs, out, model, device, backend, input_format, encoding, text_column, id_column)
    with stoppable(out), whole_file(out) as partial_file:
        rows = write(partial_file, columns, (row for valued in reading for row in rows_of(valued, label)))
    say(f"{counted(reading.documents, 'documents')}, {counted(rows, 'rows')} → {out}")
    reading.end()

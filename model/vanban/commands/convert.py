"""`vanban convert`: annotated documents of one format in another."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from vanban.commands.messages import BROKEN_PIPE, SOME_FAILED, discard_output, say
from vanban.documents.counting import counted
from vanban.documents.formats.losses import said, said_of_reading
from vanban.documents.formats.registry import FormatName, format_named
from vanban.documents.sources import STANDARD_INPUT
from vanban.errors import UserError
from vanban.interruption import Terminated, exit_status


def _print_label_config(asked: bool) -> None:
    if asked:
        from vanban.documents.formats.label_studio import label_config

        typer.echo(label_config(), nl=False)
        raise typer.Exit


def convert(
    given: Annotated[
        str,
        typer.Argument(
            metavar="IN",
            help="File, folder or glob (in quotes) of annotated documents, packed or not (.gz, .zst), known by suffix "
            "and first bytes; or - for standard input.",
        ),
    ],
    out: Annotated[
        str,
        typer.Argument(metavar="OUT", help="File or folder to write, known by its suffix; or - for standard output."),
    ],
    source: Annotated[
        FormatName | None, typer.Option("--from", help="Format of IN.", show_default="as it looks")
    ] = None,
    target: Annotated[
        FormatName | None, typer.Option("--to", help="Format of OUT.", show_default="as its suffix says")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Write into a folder that holds something.")] = False,
    label_config: Annotated[
        bool,
        typer.Option(
            "--label-config",
            is_eager=True,
            callback=_print_label_config,
            help="Print the labeling configuration of a project of Label Studio for what tag finds, and exit.",
        ),
    ] = False,
) -> None:
    """Convert annotated documents: what tag wrote, and what annotators and other tools write.

    Any labels pass. What OUT has no place for is counted and said. A document that can't be read is reported and the
    rest is converted; a file is written whole or not at all.

    Exit status: 0 all done, 1 some documents failed, 2 wrong use, 130 interrupted.
    """
    from vanban.documents.conversion import convert as convert_documents
    from vanban.documents.conversion import target_of

    form = target_of(out, format_named(target) if target else None)
    if (out == STANDARD_INPUT and sys.stdout is None) or (given == STANDARD_INPUT and sys.stdin is None):
        raise UserError("standard input or output is closed here: name files")
    try:
        done = convert_documents(given, out, format_named(source) if source else None, form, overwrite, say)
    except (KeyboardInterrupt, Terminated) as stop:
        say("\n" * sys.stderr.isatty() + f"interrupted: {out} is not written whole")
        raise typer.Exit(exit_status(stop)) from None
    except BrokenPipeError:
        discard_output()
        raise typer.Exit(BROKEN_PIPE) from None
    except OSError as error:
        raise UserError(f"{error.filename or out}: can't be written: {error.strerror or error}") from None
    formats = " and ".join(sorted(done.formats)) or "nothing"
    to = "standard output" if out == STANDARD_INPUT else out
    say(
        f"{counted(done.documents, 'documents')}, {counted(done.entities, 'entities')} → {to} ({formats} → {form.name})"
    )
    for told in (said_of_reading(done.unread, formats), said(done.losses, form.name)):
        if told:
            say(told)
    if done.failed:
        say(f"{done.failed} of {counted(done.documents + done.failed, 'documents')} failed, and are not in it")
        raise typer.Exit(SOME_FAILED)

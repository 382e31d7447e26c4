"""The commands `tag` and `vanban`. Importing this loads neither torch nor transformers, so that --help is quick."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable
from io import TextIOWrapper
from typing import Any, Final

import typer

from vanban.commands.about import info, version
from vanban.commands.cite import cite
from vanban.commands.compare import compare
from vanban.commands.convert import convert
from vanban.commands.export import export
from vanban.commands.messages import WRONG_USE, discard_output, say
from vanban.commands.serve import serve
from vanban.commands.table import table
from vanban.commands.tag import tag
from vanban.errors import UserError, cause_of
from vanban.interruption import heed_stops

COMMANDS: Final[dict[str, Callable[..., None]]] = {
    "tag": tag,
    "convert": convert,
    "serve": serve,
    "version": version,
    "info": info,
    "export": export,
    "compare": compare,
    "cite": cite,
    "table": table,
}

# what --help shows together, by what one wants to do, in this order
GROUPS: Final[dict[str, tuple[str, ...]]] = {
    "Read documents": ("tag", "convert", "serve"),
    "See what they say": ("compare", "cite", "table"),
    "Train and measure": ("annotations", "score", "bundle"),
    "About": ("info", "export", "version"),
}

TRAINING_COMMANDS: Final = {
    "annotations": ("vanban_training.cli", "annotations_app", "Check annotations and measure agreement."),
    "score": ("vanban_training.cli", "score_app", "Print how well a model does on annotated documents."),
    "bundle": ("vanban_training.cli", "bundle_app", "Build what ships inside the package."),
}

tag_app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
tag_app.command()(tag)


def _run(app: typer.Typer, name: str) -> None:
    """Run an app; a UserError becomes `error: …` and exit status 2."""
    heed_stops()
    if isinstance(sys.stdout, TextIOWrapper):  # which may be unable to write → or names of files
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        app(prog_name=name)
    except UserError as error:
        say(f"error: {error}")
        sys.exit(WRONG_USE)
    except OSError as error:  # such as a full disk behind standard output
        say(f"error: {cause_of(error)}")
        discard_output()
        sys.exit(WRONG_USE)


def tag_main() -> None:
    """Entry point of `tag`."""
    _run(tag_app, "tag")


def main() -> None:
    """Entry point of `vanban`: its commands, and the training commands where the training package is installed."""
    app = typer.Typer(
        add_completion=False,
        pretty_exceptions_enable=False,
        no_args_is_help=True,
        help="Read Vietnamese documents. `tag` is a command of its own, too, and so is `train`, which makes models.",
    )
    can_train = importlib.util.find_spec("vanban_training") is not None
    for group, names in GROUPS.items():
        for name in names:
            if name in COMMANDS:
                app.command(name, rich_help_panel=group)(COMMANDS[name])
            elif name in TRAINING_COMMANDS and can_train:
                _mount(app, name, group)
    _run(app, "vanban")


def _mount(app: typer.Typer, name: str, group: str) -> None:
    """Add a training command that is imported when it is called; it reads its own arguments, --help included."""
    module, attribute, summary = TRAINING_COMMANDS[name]
    everything = {"allow_extra_args": True, "ignore_unknown_options": True}

    @app.command(name, help=summary, rich_help_panel=group, add_help_option=False, context_settings=everything)
    def command(context: typer.Context) -> None:
        try:
            inner: Any = getattr(importlib.import_module(module), attribute)
            inner(context.args, prog_name=f"vanban {name}")
        except ModuleNotFoundError as error:
            raise UserError(f"vanban {name} needs {error.name}: pip install 'vanban[train,bundle]'") from None

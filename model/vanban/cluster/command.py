"""`tag --engine ray` between its options and its exit status. Ray is loaded after the options were found right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from vanban.documents.counting import counted
from vanban.errors import UserError
from vanban.interruption import Terminated, exit_status
from vanban.scale import need_ray

if TYPE_CHECKING:
    from vanban.cluster.results import Counts

SOME_FAILED: Final = 1
FORMATS: Final = ("jsonl", "parquet")


def tag_on_ray(address: str | None, say: Callable[[str], None], **options: Any) -> int:
    """Tag on the cluster at `address`, or on one of this machine's cores; return the exit status of the command.

    `options` are the fields of `Job`. Raises UserError for options that don't go together, without ray, and for what
    `run` raises it for.
    """
    if not options["out"]:
        raise UserError("--engine ray writes a folder that all workers see: name it with -o, e.g. -o found")
    if options["output_format"] not in FORMATS:
        raise UserError(f"--format {options['output_format']} is not for --engine ray: expected {' or '.join(FORMATS)}")
    if options["resume"] and options["overwrite"]:
        raise UserError("--resume goes on with what is there and --overwrite starts again: give one of them")
    need_ray()
    from vanban.cluster.job import Job, run

    try:
        counts = run(Job(**options), address, say)
    except (KeyboardInterrupt, Terminated) as stop:
        say("interrupted; what is written is kept: go on with the same command and --resume")
        return exit_status(stop)
    except OSError as error:  # what a file system says of itself names no file
        raise UserError(f"{options['out']}: {error}") from None
    if counts is None:
        say(f"{options['out']} is complete, nothing to resume. To tag again leave out --resume")
        return 0
    return _tell(counts, options["out"], options["tasks"], say)


def _tell(counts: Counts, out: str, tasks: Sequence[str], say: Callable[[str], None]) -> int:
    found = f", {counted(counts.entities, 'entities')}" if "ner" in tasks else ""
    say(f"{counted(counts.documents, 'documents')}{found} → {out}, in files tagged_* and in no order")
    if not counts.failed:
        return 0
    say(f"{counts.failed} of {counted(counts.documents + counts.failed, 'documents')} failed: their rows have an error")
    return SOME_FAILED

"""`tag --engine ray`: inputs are found, a cluster is joined or started, the results are written and an earlier run is
gone on with."""

from __future__ import annotations

import json
import logging
import os
import posixpath
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import ray
from pyarrow.fs import FileSelector, FileSystem, FileType
from ray.data import DataContext
from ray.data.checkpoint import CheckpointConfig

from vanban import __version__
from vanban.cluster.files import BYTES_PER_BLOCK, find_files, locate, read_dataset
from vanban.cluster.results import PREFIX, Counts, ResultFormat, Results
from vanban.documents.fingerprint import models_digest
from vanban.documents.output import TRY_NEXT
from vanban.documents.readers.reader import Encoding
from vanban.documents.records import Columns
from vanban.documents.sources import InputFormat
from vanban.errors import UserError
from vanban.scale import absolute, tag_dataset
from vanban.schema import Backend, Task

SECONDS_TO_ANSWER: Final = 5.0
SETTINGS: Final = "settings.json"


@dataclass(frozen=True)
class Job:
    """What `tag` was asked for. `out` is a folder, as a path or as a URI."""

    inputs: Sequence[str]
    out: str
    output_format: ResultFormat
    models: Sequence[str]
    device: str
    backend: Backend
    tasks: Sequence[Task]
    min_score: float
    values: bool
    input_format: InputFormat
    columns: Columns
    resume: bool
    overwrite: bool
    encoding: Encoding | None = None


def run(job: Job, address: str | None, say: Callable[[str], None] = lambda message: None) -> Counts | None:
    """Tag everything and return the counts of what this run wrote; None where an earlier run had written all.

    While it runs, `OUT.partial/` beside the folder holds the ids that are written, for `--resume`. Without an address
    the cores of this machine are the cluster. `say` is told what of a folder is not read. Raises UserError for what the
    user can mend.
    """
    filesystem, folder = locate(job.out)
    partial = f"{folder}.partial"
    files = find_files(job.inputs, folder, say)
    if _is_complete(job, filesystem, folder, partial):
        return None
    with _joined(address), _settings_of_ray(filesystem, posixpath.join(partial, "checkpoint")):
        _begin(job, filesystem, folder, partial)
        cores = int(ray.cluster_resources().get("CPU", 1))
        documents = read_dataset(files, job.input_format, job.columns, concurrency=max(1, cores), encoding=job.encoding)
        rows = tag_dataset(
            documents,
            list(job.models),
            job.device,
            job.tasks,
            min_score=job.min_score,
            backend=job.backend,
            values=job.values,
        )
        results = Results(folder, job.output_format, filesystem, job.tasks, job.columns)
        try:
            rows.write_datasink(results, ray_remote_args={"num_cpus": 0}, concurrency=max(1, cores))
        except ray.exceptions.RayError as error:
            if _written(filesystem, folder):
                raise UserError(f"{_cause(error)}\nwhat is written is kept: go on with --resume") from None
            filesystem.delete_dir(partial)
            raise UserError(_cause(error)) from None
    filesystem.delete_dir(partial)
    return results.counts


def _is_complete(job: Job, filesystem: FileSystem, folder: str, partial: str) -> bool:
    """Return True where there is nothing left to resume. Raises UserError where a flag must decide."""
    if filesystem.get_file_info(folder).type == FileType.File:
        raise UserError(f"{job.out}: --engine ray writes a folder, found a file; give -o another name")
    interrupted = filesystem.get_file_info(partial).type != FileType.NotFound
    written = _written(filesystem, folder)
    if job.overwrite:
        return False
    if job.resume and interrupted:
        _must_be_same(job, filesystem, posixpath.join(partial, SETTINGS))
    elif interrupted:
        raise UserError(f"{job.out}: a run was interrupted: {TRY_NEXT}")
    elif written and not job.resume:
        raise UserError(f"{job.out}: holds results already; --overwrite replaces them, or give -o another name")
    return bool(written) and not interrupted


def _begin(job: Job, filesystem: FileSystem, folder: str, partial: str) -> None:
    """Take away what is to be overwritten, and note the settings of the run."""
    if job.overwrite:
        for path in _written(filesystem, folder):
            filesystem.delete_file(path)
        if filesystem.get_file_info(partial).type != FileType.NotFound:
            filesystem.delete_dir(partial)
    filesystem.create_dir(partial, recursive=True)
    with filesystem.open_output_stream(posixpath.join(partial, SETTINGS)) as file:
        file.write(json.dumps(_settings(job)).encode("utf-8"))


def _written(filesystem: FileSystem, folder: str) -> list[str]:
    """Return the results in a folder: nothing else in there is ever touched."""
    there = filesystem.get_file_info(FileSelector(folder, allow_not_found=True))
    return [info.path for info in there if posixpath.basename(info.path).startswith(f"{PREFIX}_")]


def _settings(job: Job) -> dict[str, Any]:
    return {
        "models": absolute(list(job.models)), "tasks": list(job.tasks),
        "format": job.output_format, "backend": job.backend, "min-score": job.min_score,
        "values": job.values, "encoding": job.encoding, "input-format": job.input_format,
        "text-column": job.columns.text, "id-column": job.columns.id, "vanban": __version__,
        "model files": models_digest(job.models, {}),
    }  # fmt: skip


def _must_be_same(job: Job, filesystem: FileSystem, path: str) -> None:
    try:
        with filesystem.open_input_stream(path) as file:
            before = json.loads(file.read())
    except (OSError, ValueError):
        return  # stopped before it was written, and before any result
    for name, value in _settings(job).items():
        if before.get(name) != value:
            raise UserError(
                f"{job.out}: the interrupted run had {name} {before.get(name)!r}, found {value!r}; "
                "go on with the same options, or start again with --overwrite"
            )


@contextmanager
def _joined(address: str | None) -> Iterator[None]:
    """Join the cluster at an address, or start one of this machine's cores; one that is joined already serves."""
    if ray.is_initialized():
        yield
        return
    options: dict[str, Any] = {"logging_level": logging.ERROR, "log_to_driver": False}
    if address is None:
        # one more than there are: Ray's own checkpointing needs the place of a core to find what is done
        cores = len(os.sched_getaffinity(0)) + 1
        options |= {"address": "local", "num_cpus": cores, "include_dashboard": False}
    else:
        _must_answer(address)
        options |= {"address": address}
    try:
        with _no_standard_error(), _same_sigterm():
            ray.init(**options)
    except (ConnectionError, RuntimeError, ValueError) as error:
        reason = str(error).strip().splitlines()[0]
        raise UserError(
            f"--ray-address {address or 'local'}: {reason}; start a cluster with: ray start --head"
        ) from None
    try:
        yield
    finally:
        ray.shutdown()


@contextmanager
def _same_sigterm() -> Iterator[None]:
    """Keep what a signal does: Ray lets SIGTERM end the process with another exit status."""
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, before)


@contextmanager
def _no_standard_error() -> Iterator[None]:
    """Let what Ray's own processes say as they begin go nowhere."""
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _must_answer(address: str) -> None:
    """Raise UserError where nothing listens: Ray itself would try for minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not host:  # `auto`, `local`: Ray finds these at once, or says that there is none
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), SECONDS_TO_ANSWER).close()
    except (OSError, ValueError) as error:
        raise UserError(
            f"--ray-address {address}: nothing answers there ({error}); expected auto, HOST:PORT or ray://HOST:PORT of "
            "a cluster that runs: ray start --head prints its own"
        ) from None


@contextmanager
def _settings_of_ray(filesystem: FileSystem, checkpoint: str) -> Iterator[None]:
    """Let Ray cut small blocks, remember which rows are written, and be quiet where no one watches."""
    context = DataContext.get_current()
    settings = {
        "target_max_block_size": BYTES_PER_BLOCK,
        "checkpoint_config": CheckpointConfig("key", checkpoint, override_filesystem=filesystem),
        "enable_progress_bars": sys.stderr.isatty(),
    }
    before = {name: getattr(context, name) for name in settings}
    logger = logging.getLogger("ray.data")
    level = logger.level
    for name, value in settings.items():
        setattr(context, name, value)
    logger.setLevel(logging.CRITICAL)  # what fails is raised, too
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(context, name, value)
        logger.setLevel(level)


def _cause(error: BaseException) -> str:
    """Return why a job failed: what vanban says, else the line at the end of the traceback in the worker."""
    first, _, rest = str(error).partition("\n\nThe above exception was the direct cause")
    lines = [line.strip() for line in first.splitlines() if line.strip()]
    reason = lines[-1 if rest else 0] if lines else type(error).__name__
    return reason.removeprefix(f"{UserError.__module__}.{UserError.__qualname__}: ")

"""Commands of pages are run as a shell would, but the package's own in a fork of this process.

A fork has all that is imported and loaded here, so that a page costs seconds where each command would load the models
again. What a fork can't do (redirections, globs, variables) bash does, with the commands that are installed. It runs
`train`, too: torch's threads are lost in a fork, and training waits for them for ever. `python -m NAME` is a module of
tests/ there.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from importlib.metadata import distribution
from pathlib import Path
from typing import Any, BinaryIO

from project import ROOT

OWN = {entry.name: entry for entry in distribution("vanban").entry_points if entry.group == "console_scripts"}
ENVIRONMENT = {"COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb"}
SECONDS = 120
_SEGMENT = re.compile(r"""(?:[^|'"]|'[^']*'|"[^"]*")+""")
_QUOTED = re.compile(r"""'[^']*'|"[^"$`]*\"""")


def run(command: str, folder: Path) -> tuple[int, str]:
    """Run a command in a folder; return the exit status of its last part, and what a terminal would show."""
    code = re.sub(r"(^|\s)#.*", "", command)
    needs_bash = re.search(r"[$`<>;&*?]|\|\|", _QUOTED.sub("", code)) is not None
    parts = [code] if needs_bash else _SEGMENT.findall(code)
    with contextlib.ExitStack() as stack:
        fed, *outs, terminal = (stack.enter_context(tempfile.TemporaryFile()) for _ in range(len(parts) + 1))
        status = 0
        for part, out in zip(parts, (*outs, terminal), strict=True):
            fed.seek(0)
            words = [] if needs_bash else shlex.split(part)
            if words and words[0] in OWN and words[0] != "train":
                status = _forked(words, folder, fed, out, terminal)
            else:
                status = _in_bash(part, folder, fed, out, terminal)
            fed = out
        terminal.seek(0)
        return status, terminal.read().decode("utf-8", errors="replace")


def _in_bash(part: str, folder: Path, fed: BinaryIO, out: BinaryIO, terminal: BinaryIO) -> int:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    modules = os.pathsep.join(filter(None, (str(ROOT / "tests"), os.environ.get("PYTHONPATH"))))
    run = subprocess.run(
        ["bash", "-c", part], cwd=folder, stdin=fed, stdout=out, stderr=terminal, timeout=SECONDS,
        env={**os.environ, **ENVIRONMENT, "PATH": path, "PYTHONPATH": modules},
    )  # fmt: skip
    return run.returncode


def _status_of(process: int, words: list[str]) -> int:
    """Wait for a fork, which may take `SECONDS`."""
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        done, status = os.waitpid(process, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    raise subprocess.TimeoutExpired(words, SECONDS)


def _forked(words: list[str], folder: Path, fed: BinaryIO, out: BinaryIO, terminal: BinaryIO) -> int:
    main = OWN[words[0]].load()  # imported here, once for all forks
    process = os.fork()
    if process:
        return _status_of(process, words)
    status: Any = 1
    try:
        for number, stream in enumerate((fed, out, terminal)):
            os.dup2(stream.fileno(), number)
        os.chdir(folder)
        os.environ.update(ENVIRONMENT)
        sys.argv = words
        sys.stdin, sys.stdout, sys.stderr = (
            io.TextIOWrapper(os.fdopen(number, mode, closefd=False), encoding="utf-8", line_buffering=True)
            for number, mode in enumerate(("rb", "wb", "wb"))
        )
        main()
        status = 0
    except SystemExit as stop:
        status = stop.code
    except BaseException:
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(status if isinstance(status, int) else int(status is not None))

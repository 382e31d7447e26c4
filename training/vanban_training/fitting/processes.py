"""The processes that train one network together: those that `accelerate launch` or `torchrun` started; mostly just one.

The first is the main process. It alone writes files and speaks to the user. The others train along, and hear from it
what all must agree on. With one process nothing here costs anything: torch is not even imported.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from datetime import timedelta
from typing import Any, Final, NoReturn, TypeVar

from vanban.errors import UserError

T = TypeVar("T")

# the others wait while the main process predicts the documents of a fold; a process that dies ends the launch at once
TIMEOUT: Final = timedelta(hours=4)
# a launcher ends the other processes a tenth of a second after one has failed
LAUNCHER_SECONDS: Final = 10.0


def count() -> int:
    """Return how many processes train together."""
    return int(os.environ.get("WORLD_SIZE", "1")) if "LOCAL_RANK" in os.environ else 1


def is_main() -> bool:
    """True in the process that writes files and speaks."""
    return rank() == 0


def rank() -> int:
    """Return the number of this process, from 0."""
    return int(os.environ.get("RANK", "0")) if count() > 1 else 0


def check_batch(size: int) -> None:
    """Raise UserError when the windows of a step can't be dealt out evenly."""
    extra = size % count()
    if extra:
        near = [size - extra, size - extra + count()]
        sizes = " or ".join(str(n) for n in near if n)
        raise UserError(
            f"training.batch_size: {size} windows a step can't be dealt out evenly to {count()} processes; "
            f"set training.batch_size={sizes}, or launch another number of processes"
        )


def gather(value: T) -> list[T]:
    """Return the value of each process, the main one's first; every process must call it."""
    if count() == 1:
        return [value]
    _state()
    from torch import distributed

    values: list[Any] = [None] * count()
    distributed.all_gather_object(values, value)
    return values


def from_main(action: Callable[[], T]) -> T:
    """Run `action` in the main process alone and return what it returned, or raise its UserError, in every process."""
    if count() == 1:
        return action()
    outcome: tuple[Any, str | None] = (None, None)
    if is_main():
        try:
            outcome = (action(), None)
        except UserError as error:
            outcome = (None, str(error))
    value, problem = gather(outcome)[0]
    if problem is not None:
        raise UserError(problem)
    return value  # type: ignore[no-any-return]


def main_first(action: Callable[[], T]) -> T:
    """Run `action` in the main process and then, unless it raised UserError, in the others; return each one's own."""
    value = from_main(action)
    return value if is_main() else action()


def any_of(flag: bool) -> bool:
    """True in every process when `flag` is true in one."""
    if count() == 1:
        return flag
    state = _state()
    import torch

    flags = torch.tensor(int(flag), device=state.device)
    torch.distributed.all_reduce(flags, torch.distributed.ReduceOp.MAX)
    return bool(flags)


def part() -> None:
    """Wait for one another, and go separate ways: until they meet again, no process waits for another."""
    if count() > 1:
        from accelerate.state import AcceleratorState  # type: ignore[import-untyped]

        _state().wait_for_everyone()
        _state().destroy_process_group()
        AcceleratorState._reset_state(reset_partial_state=True)


def end_together() -> None:
    """Wait for one another before all end with the same failure, and let the launcher hasten none of them."""
    if count() > 1:
        part()
        signal.signal(signal.SIGTERM, signal.SIG_IGN)


def end(status: int) -> NoReturn:
    """Exit; if others may still wait for this process, at once: the threads that talk to them would abort its end."""
    if count() > 1:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    sys.exit(status)


@contextmanager
def main_speaks() -> Iterator[None]:
    """Let only the main process write to the terminal.

    Another process that fails waits for a while first: as a rule the main process fails likewise and says why, and the
    launcher then ends the rest. What it raises after that is its own trouble.
    """
    if is_main():
        yield
        return
    with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        try:
            yield
        except (UserError, ModuleNotFoundError, SystemExit) as error:
            if not isinstance(error, SystemExit) or error.code == 2:
                time.sleep(LAUNCHER_SECONDS)
            raise


def _state() -> Any:
    """Return accelerate's state of this process; the first call waits until all processes have joined."""
    import torch
    from accelerate import PartialState  # type: ignore[import-untyped]

    return PartialState(cpu=not torch.cuda.is_available(), timeout=TIMEOUT)

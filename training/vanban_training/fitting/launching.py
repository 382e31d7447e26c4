"""What `accelerate launch --cpu` leaves to do: it starts one process for any number, and leaves the GPUs in sight.

`accelerate launch --cpu --num_processes 2` runs its program once (huggingface/accelerate, issue 2741); without `--cpu`
it hands over to torch's launcher. So `train`, when it was started in this way, hands over to that launcher itself.
"""

from __future__ import annotations

import logging
import os
import re
import socket
import sys
from collections.abc import Sequence
from typing import Final

# after Ctrl-C: until the step under way is done and saved
SHUTDOWN_SECONDS: Final = 300


def heed_accelerate(arguments: Sequence[str]) -> None:
    """Do what `accelerate launch --cpu` was asked for, before torch is loaded: use no GPU, and run `train` with these
    arguments in as many processes; with more than one, exit with the status of the first that failed, or 0."""
    if os.environ.get("ACCELERATE_USE_CPU", "").lower() not in ("1", "true"):
        return
    os.environ["CUDA_VISIBLE_DEVICES"] = ""
    # accelerate names a place to meet when several processes are wanted; a launcher that starts them ranks them, too
    if "MASTER_ADDR" not in os.environ or "LOCAL_RANK" in os.environ:
        return
    wanted = processes_wanted(_parents_command())
    if wanted is None:
        print(
            "accelerate launch --cpu has started one process; for several, give it --num_processes on its command "
            "line, or use torchrun --nproc_per_node N -m vanban_training …",
            file=sys.stderr,
        )
    elif wanted > 1:
        sys.exit(_launch(wanted, arguments))


def processes_wanted(command: Sequence[str]) -> int | None:
    """Return how many processes of this machine a command line of `accelerate launch` asks for.

    None when it does not say so: a config file may, and `--cpu` can't arrange for several machines.
    """
    line = " ".join(command)
    machines = re.search(r" --num[-_]machines[ =](\d+)", line)
    processes = re.search(r" --num[-_]processes[ =](\d+)", line)
    if processes is None or (machines and int(machines[1]) > 1):
        return None
    return int(processes[1])


def _parents_command() -> list[str]:
    import psutil  # type: ignore[import-untyped]

    try:
        return list(psutil.Process(os.getppid()).cmdline())
    except psutil.Error:
        return []


def _launch(processes: int, arguments: Sequence[str]) -> int:
    from torch.distributed.elastic.multiprocessing.api import SignalException
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
    from torch.distributed.launcher.api import LaunchConfig, elastic_launch

    logging.getLogger("torch.distributed.elastic").setLevel(logging.CRITICAL)  # the processes say what went wrong
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = LaunchConfig(
        min_nodes=1, max_nodes=1, nproc_per_node=processes, run_id="vanban", rdzv_backend="static",
        rdzv_endpoint=f"127.0.0.1:{port}", rdzv_configs={"rank": 0}, max_restarts=0, shutdown_timeout=SHUTDOWN_SECONDS,
    )  # fmt: skip
    try:
        elastic_launch(config, sys.executable)("-m", "vanban_training", *arguments)
    except ChildFailedError as error:
        _, first = error.get_first_failure()
        return max(1, first.exitcode)
    except SignalException as signalled:
        return 128 + signalled.sigval.value
    return 0

"""How many threads torch has, and how they wait for each other: asleep, so that two processes on the same cores don't
take them from each other.

The OpenMP of torch lets threads that have nothing to do spin for milliseconds, on cores that another process needs, and
takes as many as the machine has cores where a container may use fewer.
"""

from __future__ import annotations

import os
import sys
from typing import Final

from vanban.machine import cores, quota_of_cores

WAITING: Final = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "KMP_BLOCKTIME", "KMP_LIBRARY")


def wait_passively() -> None:
    """Let the threads of torch sleep where they wait, and be no more than a container has cores.

    `WAITING` and OMP_NUM_THREADS overrule it. They are asked for as torch is imported: afterwards nothing is done.
    """
    if "torch" in sys.modules:
        return
    if not any(name in os.environ for name in WAITING):
        os.environ["OMP_WAIT_POLICY"] = "passive"
    if "OMP_NUM_THREADS" not in os.environ and quota_of_cores() is not None:
        os.environ["OMP_NUM_THREADS"] = str(cores())

"""How threads wait for each other: asleep, so that two processes on the same cores don't take them from each other.

The OpenMP of torch lets threads that have nothing to do spin for milliseconds, on cores that another process needs.
"""

from __future__ import annotations

import os
import sys
from typing import Final

WAITING: Final = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "KMP_BLOCKTIME", "KMP_LIBRARY")


def wait_passively() -> None:
    """Let the threads of torch sleep where they wait, unless one of `WAITING` says how. They are asked for as torch is
    imported: afterwards nothing is done."""
    if "torch" not in sys.modules and not any(name in os.environ for name in WAITING):
        os.environ["OMP_WAIT_POLICY"] = "passive"

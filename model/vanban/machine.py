"""What this process may use of the machine: cores and memory, within the limits of its container."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

BYTES_PER_WORKER: Final = 900_000_000  # the shipped models, their libraries, and a chunk of documents

_CGROUPS: Final = Path("/sys/fs/cgroup")
_MEMINFO: Final = Path("/proc/meminfo")
_OWN_CGROUP: Final = Path("/proc/self/cgroup")


def workers_that_fit() -> int:
    """Return how many processes, of one thread each, this machine's cores and free memory are enough for; 1 or more."""
    memory = available_memory()
    return max(1, cores() if memory is None else min(cores(), memory // BYTES_PER_WORKER))


def cores() -> int:
    """Return the number of cores that this process may use, 1 or more."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(count, quota_of_cores() or count))


def quota_of_cores() -> int | None:
    """Return how many cores the container of this process may use, 1 or more, None where it may use all."""
    quotas = []
    for folder in _cgroups():
        quota, period = [*_words(folder / "cpu.max"), "", ""][:2]
        if not quota:  # version 1
            quota, period = (
                "".join(_words(folder / "cpu" / name)) for name in ("cpu.cfs_quota_us", "cpu.cfs_period_us")
            )
        if quota.isdigit() and period.isdigit():
            quotas.append(max(1, int(quota) // int(period)))
    return min(quotas, default=None)


def available_memory() -> int | None:
    """Return the bytes that are free for this process, None where it can't be known."""
    free = []
    rows = (line.split() for line in _read(_MEMINFO).splitlines())
    free += [int(row[1]) * 1024 for row in rows if row[:1] == ["MemAvailable:"]]
    if not free and hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        free.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    for folder in _cgroups():
        for limit, used in (
            ("memory.max", "memory.current"),
            ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
        ):
            most, now = "".join(_words(folder / limit)), "".join(_words(folder / used))
            if most.isdigit() and now.isdigit():
                free.append(max(0, int(most) - int(now) + _cached(folder / limit)))
    return min(free, default=None)


def _cached(limit: Path) -> int:
    """Return the bytes of files that a container holds in memory and can let go."""
    rows = (line.split() for line in _read(limit.with_name("memory.stat")).splitlines())
    return next((int(row[1]) for row in rows if row[:1] == ["inactive_file"]), 0)


def _cgroups() -> list[Path]:
    """Return the control groups of this process, from its own up to the root of what it sees."""
    own = next((line[3:] for line in _read(_OWN_CGROUP).splitlines() if line.startswith("0::")), "/")
    inner = _CGROUPS / own.strip("/")
    return [folder for folder in (inner, *inner.parents) if folder == _CGROUPS or _CGROUPS in folder.parents]


def _words(path: Path) -> list[str]:
    return _read(path).split()


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except (OSError, ValueError):
        return ""

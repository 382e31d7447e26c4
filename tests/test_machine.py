"""Cores and memory: what the machine has, and what a container lets through."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from project import write
from vanban import machine
from vanban.machine import BYTES_PER_WORKER, available_memory, cores, workers_that_fit

GB = 1 << 30


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine of 8 cores and 32 GB of which 16 are free, where this process is in a group of a container."""
    monkeypatch.setattr(machine, "_CGROUPS", tmp_path / "cgroup")
    monkeypatch.setattr(machine, "_MEMINFO", tmp_path / "meminfo")
    monkeypatch.setattr(machine, "_OWN_CGROUP", tmp_path / "self")
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(8)), raising=False)
    write(str(tmp_path / "meminfo"), f"MemTotal: {32 * GB // 1024} kB\nMemAvailable: {16 * GB // 1024} kB\n")
    write(str(tmp_path / "self"), "0::/job/step\n")
    return tmp_path


def test_without_limits() -> None:
    assert (cores(), available_memory()) == (8, 16 * GB)
    assert workers_that_fit() == 8


@pytest.mark.parametrize(("quota", "number"), [("max 100000", 8), ("250000 100000", 2), ("50000 100000", 1)])
def test_a_quota_of_cores(files: Path, quota: str, number: int) -> None:
    write(str(files / "cgroup/job/cpu.max"), quota)  # of a group above the own one
    assert cores() == number
    write(str(files / "cgroup/cpu.max"), "100000 100000")
    assert cores() == 1


def test_a_limit_of_memory(files: Path) -> None:
    write(str(files / "cgroup/job/step/memory.max"), str(4 * GB))
    write(str(files / "cgroup/job/step/memory.current"), str(3 * GB))
    write(str(files / "cgroup/job/step/memory.stat"), f"anon {GB}\ninactive_file {GB}\n")
    assert available_memory() == 2 * GB
    assert workers_that_fit() == 2 * GB // BYTES_PER_WORKER
    write(str(files / "cgroup/memory.max"), "max")
    assert available_memory() == 2 * GB


def test_limits_of_the_first_version(files: Path) -> None:
    write(str(files / "cgroup/cpu/cpu.cfs_quota_us"), "300000")
    write(str(files / "cgroup/cpu/cpu.cfs_period_us"), "100000")
    write(str(files / "cgroup/memory/memory.limit_in_bytes"), str(5 * GB))
    write(str(files / "cgroup/memory/memory.usage_in_bytes"), str(GB))
    assert (cores(), available_memory()) == (3, 4 * GB)


def test_one_worker_at_least(files: Path) -> None:
    write(str(files / "meminfo"), "MemAvailable: 1000 kB\n")
    assert workers_that_fit() == 1
    (files / "meminfo").unlink()
    assert workers_that_fit() >= 1  # by what the system says of its pages

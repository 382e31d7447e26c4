"""Fixtures of the tests of documents."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty folder to work in, from which relative paths count."""
    monkeypatch.chdir(tmp_path)

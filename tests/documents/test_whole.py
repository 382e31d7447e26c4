from __future__ import annotations

import os
from pathlib import Path

import pytest

from vanban.documents.whole import whole_file
from vanban.errors import UserError


def test_a_file_gets_its_name_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.csv"
    with whole_file(path) as partial:
        partial.write_text("x")
        assert not path.exists()
    assert path.read_text() == "x" and list(path.parent.iterdir()) == [path]


def test_a_file_is_on_the_disk_when_it_gets_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda file: synced.append(os.readlink(f"/proc/self/fd/{file}")))
    with whole_file(tmp_path / "a.csv") as partial:
        partial.write_text("x")
        assert synced == []
    assert synced == [str(partial)]


def test_an_error_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("old")
    with pytest.raises(KeyError), whole_file(path) as partial:
        partial.write_text("half")
        raise KeyError
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


def test_a_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is a folder, expected a file"), whole_file(tmp_path):
        pass


@pytest.mark.parametrize("linked", [False, True])
def test_a_pipe_is_left_alone(linked: bool, tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    name = tmp_path / "link.csv" if linked else path
    if linked:
        name.symlink_to(path)
    with pytest.raises(UserError, match="is a device or a pipe, expected a file"), whole_file(name):
        pass
    assert path.is_fifo()

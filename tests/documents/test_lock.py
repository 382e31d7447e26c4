"""A lock is held by one, ends with its process, and leaves nothing."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from vanban.documents.lock import Lock
from vanban.errors import UserError

HOLD = "import sys, time, pathlib; from vanban.documents.lock import Lock; lock = Lock(pathlib.Path('out.lock'), 'out')"
KILLED = f"{HOLD}; print('held', flush=True); time.sleep(60)"

pytestmark = pytest.mark.usefixtures("working_folder")


def lock() -> Lock:
    return Lock(Path("out.lock"), Path("out"))


def test_one_at_a_time() -> None:
    first = lock()
    with pytest.raises(UserError, match="another run writes out now; wait for it, or give -o another name"):
        lock()
    first.release()
    assert not Path("out.lock").exists()
    second = lock()
    first.release()  # once more: it is the second's now
    assert Path("out.lock").exists()
    del second
    assert not Path("out.lock").exists()


def test_a_block_that_raises_holds_it_no_longer() -> None:
    with lock() as held:
        pass
    assert Path("out.lock").exists()
    held.release()
    with pytest.raises(ValueError, match="no"), lock():
        raise ValueError("no")
    assert not Path("out.lock").exists()


def test_it_ends_with_its_process() -> None:
    with subprocess.Popen([sys.executable, "-c", KILLED], stdout=subprocess.PIPE) as process:
        assert process.stdout and process.stdout.readline() == b"held\n"
        with pytest.raises(UserError, match="another run writes out now"):
            lock()
        process.send_signal(signal.SIGKILL)
    assert Path("out.lock").exists()
    lock().release()
    assert not Path("out.lock").exists()


def test_a_file_that_was_taken_away_meanwhile_is_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The run before ends between the moments at which its file is opened and locked here."""
    import fcntl

    tries: list[int] = []

    def flock(file: object, how: int) -> None:
        if not tries:
            Path("out.lock").unlink()
        tries.append(how)

    monkeypatch.setattr(fcntl, "flock", flock)
    held = lock()
    assert len(tries) == 2 and Path("out.lock").exists()
    held.release()


def test_a_file_system_without_locks_is_written_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    import fcntl

    def flock(file: object, how: int) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr(fcntl, "flock", flock)
    held = [lock(), lock()]
    assert len(held) == 2

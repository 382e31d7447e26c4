"""The command as a process: it is refused, it serves, and it stops with what it has finished."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from project import ROOT

TOKEN = "correct-horse-battery"


@contextmanager
def process(*options: str, **variables: str) -> Iterator[subprocess.Popen[str]]:
    """Start the command; it is killed at the end if it still runs."""
    paths = os.pathsep.join(map(str, (ROOT / "model", ROOT / "tests")))
    environment = {k: v for k, v in os.environ.items() if k != "VANBAN_TOKEN"} | {"PYTHONPATH": paths} | variables
    command = [sys.executable, str(ROOT / "tests" / "serve_fake.py"), *options]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as running:
        try:
            yield running
        finally:
            running.kill()


def address(running: subprocess.Popen[str]) -> str:
    """Return where it serves, which is the first that it says."""
    assert running.stderr is not None
    line = running.stderr.readline()
    found = re.fullmatch(r"serving fake on (http://127\.0\.0\.1:\d+)(, with a token)?; Ctrl-C stops it\n", line)
    assert found, line
    return found[1]


def rest(running: subprocess.Popen[str]) -> tuple[int, str]:
    """Return the exit status, and what it said to its end."""
    return running.wait(20), running.communicate()[1]


def test_a_signal_lets_it_finish_what_it_has() -> None:
    for stop in (signal.SIGTERM, signal.SIGINT):
        with process("--port", "0", FAKE_DELAY="0.5") as running:
            url = address(running)
            answers: list[Any] = []
            asking = threading.Thread(
                target=lambda url=url, answers=answers: answers.append(
                    httpx.post(f"{url}/predict", json={"texts": ["7 ca", "8 ca"]}, timeout=20)
                )
            )
            asking.start()
            while "in_flight 2.0" not in httpx.get(f"{url}/metrics").text:
                assert asking.is_alive()
            running.send_signal(stop)
            assert running.stderr is not None and running.stderr.readline() == "stopping: finishing what there is\n"
            asking.join(20)
            with pytest.raises(httpx.ConnectError):
                httpx.get(f"{url}/health")
            assert rest(running) == (0, "stopped\n")
            assert [one.status_code for one in answers] == [200]
            assert [e["text"] for one in answers[0].json()["predictions"] for e in one["entities"]] == ["7", "8"]


def test_beyond_this_machine_it_does_not_start_without_a_token() -> None:
    with process("--host", "0.0.0.0", "--port", "0") as running:
        status, said = rest(running)
    assert status == 2
    assert said == (
        "error: --host 0.0.0.0: others than this machine can reach it, and there is no token; make one (python3 -c "
        "'import secrets; print(secrets.token_urlsafe())') and give it as VANBAN_TOKEN or --token-file, or take "
        "--host 127.0.0.1\n"
    )


def test_with_a_token_and_log(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(TOKEN)
    with process("--port", "0", "--token-file", str(tmp_path / "token"), "--log") as running:
        url = address(running)
        text = {"text": "bí mật"}
        assert httpx.post(f"{url}/predict", json=text).status_code == 401
        assert httpx.post(f"{url}/predict", json=text, headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200
        assert httpx.post(f"{url}/documents", content=b"bi mat", headers={"Content-Type": "x"}).status_code == 401
        running.terminate()
        status, said = rest(running)
    assert status == 0 and TOKEN not in said and "mật" not in said
    lines = [line.rsplit(" ", 2)[0] for line in said.splitlines()[:3]]
    assert lines == ["POST /predict 401", "POST /predict 200", "POST /documents 401"]


def test_a_limit_of_the_command_line_holds() -> None:
    with process("--port", "0", "--max-characters", "5", "--max-texts", "2", "--max-bytes", "100") as running:
        url = address(running)
        asked = [{"text": "sáu ký"}, {"texts": ["a", "b", "c"]}, {"text": "a" * 100}]
        assert [httpx.post(f"{url}/predict", json=one).status_code for one in asked] == [422, 422, 413]
        assert httpx.get(f"{url}/info").json()["limits"]["characters"] == 5

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from project import ROOT
from vanban.network import threads
from vanban.network.threads import WAITING

CODE = """
import os, sys
{before}
import vanban
vanban.load(sys.argv[1], device="cpu", tasks=("ner",))
print({{name: os.environ[name] for name in {names} if name in os.environ}})
"""


def environment_after(model: Path, before: str = "", **settings: str) -> str:
    """Load a model in a new process, and return what its environment says of waiting then."""
    environment = {name: value for name, value in os.environ.items() if name not in WAITING} | settings
    environment["PYTHONPATH"] = str(ROOT / "model")
    code = CODE.format(before=before, names=WAITING)
    ran = subprocess.run(
        [sys.executable, "-c", code, str(model)], capture_output=True, text=True, env=environment, check=True
    )
    return ran.stdout.strip()


def test_threads_wait_asleep(model_directory: Path) -> None:
    assert environment_after(model_directory) == "{'OMP_WAIT_POLICY': 'passive'}"


@pytest.mark.parametrize("name", WAITING)
def test_what_the_user_says_stays(model_directory: Path, name: str) -> None:
    assert environment_after(model_directory, **{name: "1"}) == f"{{'{name}': '1'}}"


def test_threads_are_no_more_than_a_container_may_use(monkeypatch: pytest.MonkeyPatch) -> None:
    for torch_is_there, wished, quota, expected in (
        (False, None, 2, "2"), (False, "3", 2, "3"), (False, None, None, None), (True, None, 2, None),
    ):  # fmt: skip
        with monkeypatch.context() as patch:
            patch.setattr(threads, "quota_of_cores", lambda quota=quota: quota)
            patch.setattr(threads, "cores", lambda: 2)
            patch.delenv("OMP_NUM_THREADS", raising=False)
            if wished:
                patch.setenv("OMP_NUM_THREADS", wished)
            patch.setenv("OMP_WAIT_POLICY", "passive")
            patch.setattr(sys, "modules", {"torch": sys} if torch_is_there else {})
            threads.wait_passively()
            assert os.environ.get("OMP_NUM_THREADS") == expected
            os.environ.pop("OMP_NUM_THREADS", None)


def test_where_torch_is_imported_nothing_is_changed(model_directory: Path) -> None:
    assert environment_after(model_directory, "import torch") == "{}"

"""README and every page of docs/: what a page shows is what happens. `pages` says what a page can say to this test."""

from __future__ import annotations

import doctest
import functools
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import page_commands
from pages import PAGES, Block, Page, agree, page
from project import ROOT, write
from vanban.schema import TASKS

NOT_RUN = [(name, block) for name in PAGES for block in page(name).blocks if "not run" in block.marks]
SLOW = [name for name in PAGES if any("slow" in block.marks for block in page(name).blocks)]


@pytest.fixture(scope="module", autouse=True)
def _loaded_once() -> Iterator[None]:
    """Load the shipped models once for all pages, and the commands that are forked from here."""
    import vanban_training.runs.training  # noqa: F401
    from vanban import predictor

    load = predictor.load

    @functools.cache
    def cached(*rest: Any) -> Any:
        return load(None, *rest)

    def load_once(
        model: Any = None, device: str = "auto", tasks: Any = TASKS, backend: Any = "auto", values: bool = True
    ) -> Any:
        # a model directory that is named may be another on each page
        return load(model, device, tasks, backend, values) if model else cached(device, tuple(tasks), backend, values)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(predictor, "load", load_once)
        patch.setattr(predictor, "_loaded", [])
        predictor.predict("Sáng 1/7, HĐND TP Hà Nội họp.")
        yield


class _Checker(doctest.OutputChecker):
    def check_output(self, want: str, got: str, optionflags: int) -> bool:
        return agree(want, got)


def fault_of(block: Block, name: str, folder: Path, names: dict[str, Any]) -> str | None:
    """Run a block in a page's folder; return what is wrong with what it shows. `names` are those of the page so far."""
    if block.is_doctest:
        test = doctest.DocTestParser().get_doctest(block.text, names, name, name, block.line - 1)
        said: list[str] = []
        doctest.DocTestRunner(_Checker(), verbose=False).run(test, out=said.append, clear_globs=False)
        names.update(test.globs)
        return "".join(said) or None
    for command in block.commands():
        status, printed = page_commands.run(command.text, folder)
        if not (agree(command.shown, printed) if command.shown.strip() else status == 0):
            return f"{name}:{command.line}: $ {command.text}\nshown:\n{command.shown}\nprinted ({status}):\n{printed}"
    return None


def run_page(read: Page, folder: Path, slow: bool) -> list[str]:
    """Do in a folder what a page shows, from its first block to its last; return what is not as it is shown."""
    for data in ("seeds", "configs", "annotations"):
        if any(block.is_run and data in block.text for block in read.blocks):
            shutil.copytree(ROOT / data, folder / data)
    names: dict[str, Any] = {}
    faults = []
    for block in read.blocks:
        if "file" in block.marks:
            write(str(folder / block.marks["file"]), block.text)
        if "not run" in block.marks or ("slow" in block.marks and not slow):
            continue
        if "first" in block.marks:
            status, printed = page_commands.run(f"set -e; {block.marks['first']}", folder)
            assert status == 0, f"{read.name}:{block.line}: {printed}"
        faults.append(fault_of(block, read.name, folder, names))
    return [fault for fault in faults if fault]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_shows_what_happens(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    faults = run_page(page(name), tmp_path, slow=False)
    assert not faults, "\n\n".join(faults)


@pytest.mark.slow
@pytest.mark.parametrize("name", SLOW)
def test_a_page_shows_what_happens_where_it_takes_long(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    faults = run_page(page(name), tmp_path, slow=True)
    assert not faults, "\n\n".join(faults)


@pytest.mark.parametrize(("name", "block"), NOT_RUN, ids=[f"{name}:{block.line}" for name, block in NOT_RUN])
def test_a_block_is_not_run_for_a_reason(name: str, block: Block) -> None:
    reason = block.marks["not run"]
    shows = block.is_run or not block.language
    assert reason and shows, f"{name}:{block.line}: nothing is shown, or no reason is given"
    pytest.skip(reason)  # pytest -rs lists them


@pytest.mark.parametrize("name", PAGES)
def test_output_without_a_command_is_not_run_for_a_reason(name: str) -> None:
    silent = [block for block in page(name).blocks if block.language in ("", "console") and not block.is_run]
    assert [block.line for block in silent if not block.marks.keys() & {"file", "not run"}] == []


def test_what_is_shown_agrees_with_what_is_printed() -> None:
    assert agree("score=0.9897)\n  next", "score=0.9912)\nnext\n")
    assert not agree("score=0.9897)", "score=0.9412)")
    assert not agree("F1 0.947", "F1 0.948"), "figures of tables have three decimals"
    assert agree("{… Hà Nội …}\n…\nend", '{"a": 1, Hà Nội, 2}\n1\n2\nend')
    assert not agree("5 documents, 307 entities", "5 documents, 306 entities")
    assert agree("", "") and not agree("", "error: no")


def test_a_page_that_is_wrong_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = """
<!-- file: a/one.txt -->
```
Không có gì.
```
```python
>>> 1 + 1
3
```
<!-- first: cp a/one.txt a/two.txt -->
```console
$ cat a/two.txt | tr K k   # a comment
không có gì.
$ vanban version | tr a-z A-Z
VANBAN 0.0
$ tag nowhere
$ tag nowhere
error: nowhere: …
```
<!-- not run: why -->
```sh
$ false
```
```sh
false   # without the sign of a command it is not run
```
"""
    monkeypatch.chdir(tmp_path)
    found = [fault.splitlines() for fault in run_page(Page("odd.md", wrong), tmp_path, slow=True)]
    assert len(found) == 2
    assert found[0][1].startswith('File "odd.md", line 7')
    assert found[1][0] == "odd.md:14: $ vanban version | tr a-z A-Z"
    assert run_page(Page("empty.md", ""), tmp_path / "empty", slow=False) == []
    command = next(Page("n.md", "```sh\n$ tag nowhere\n```").blocks[0].commands())
    assert page_commands.run(command.text, tmp_path)[0] == 2


@pytest.mark.parametrize("name", PAGES)
def test_python_without_prompts_is_python(name: str) -> None:
    for block in page(name).blocks:
        if block.language == "python" and not block.is_doctest:
            compile(block.text, f"{name}:{block.line}", "exec")

"""README and every page of docs/: the links, commands, options and entries of configs that a page names exist."""

from __future__ import annotations

import functools
import os
import re
import shlex
from pathlib import Path

import pytest

import page_commands
from pages import PAGES, Page, page
from project import ROOT

LINKED = [
    *PAGES,
    "CONTRIBUTING.md",
    "annotations/README.md",
    "annotations/guidelines.md",
    "annotations/values/README.md",
]
OPTION = re.compile(r"(?<![\w-])--[a-z][\w-]*")


def test_the_readme_is_short() -> None:
    assert page("README.md").text.count("\n") <= 150


@pytest.mark.parametrize("name", LINKED)
def test_links_lead_somewhere(name: str) -> None:
    lost = []
    for target in page(name).links():
        path, _, anchor = target.partition("#")
        to = Path(os.path.normpath(Path(name).parent / path)).as_posix() if path else name
        if not (ROOT / to).exists():
            lost.append(f"{target}: no such file")
        elif anchor and anchor not in page(to).anchors():
            lost.append(f"{target}: {to} has {', '.join(sorted(page(to).anchors()))}")
    assert not lost, f"{name}: {lost}"


@functools.cache
def help_of(words: tuple[str, ...]) -> str:
    """Return what a command says of itself; raises LookupError for an unknown one."""
    status, said = page_commands.run(shlex.join((*words, "--help")), ROOT)
    if status:
        raise LookupError(" ".join(words))
    return said


def options_of(words: tuple[str, ...]) -> set[str]:
    return set(OPTION.findall(help_of(words)))


def is_group(words: tuple[str, ...]) -> bool:
    return "COMMAND [ARGS]" in help_of(words)


@functools.cache
def all_options() -> frozenset[str]:
    """Return the options of all commands."""
    found = set()
    ahead: list[tuple[str, ...]] = [(name,) for name in page_commands.OWN]
    while ahead:
        words = ahead.pop()
        found |= options_of(words)
        if is_group(words):
            ahead += [(*words, name) for name in re.findall(r"^│ (\w[\w-]*) ", help_of(words), re.MULTILINE)]
    return frozenset(found)


def lines_of(read: Page) -> list[str]:
    """Return the commands of a page: in blocks of the shell, and between backticks."""
    shell = [block for block in read.blocks if block.language in ("sh", "bash", "console")]
    with_commands = [block for block in read.blocks if block not in shell and any(True for _ in block.commands())]
    found = [command.text for block in (*shell, *with_commands) for command in block.commands()]
    for block in shell:
        if not any(True for _ in block.commands()):
            found += re.sub(r"\\\n", " ", block.text).splitlines()
    return [*found, *read.code()]


def strange_options(read: Page) -> list[str]:
    """Return the commands and options that a page names and that there are not."""
    strange = []
    elsewhere: set[str] = set()  # options of commands that are not the package's
    alone = []
    for line in lines_of(read):
        for part in re.split(r"\||&&|;|\$\(", re.sub(r"(^|\s)#.*", "", line)):
            words = part.split()
            while words and re.fullmatch(r"[A-Z_]+=\S*", words[0]):
                del words[0]
            options = OPTION.findall(part)
            if not words or words[0].startswith("--"):
                alone += options
            elif words[0] in page_commands.OWN:
                command: tuple[str, ...] = (words[0],)
                try:
                    while is_group(command) and re.match("[a-z]", " ".join(words[len(command) :])):
                        command = (*command, words[len(command)])
                    known = options_of(command)
                except LookupError as unknown:
                    strange.append(str(unknown))
                else:
                    strange += [f"{' '.join(command)} {option}" for option in options if option not in known]
            elif words[0] == "python" and len(words) > 1 and (ROOT / words[1]).is_file():
                known = set(re.findall(r'"(--[a-z][\w-]*)"', (ROOT / words[1]).read_text(encoding="utf-8")))
                strange += [f"{words[1]} {option}" for option in options if option not in known]
                elsewhere |= known
            else:
                elsewhere |= {option.replace("_", "-") for option in options}
    return strange + [o for o in alone if o not in all_options() and o.replace("_", "-") not in elsewhere]


@pytest.mark.parametrize("name", [*PAGES, "CONTRIBUTING.md"])
def test_commands_and_options_exist(name: str) -> None:
    assert strange_options(page(name)) == []


def test_unknown_commands_and_options_are_found_out() -> None:
    odd = "`--nothing`, `tag in --format x --wokers 2`\n```sh\nX=1 vanban annotations chek  # --no\nvanban tabel x\n```"
    assert strange_options(Page("odd.md", odd)) == [
        "vanban annotations chek", "vanban tabel", "tag --wokers", "--nothing",
    ]  # fmt: skip
    fine = "`--multi_gpu`, `--shards 2`\n```sh\naccelerate launch --multi_gpu \\\n  -m x --y\n```"
    assert strange_options(Page("fine.md", fine)) == []


def entries() -> set[str]:
    """Return the entries of a config that hold a value, with `extends`."""
    from vanban_training.config import RunConfig, _all_paths

    paths = set(_all_paths(RunConfig)) | {"extends", "distillation.teacher", "distillation.weight"}
    paths |= {"distillation.temperature"}
    return {path for path in paths if not any(other.startswith(f"{path}.") for other in paths)}


def test_the_table_of_the_config_has_every_entry() -> None:
    read = page("docs/training.md")
    table = read.text[read.text.index("| entry of the config |") :].split("\n\n")[0]
    listed = []
    for row in table.splitlines()[2:]:
        first, *others = re.findall(r"`([^`]+)`", row.split(" | ")[0])
        listed += [first, *(first.rpartition(".")[0] + other for other in others)]
    assert len(listed) == len(set(listed))
    assert set(listed) == entries()


@pytest.mark.parametrize("name", PAGES)
def test_configs_and_their_entries_exist(name: str) -> None:
    import yaml

    from vanban_training.config import validate_config

    sections = {path.split(".")[0] for path in entries() if "." in path}
    known = entries() | {path.rpartition(".")[0] for path in entries()}
    named = [code.split("=")[0].split(":")[0] for code in page(name).code()]
    strange = [
        code for code in named if re.fullmatch(r"\w+(\.[a-z_]+)+", code) and code.split(".")[0] in sections - {"data"}
    ]
    assert [code for code in strange if code not in known] == []
    for block in page(name).blocks:
        values = yaml.safe_load(block.text) if block.language == "yaml" else None
        if isinstance(values, dict) and "task" in values:
            validate_config(values, f"{name}:{block.line}")

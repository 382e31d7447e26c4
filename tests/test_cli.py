"""`vanban` itself: its commands by what one wants to do, and what it says to a mistyped one."""

from __future__ import annotations

import re
from pathlib import Path

import page_commands
from vanban.cli import COMMANDS, GROUPS, TRAINING_COMMANDS


def test_help_shows_the_commands_by_what_one_wants_to_do(tmp_path: Path) -> None:
    status, said = page_commands.run("vanban --help", tmp_path)
    assert status == 0
    shown: dict[str, list[str]] = {}
    for line in said.splitlines():
        if title := re.match(r"╭─ (.+?) ─", line):
            names = shown.setdefault(title[1], [])
        elif name := re.match(r"│ ([a-z]+) ", line):
            names.append(name[1])
    assert shown.pop("Options") == []
    there = COMMANDS.keys() | TRAINING_COMMANDS.keys()
    assert shown == {group: [name for name in names if name in there] for group, names in GROUPS.items()}
    assert list(shown) == ["Read documents", "See what they say", "Train and measure", "About"]


def test_every_command_stands_in_one_group() -> None:
    grouped = [name for names in GROUPS.values() for name in names]
    assert len(grouped) == len(set(grouped))
    assert (COMMANDS.keys() | TRAINING_COMMANDS.keys()) <= set(grouped)


def test_a_mistyped_command_is_told_the_nearest(tmp_path: Path) -> None:
    for wrong, near in (("tga", "tag"), ("scroe", "score"), ("tabel", "table")):
        status, said = page_commands.run(f"vanban {wrong} seeds", tmp_path)
        assert status == 2
        assert f"No such command '{wrong}'. Did you mean" in said and f"'{near}'" in said
    status, said = page_commands.run("vanban tag seeds --min-scor 0.5", tmp_path)
    assert status == 2 and "--min-score" in said
    assert page_commands.run("vanban", tmp_path)[1].count("╭─") == len(GROUPS) + 1

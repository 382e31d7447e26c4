"""Pages of documentation as tests see them: their blocks with what a comment before them says, links, and code.

What a page says of a block stands in an HTML comment before it, which no reader sees:

    <!-- file: NAME -->         the block is written into the page's folder under this name
    <!-- first: COMMANDS -->    commands that bash runs in the page's folder before the block
    <!-- not run: REASON -->    the block is only read: it needs what a test has not
    <!-- slow: REASON -->       the block is run with the slow tests alone
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from project import ROOT

PAGES = ["README.md", *sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").glob("*.md"))]
SHELL = ("sh", "bash", "console", "")
TOLERANCE = 0.02  # of scores: they are those of another back end, or batch
_PARTS = re.compile(
    r"<!--\s*(?P<mark>file|first|not run|slow):\s*(?P<said>.*?)\s*-->"
    r"|^```(?P<language>\w*)[^\n]*\n(?P<text>.*?)^```[ \t]*$",
    re.DOTALL | re.MULTILINE,
)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
_SHOWN = re.compile(r"\s*(?:…|\.\.\.)\s*|\s+|(?<![\w.,])[01]\.\d+(?!\w|\.\d)")


@dataclass(frozen=True)
class Command:
    """A command and the output that is shown below it."""

    text: str
    shown: str
    line: int


@dataclass(frozen=True)
class Block:
    """A fenced block: the language, the number of its first line, and what the comments before it say."""

    language: str
    text: str
    line: int
    marks: dict[str, str] = field(default_factory=dict)

    @property
    def is_doctest(self) -> bool:
        return self.language in ("python", "pycon") and re.search(r"^\s*>>> ", self.text, re.MULTILINE) is not None

    @property
    def is_run(self) -> bool:
        """Say whether it has something to run, where no comment says otherwise."""
        return self.is_doctest or any(True for _ in self.commands())

    def commands(self) -> Iterator[Command]:
        """Yield the commands behind `$ `, over lines that end in a backslash, with what is shown below each."""
        if self.language not in SHELL:
            return
        lines = self.text.splitlines()
        starts = [i for i, line in enumerate(lines) if line.startswith("$ ")]
        for start, end in pairwise([*starts, len(lines)]):
            text, shown = lines[start][2:], start + 1
            while text.endswith("\\") and shown < end:
                text, shown = f"{text[:-1]} {lines[shown].strip()}", shown + 1
            yield Command(text, "\n".join(lines[shown:end]), self.line + start)


@dataclass(frozen=True)
class Page:
    """A page by its path from the root of the checkout."""

    name: str
    text: str

    @cached_property
    def blocks(self) -> list[Block]:
        found: list[Block] = []
        marks: dict[str, str] = {}
        for part in _PARTS.finditer(self.text):
            if part["mark"]:
                marks[part["mark"]] = part["said"]
            else:
                line = self.text.count("\n", 0, part.start("text")) + 1
                found.append(Block(part["language"], part["text"], line, marks))
                marks = {}
        return found

    @cached_property
    def prose(self) -> str:
        """The page without comments and blocks."""
        return re.sub(r"<!--.*?-->", "", _PARTS.sub("", self.text), flags=re.DOTALL)

    def code(self) -> list[str]:
        """Return what stands between backticks in the prose, white space as one space."""
        return [" ".join(code.split()) for _, code in _CODE.findall(self.prose)]

    def links(self) -> list[str]:
        """Return where the links and the pictures of the page lead, but those to other sites."""
        found = _LINK.findall(_CODE.sub("", self.prose))
        return [target for target in found if not re.match(r"[a-z]+:", target)]

    def anchors(self) -> set[str]:
        """Return the anchors of the headings, as GitHub makes them."""
        found: dict[str, int] = {}
        for heading in re.findall(r"^#+ +(.+)$", self.prose, re.MULTILINE):
            anchor = re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
            found[anchor] = found.get(anchor, -1) + 1
            if found[anchor]:
                found[f"{anchor}-{found[anchor]}"] = 0
        return set(found)


def page(name: str) -> Page:
    """Read a page."""
    return Page(name, (ROOT / name).read_text(encoding="utf-8"))


def agree(shown: str, printed: str) -> bool:
    """Say whether the output that a page shows is what was printed.

    White space counts as one space. `…` and `...` stand for anything. A score (a number below 2) may differ by
    TOLERANCE, but where both have three decimals, as tables of figures have.
    """
    pattern, numbers, end = "", [], 0
    for piece in _SHOWN.finditer(shown.strip()):
        pattern += re.escape(shown.strip()[end : piece.start()])
        end = piece.end()
        if piece[0].strip() in ("…", "..."):
            pattern += ".*?"
        elif piece[0].strip():
            pattern += r"([01]\.\d+)"
            numbers.append(piece[0])
        else:
            pattern += r"\s+"
    found = re.fullmatch(pattern + re.escape(shown.strip()[end:]), printed.strip(), re.DOTALL)
    return found is not None and all(map(_near, numbers, found.groups()))


def _near(shown: str, printed: str) -> bool:
    if len(shown) == len(printed) == len("0.000"):
        return shown == printed
    return abs(float(shown) - float(printed)) <= TOLERANCE

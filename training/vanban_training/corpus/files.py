"""Where the files of a corpus are: what paths and globs name, and what folders hold, by one rule for all formats.

Suffixes count in any case, names in NFC or NFD are the same, and hidden files are none: see `vanban.documents.names`.
"""

from __future__ import annotations

import glob
import os
import unicodedata
from pathlib import Path

from vanban.documents.names import composed, in_any_case, is_hidden, suffix_of
from vanban.errors import UserError


def expand(path: str) -> list[Path]:
    """Return the files or folders that a path or a glob names; raises UserError when there are none."""
    for form in _forms(path):
        if Path(form).exists():
            return [Path(form)]
    found = sorted({match for form in _forms(path) for match in glob.glob(in_any_case(form), recursive=True)})
    if not found:
        near = sorted(p.name for p in Path(path).parent.glob("*"))[:8] if Path(path).parent.is_dir() else []
        hint = f" In {Path(path).parent} there are: {', '.join(near)}." if near else ""
        raise UserError(f"{path}: no such file or folder (looked in {Path.cwd()}).{hint}")
    return [Path(p) for p in found]


def located(root: Path, path: str) -> Path:
    """Return the file at `path` below `root`, which may be there in NFC or in NFD; `root/path` where there is none."""
    return next((root / form for form in _forms(path) if (root / form).is_file()), root / path)


def named_files(folder: Path, suffix: str) -> dict[str, Path]:
    """Return the files of a suffix below `folder`, sorted by path, each by its name: without the suffix, with `/`, NFC.

    None where there is no such folder. Raises UserError for two of one name, and for a folder that can't be read.
    """
    files: dict[str, Path] = {}
    for path in _below(folder, suffix):
        name = composed(path.relative_to(folder).with_suffix("").as_posix())
        if name in files:
            raise UserError(
                f"{files[name]} and {path} differ in the case of their suffix or the Unicode form of their name alone; "
                "rename or remove one of them"
            )
        files[name] = path
    return files


def _below(folder: Path, suffix: str) -> list[Path]:
    def stop(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):
            raise UserError(f"{error.filename}: can't be read ({error.strerror})")

    found = []
    for parent, folders, files in os.walk(folder, onerror=stop):
        folders[:] = [name for name in folders if not is_hidden(name)]
        found += [Path(parent, name) for name in files if not is_hidden(name) and suffix_of(name) == suffix]
    return sorted(found)


def _forms(path: str) -> dict[str, None]:
    """Return `path` as it stands, in NFC and in NFD, in this order and each once."""
    return dict.fromkeys((path, *(unicodedata.normalize(form, path) for form in ("NFC", "NFD"))))

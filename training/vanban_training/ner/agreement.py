"""The agreement of two annotators: strict scores of the spans of one folder against those of another."""

from __future__ import annotations

import json
from pathlib import Path

from vanban.documents.formats.brat import read_brat
from vanban.documents.names import composed
from vanban.errors import UserError
from vanban.schema import LABELS
from vanban_training.corpus.files import located, named_files
from vanban_training.corpus.rows import numbered_rows, read_rows, read_text
from vanban_training.ner.evaluation import Score, strict_scores


def agreement_scores(first: Path, second: Path, manifest: Path) -> tuple[int, list[Score]]:
    """Return the number of documents that both folders annotate, and their strict scores, `first` as gold.

    Files are paired by their path in the folders. Their texts stand beside those of `first`, or are named by the
    manifest. Raises UserError when a folder is not there, the two share no file, or a text is not found.
    """
    for folder in (first, second):
        if not folder.is_dir():
            raise UserError(f"{folder}: no such folder (looked in {Path.cwd()})")
    standoffs = [standoffs_of(folder) for folder in (first, second)]
    names = sorted(standoffs[0].keys() & standoffs[1].keys())
    if not names:
        raise UserError(f"{first} and {second} share no .ann file")
    beside = named_files(first, ".txt")
    texts = {f"{name}.ann": path for name, path in beside.items() if f"{name}.ann" in names}
    if len(texts) < len(names):
        texts = _texts_by_standoff(manifest) | texts
    unknown = [name for name in names if name not in texts]
    if unknown:
        raise UserError(f"{manifest}: has no line for {', '.join(unknown)}, and {first} no .txt beside")
    pairs = []
    for name in names:
        text = read_text(texts[name])
        pairs.append([read_brat(read_rows(found[name]), text, str(found[name])) for found in standoffs])
    return len(names), strict_scores([a for a, _ in pairs], [b for _, b in pairs], LABELS)


def standoffs_of(folder: Path) -> dict[str, Path]:
    """Return the standoff files under a folder by their path in it, with `/`, in NFC, and with `.ann` in any case."""
    return {f"{name}.ann": path for name, path in named_files(folder, ".ann").items()}


def _texts_by_standoff(manifest: Path) -> dict[str, Path]:
    """Return the path of the text behind each .ann of a manifest, by its name, and by its folder and name."""
    root = manifest.resolve().parent.parent
    texts = {}
    for where, row in numbered_rows(manifest):
        try:
            record = json.loads(row)
            standoff = Path(composed(record["annotation"])).with_suffix(".ann")
            for name in (standoff.name, f"{standoff.parent.name}/{standoff.name}"):
                texts[name] = located(root, record["path"])
        except (ValueError, KeyError, TypeError):
            raise UserError(
                f'{where}: found {row!r:.80}, expected an object with "annotation" and "path"; '
                f"see: vanban annotations check {manifest}"
            ) from None
    return texts

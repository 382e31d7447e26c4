"""The texts on which an exported model is held against the model itself: the seeds, and some of the authored ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from vanban_training.corpus.annotated import load_documents

EVERY: Final = 36  # of the authored documents


def build_sample(manifest: Path, out: Path) -> int:
    """Write `{"id", "text"}` of each seed and of some authored documents to `out`; return how many there are."""
    documents = load_documents([manifest])
    authored = [document for document in documents if document.origin != "seed"]
    chosen = [document for document in documents if document.origin == "seed"] + authored[::EVERY]
    lines = [json.dumps({"id": document.id, "text": document.text}, ensure_ascii=False) for document in chosen]
    out.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return len(lines)

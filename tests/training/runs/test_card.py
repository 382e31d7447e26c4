"""The model card of a run."""

from __future__ import annotations

from typing import Any

import pytest

from vanban_training.config import validate_config
from vanban_training.runs.card import run_card

ORDINARY = "It is an ordinary Hugging Face model too:"
RECORD: dict[str, Any] = {
    "versions": {"python": "3.11", "torch": "2.0"},
    "encoder": {"used": "bundled", "how": "ships with the package"},
    "windows": {"tokens": 32, "overlap": 8},
    "seed": 3,
    "seconds": 12.4,
}


@pytest.mark.parametrize(
    ("task", "document", "lines"),
    [
        (
            "ner",
            {"id": "a", "sha256": "0123456789abcdef", "spans": 7},
            [
                "# Token classifier for PLACE, COUNT",
                "- `a`: 7 spans, sha256 `0123456789ab…`",
                'load("runs/x").predict("…").entities',
                f'{ORDINARY} `AutoModelForTokenClassification.from_pretrained("runs/x")`.',
            ],
        ),
        (
            "doctype",
            {"id": "a", "sha256": "0123456789abcdef", "type": "chi_thi"},
            [
                "# Token classifier for PLACE, COUNT",
                "- `a`: chi_thi, sha256 `0123456789ab…`",
                'load("runs/x").predict("…").doc_type',
                f'{ORDINARY} `AutoModelForSequenceClassification.from_pretrained("runs/x")`.',
            ],
        ),
    ],
)
def test_the_card(tiny_config, task, document, lines):
    config = tiny_config(method="lora")
    data = config.data.model_copy(update={"labels": ("PLACE", "COUNT")})
    config = config.model_copy(update={"task": task, "output": "runs/x", "data": data})
    card = run_card(config, "Token classifier for", {**RECORD, "documents": [document]}, "| a table |").split("\n")
    for line in [
        *lines,
        "Encoder: `bundled` (ships with the package). Method: lora (LoRA rank 16, alpha 32), 2 epochs, learning",
        "rate 0.01, windows of 32 tokens, seed 3; 12 s of training.",
        "| a table |",
        "Made with python 3.11, torch 2.0.",
    ]:
        assert line in card


def test_the_card_of_a_model_that_was_taught(tiny_values):
    values = {
        **tiny_values,
        "encoder": {"name": "bundled", "layers": 4},
        "distillation": {"teacher": "accurate", "weight": 0.25, "temperature": 3},
    }
    card = run_card(validate_config(values, "tiny"), "Token classifier for", {**RECORD, "documents": []}, "| a table |")
    assert "Encoder: `bundled` (ships with the package), the first 4 layers alone. Method: full, 2 epochs" in card
    assert "\n\nTaught by `accurate`: weight 0.25, temperature 3.\n\n## Scores" in card
    del values["distillation"]
    card = run_card(validate_config(values, "tiny"), "Token classifier for", {**RECORD, "documents": []}, "")
    assert "Taught" not in card

"""The model card of a run directory: what it is, what it was trained on, how it scores, how to use it."""

from __future__ import annotations

from typing import Any

from vanban.documents.counting import counted
from vanban.network.weights import network_class
from vanban_training.config import RunConfig


def run_card(config: RunConfig, heading: str, record: dict[str, Any], table: str) -> str:
    """Return the Markdown text of a run's README.md."""
    encoder = record["encoder"]
    training = config.training
    documents = "\n".join(
        f"- `{d['id']}`: {d['type'] if 'type' in d else counted(d['spans'], 'spans')}, sha256 `{d['sha256'][:12]}…`"
        for d in record["documents"]
    )
    versions = ", ".join(f"{name} {version}" for name, version in record["versions"].items())
    lora = f" (LoRA rank {training.lora.rank}, alpha {training.lora.alpha:g})" if training.method == "lora" else ""
    seconds = f"{record['seconds']:.0f} s of training"
    used = f"`{encoder['used']}` ({encoder['how']})"
    if config.encoder.layers:
        used += f", the first {counted(config.encoder.layers, 'layers')} alone"
    taught, by = config.distillation, ""
    if taught:
        by = f"\n\nTaught by `{taught.teacher}`: weight {taught.weight:g}, temperature {taught.temperature:g}."
    return f"""# {heading} {", ".join(config.data.labels)}

Encoder: {used}. Method: {training.method}{lora}, {training.epochs:g} epochs, learning
rate {training.learning_rate:g}, windows of {record["windows"]["tokens"]} tokens, seed {record["seed"]}; {seconds}.{by}

## Scores on the training documents

These show that the model fits what it was shown. How it does on other documents is what
`train --cross-validate` measures.

{table}

## Trained on

{documents}

## Use

```python
from vanban import load
load("{config.output}").predict("…").{"entities" if config.task == "ner" else "doc_type"}
```

It is an ordinary Hugging Face model too: `{network_class(config.task).__name__}.from_pretrained("{config.output}")`.

Made with {versions}.
"""

"""The token classifier: features from annotated documents, the network, and its fitting with Hugging Face's Trainer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForTokenClassification, DataCollatorForTokenClassification

from vanban.checkpoint import Checkpoint, check_vocabulary, load_tokenizer, position_limit
from vanban.encoding import TextEncoder
from vanban.errors import UserError
from vanban.predictor import Predictor
from vanban.tagging import IGNORED, tag_names, tags_of_spans
from vanban.words import word_spans
from vanban_training.config import RunConfig
from vanban_training.corpus import AnnotatedDocument
from vanban_training.fitting import fit


def build_features(
    documents: Sequence[AnnotatedDocument], encoder: TextEncoder, labels: Sequence[str]
) -> list[dict[str, list[int]]]:
    """Return one example a window: input_ids, attention_mask and labels, each (window tokens + special tokens,)."""
    examples = []
    # a word that the segmenter runs over the end of a span would leave one of its sides without a label
    cuts = [{offset for e in d.entities for offset in (e.start, e.end)} for d in documents]
    for document, encoded in zip(documents, encoder.encode_batch([d.text for d in documents], cuts), strict=True):
        try:
            tags = tags_of_spans(encoded, document.entities, labels)
        except ValueError as error:
            raise UserError(f"{document.source or document.id}: {error}") from None
        for window in encoded.windows:
            ids = [*encoder.prefix, *encoded.ids[window.start : window.end].tolist(), *encoder.suffix]
            body = tags[window.start : window.end].tolist()
            examples.append(
                {
                    "input_ids": ids,
                    "attention_mask": [1] * len(ids),
                    "labels": [*[IGNORED] * len(encoder.prefix), *body, *[IGNORED] * len(encoder.suffix)],
                }
            )
    return examples


def new_network(encoder: Path | str, config: RunConfig) -> tuple[Any, Any]:
    """Return a token-classification network over `encoder`, with a new head, and its tokenizer."""
    tags = tag_names(config.data.labels)
    options: dict[str, Any] = {}
    if config.training.dropout is not None:
        options = {
            "hidden_dropout_prob": config.training.dropout,
            "attention_probs_dropout_prob": config.training.dropout,
        }
    try:
        network, report = AutoModelForTokenClassification.from_pretrained(
            encoder,
            num_labels=len(tags),
            id2label=dict(enumerate(tags)),
            label2id={tag: i for i, tag in enumerate(tags)},
            dtype=torch.float32,
            # on a CPU the fused attention's backward pass costs a third of a step on windows this short
            attn_implementation="sdpa" if torch.cuda.is_available() else "eager",
            output_loading_info=True,
            **options,
        )
    except Exception as error:  # damaged files raise EOFError, RuntimeError, UnpicklingError, SafetensorError and more
        reason = (str(error).strip().splitlines() or [""])[0]
        raise UserError(
            f"encoder {encoder}: its weights or its config can't be read ({type(error).__name__}: {reason}); "
            "fetch them again"
        ) from None
    missing = sorted(key for key in report["missing_keys"] if not key.startswith("classifier"))
    if missing:
        raise UserError(
            f"encoder {encoder}: its weights lack {', '.join(missing[:3])}"
            f"{f' and {len(missing) - 3} more' if len(missing) > 3 else ''}: damaged, or of another network than "
            "config.json says; fetch them again"
        )
    tokenizer = load_tokenizer(encoder)
    check_vocabulary(network, tokenizer, encoder)
    return network, tokenizer


def train_ner(
    config: RunConfig,
    encoder: Path | str,
    documents: Sequence[AnnotatedDocument],
    checkpoints: Path | None,
    resume: bool = False,
) -> tuple[Checkpoint, Any]:
    """Fit a token classifier on `documents`; return it ready to predict, and the network as it was trained.

    `checkpoints` None keeps nothing on disk. Raises Interrupted when the run was stopped by Ctrl-C, after the last
    step was saved in `checkpoints`.
    """
    torch.manual_seed(config.training.seed)  # the new head's weights
    network, tokenizer = new_network(encoder, config)
    window = min(config.windows.tokens, position_limit(network.config, tokenizer))
    if window < config.windows.tokens:
        print(f"windows: {window} tokens, all that the encoder takes, instead of {config.windows.tokens}")
    text_encoder = TextEncoder(tokenizer, window, config.windows.overlap)
    if text_encoder.reads_words:
        _report_spans_inside_words(documents)
    if config.augmentation.copies:
        from vanban_training.augmentation import augment

        variants = augment(documents, config.augmentation, config.training.seed)
        # a replacement may bring a label along that this network does not learn
        known = [replace(d, entities=tuple(e for e in d.entities if e.label in config.data.labels)) for d in variants]
        documents = [*documents, *known]
    examples = build_features(documents, text_encoder, config.data.labels)
    collator = DataCollatorForTokenClassification(tokenizer)
    trained, merged = fit(network, examples, collator, config.training, checkpoints, resume)
    checkpoint = Checkpoint(
        network=merged.eval(),
        tokenizer=tokenizer,
        tags=tuple(tag_names(config.data.labels)),
        window_tokens=window,
        overlap_tokens=config.windows.overlap,
        name=config.output,
        info={},
    )
    return checkpoint, trained


def _report_spans_inside_words(documents: Sequence[AnnotatedDocument]) -> None:
    """Print how many spans begin or end inside a word: an encoder that reads words can't find these."""
    inside = []
    spans = 0
    for document in documents:
        words = word_spans(document.text)
        starts, ends = {start for start, _ in words}, {end for _, end in words}
        spans += len(document.entities)
        inside += [e.text for e in document.entities if e.start not in starts or e.end not in ends]
    if inside:
        examples = ", ".join(repr(text) for text in inside[:3])
        print(
            f"{len(inside)} of {spans} spans begin or end inside a word as it is segmented, and will hardly be found: "
            f"{examples}{' …' if len(inside) > 3 else ''}"
        )


def predict_documents(checkpoint: Checkpoint, documents: Sequence[AnnotatedDocument]) -> list[list[Any]]:
    """Return the entities that the model finds in each document, by the path that users take."""
    predictor = Predictor(checkpoint)
    return [list(p.entities) for p in predictor.stream([d.text for d in documents])]

"""Document classification: variants of the training documents, and the fitting of a network to their windows."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from transformers import DataCollatorWithPadding

from vanban.errors import UserError
from vanban.network.checkpoint import Checkpoint
from vanban.network.formulae import FORMULA, formulae_in
from vanban.network.heads import Classifier
from vanban.reading.encoding import TextEncoder
from vanban_training.config import AugmentationConfig, RunConfig
from vanban_training.corpus.annotated import AnnotatedDocument, of_origins
from vanban_training.corpus.folds import Fold, FoldResult, measured_calibration
from vanban_training.corpus.near_duplicates import stratified_folds
from vanban_training.corpus.typed import count_types, load_typed_documents
from vanban_training.doctype.evaluation import accuracy_table, confusions
from vanban_training.doctype.report import report_types
from vanban_training.doctype.titles import CODES, mask_head, retitle, split_head
from vanban_training.fitting.distillation import add_soft_targets
from vanban_training.fitting.networks import new_network, standardise_pooler, text_encoder, trained_checkpoint
from vanban_training.fitting.trainer import fit

LEAST_CHARACTERS: Final = 200  # of a piece from the middle; a shorter one says nothing of its document


class DocumentClassification:
    """The task `doctype`: one of the types of a config for each document."""

    heading = "Document classifier for"

    def read(self, config: RunConfig) -> list[AnnotatedDocument]:
        """Read the documents with their types; they need not be of every type."""
        return of_origins(load_typed_documents(config.data.documents, config.data.labels), config.data.origins)

    def load(self, config: RunConfig) -> list[AnnotatedDocument]:
        """Read the documents; raises UserError, too, when a type has none, or augmentation knows no title of theirs."""
        documents = self.read(config)
        counts = count_types(documents, config.data.labels)
        lacking = [name for name, count in counts.items() if not count]
        if lacking:
            raise UserError(
                f"data.documents: no document of the type {', '.join(lacking)}; leave it out of data.labels"
            )
        if (config.augmentation.retitled or config.augmentation.masked) and not set(CODES) & set(counts):
            raise UserError(
                "augmentation.retitled and .masked: only the titles of administrative documents are known "
                f"({', '.join(CODES)}), found the types {', '.join(counts)}; set both to 0"
            )
        return documents

    def describe(self, documents: Sequence[AnnotatedDocument]) -> str:
        """Return the numbers of documents and types."""
        return f"{len(documents)} of {len({d.type for d in documents})} types"

    def count(self, document: AnnotatedDocument) -> dict[str, Any]:
        """Return the type."""
        return {"type": document.type}

    def train(
        self,
        config: RunConfig,
        encoder: str,
        documents: Sequence[AnnotatedDocument],
        checkpoints: Path | None,
        resume: bool = False,
    ) -> tuple[Checkpoint, Any]:
        """Fit a sequence classifier on windows of `documents` and of their variants, drawn anew for each epoch."""
        new = new_network(encoder, config)
        reader = text_encoder(new, config)
        draw = random.Random(config.training.seed)
        drawn = [
            pair
            for _ in range(int(config.training.epochs))
            for pair in draw_texts(documents, config.augmentation, draw)
        ]
        examples = build_features(drawn, reader, config.data.labels)
        standardise_pooler(new, examples)
        add_soft_targets(examples, new, config)
        settings = config.training.model_copy(update={"epochs": 1})  # the epochs differ, and are one list
        collator = DataCollatorWithPadding(new.tokenizer)
        trained, merged = fit(new, examples, collator, settings, checkpoints, resume, distillation=config.distillation)
        return trained_checkpoint(config, new, reader, merged), trained

    def predict(self, checkpoint: Checkpoint, documents: Sequence[AnnotatedDocument]) -> list[Any]:
        """Return, for each document, the logits of all of its windows, whole and with its head masked.

        With those of every window, and the number of formulae in it, any way of reading and pooling can be judged
        afterwards.
        """
        classifier = Classifier(checkpoint)
        variants = {"whole": [d.text for d in documents], "masked": [mask_head(d.text) for d in documents]}
        predicted: list[dict[str, Any]] = [{} for _ in documents]
        for name, texts in variants.items():
            encoded = classifier.encoder.encode_batch(texts)
            for row, document, logits in zip(predicted, encoded, classifier.window_logits(encoded), strict=True):
                row[name] = [[round(float(x), 4) for x in window] for window in logits]
                row[f"{name}_formulae"] = formulae_in(document)
        return predicted

    def scores(
        self, config: RunConfig, documents: Sequence[AnnotatedDocument], predicted: Sequence[Any]
    ) -> tuple[str, dict[str, Any]]:
        """Return accuracy and macro F1, whole and with the head masked."""
        return accuracy_table(config, documents, predicted)

    def errors(
        self,
        config: RunConfig,
        documents: Sequence[AnnotatedDocument],
        predicted: Sequence[Any],
        examples: int,
        masked: bool,
    ) -> str:
        """Return which types are taken for which, of the documents as they stand or with their heads masked."""
        return confusions(config, documents, predicted, examples, "masked" if masked else "whole")

    def settings(self, config: RunConfig, cross_validation: Path | None) -> dict[str, Any]:
        """Return what is read and from how many words on, and what cross-validation found: temperature, threshold."""
        reading = {"reading": config.reading.model_dump(), "least_words": config.calibration.least_words}
        measured = measured_calibration(cross_validation)
        if measured is None:
            print(
                "calibration: none, the scores are those of the network and every document gets a type; "
                "train --cross-validate with the same config measures it, for the next train to find"
            )
            return reading
        found, record = measured
        print(f"calibration: temperature {found['temperature']}, threshold {found['threshold']} ({record})")
        return {**reading, "temperature": found["temperature"], "threshold": found["threshold"]}

    def folds(self, config: RunConfig, documents: Sequence[AnnotatedDocument]) -> list[Fold]:
        """Return five folds, stratified by type; near-duplicates share one."""
        return stratified_folds(documents)

    def report(self, config: RunConfig, results: Iterable[FoldResult], out: Path) -> dict[str, Any]:
        """Print how well types are told, against the baselines; write the calibration and the confusion matrix."""
        return report_types(config, results, out)


def draw_texts(
    documents: Sequence[AnnotatedDocument], augmentation: AugmentationConfig, draw: random.Random
) -> Iterator[tuple[str, str, int]]:
    """Yield the texts of one epoch, the type of each, and which of its windows is learned: 0 or -1.

    Of each document: its first window and its last; with a head that names a type, heads whose title is drawn anew,
    before its own or another's body, and heads without one; pieces that begin in the middle.
    """
    types = {d.type for d in documents}
    titles = [name for name in CODES if name in types]  # the network knows no others
    for document in documents:
        doc_type = str(document.type)
        yield document.text, doc_type, 0
        yield document.text, doc_type, -1
        halves = split_head(document.text) if doc_type in CODES else None
        if halves:
            head, body = halves
            for _ in range(augmentation.retitled):
                other = draw.choice(titles)
                rest = body if draw.random() < 0.5 else _piece(draw.choice(documents).text, draw)
                yield f"{retitle(head, other)}\n{rest}", other, 0
            for _ in range(augmentation.masked):
                yield mask_head(document.text), doc_type, 0
        for _ in range(augmentation.fragments):
            yield _piece(document.text, draw), doc_type, 0
        for piece in _around_formulae(document.text, augmentation.formulae, draw):
            yield piece, doc_type, 0


def _piece(text: str, draw: random.Random) -> str:
    """Return `text` from the beginning of one of its lines on, or its end when that is too short."""
    lines = text.split("\n")
    first = min(10, len(lines) // 4)
    start = draw.randint(first, max(first, len(lines) * 3 // 4))
    piece = "\n".join(lines[start:])
    return piece if len(piece) >= LEAST_CHARACTERS else text[-3 * LEAST_CHARACTERS :]


def _around_formulae(text: str, number: int, draw: random.Random) -> Iterator[str]:
    """Yield up to `number` pieces that begin shortly before one of the document's own formulae, behind its head."""
    places = [match.start() for match in FORMULA.finditer(text) if match.start() > LEAST_CHARACTERS]
    for place in draw.sample(places, min(number, len(places))):
        start = max(0, place - draw.randint(20, 2 * LEAST_CHARACTERS))
        cut = text.find(" ", start)  # at a word
        yield text[cut + 1 :]


def build_features(
    texts: Sequence[tuple[str, str, int]], encoder: TextEncoder, types: Sequence[str]
) -> list[dict[str, Any]]:
    """Return one example a text, of the window that is named: input_ids, attention_mask and labels (an int).

    A text without tokens gives none.
    """
    distinct = list(dict.fromkeys(text for text, _, _ in texts))  # a document's first and last window are both learned
    encoded = dict(zip(distinct, encoder.encode_batch(distinct), strict=True))
    examples = []
    for text, doc_type, which in texts:
        if not encoded[text].windows:
            continue
        window = encoded[text].windows[which]
        ids = encoder.with_special_tokens(encoded[text].ids[window.start : window.end])
        examples.append({"input_ids": ids, "attention_mask": [1] * len(ids), "labels": types.index(doc_type)})
    return examples

"""Token classification: features from annotated documents, the fitting of a network, and how it is judged."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from transformers import DataCollatorForTokenClassification

from vanban.documents.counting import counted
from vanban.errors import UserError
from vanban.network.checkpoint import Checkpoint
from vanban.network.edges import EdgeMarks
from vanban.network.rules import Rules, keeps
from vanban.network.tagging import IGNORED, tag_names, tags_of_spans
from vanban.predictor import Predictor
from vanban.reading.encoding import TextEncoder
from vanban.reading.words import word_spans
from vanban_training.config import RunConfig, SurfaceConfig
from vanban_training.corpus.annotated import AnnotatedDocument, annotations_sha256, load_documents, of_origins
from vanban_training.corpus.folds import Fold, FoldResult, grouped_folds, measured_calibration
from vanban_training.fitting.distillation import add_soft_targets
from vanban_training.fitting.networks import new_network, text_encoder, trained_checkpoint
from vanban_training.fitting.trainer import fit
from vanban_training.ner.errors import errors_of, errors_report
from vanban_training.ner.evaluation import score_table
from vanban_training.ner.mentions import tables
from vanban_training.ner.report import entities_of, report_spans, scores_of
from vanban_training.ner.sequence_loss import pack, sequence_loss

FOLDS_OF_MANY: Final = 5
MOST_ALONE: Final = 10  # documents, each a fold of its own


class TokenClassification:
    """The task `ner`: spans of the labels of a config."""

    heading = "Token classifier for"

    def read(self, config: RunConfig) -> list[AnnotatedDocument]:
        """Read the annotated documents; they need not hold a span."""
        data = config.data
        return of_origins(load_documents(data.documents, data.labels, data.conll_column), data.origins)

    def load(self, config: RunConfig) -> list[AnnotatedDocument]:
        """Read the documents; raises UserError, too, without a span, and when augmentation knows none of the labels."""
        documents, labels = self.read(config), config.data.labels
        if not any(d.entities for d in documents):
            raise UserError(
                f"data.documents: {counted(len(documents), 'documents')} without a span of {', '.join(labels)}"
            )
        known = tables()["replacements"]
        if config.augmentation.copies and not any(label in known for label in labels):
            raise UserError(
                f"augmentation.copies: mention replacement knows {', '.join(known)}, found the labels "
                f"{', '.join(labels)}; set augmentation.copies: 0"
            )
        if not config.augmentation.copies and config.augmentation.surface != SurfaceConfig():
            print("augmentation.surface: has no effect, as it changes copies and augmentation.copies is 0")
        return documents

    def describe(self, documents: Sequence[AnnotatedDocument]) -> str:
        """Return the numbers of documents and spans."""
        return f"{len(documents):,} with {counted(sum(len(d.entities) for d in documents), 'spans')}"

    def count(self, document: AnnotatedDocument) -> dict[str, Any]:
        """Return the number of spans and their checksum."""
        return {"annotations_sha256": annotations_sha256(document), "spans": len(document.entities)}

    def train(
        self,
        config: RunConfig,
        encoder: str,
        documents: Sequence[AnnotatedDocument],
        checkpoints: Path | None,
        resume: bool = False,
    ) -> tuple[Checkpoint, Any]:
        """Fit a token classifier on `documents`."""
        _report_broken_rules(documents, config.data.rules)
        edge_marks = EdgeMarks.of(entity for document in documents for entity in document.entities)
        new = new_network(encoder, config)
        reader = text_encoder(new, config)
        if reader.reads_words:
            _report_spans_inside_words(documents)
        if config.augmentation.copies:
            from vanban_training.ner.augmentation import augment

            variants = augment(documents, config.augmentation, config.training.seed)
            # a replacement may bring a label along that this network does not learn
            known = set(config.data.labels)
            documents = [
                *documents,
                *(replace(d, entities=tuple(e for e in d.entities if e.label in known)) for d in variants),
            ]
        whole = config.training.loss == "sequences"
        examples = build_features(documents, reader, config.data.labels, whole)
        add_soft_targets(examples, new, config)
        collator = DataCollatorForTokenClassification(new.tokenizer)
        loss = sequence_loss if whole else None
        trained, merged = fit(new, examples, collator, config.training, checkpoints, resume, loss, config.distillation)
        checkpoint = trained_checkpoint(config, new, reader, merged)
        return replace(checkpoint, edge_marks=edge_marks, rules=config.data.rules), trained

    def predict(self, checkpoint: Checkpoint, documents: Sequence[AnnotatedDocument]) -> list[Any]:
        """Return the entities that the model finds in each document, by the path that users take."""
        predictor = Predictor([checkpoint], values=False)
        return [[e.to_dict() for e in p.entities] for p in predictor.stream([d.text for d in documents])]

    def scores(
        self, config: RunConfig, documents: Sequence[AnnotatedDocument], predicted: Sequence[Any]
    ) -> tuple[str, dict[str, Any]]:
        """Return strict span scores by label."""
        scores = scores_of(config, documents, predicted)
        return score_table(scores), {s.label: s.to_dict() for s in scores}

    def errors(
        self,
        config: RunConfig,
        documents: Sequence[AnnotatedDocument],
        predicted: Sequence[Any],
        examples: int,
        masked: bool,
    ) -> str:
        """Return the missed, false, cut and confused spans; nothing of them can be masked."""
        if masked:
            raise UserError("--masked is for types: a token classifier reads documents as they stand")
        pairs = zip(documents, entities_of(predicted), strict=True)
        rows = [row for d, found in pairs for row in errors_of(d.id, d.text, d.entities, found)]
        return errors_report(rows, config.data.labels, examples)

    def settings(self, config: RunConfig, cross_validation: Path | None) -> dict[str, Any]:
        """Return the temperature of entities' scores, if a cross-validation measured it."""
        measured = measured_calibration(cross_validation)
        if measured is None:
            return {}
        found, record = measured
        print(f"calibration: temperature {found['temperature']} ({record})")
        return {"temperature": found["temperature"]}

    def folds(self, config: RunConfig, documents: Sequence[AnnotatedDocument]) -> list[Fold]:
        """Return the folds that the config asks for, or one for each seed document.

        Without seeds up to ten documents are a fold each, those of one group together, and more documents make five
        folds. Raises UserError for fewer than two documents, or groups of them.
        """
        if len(documents) < 2:
            raise UserError(f"cross-validation needs at least two documents, found {len(documents)}")
        if config.data.folds:
            return grouped_folds(documents, config.data.folds)
        seeds = [d for d in documents if d.origin == "seed"]
        if len(seeds) > 1 or (seeds and len(seeds) < len(documents)):
            return [Fold(d.id, (d,)) for d in seeds]
        groups = {(d.group, d.group or d.id) for d in documents}
        if len(groups) == len(documents) <= MOST_ALONE:
            return [Fold(d.id, (d,)) for d in documents]
        most = MOST_ALONE if len(documents) <= MOST_ALONE else FOLDS_OF_MANY
        return grouped_folds(documents, max(2, min(most, len(groups))))

    def report(self, config: RunConfig, results: Iterable[FoldResult], out: Path) -> dict[str, Any]:
        """Print how well spans are found, by fold, origin and feature, and how far their scores can be believed."""
        return report_spans(config, results, out)


def build_features(
    documents: Sequence[AnnotatedDocument], encoder: TextEncoder, labels: Sequence[str], sequences: bool = False
) -> list[dict[str, list[int]]]:
    """Return one example a window: input_ids, attention_mask and labels, each (window tokens + special tokens,).

    The labels are tags, or, with `sequences`, what `sequence_loss` reads. A window of white space alone gives none: it
    has no label, and a step that saw nothing else would divide by 0.
    """
    examples = []
    # a word that the segmenter runs over the end of a span would leave one of its sides without a label
    cuts = [{offset for e in d.entities for offset in (e.start, e.end)} for d in documents]
    for document, encoded in zip(documents, encoder.encode_batch([d.text for d in documents], cuts), strict=True):
        try:
            tags = tags_of_spans(encoded, document.entities, labels)
        except ValueError as error:
            raise UserError(f"{document.source or document.id}: {error}") from None
        if sequences:
            tags = pack(tags, encoded, len(tag_names(labels)))
        for window in encoded.windows:
            body = tags[window.start : window.end].tolist()
            if set(body) == {IGNORED}:
                continue
            ids = encoder.with_special_tokens(encoded.ids[window.start : window.end])
            examples.append(
                {
                    "input_ids": ids,
                    "attention_mask": [1] * len(ids),
                    "labels": [*[IGNORED] * len(encoder.prefix), *body, *[IGNORED] * len(encoder.suffix)],
                }
            )
    return examples


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


def _report_broken_rules(documents: Sequence[AnnotatedDocument], rules: Rules) -> None:
    """Print how many annotated spans break a rule of their label: a model that keeps to it can't find them."""
    broken = [(d, e) for d in documents for e in d.entities if not keeps(rules, e.label, e.text)]
    if broken:
        examples = ", ".join(f"{e.label} {e.text!r} ({d.id})" for d, e in broken[:3])
        print(
            f"{len(broken)} annotated spans break a rule of their label (data.rules) and will not be found: {examples}"
            f"{' …' if len(broken) > 3 else ''}"
        )

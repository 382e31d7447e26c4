"""What a run needs to know of its task: everything else of a run is the same for all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

from vanban.network.checkpoint import Checkpoint
from vanban_training.config import RunConfig
from vanban_training.corpus.annotated import AnnotatedDocument
from vanban_training.corpus.folds import Fold, FoldResult


class TrainingTask(Protocol):
    """A task: its documents, how a network is fitted to them, and how what it predicts is judged."""

    heading: str
    """What the model is, in the first line of its card; followed by its labels."""

    def read(self, config: RunConfig) -> list[AnnotatedDocument]:
        """Read the documents of a config and check all that can be wrong with them; raises UserError."""

    def load(self, config: RunConfig) -> list[AnnotatedDocument]:
        """Read the documents and check that there is enough in them to learn from; raises UserError."""

    def describe(self, documents: Sequence[AnnotatedDocument]) -> str:
        """Return what is there to learn from, as `7 documents with 12 spans`."""

    def count(self, document: AnnotatedDocument) -> dict[str, Any]:
        """Return what a document adds to what is learned, for the record of a run."""

    def train(
        self,
        config: RunConfig,
        encoder: str,
        documents: Sequence[AnnotatedDocument],
        checkpoints: Path | None,
        resume: bool = False,
    ) -> tuple[Checkpoint, Any]:
        """Fit a network; return it ready to predict, and as it was trained.

        `checkpoints` None keeps nothing on disk. Raises Interrupted when the run was stopped by Ctrl-C, after the last
        step was saved in `checkpoints`.
        """

    def predict(self, checkpoint: Checkpoint, documents: Sequence[AnnotatedDocument]) -> list[Any]:
        """Return what JSON can hold of the predictions for each document, enough to judge them later."""

    def scores(
        self, config: RunConfig, documents: Sequence[AnnotatedDocument], predicted: Sequence[Any]
    ) -> tuple[str, dict[str, Any]]:
        """Return the scores of predictions as a table and as JSON."""

    def errors(
        self,
        config: RunConfig,
        documents: Sequence[AnnotatedDocument],
        predicted: Sequence[Any],
        examples: int,
        masked: bool,
    ) -> str:
        """Return the errors of predictions by their kinds, with up to `examples` of each kind.

        `masked`: those of documents whose heads are masked. Raises UserError where a task masks nothing.
        """

    def settings(self, config: RunConfig, cross_validation: Path | None) -> dict[str, Any]:
        """Return what else a model directory must record for those who load it.

        `cross_validation` is the folder of what was measured with the same config, encoder and documents, if it was.
        """

    def folds(self, config: RunConfig, documents: Sequence[AnnotatedDocument]) -> list[Fold]:
        """Return the folds of cross-validation."""

    def report(self, config: RunConfig, results: Iterable[FoldResult], out: Path) -> dict[str, Any]:
        """Print what cross-validation found, fold by fold as they come, write it to `out`, and return the metrics."""


def task_of(config: RunConfig) -> TrainingTask:
    """Return the task of a config."""
    if config.task == "ner":
        from vanban_training.ner.token_classification import TokenClassification

        return TokenClassification()
    from vanban_training.doctype.document_classification import DocumentClassification

    return DocumentClassification()

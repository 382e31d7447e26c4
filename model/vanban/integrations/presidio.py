"""A recogniser of Presidio for Vietnamese: officials as PERSON, places as LOCATION, with their probabilities.

    analyzer = vietnamese_analyzer()
    analyzer.analyze("Chủ tịch UBND TP Hà Nội Chu Ngọc Anh", language="vi")

In an AnalyzerEngine of your own: `registry.add_recognizer(VanbanRecognizer())`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from vanban.documents.extras import optional
from vanban.integrations.lazy import LazyPredictor
from vanban.schema import Backend

if TYPE_CHECKING:
    from presidio_analyzer import AnalyzerEngine, EntityRecognizer, RecognizerResult
    from presidio_analyzer.nlp_engine import NlpArtifacts
else:
    EntityRecognizer = optional("presidio_analyzer", "presidio", "the recogniser of Presidio").EntityRecognizer

LANGUAGE: Final = "vi"
ENTITIES: Final = {"OFFICIAL": "PERSON", "PLACE": "LOCATION", "COUNT": "COUNT", "DIRECTIVE": "DIRECTIVE"}
"""The names of vanban's labels in Presidio: its own where it has one."""


class VanbanRecognizer(EntityRecognizer):
    """Finds what vanban's tagger finds. The model is loaded at the first text."""

    name: str

    def __init__(
        self,
        model: str | list[str] | None = None,
        entities: Mapping[str, str] = ENTITIES,
        device: str = "auto",
        backend: Backend = "auto",
        supported_language: str = LANGUAGE,
        name: str = "VanbanRecognizer",
    ) -> None:
        """`entities` maps labels of the model to entities of Presidio; a label that is not in it is not reported."""
        self.labels = dict(entities)
        self.predictor = LazyPredictor(model, device, ("ner",), backend, values=False)
        super().__init__(list(dict.fromkeys(self.labels.values())), name, supported_language)

    def load(self) -> None:
        """Do nothing: Presidio calls it when the recogniser is made."""

    def analyze(
        self, text: str, entities: list[str] | None, nlp_artifacts: NlpArtifacts | None = None
    ) -> list[RecognizerResult]:
        """Return a result for each span whose entity is asked for, all of them when none is named.

        Offsets are half-open code points into `text`.
        """
        from presidio_analyzer import AnalysisExplanation, RecognizerResult

        results = []
        (prediction,) = self.predictor.predict_batch([text])
        for found in prediction.entities:
            kind = self.labels.get(found.label)
            if kind is None or (entities and kind not in entities):
                continue
            said = f"{found.label} of {prediction.model}"
            explanation = AnalysisExplanation(self.name, found.score, textual_explanation=said)
            metadata = {
                RecognizerResult.RECOGNIZER_NAME_KEY: self.name,
                RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: self.id,
            }
            results.append(RecognizerResult(kind, found.start, found.end, found.score, explanation, metadata))
        return results

    def to_dict(self) -> dict[str, Any]:
        """Return what makes the recogniser again."""
        predictor = self.predictor
        return {
            "model": predictor.model,
            "entities": self.labels,
            "device": predictor.device,
            "backend": predictor.backend,
            "supported_language": self.supported_language,
            "name": self.name,
        }


def vietnamese_analyzer(recognizer: EntityRecognizer | None = None) -> AnalyzerEngine:
    """Return an AnalyzerEngine for Vietnamese with this recogniser alone; no model of spaCy is needed or downloaded.

    Others of Presidio's, of e-mail addresses for example, are added to its registry with `supported_language="vi"`.
    """
    import spacy
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import SpacyNlpEngine

    words: Any = SpacyNlpEngine(models=[{"lang_code": LANGUAGE, "model_name": "blank"}])
    words.nlp = {LANGUAGE: spacy.blank("xx")}  # loaded, for the engine: it splits words, which context words need
    registry = RecognizerRegistry([recognizer or VanbanRecognizer()], supported_languages=[LANGUAGE])
    return AnalyzerEngine(registry, words, supported_languages=[LANGUAGE])

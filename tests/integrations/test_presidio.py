from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
from presidio_analyzer.predefined_recognizers import EmailRecognizer

from vanban.integrations.presidio import ENTITIES, VanbanRecognizer, vietnamese_analyzer

TEXT = "Chủ tịch ủy ban nhân dân thành phố Hà Nội 😀,\r\n  ông Nguyễn Văn An (an@hanoi.gov.vn) có 24.973 ca."


@pytest.fixture(scope="module")
def recognizer(model_directory: Path) -> VanbanRecognizer:
    return VanbanRecognizer(str(model_directory), device="cpu", backend="torch")


@pytest.fixture(scope="module")
def analyzer(recognizer: VanbanRecognizer) -> AnalyzerEngine:
    return vietnamese_analyzer(recognizer)


def rows(results: Any) -> list[tuple[str, int, int, float]]:
    return sorted((r.entity_type, r.start, r.end, r.score) for r in results)


def test_the_analyzer_gives_what_is_predicted(analyzer: AnalyzerEngine, predictor: Any) -> None:
    entities = predictor.predict(TEXT).entities
    results = analyzer.analyze(TEXT, language="vi")
    assert rows(results) == sorted((ENTITIES[e.label], e.start, e.end, e.score) for e in entities if e.score)
    assert len(results) > 3
    assert {r.recognition_metadata["recognizer_name"] for r in results} == {"VanbanRecognizer"}
    assert analyzer.analyze("", language="vi") == []


def test_entities_are_those_that_are_asked_for(analyzer: AnalyzerEngine) -> None:
    all_of_them = rows(analyzer.analyze(TEXT, language="vi"))
    asked = sorted({kind for kind, *_ in all_of_them})[:1]
    assert rows(analyzer.analyze(TEXT, language="vi", entities=asked)) == [r for r in all_of_them if r[0] in asked]
    assert sorted(analyzer.get_supported_entities("vi")) == ["COUNT", "DIRECTIVE", "LOCATION", "PERSON"]


def test_labels_may_have_other_names_and_be_left_out(model_directory: Path, predictor: Any) -> None:
    recognizer = VanbanRecognizer(str(model_directory), {"COUNT": "SO_LIEU"}, "cpu", "torch")
    results = recognizer.analyze(TEXT, None)
    counts = [e for e in predictor.predict(TEXT).entities if e.label == "COUNT"]
    assert rows(results) == sorted(("SO_LIEU", e.start, e.end, e.score) for e in counts)
    assert recognizer.get_supported_entities() == ["SO_LIEU"]
    explained = results[0].analysis_explanation
    assert (explained.recognizer, explained.textual_explanation) == ("VanbanRecognizer", "COUNT of tiny")


def test_it_works_beside_presidios_own(recognizer: VanbanRecognizer) -> None:
    analyzer = vietnamese_analyzer(recognizer)
    analyzer.registry.add_recognizer(EmailRecognizer(supported_language="vi"))
    (email,) = analyzer.analyze(TEXT, language="vi", entities=["EMAIL_ADDRESS"])
    assert TEXT[email.start : email.end] == "an@hanoi.gov.vn"
    registry = RecognizerRegistry(supported_languages=["vi"])
    registry.add_recognizer(recognizer)
    assert registry.get_recognizers("vi", ["PERSON"]) == [recognizer]


def test_it_is_made_again_from_its_settings(recognizer: VanbanRecognizer) -> None:
    again = VanbanRecognizer.from_dict(recognizer.to_dict())
    assert (again.predictor, again.labels) == (recognizer.predictor, recognizer.labels)
    assert (again.supported_language, again.name) == ("vi", "VanbanRecognizer")

"""What a format has no place for, counted."""

from __future__ import annotations

from vanban.documents.formats.format import Losses
from vanban.schema import Prediction


def count(losses: Losses, name: str, number: int) -> None:
    """Count `number` more of what is left out; nothing is entered for none."""
    if number > 0:
        losses[name] += number


def count_left_out(prediction: Prediction, losses: Losses, kept: frozenset[str]) -> None:
    """Count what a prediction holds and a format does not keep: `kept` are names as they are counted."""
    scores = [entity.score for entity in prediction.entities]
    if prediction.doc_type is not None and prediction.doc_type_score is not None:
        scores.append(prediction.doc_type_score)
    held = {
        "scores": sum(score != 1 for score in scores),
        "values": sum(entity.value is not None for entity in prediction.entities),
        "records": int(prediction.record is not None),
        "types": int(prediction.doc_type is not None),
        "probabilities": len(prediction.doc_type_scores.keys() - {prediction.doc_type}),
    }
    for name in held.keys() - kept:
        count(losses, name, held[name])

"""What goes out of vanban: entities and predictions, and the inventories of labels and document types."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

if TYPE_CHECKING:
    from vanban.values.meaning import Record, Value

Task = Literal["ner", "doctype"]
TASKS: Final[tuple[Task, ...]] = get_args(Task)

Backend = Literal["auto", "torch", "onnx"]
BACKENDS: Final[tuple[Backend, ...]] = get_args(Backend)

LABELS: Final = ("OFFICIAL", "PLACE", "COUNT", "DIRECTIVE")

DOCUMENT_TYPES: Final = {
    "tin_bao_chi": "tin báo chí",
    "thong_bao": "thông báo",
    "chi_thi": "chỉ thị",
    "quyet_dinh": "quyết định",
    "nghi_quyet": "nghị quyết",
    "ke_hoach": "kế hoạch",
    "bao_cao": "báo cáo",
    "to_trinh": "tờ trình",
    "huong_dan": "hướng dẫn",
    "cong_van": "công văn",
    "cong_dien": "công điện",
    "thong_tu": "thông tư",
    "nghi_dinh": "nghị định",
}

Span = tuple[int, int]
"""A half-open pair of code points into a text."""


@dataclass(frozen=True, slots=True)
class Entity:
    """A labelled span of the caller's raw text: `text == raw[start:end]`, always.

    `start` and `end` are half-open code points. `score` is the probability of the whole span: that it begins here,
    ends here and carries this label. `value` is what it means, None where nothing was read of it.
    """

    label: str
    start: int
    end: int
    text: str
    score: float = 1.0
    value: Value | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the fields in the order in which the writers print them."""
        found = {"label": self.label, "start": self.start, "end": self.end, "text": self.text, "score": self.score}
        return found | {"value": self.value.to_dict()} if self.value else found


@dataclass(frozen=True, slots=True)
class Prediction:
    """What `predict` says of one text: its entities in order, without overlap, its type, and the models that say so.

    `doc_type` is one of `DOCUMENT_TYPES` (or what another classifier was trained on), or None when no type is probable
    enough, or when no classifier was asked. `doc_type_scores` holds the calibrated probability of each type, the most
    probable first, and `doc_type_score` that of the first; they are there without a `doc_type`, too. `record` is what
    the document says of itself, None where values were not read.
    """

    text: str = field(repr=False)
    entities: tuple[Entity, ...]
    model: str
    doc_type: str | None = None
    doc_type_score: float | None = None
    doc_type_scores: dict[str, float] = field(default_factory=dict, repr=False, hash=False)
    record: Record | None = field(default=None, repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form, the fields in their order."""
        return {
            "text": self.text,
            "entities": [e.to_dict() for e in self.entities],
            "model": self.model,
            "doc_type": self.doc_type,
            "doc_type_score": self.doc_type_score,
            "doc_type_scores": dict(self.doc_type_scores),
            **({"record": self.record.to_dict()} if self.record else {}),
        }

"""vanban reads Vietnamese administrative and press documents: officials, places, counts and document identifiers.

    from vanban import predict
    predict("Chủ tịch UBND TP Hà Nội ký Chỉ thị số 17/CT-UBND.").entities

Importing this package loads neither torch nor transformers; the first call of `predict` or `load` does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vanban.errors import UserError
from vanban.schema import DOCUMENT_TYPES, LABELS, Entity, Prediction

if TYPE_CHECKING:
    from vanban.predictor import Predictor, load, predict

__version__ = "0.1.0"
__all__ = ["DOCUMENT_TYPES", "LABELS", "Entity", "Prediction", "Predictor", "UserError", "load", "predict"]


def __getattr__(name: str) -> Any:
    if name in ("Predictor", "load", "predict"):
        from vanban import predictor

        return getattr(predictor, name)
    raise AttributeError(f"module 'vanban' has no attribute {name!r}")

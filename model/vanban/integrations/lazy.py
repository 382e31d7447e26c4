"""A predictor that is loaded when the first text comes, in the process where it comes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vanban.schema import TASKS, Backend, Prediction, Task

if TYPE_CHECKING:
    from vanban.predictor import Predictor


@dataclass
class LazyPredictor:
    """What `vanban.load` is given. It is pickled without what was loaded: another process loads its own."""

    model: str | list[str] | None = None
    device: str = "auto"
    tasks: Sequence[Task] = TASKS
    backend: Backend = "auto"
    values: bool = True
    _loaded: Predictor | None = field(default=None, repr=False, compare=False)

    def load(self) -> Predictor:
        """Return what is loaded, at the first call. Raises UserError where the model can't be loaded."""
        if self._loaded is None:
            from vanban.documents.loading import load_predictor

            models = [self.model] if isinstance(self.model, str) else list(self.model or ())
            self._loaded = load_predictor(models, self.device, self.tasks, self.backend, self.values)
        return self._loaded

    def predict_batch(self, texts: Sequence[str]) -> list[Prediction]:
        """Return one prediction for each text. Raises UserError where the model can't be loaded."""
        return self.load().predict_batch(texts)

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_loaded": None}

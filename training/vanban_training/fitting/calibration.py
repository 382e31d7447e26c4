"""What every task's calibration shares: how far confidence and accuracy are apart, and the temperature that fits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import numpy.typing as npt

BINS: Final = 10


def calibration_error(confidence: npt.NDArray[Any], hit: npt.NDArray[np.bool_]) -> float:
    """Return the expected calibration error: the mean gap of confidence and accuracy in ten bins of equal width.

    `confidence` and `hit`: (answers,).
    """
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    gaps = [abs(float(confidence[bins == b].mean() - hit[bins == b].mean())) * (bins == b).mean() for b in set(bins)]
    return float(sum(gaps))


def least_surprising(surprise: Callable[[float], float], bounds: tuple[float, float]) -> float:
    """Return the temperature within `bounds` at which `surprise` is least."""
    from scipy.optimize import minimize_scalar

    found = minimize_scalar(lambda x: surprise(float(np.exp(x))), bounds=tuple(np.log(bounds)), method="bounded")
    return float(np.exp(found.x))

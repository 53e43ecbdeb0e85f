"""A rate with its 95 % interval where cases come in clusters: ten cases of one debtor say less than ten debtors do."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
import numpy.typing as npt

from features.known import Array

Z = 1.959963984540054
"""Two-sided 95 % point of the normal distribution."""


@dataclass(frozen=True)
class Rate:
    """How often something happened among `n` cases whose outcome is known, with its interval; NaN when n is 0."""

    n: int
    value: float
    lower: float
    upper: float


def rate(outcome: Array, weight: Array, group: npt.NDArray[np.int64]) -> Rate:
    """Return the weighted rate of an outcome (0 or 1), of the cases with a weight above zero.

    The interval is Wilson's, for as many independent cases as would spread as
    widely as the clusters (`group`) do; with one cluster alone it says next to
    nothing, and at 0 or 1 it keeps its width.
    """
    seen = weight > 0
    y, w, g = outcome[seen], weight[seen], group[seen]
    if not len(y):
        return Rate(0, float("nan"), float("nan"), float("nan"))
    p = float((w * y).sum() / w.sum())
    return Rate(len(y), p, *_wilson(p, _independent(p, y, w, g)))


def _independent(p: float, y: Array, w: Array, g: npt.NDArray[np.int64]) -> float:
    """Return how many independent, equally weighted cases would be as uncertain."""
    _, place = np.unique(g, return_inverse=True)
    clusters = int(place.max()) + 1
    sizes = np.bincount(place, weights=w)
    most = float(w.sum() ** 2 / (sizes**2).sum())
    if clusters == 1:
        return 1.0
    spread = np.bincount(place, weights=w * (y - p))
    variance = float((spread**2).sum() * clusters / (clusters - 1) / w.sum() ** 2)
    return min(p * (1.0 - p) / variance, float(len(y))) if variance > 0 and 0 < p < 1 else most


def _wilson(p: float, n: float) -> tuple[float, float]:
    middle, half = p + Z**2 / (2 * n), Z * sqrt(p * (1 - p) / n + Z**2 / (4 * n**2))
    scale = 1 + Z**2 / n
    # At 0 and 1 rounding may carry an end past the rate itself.
    return max(0.0, min(p, (middle - half) / scale)), min(1.0, max(p, (middle + half) / scale))

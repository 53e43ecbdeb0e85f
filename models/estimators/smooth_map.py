"""The pooled map from a model's log-odds to what cases bore out: a line, and how far bins lie off it for certain."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.estimators.boosters import Array
from models.estimators.hazard import logit, sigmoid

CASES_PER_POINT = 200
MOST_POINTS = 20

STEPS = 30
SLOPE_SPREAD = 0.5
"""How far from 1 the slope of a model that is not yet calibrated usually lies, in log-odds for log-odds."""


@dataclass(frozen=True)
class _Line:
    """`level + slope * z`, in log-odds."""

    level: float
    slope: float

    def at(self, z: Array) -> Array:
        return self.level + self.slope * z


def breakpoints(z: Array, event: Array, weight: Array) -> tuple[Array, Array]:
    """Return the breakpoints of the map, rising in both; `z` are log-odds, `event` 1, 0 or a share.

    A frequency of some hundred cases scatters by some hundredths, and a map that
    goes through each of them repeats that scatter in every later period. So the
    map is the line that fits best, and each bin moves it only as far as bins
    differ from the line by more than chance (empirical Bayes): with few cases
    the map is the line, with many it goes where they say.
    """
    from scipy.optimize import isotonic_regression  # only fitting needs it; not loaded online

    line = _fit(z, event, weight)
    order = np.argsort(z, kind="stable")
    cuts = _cuts(z[order], count=int(np.clip(len(z) // CASES_PER_POINT, 1, MOST_POINTS)))
    group = np.zeros(len(z), dtype=np.intp)
    group[order[cuts]] = 1
    group[order] = np.cumsum(group[order])
    at, p = line.at(z), sigmoid(line.at(z))
    say = weight / scatter(p, event, weight)
    off = shifts(at, event, say, group)
    known = np.bincount(group, weights=say * p * (1.0 - p)) + 1e-12
    middle = np.bincount(group, weights=(weight + 1e-12) * z) / np.bincount(group, weights=weight + 1e-12)
    fit = isotonic_regression(line.at(middle) + off, weights=known)
    starts = fit.blocks[:-1]
    centre = np.add.reduceat(middle * known, starts) / np.add.reduceat(known, starts)
    level = fit.x[starts]
    ends = ((float(z[order[i]]), float(level[i] + line.slope * (z[order[i]] - centre[i]))) for i in (0, -1))
    points = dict([*ends, *zip(centre.tolist(), level.tolist(), strict=True)])
    x = np.array(sorted(points))
    # Nothing is certain: the ends stay where a chance can still be told from 0 and 1.
    least, most = logit(np.array([0.0, 1.0]))
    return x, np.clip(np.maximum.accumulate(np.array([points[value] for value in x.tolist()])), least, most)


def scatter(p: Array, event: Array, weight: Array) -> float:
    """Return how much events scatter around chances, as a part of what yes and no would: shares scatter less."""
    return float(np.clip((weight * (event - p) ** 2).sum() / max((weight * p * (1.0 - p)).sum(), 1e-12), 0.05, 1.0))


def _fit(z: Array, event: Array, weight: Array) -> _Line:
    """Return the likeliest line that does not fall; one case of the overall frequency keeps it from being certain.

    Sums are not left to a threaded product, whose last bit may differ from one run to the next.
    """
    total = weight.sum()
    rate = ((weight * event).sum() + 0.5) / (total + 1.0)
    middle = float((weight * z).sum() / max(total, 1e-12))
    x, y, w = np.append(z - middle, 0.0), np.append(event, rate), np.append(weight, 1.0)
    flat = float(logit(np.array([rate]))[0])
    level, slope, held = flat, 1.0, 1.0 / SLOPE_SPREAD**2
    for _ in range(STEPS):  # Newton steps to the mode; the function is concave
        p = sigmoid(level + slope * x)
        missed, known = w * (y - p), w * p * (1.0 - p)
        down, along = float(missed.sum()), float((missed * x).sum()) - held * (slope - 1.0)
        own, both, other = float(known.sum()) + 1e-12, float((known * x).sum()), float((known * x * x).sum()) + held
        sure = own * other - both**2
        level += float(np.clip((other * down - both * along) / sure, -1.0, 1.0))
        slope += float(np.clip((own * along - both * down) / sure, -1.0, 1.0))
    return _Line(level - slope * middle, slope) if slope > 0.0 else _Line(flat, 0.0)


def shifts(at: Array, event: Array, weight: Array, group: npt.NDArray[np.intp]) -> Array:
    """Return each group's shift from `at`, shrunk towards zero by how much its own cases can say (empirical Bayes).

    `at` are log-odds, `group` numbers from zero; `weight` is how much of a yes or no each case can say.
    """

    def total(values: Array) -> Array:
        return np.asarray(np.bincount(group, weights=values), dtype=np.float64)

    p = sigmoid(at)
    spread = _between(total(weight * (event - p)), total(weight * p * (1.0 - p)) + 1e-12)
    shift = np.zeros(int(group.max()) + 1)
    if spread <= 0.0:
        return shift
    for _ in range(STEPS):  # Newton steps to the mode; the function is concave
        p = sigmoid(at + shift[group])
        slope = total(weight * (event - p)) - shift / spread
        shift = shift + np.clip(slope / (total(weight * p * (1.0 - p)) + 1.0 / spread), -1.0, 1.0)
    return shift


def _between(missed: Array, known: Array) -> float:
    """Return the variance of true shifts between groups, beyond what chance alone explains (DerSimonian-Laird)."""
    shift = missed / known
    mean = np.average(shift, weights=known)
    excess = float((known * (shift - mean) ** 2).sum()) - (len(known) - 1)
    scale = known.sum() - (known**2).sum() / known.sum()
    return max(excess / scale, 0.0) if scale > 0 else 0.0


def _cuts(z: Array, *, count: int) -> npt.NDArray[np.intp]:
    """Return where sorted values part into `count` bins, or fewer: equal values stay together.

    Their order says nothing of their chances, but much of how they were listed: settled cases first, late ones last.
    """
    even = np.linspace(0, len(z), count + 1)[1:-1].astype(np.intp)
    cuts = np.unique(np.searchsorted(z, z[even], side="left"))
    return np.asarray(cuts[cuts > 0], dtype=np.intp)

"""How good a score is: ranking, sharpness and honesty, each with an interval from resampled debtors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
from scipy.optimize import isotonic_regression
from scipy.stats import rankdata

from features.known import Array

Rows = npt.NDArray[np.int64]
TINY = 1e-7
"""Probabilities are held this far from 0 and 1 in the log-loss, so that one case cannot decide a figure."""


@dataclass(frozen=True)
class Judged:
    """Scores with what came of them: probability (or share), outcome, and weight of each case.

    A case whose outcome nobody knows has weight zero; the others carry the
    inverse chance of having been watched long enough.
    """

    score: Array
    outcome: Array
    weight: Array

    def weighted(self, times: Array) -> Judged:
        """Return the same cases, each counted `times` as often."""
        return Judged(self.score, self.outcome, self.weight * times)

    def where(self, keep: npt.NDArray[np.bool_]) -> Judged:
        """Return the marked cases only."""
        return Judged(self.score[keep], self.outcome[keep], self.weight[keep])


@dataclass(frozen=True)
class Measure:
    """One figure of merit: its names, whether more is better, how it is worked out, and its bounds."""

    name: str
    zh: str
    en: str
    more_is_better: bool
    of: Callable[[Judged], float]
    bounds: tuple[float, float] = (0.0, 1.0)


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95 % interval."""

    value: float
    lower: float
    upper: float


def auc(judged: Judged) -> float:
    """Chance that of two cases, one with and one without the event, the former has the higher score."""
    order = np.argsort(judged.score, kind="stable")
    score, weight, event = judged.score[order], judged.weight[order], judged.outcome[order] == 1.0
    _, tie = np.unique(score, return_inverse=True)
    with_event = np.bincount(tie, weights=weight * event)
    without = np.bincount(tie, weights=weight * ~event)
    below = np.cumsum(without) - without
    pairs = with_event.sum() * without.sum()
    return float((with_event * (below + without / 2)).sum() / pairs) if pairs > 0 else float("nan")


def log_loss(judged: Judged) -> float:
    """Mean surprise, in natural logarithms; the figure in which honesty and ranking both count."""
    p = np.clip(judged.score, TINY, 1 - TINY)
    return _mean(-np.where(judged.outcome == 1.0, np.log(p), np.log1p(-p)), judged.weight)


def brier(judged: Judged) -> float:
    """Mean squared distance between probability and outcome."""
    return _mean((judged.score - judged.outcome) ** 2, judged.weight)


def calibration_error(judged: Judged) -> float:
    """Mean distance between a score and the frequency among cases scored like it, by isotonic regression.

    No bins to choose: the reference is the best non-decreasing curve through
    the outcomes. It is never below zero, so small samples read a little high.
    """
    order = np.argsort(judged.score, kind="stable")
    score, weight = judged.score[order], judged.weight[order]
    seen = weight > 0
    if not seen.any():
        return float("nan")
    _, tie = np.unique(score[seen], return_inverse=True)
    heavy = np.bincount(tie, weights=weight[seen])
    mean = np.bincount(tie, weights=weight[seen] * judged.outcome[order][seen]) / heavy
    reference = isotonic_regression(mean, weights=heavy).x[tie]
    return _mean(np.abs(score[seen] - reference), weight[seen])


def mean_absolute_error(judged: Judged) -> float:
    """Mean distance between predicted and recovered share."""
    return _mean(np.abs(judged.score - judged.outcome), judged.weight)


def squared_error(judged: Judged) -> float:
    """Mean squared distance between predicted and recovered share."""
    return brier(judged)


def explained_variance(judged: Judged) -> float:
    """Part of the variance of the recovered share that the prediction explains (R²)."""
    mean = _mean(judged.outcome, judged.weight)
    variance = _mean((judged.outcome - mean) ** 2, judged.weight)
    return 1.0 - brier(judged) / variance if variance > 0 else float("nan")


def rank_correlation(judged: Judged) -> float:
    """Spearman's correlation of predicted and recovered share, weighted."""
    x, y, w = rankdata(judged.score), rankdata(judged.outcome), judged.weight
    dx, dy = x - _mean(x, w), y - _mean(y, w)
    spread = np.sqrt(_mean(dx**2, w) * _mean(dy**2, w))
    return float(_mean(dx * dy, w) / spread) if spread > 0 else float("nan")


CHANCE: Mapping[str, Measure] = MappingProxyType(
    {
        "auc": Measure("auc", "区分度 AUC", "AUC", more_is_better=True, of=auc),
        "log_loss": Measure(
            "log_loss", "对数损失", "log-loss", more_is_better=False, of=log_loss, bounds=(0.0, np.inf)
        ),
        "brier": Measure("brier", "Brier 分", "Brier score", more_is_better=False, of=brier),
        "ece": Measure("ece", "校准误差", "calibration error", more_is_better=False, of=calibration_error),
    },
)
"""Measures of a probability."""

SHARE: Mapping[str, Measure] = MappingProxyType(
    {
        "mae": Measure("mae", "平均绝对误差", "mean absolute error", more_is_better=False, of=mean_absolute_error),
        "mse": Measure("mse", "均方误差", "mean squared error", more_is_better=False, of=squared_error),
        "r2": Measure("r2", "解释方差 R²", "R²", more_is_better=True, of=explained_variance, bounds=(-np.inf, 1.0)),
        "spearman": Measure(
            "spearman", "秩相关", "rank correlation", more_is_better=True, of=rank_correlation, bounds=(-1.0, 1.0)
        ),
    },
)
"""Measures of a recovered share."""

MEASURES: Mapping[str, Measure] = MappingProxyType({**CHANCE, **SHARE})
"""All measures by name."""


def integrated_brier(curve: Array, *, time: Array, cause: Rows, grid: tuple[float, ...]) -> float:
    """Return the Brier score of a curve of chances, shape (n, days), averaged over the time it covers."""
    scores = [brier(judge(curve[:, i], time=time, cause=cause, day=day)) for i, day in enumerate(grid)]
    widths = np.diff((0.0, *grid))
    return float((np.array(scores) * widths).sum() / widths.sum())


def money_error(predicted: Array, share: Array, claim: Array) -> float:
    """Return how far the predicted yuan are from the recovered yuan over all cases, as a part of the recovered."""
    recovered = float((share * claim).sum())
    return abs(float((predicted * claim).sum()) - recovered) / recovered if recovered > 0 else float("nan")


def judge(score: Array, *, time: Array, cause: Rows, day: float) -> Judged:
    """Pair scores with what happened by `day`, weighting for those not watched so long.

    A case censored before the day has weight zero, and the others stand in for
    it: each weighs one over the chance of being watched until its own end, or
    until the day (inverse probability of censoring).
    """
    ended = (cause > 0) & (time <= day)
    watched = time >= day
    outcome = (ended & (cause == 1)).astype(np.float64)
    chance = _watched_chance(time, cause, at=np.minimum(time, day))
    with np.errstate(divide="ignore"):
        weight = np.where((ended | watched) & (chance > 0), 1.0 / chance, 0.0)
    return Judged(score, outcome, np.where(np.isfinite(weight), weight, 0.0))


def intervals(
    judged: Judged,
    measures: Mapping[str, Measure],
    *,
    draws: list[Array],
) -> dict[str, Estimate]:
    """Return each measure with its 95 % interval over the given resamples (see `resamples`)."""
    # Sorted once: each measure sorts again, which costs nothing on what is in order.
    order = np.argsort(judged.score, kind="stable")
    ready = Judged(judged.score[order], judged.outcome[order], judged.weight[order])
    points = {name: measure.of(ready) for name, measure in measures.items()}
    drawn = {name: [m.of(ready.weighted(times[order])) for times in draws] for name, m in measures.items()}
    return {
        name: interval_of(points[name], np.array(drawn[name]), measure.bounds) for name, measure in measures.items()
    }


def resamples(group: Rows, *, count: int, seed: int) -> list[Array]:
    """Return how often each case counts in each bootstrap resample; whole debtors are drawn, not cases."""
    rng = np.random.default_rng(seed)
    names, place = np.unique(group, return_inverse=True)
    n = len(names)
    return [np.bincount(rng.integers(n, size=n), minlength=n).astype(np.float64)[place] for _ in range(count)]


def interval_of(value: float, drawn: Array, bounds: tuple[float, float]) -> Estimate:
    """Return the middle 95 % of the resamples, moved by the resamples' own bias and held to the measure's bounds.

    A resample repeats cases, so a distance such as the calibration error comes
    out larger in it than in the cases themselves: the mean of the resamples lies
    off the figure, and by as much the whole interval would.
    """
    finite = drawn[np.isfinite(drawn)]
    if not len(finite):
        return Estimate(value, float("nan"), float("nan"))
    lower, upper = np.clip(np.quantile(finite, (0.025, 0.975)) + value - finite.mean(), *bounds)
    # A few outlying resamples can carry their mean past a quantile.
    return Estimate(value, min(float(lower), value), max(float(upper), value))


def _mean(values: Array, weight: Array) -> float:
    total = weight.sum()
    return float((values * weight).sum() / total) if total > 0 else float("nan")


def _watched_chance(time: Array, cause: Rows, *, at: Array) -> Array:
    """Return Kaplan-Meier's chance of not being censored before each given day."""
    order = np.argsort(time, kind="stable")
    days, lost = np.unique(time[order], return_inverse=True)
    censored = np.bincount(lost, weights=(cause[order] == 0).astype(np.float64))
    leaving = np.bincount(lost)
    at_risk = len(time) - np.cumsum(leaving) + leaving
    kept = np.concatenate(([1.0], np.cumprod(1.0 - censored / at_risk)))
    return np.asarray(kept[np.searchsorted(days, at, side="left")])

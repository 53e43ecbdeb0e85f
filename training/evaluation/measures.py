"""How good a score is: ranking, sharpness and honesty, each with an interval from resampled debtors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
from scipy.optimize import isotonic_regression
from scipy.stats import rankdata

from features.known import Array
from models.card import MEASURE_NAMES
from training.learning.watching import by_day

Rows = npt.NDArray[np.int64]
TINY = 1e-7
"""Probabilities are held this far from 0 and 1 in the log-loss, so that one case cannot decide a figure."""


@dataclass(frozen=True)
class Frequencies:
    """Cases of known outcome with the frequency among cases scored like them, one entry for each distinct score."""

    score: Array
    outcome: Array
    reference: Array
    weight: Array


@dataclass(frozen=True)
class Judged:
    """Scores with what came of them: probability (or share), outcome, and weight of each case.

    A case whose outcome nobody knows has weight zero; the others carry the
    inverse chance of having been watched long enough. `tie` numbers the
    distinct scores of cases that stand in the order of their scores; None
    where they do not.
    """

    score: Array
    outcome: Array
    weight: Array
    tie: Rows | None = None

    def weighted(self, times: Array) -> Judged:
        """Return the same cases, each counted `times` as often."""
        return Judged(self.score, self.outcome, self.weight * times, self.tie)

    @cached_property
    def frequencies(self) -> Frequencies:
        """The best non-decreasing curve through the outcomes; nothing but NaN where no outcome is known."""
        return _frequencies(self)

    def ranked(self) -> tuple[Judged, Rows]:
        """Return the cases in the order of their scores, and where each of them stood."""
        order = np.argsort(self.score, kind="stable")
        score = self.score[order]
        tie = np.cumsum(np.concatenate(([0], score[1:] != score[:-1]))) if len(score) else order
        return Judged(score, self.outcome[order], self.weight[order], tie), order

    def where(self, keep: npt.NDArray[np.bool_]) -> Judged:
        """Return the marked cases only."""
        return Judged(self.score[keep], self.outcome[keep], self.weight[keep])


@dataclass(frozen=True)
class Figure:
    """A figure of merit: its names, whether more is better, and its bounds."""

    name: str
    zh: str
    en: str
    more_is_better: bool
    bounds: tuple[float, float] = field(default=(0.0, 1.0), kw_only=True)


@dataclass(frozen=True)
class Measure(Figure):
    """A figure of merit that scores and outcomes alone decide, and how it is worked out."""

    of: Callable[[Judged], float]


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95 % interval."""

    value: float
    lower: float
    upper: float


def auc(judged: Judged) -> float:
    """Chance that of two cases, one with and one without the event by the day, the former has the higher score.

    With the weights of `judge` this is the time-dependent AUC under censoring
    and competing ends: who ended otherwise counts as without the event.
    """
    ranked, tie = _in_order(judged)
    event = ranked.outcome == 1.0
    with_event = np.bincount(tie, weights=ranked.weight * event)
    without = np.bincount(tie, weights=ranked.weight * ~event)
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
    found = judged.frequencies
    return _mean(np.abs(found.score - found.reference), found.weight)


def gap(judged: Judged) -> float:
    """Mean score less frequency: above zero the scores promise too much, below zero too little."""
    return _mean(judged.score, judged.weight) - _mean(judged.outcome, judged.weight)


def sharpness(judged: Judged) -> float:
    """Return the standard deviation of the scores: how far they go from saying the same of everybody."""
    return float(np.sqrt(_mean((judged.score - _mean(judged.score, judged.weight)) ** 2, judged.weight)))


def miscalibration(judged: Judged) -> float:
    """Part of the mean squared distance that a monotone correction of the scores would take away."""
    found = judged.frequencies
    # Within cases of one score the outcomes scatter around the same frequency on both sides: only its place counts.
    distance = (found.score - found.outcome) ** 2 - (found.reference - found.outcome) ** 2
    return _mean(distance, found.weight)


def discrimination(judged: Judged) -> float:
    """Part of the uncertainty that the order of the scores takes away."""
    found = judged.frequencies
    base = _mean(found.outcome, found.weight)
    return _mean((base - found.outcome) ** 2 - (found.reference - found.outcome) ** 2, found.weight)


def uncertainty(judged: Judged) -> float:
    """Mean squared distance of the constant that equals the frequency; Brier = miscalibration - discrimination + it."""
    return _mean((judged.outcome - _mean(judged.outcome, judged.weight)) ** 2, judged.weight)


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
    ranked, tie = _in_order(judged)
    n = np.bincount(tie)
    x, y, w = (np.cumsum(n) - (n - 1) / 2.0)[tie], rankdata(ranked.outcome), ranked.weight
    dx, dy = x - _mean(x, w), y - _mean(y, w)
    spread = np.sqrt(_mean(dx**2, w) * _mean(dy**2, w))
    return float(_mean(dx * dy, w) / spread) if spread > 0 else float("nan")


def _measure(
    name: str,
    of: Callable[[Judged], float],
    *,
    more_is_better: bool = False,
    bounds: tuple[float, float] = (0.0, 1.0),
) -> Measure:
    return Measure(name, *MEASURE_NAMES[name], more_is_better=more_is_better, of=of, bounds=bounds)


CHANCE: Mapping[str, Measure] = MappingProxyType(
    {
        "auc": _measure("auc", auc, more_is_better=True),
        "log_loss": _measure("log_loss", log_loss, bounds=(0.0, np.inf)),
        "brier": _measure("brier", brier),
        "ece": _measure("ece", calibration_error),
    },
)
"""Measures of a probability."""

SHARE: Mapping[str, Measure] = MappingProxyType(
    {
        "mae": _measure("mae", mean_absolute_error),
        "mse": _measure("mse", squared_error),
        "r2": _measure("r2", explained_variance, more_is_better=True, bounds=(-np.inf, 1.0)),
        "spearman": _measure("spearman", rank_correlation, more_is_better=True, bounds=(-1.0, 1.0)),
    },
)
"""Measures of a recovered share."""

GAP = Measure("gap", "平均偏差（预测减实际）", "mean gap", more_is_better=False, of=gap, bounds=(-1.0, 1.0))
SPREAD: Mapping[str, Measure] = MappingProxyType(
    {
        "gap": GAP,
        "sharpness": Measure("sharpness", "离散度", "sharpness", more_is_better=True, of=sharpness),
        "miscalibration": Measure(
            "miscalibration", "失准部分", "miscalibration", more_is_better=False, of=miscalibration
        ),
        "discrimination": Measure(
            "discrimination", "区分部分", "discrimination", more_is_better=True, of=discrimination
        ),
        "uncertainty": Measure("uncertainty", "固有不确定", "uncertainty", more_is_better=False, of=uncertainty),
    },
)
"""What stands behind the main measures: mean gap, sharpness, and the parts of the mean squared distance."""

WIDER: Mapping[str, Figure] = MappingProxyType(
    {
        "ibs": Figure("ibs", "综合 Brier 分", "integrated Brier score", more_is_better=False),
        "money_error": Figure(
            "money_error", "金额误差", "money-weighted error", more_is_better=False, bounds=(0.0, np.inf)
        ),
        "coverage": Figure("coverage", "区间涵盖率", "coverage of the ranges", more_is_better=True),
        "lift": Figure("lift", "提升倍数", "lift at capacity", more_is_better=True, bounds=(0.0, np.inf)),
    },
)
"""Figures that need more than one score and one outcome of each case: whole curves, yuan, or a team's capacity."""

MEASURES: Mapping[str, Figure] = MappingProxyType({**CHANCE, **SHARE, **SPREAD, **WIDER})
"""All figures of merit by name."""


Table = Mapping[str, Mapping[str, Estimate]]
"""Estimates of one score: by method, then by measure."""


def judge(score: Array, *, time: Array, cause: Rows, day: float) -> Judged:
    """Pair scores with what happened by `day`, weighting for those not watched so long (see `by_day`)."""
    found = by_day(time, cause, day=day)
    return Judged(score, found.event, found.weight)


def intervals(
    judged: Judged,
    measures: Mapping[str, Measure],
    *,
    draws: list[Array],
) -> dict[str, Estimate]:
    """Return each measure with its 95 % interval over the given resamples (see `resamples`)."""
    ready, order = judged.ranked()
    points = {name: measure.of(ready) for name, measure in measures.items()}
    drawn: dict[str, list[float]] = {name: [] for name in measures}
    for times in draws:
        # Each resample is weighed once, and measures that need the frequencies behind the scores share them.
        resampled = ready.weighted(times[order])
        for name, measure in measures.items():
            drawn[name].append(measure.of(resampled))
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


def _frequencies(judged: Judged) -> Frequencies:
    """Return the best non-decreasing curve through the outcomes; nothing but NaN where no outcome is known."""
    ranked, tie = _in_order(judged)
    heavy = np.asarray(np.bincount(tie, weights=ranked.weight), dtype=np.float64)
    seen = heavy > 0
    if not seen.any():
        nothing = np.full(1, np.nan)
        return Frequencies(nothing, nothing, nothing, nothing)
    first = np.flatnonzero(np.concatenate(([True], tie[1:] != tie[:-1])))
    mean = np.bincount(tie, weights=ranked.weight * ranked.outcome)[seen] / heavy[seen]
    reference = isotonic_regression(mean, weights=heavy[seen]).x
    return Frequencies(ranked.score[first][seen], mean, reference, heavy[seen])


def _in_order(judged: Judged) -> tuple[Judged, Rows]:
    ranked = judged if judged.tie is not None else judged.ranked()[0]
    return ranked, ranked.tie if ranked.tie is not None else np.empty(0, dtype=np.int64)


def _mean(values: Array, weight: Array) -> float:
    total = weight.sum()
    return float((values * weight).sum() / total) if total > 0 else float("nan")

"""Figures that need more than a score and an outcome: whole curves, yuan, and what a team of limited size gets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from features.known import Array
from models.estimators.comparable import OF_CASES
from training.evaluation.measures import WIDER, Estimate, Judged, Measure, interval_of, judge
from training.evaluation.rates import rate
from training.learning.labels import Outcomes

Labels = npt.NDArray[np.generic]
ROUNDING = 1e-9


@dataclass(frozen=True)
class Curve:
    """Chances of the first cause by each day of a grid, shape (n, days), with what came of the same cases."""

    chance: Array
    grid: tuple[float, ...]
    cases: Outcomes


def integrated_brier(curve: Curve, *, draws: Sequence[Array]) -> Estimate:
    """Return the Brier score of a whole curve, averaged over the time it covers, with its 95 % interval."""
    value, *drawn = integrated_briers(curve, [np.ones(len(curve.chance)), *draws])
    return interval_of(value, np.array(drawn), WIDER["ibs"].bounds)


def integrated_briers(curve: Curve, draws: Sequence[Array]) -> list[float]:
    """Return the Brier score of a whole curve, averaged over the time it covers, in each of the given resamples.

    Each day weighs the cases by the inverse chance of having been watched so
    long, so that censored cases bias nothing.
    """
    days = [judge(one, time=curve.cases.time, cause=curve.cases.cause, day=day) for one, day in _days(curve)]
    weight = np.stack([one.weight for one in days], axis=1)
    missed = weight * np.stack([(one.score - one.outcome) ** 2 for one in days], axis=1)
    widths = np.diff((0.0, *curve.grid)) / curve.grid[-1]
    return [float(((times @ missed) / (times @ weight)) @ widths) for times in draws]


def marginal_curve(cases: Outcomes, grid: tuple[float, ...], *, n: int) -> Array:
    """Return the curve that says the same of n cases: how often the first cause came by each day (censoring allowed).

    The curve of the constant, shape (n, days).
    """
    nobody = np.zeros(len(cases))
    days = [judge(nobody, time=cases.time, cause=cases.cause, day=day) for day in grid]
    rates = [np.average(one.outcome, weights=one.weight) if one.weight.any() else np.nan for one in days]
    return np.tile(np.array(rates), (n, 1))


def money_error(predicted: Array, share: Array, claim: Array, *, draws: Sequence[Array] = ()) -> Estimate:
    """Return how far the predicted yuan are from the recovered yuan of all cases, as a part of the recovered.

    A claim that is not known counts nothing.
    """
    yuan = np.nan_to_num(claim)
    awaited, recovered = predicted * yuan, share * yuan

    def of(times: Array) -> float:
        came = float(times @ recovered)
        return abs(float(times @ awaited) - came) / came if came > 0 else float("nan")

    value = of(np.ones(len(yuan)))
    return interval_of(value, np.array([of(times) for times in draws]), WIDER["money_error"].bounds)


def coverage(judged: Judged, ends: tuple[Array, Array], court: Labels, *, size: int = OF_CASES) -> Estimate:
    """Return in how many cells the observed frequency lies in the range shown, with the 95 % interval of that share.

    A cell is as many cases of one court, nearest in score, as the range speaks
    of: a hundred. What is left over of a court makes no cell.
    """
    inside = []
    for name in np.unique(court):
        mine = np.flatnonzero((court == name) & (judged.weight > 0))
        mine = mine[np.argsort(judged.score[mine], kind="stable")]
        for start in range(0, len(mine) - size + 1, size):
            cell = mine[start : start + size]
            seen = np.average(judged.outcome[cell], weights=judged.weight[cell])
            inside.append(ends[0][cell].mean() <= seen + ROUNDING and seen - ROUNDING <= ends[1][cell].mean())
    held = np.array(inside, dtype=np.float64)
    found = rate(held, np.ones(len(held)), np.arange(len(held)))
    return Estimate(found.value, found.lower, found.upper)


def lift_at(capacity: float) -> Measure:
    """Return the measure of a team that takes this share of the cases, the highest scores first."""
    named = WIDER["lift"]
    of = partial(lift, capacity=capacity)
    return Measure(named.name, named.zh, named.en, more_is_better=True, bounds=named.bounds, of=of)


def lift(judged: Judged, *, capacity: float) -> float:
    """Return how many times as often the event came among the taken cases as among all; cases of one score share."""
    taken, caught = gains(judged)
    return float(np.interp(capacity, taken, caught) / capacity) if len(taken) > 1 else float("nan")


def gains(judged: Judged) -> tuple[Array, Array]:
    """Return the share of cases taken, highest scores first, and the share of all events among them."""
    ranked = judged if judged.tie is not None else judged.ranked()[0]
    weight = np.bincount(_ties(ranked), weights=ranked.weight)[::-1]
    event = np.bincount(_ties(ranked), weights=ranked.weight * ranked.outcome)[::-1]
    if not event.sum() > 0:
        return np.zeros(1), np.zeros(1)
    return _summed(np.asarray(weight, dtype=np.float64)), _summed(np.asarray(event, dtype=np.float64))


def _ties(ranked: Judged) -> npt.NDArray[np.int64]:
    return np.empty(0, dtype=np.int64) if ranked.tie is None else ranked.tie


def _summed(parts: Array) -> Array:
    return np.asarray(np.concatenate(([0.0], np.cumsum(parts))) / parts.sum())


def _days(curve: Curve) -> list[tuple[Array, float]]:
    return [(curve.chance[:, i], day) for i, day in enumerate(curve.grid)]

"""What is known by a day of cases that were not all watched so long: who is left out, and who stands in for them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from features.known import Array

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class ByDay:
    """Whether the first cause came by a day, and the weight of each case; nobody knows it of cases with weight zero."""

    event: Array
    weight: Array

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """Return the cases whose outcome is known."""
        return self.weight > 0


def by_day(time: Array, cause: Rows, *, day: float) -> ByDay:
    """Return what happened by `day`, weighting for those not watched so long.

    A case censored before the day has weight zero, and the others stand in for
    it: each weighs one over the chance of being watched until its own end, or
    until the day (inverse probability of censoring).
    """
    ended = (cause > 0) & (time <= day)
    watched = time >= day
    event = (ended & (cause == 1)).astype(np.float64)
    chance = _watched_chance(time, cause, at=np.minimum(time, day))
    with np.errstate(divide="ignore"):
        weight = np.where((ended | watched) & (chance > 0), 1.0 / chance, 0.0)
    return ByDay(event, np.where(np.isfinite(weight), weight, 0.0))


def as_cases(weight: Array) -> Array:
    """Return weights that add up to the number of equally weighted cases that would say as much."""
    squares = float((weight**2).sum())
    return weight * (weight.sum() / squares) if squares > 0 else weight


def _watched_chance(time: Array, cause: Rows, *, at: Array) -> Array:
    """Return Kaplan-Meier's chance of not being censored before each given day."""
    order = np.argsort(time, kind="stable")
    days, lost = np.unique(time[order], return_inverse=True)
    censored = np.bincount(lost, weights=(cause[order] == 0).astype(np.float64))
    leaving = np.bincount(lost)
    at_risk = len(time) - np.cumsum(leaving) + leaving
    kept = np.concatenate(([1.0], np.cumprod(1.0 - censored / at_risk)))
    return np.asarray(kept[np.searchsorted(days, at, side="left")])

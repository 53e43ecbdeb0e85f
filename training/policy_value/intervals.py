"""Intervals by resampling whole debtors: cases of one debtor or batch go together, and comparisons are paired."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from features.known import Array
from training.evaluation.measures import Estimate, resamples
from training.policy_value.figures import FIGURES

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Debtors:
    """The groups of n cases, and how often each group counts in every resample, shape (resamples, groups).

    Each case's score holds its influence on the estimate, so a resample is a
    weighted mean of scores and no model is fitted again.
    """

    place: Rows
    size: Array
    times: Array
    level: float

    @classmethod
    def of(cls, group: Rows, *, count: int, level: float, seed: int) -> Debtors:
        """Draw the resamples once; every estimate and comparison then uses the same."""
        names, place = np.unique(group, return_inverse=True)
        drawn = resamples(np.arange(len(names), dtype=np.int64), count=count, seed=seed)
        size = np.bincount(place).astype(np.float64)
        return cls(place=place, size=size, times=np.stack(drawn), level=level)

    def estimates(self, scores: Array) -> dict[str, Estimate]:
        """Return the mean of the scores, shape (n, figures), with its interval, by figure."""
        return {name: self.estimate(scores[:, i]) for i, name in enumerate(FIGURES)}

    def estimate(self, scores: Array) -> Estimate:
        """Return the mean of the scores, shape (n,), with its interval."""
        sums = np.bincount(self.place, weights=scores, minlength=len(self.size))
        drawn = (self.times @ sums) / (self.times @ self.size)
        tail = (1.0 - self.level) / 2.0
        lower, upper = np.quantile(drawn, (tail, 1.0 - tail))
        return Estimate(float(sums.sum() / self.size.sum()), float(lower), float(upper))


def figures_by_name(values: Array) -> Mapping[str, float]:
    """Return figures, shape (figures,), by name."""
    return dict(zip(FIGURES, values.tolist(), strict=True))

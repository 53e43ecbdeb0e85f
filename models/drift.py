"""Has a column changed: the population stability index with its count, and the share of missing values."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
from scipy.stats import chi2

from features.known import Array

FEW = 100
"""Below this many cases on either side nothing is concluded (样本少)."""
_MOST_VALUES = 12
"""A column of at most so many values is compared value by value, any other by tenths of the reference."""
_CHANCE = 0.999


@dataclass(frozen=True)
class Drift:
    """How far a column of now lies from the reference.

    `psi` is the population stability index, missing values being a group of
    their own. Two samples of one and the same population lie above `noise` in
    one of a thousand cases: a PSI below it says nothing, however large.
    """

    psi: float
    noise: float
    n_reference: int
    n_now: int
    missing_reference: float
    missing_now: float

    @property
    def few(self) -> bool:
        """Whether there are too few cases to conclude from."""
        return min(self.n_reference, self.n_now) < FEW

    def beyond(self, limit: float) -> bool:
        """Whether the column has drifted beyond a limit, and not by chance."""
        return not self.few and self.psi >= limit and self.psi > self.noise

    def missing_beyond(self, limit: float) -> bool:
        """Whether the share of missing values has changed by at least `limit`, and not by chance."""
        gap = abs(self.missing_now - self.missing_reference)
        pooled = (self.missing_now * self.n_now + self.missing_reference * self.n_reference) / max(
            self.n_now + self.n_reference, 1
        )
        spread = np.sqrt(pooled * (1 - pooled) * (1 / max(self.n_now, 1) + 1 / max(self.n_reference, 1)))
        return bool(not self.few and gap >= limit and gap > 3.3 * spread)


@dataclass(frozen=True)
class Reference:
    """How a column lay when a model learned from it: ends of its groups, and cases in each, the missing ones last."""

    edges: tuple[float, ...]
    counts: tuple[int, ...]

    def __post_init__(self) -> None:
        """Refuse groups that do not fit their ends.

        Raises
        ------
        ValueError
            The ends do not rise, a count is below zero, or there are not as many counts as groups.
        """
        rising = all(low < high for low, high in pairwise(self.edges))
        if len(self.counts) != len(self.edges) + 2 or min(self.counts) < 0 or not rising:
            msg = f"分组 {len(self.counts)} 个与端点 {len(self.edges)} 个不符 / groups and their ends do not fit"
            raise ValueError(msg)

    @classmethod
    def of(cls, values: Array) -> Reference:
        """Return how the values lie; NaN is missing."""
        edges = _edges(values[~np.isnan(values)])
        return cls(tuple(edges.tolist()), tuple(_counts(values, edges).astype(int).tolist()))

    def against(self, now: Array) -> Drift:
        """Compare values of now; NaN is missing."""
        edges, before = np.array(self.edges), np.array(self.counts, dtype=np.float64)
        after = _counts(now, edges)
        used = (before + after) > 0
        p, q = (_shares(counts[used]) for counts in (before, after))
        n, m = max(int(before.sum()), 1), max(len(now), 1)
        freedom = max(int(used.sum()) - 1, 1)
        return Drift(
            psi=float(((q - p) * np.log(q / p)).sum()),
            noise=_reach(freedom) * (1 / n + 1 / m),
            n_reference=int(before.sum()),
            n_now=len(now),
            missing_reference=float(before[-1] / before.sum()) if before.sum() else float("nan"),
            missing_now=float(after[-1] / len(now)) if len(now) else float("nan"),
        )


def drift(reference: Array, now: Array) -> Drift:
    """Compare two samples of a column; NaN is missing."""
    return Reference.of(reference).against(now)


@cache
def _reach(freedom: int) -> float:
    return float(chi2.ppf(_CHANCE, freedom))


def _edges(known: Array) -> Array:
    values = np.unique(known)
    if len(values) <= _MOST_VALUES:
        return np.asarray((values[1:] + values[:-1]) / 2)
    return np.unique(np.quantile(known, np.arange(1, 10) / 10))


def _counts(values: Array, edges: Array) -> Array:
    """Return how many values lie in each group, the missing ones last."""
    group = np.where(np.isnan(values), len(edges) + 1, np.searchsorted(edges, values, side="right"))
    return np.bincount(group, minlength=len(edges) + 2).astype(np.float64)


def _shares(counts: Array) -> Array:
    """Return shares of groups; half a case in each keeps an empty group from being infinitely far."""
    return np.asarray((counts + 0.5) / (counts + 0.5).sum())

"""The range shown beside a score: how often it came true among comparable cases, and among how many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
import numpy.typing as npt

from models.estimators.boosters import Array
from models.estimators.calibration import Courts

LEVEL = 0.90
ENOUGH = 100
OF_CASES = 100
WANDER = 0.1
"""How far, in log-odds, what comparable cases bore out may lie off a later period: courts and years change."""

_RIM = (0.0, 0.001, 0.0025, 0.005, 0.0075, 0.01, 0.015)
KNOTS = np.array([*_RIM, *np.linspace(0.02, 0.98, 49), *(1.0 - at for at in reversed(_RIM))])
"""Scores at which ranges are kept; near 0 and 1 they lie closer, for there a hundredth is a large difference."""

EVEN_KNOTS = np.linspace(0.0, 1.0, 51)
"""The knots of bundles that name none."""

OWN_WIDTHS = (0.03, 0.05, 0.08, 0.12)
"""Distance within which a case is comparable, tried in turn until there are enough, for a score of one half."""

POOLED_WIDTHS = (*OWN_WIDTHS, 0.18, 0.25)
NARROWEST = 0.1
"""Part of these distances that is left at 0 and 1: they shrink as the scatter of a frequency does."""


@dataclass(frozen=True)
class Range:
    """Lower and upper end of the frequency and the number of comparable cases, one value per row."""

    lower: Array
    upper: Array
    n: npt.NDArray[np.int64]


def frequency_range(hits: Array, n: Array, *, of: int = OF_CASES, level: float = LEVEL) -> tuple[Array, Array]:
    """Return the range that holds the frequency among the next `of` cases like the `n` of which `hits` came true.

    The sentence shown speaks of 100 cases, so two doubts count: how well n
    cases tell the frequency (Jeffreys' prior), and how 100 cases scatter around
    it. A count is a whole number, so that no range holds it exactly nine times
    in ten: a count stands in the range where half of its own chance and all
    beyond it make five in a hundred (mid-P), which is right on average.
    """
    from scipy.stats import betabinom  # only fitting needs it; not loaded online

    tail, counts = (1.0 - level) / 2.0, np.arange(of + 1)
    each = betabinom.pmf(counts, of, (hits + 0.5)[..., None], (n - hits + 0.5)[..., None])
    below = np.cumsum(each, axis=-1) - each / 2.0
    lower, upper = (below < tail).sum(axis=-1), of - (1.0 - below < tail).sum(axis=-1)
    return lower / of, upper / of


def share_range(
    mean: Array, n: Array, spread: Array, *, of: int = OF_CASES, level: float = LEVEL
) -> tuple[Array, Array]:
    """Return the range that holds the mean share among the next `of` cases like `n` with this mean.

    `spread` is the variance of the shares as a part of what yes and no would
    have with the same mean: partial recoveries scatter less.
    """
    from scipy.special import betaincinv  # only fitting needs it; not loaded online

    size = n * of / np.maximum(n + of, 1) / np.clip(spread, 0.05, 1.0)
    tail, ends = (1.0 - level) / 2.0, (mean * size + 0.5, (1.0 - mean) * size + 0.5)
    return np.asarray(betaincinv(*ends, tail)), np.asarray(betaincinv(*ends, 1.0 - tail))


def later(n: Array, mean: Array, spread: Array) -> Array:
    """Return how many cases of a later period would say as much as `n` of this one.

    However many there are, a level moves between periods (WANDER), and that
    doubt does not shrink with n. `spread` is as in `share_range`.
    """
    return np.asarray(n / (1.0 + n * mean * (1.0 - mean) * WANDER**2 / np.clip(spread, 0.05, 1.0)))


@dataclass(frozen=True, eq=False)
class Comparable:
    """Ranges precomputed at the knots, for each court with enough cases of its own and for all courts.

    Row 0 of each table is the pooled one; `courts` gives the row of a court.
    """

    courts: Mapping[str, int]
    lower: Array
    upper: Array
    n: npt.NDArray[np.int64]
    knots: Array = field(default_factory=KNOTS.copy)

    @classmethod
    def fit(cls, p: Array, event: Array, court: Sequence[str], *, weight: Array | None = None) -> Comparable:
        """Count on the calibration period; `p` is the calibrated score, `event` 1, 0 or a share.

        Cases may stand in for others that nobody watched long enough (`weight`);
        n is then the number of equally weighted cases that would say as much.

        A court's own cases come first. Where they are fewer than 100 even
        within 0.12 of the score, all courts' cases within up to 0.25 count.
        """
        courts = Courts.of(court)
        ready = np.stack((np.ones(len(p)) if weight is None else weight, event, p))
        pooled = _table(ready, POOLED_WIDTHS)
        tables, rows = [pooled], {}
        for number, name in enumerate(courts.names):
            own = _table(ready[:, courts.index == number], OWN_WIDTHS)
            enough = own[0] >= ENOUGH
            if enough.any():
                rows[name] = len(tables)
                tables.append(np.where(enough, own, pooled))
        n, mean, spread = np.stack(tables, axis=1)
        yes_or_no = bool(np.isin(event, (0.0, 1.0)).all())
        say = later(n, mean, np.ones_like(spread) if yes_or_no else spread)
        lower, upper = frequency_range(mean * say, say) if yes_or_no else share_range(mean, say, spread)
        return cls(courts=rows, lower=lower.round(6), upper=upper.round(6), n=n.astype(np.int64))

    def look(self, court: Sequence[str], p: Array) -> Range:
        """Return range and count for each row."""
        return self.look_at(Courts.of(court), p)

    def look_at(self, courts: Courts, p: Array) -> Range:
        """Return range and count for rows whose courts are numbered already; the range always holds the score."""
        row = np.array([self.courts.get(name, 0) for name in courts.names], dtype=np.intp)[courts.index]
        sound = np.isfinite(p)
        middles = (self.knots[1:] + self.knots[:-1]) / 2.0
        knot = np.searchsorted(middles, np.where(sound, p, 0.0))
        return Range(
            lower=np.minimum(self.lower[row, knot], p),
            upper=np.maximum(self.upper[row, knot], p),
            n=np.where(sound, self.n[row, knot], 0),
        )

    def to_json(self) -> dict[str, object]:
        """Return plain values."""
        return {
            "courts": dict(self.courts),
            "lower": self.lower.tolist(),
            "upper": self.upper.tolist(),
            "n": self.n.tolist(),
            "knots": self.knots.tolist(),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> Self:
        """Return the ranges that wrote these values."""
        return cls(
            courts=dict(data["courts"]),  # type: ignore[call-overload]
            lower=np.asarray(data["lower"]),
            upper=np.asarray(data["upper"]),
            n=np.asarray(data["n"], dtype=np.int64),
            knots=np.asarray(data.get("knots", EVEN_KNOTS), dtype=np.float64),
        )


def _table(cases: Array, widths: tuple[float, ...]) -> Array:
    """Return cases, mean and spread at each knot, shape (3, knots), of the narrowest width with enough cases.

    `cases` holds weight, event and score. The comparable cases have other
    scores than the knot's own; the mean is the knot moved by how far they
    ended from their own scores.
    """
    weight, event, p = cases[:, np.argsort(cases[2], kind="stable")]
    parts = np.stack((weight, weight**2, weight * event, weight * p, weight * event**2))
    sums = np.concatenate((np.zeros((5, 1)), np.cumsum(parts, axis=1)), axis=1)
    scale = np.maximum(2.0 * np.sqrt(KNOTS * (1.0 - KNOTS)), NARROWEST)
    n, found = np.zeros(len(KNOTS)), np.zeros((5, len(KNOTS)))
    for width in widths:
        start = np.searchsorted(p, KNOTS - width * scale, side="left")
        stop = np.searchsorted(p, KNOTS + width * scale, side="right")
        found = np.where(n >= ENOUGH, found, sums[:, stop] - sums[:, start])
        n = found[0] ** 2 / np.maximum(found[1], 1e-12)
    rate, score, square = found[2:] / np.maximum(found[0], 1e-12)
    scatter = np.maximum(rate * (1.0 - rate), 1e-12)
    spread = np.where(rate * (1.0 - rate) > 1e-12, (square - rate**2) / scatter, 1.0)
    return np.stack((np.rint(n), np.clip(KNOTS + rate - score, 0.0, 1.0), spread))

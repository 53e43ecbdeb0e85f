"""The range shown beside a score: how often it came true among comparable cases, and among how many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from models.estimators.boosters import Array
from models.estimators.calibration import Courts

LEVEL = 0.90
ENOUGH = 100
OF_CASES = 100
KNOTS = np.linspace(0.0, 1.0, 51)
OWN_WIDTHS = (0.03, 0.05, 0.08, 0.12)
"""Distance in score within which a case is comparable, tried in turn until there are enough."""
POOLED_WIDTHS = (*OWN_WIDTHS, 0.18, 0.25)


@dataclass(frozen=True)
class Range:
    """Lower and upper end of the frequency and the number of comparable cases, one value per row."""

    lower: Array
    upper: Array
    n: npt.NDArray[np.int64]


def frequency_range(hits: Array, n: Array, *, of: int = OF_CASES, level: float = LEVEL) -> tuple[Array, Array]:
    """Return the range that holds the frequency among the next `of` cases like the `n` of which `hits` came true.

    The sentence shown speaks of 100 cases, so two doubts count: how well n
    cases tell the frequency, and how 100 cases scatter around it. Together
    they weigh as much as n * of / (n + of) cases; the range is Jeffreys'
    interval at that number.
    """
    from scipy.special import betaincinv  # only fitting needs it; not loaded online

    size = n * of / np.maximum(n + of, 1)
    count = hits * size / np.maximum(n, 1)
    tail = (1.0 - level) / 2.0
    lower = np.where(hits > 0, betaincinv(count + 0.5, size - count + 0.5, tail), 0.0)
    upper = np.where(hits < n, betaincinv(count + 0.5, size - count + 0.5, 1.0 - tail), 1.0)
    return lower, upper


@dataclass(frozen=True, eq=False)
class Comparable:
    """Ranges precomputed at 51 scores, for each court with enough cases of its own and for all courts.

    Row 0 of each table is the pooled one; `courts` gives the row of a court.
    """

    courts: Mapping[str, int]
    lower: Array
    upper: Array
    n: npt.NDArray[np.int64]

    @classmethod
    def fit(cls, p: Array, event: Array, court: Sequence[str]) -> Comparable:
        """Count on the calibration period; `p` is the calibrated score, `event` 1, 0 or a share.

        A court's own cases come first. Where they are fewer than 100 even
        within 0.12 of the score, all courts' cases within up to 0.25 count.
        """
        courts = Courts.of(court)
        pooled = _table(p, event, POOLED_WIDTHS)
        tables, rows = [pooled], {}
        for number, name in enumerate(courts.names):
            mine = courts.index == number
            own = _table(p[mine], event[mine], OWN_WIDTHS)
            if (own[1] >= ENOUGH).any():
                rows[name] = len(tables)
                tables.append(np.where(own[1] >= ENOUGH, own, pooled))
        hits, n = np.stack(tables, axis=1)
        lower, upper = frequency_range(hits, n)
        return cls(courts=rows, lower=lower.round(6), upper=upper.round(6), n=n.astype(np.int64))

    def look(self, court: Sequence[str], p: Array) -> Range:
        """Return range and count for each row."""
        return self.look_at(Courts.of(court), p)

    def look_at(self, courts: Courts, p: Array) -> Range:
        """Return range and count for rows whose courts are numbered already; the range always holds the score."""
        row = np.array([self.courts.get(name, 0) for name in courts.names], dtype=np.intp)[courts.index]
        sound = np.isfinite(p)
        knot = np.rint(np.where(sound, p, 0.0) * (len(KNOTS) - 1)).astype(np.intp)
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
        }

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> Self:
        """Return the ranges that wrote these values."""
        return cls(
            courts=dict(data["courts"]),  # type: ignore[call-overload]
            lower=np.asarray(data["lower"]),
            upper=np.asarray(data["upper"]),
            n=np.asarray(data["n"], dtype=np.int64),
        )


def _table(p: Array, event: Array, widths: tuple[float, ...]) -> Array:
    """Return hits and cases at each knot, shape (2, knots): the narrowest width with enough cases, else the widest."""
    order = np.argsort(p, kind="stable")
    sums = np.concatenate(([0.0], np.cumsum(event[order])))
    found = np.zeros((2, len(KNOTS)))
    for width in widths:
        start = np.searchsorted(p[order], KNOTS - width, side="left")
        stop = np.searchsorted(p[order], KNOTS + width, side="right")
        here = np.stack((sums[stop] - sums[start], (stop - start).astype(np.float64)))
        found = np.where(found[1] >= ENOUGH, found, here)
    return found

"""The tie band: where two lanes are worth the same, a court may let chance decide, so that lanes can be compared later.

Off unless a court switches it on. A draw is made only where a score decided,
both lanes are lawful, and their values differ by less than the court's limit;
a lane that a rule fixes or forbids is never drawn. The draw follows from the
recorded seed and the case's id alone, so anybody can check it afterwards.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from features.known import Array
from features.register import Stage
from models.lanes import LANE_CODE, UNDECIDED, Lane
from models.routes import MODEL, Bools, Codes, Routes

_FILING = [LANE_CODE[Lane.FAST], LANE_CODE[Lane.COMPLEX]]
_EVENLY = 0.5


@dataclass(frozen=True, kw_only=True)
class TieBand:
    """The court's own limits.

    `epsilon` is the difference of value, in yuan, below which two lanes count
    as equal: 0 switches the band off. `share` is the chance of the lane that
    was not proposed, at most one half.
    """

    epsilon: float = 0.0
    share: float = _EVENLY

    def __post_init__(self) -> None:
        """Refuse limits that make no band.

        Raises
        ------
        ValueError
            `epsilon` is negative or not finite, or `share` is not above 0 and at most one half.
        """
        if not (math.isfinite(self.epsilon) and self.epsilon >= 0.0):
            msg = f"epsilon 应为不小于 0 的金额（元），收到 {self.epsilon} / epsilon is an amount of yuan, 0 or more"
            raise ValueError(msg)
        if not 0.0 < self.share <= _EVENLY:
            msg = f"share 应大于 0、不超过 0.5，收到 {self.share} / share is above 0 and at most 0.5"
            raise ValueError(msg)


OFF = TieBand()
"""No band: every case goes where the rules and scores send it."""


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """The lanes after drawing, arrays of shape (n,), and what must be recorded with them.

    `lane` holds codes of `models.lanes.LANES`; `propensity` the chance that
    the lane had, 1 outside the band; `in_band` the rows that were drawn.
    """

    lane: Codes
    propensity: Array
    in_band: Bools
    seed: int


def draw(routes: Routes, values: Array, *, ids: Sequence[str], band: TieBand, seed: int) -> Drawn:
    """Draw the lanes of cases inside the band; every other case keeps the lane proposed.

    Parameters
    ----------
    routes
        The proposed routes of n cases.
    values
        What each lane is worth for each case in yuan, shape (n, lanes) in the
        order of `models.lanes.LANES`; where one is NaN nothing is drawn.
    ids
        The key of each case: the same key and seed give the same draw.
    """
    inside = _inside(routes, values, band)
    low = np.ones(len(routes))
    rows = np.flatnonzero(inside)
    low[rows] = [uniform(seed, ids[row]) for row in rows.tolist()]
    other = inside & (low < band.share)
    chance = np.where(other, band.share, 1.0 - band.share)
    return Drawn(
        lane=np.where(other, routes.alternative, routes.lane).astype(np.int8),
        propensity=np.where(inside, chance, 1.0),
        in_band=inside,
        seed=seed,
    )


def uniform(seed: int, case: str) -> float:
    """Return the number in [0, 1) that the seed holds for a case, the same on every machine."""
    digest = hashlib.sha256(f"tie-band:{seed}:{case}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2.0**64


def _inside(routes: Routes, values: Array, band: TieBand) -> Bools:
    """Return the rows that a score decided between two lawful lanes of nearly the same value."""
    n = len(routes)
    lane, other = routes.lane, routes.alternative
    scored = (routes.decided_by == MODEL) & np.isfinite(routes.margin)
    open_ = scored & (lane != UNDECIDED) & (other != UNDECIDED) & (lane != other)
    if routes.outcomes.view.stage is Stage.A:
        open_ &= ~(np.isin(lane, _FILING) & np.isin(other, _FILING))
    rows = np.arange(n)
    difference = np.abs(values[rows, lane] - values[rows, other])
    return np.asarray(open_ & (difference < band.epsilon), dtype=np.bool_)

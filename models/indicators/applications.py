"""Applications as arrays that indicators are counted from: instants, ends and money, over one period."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum

import numpy as np
import numpy.typing as npt

from features.known import Array
from models.routes import Bools

MONTHS_12 = 366.0
"""Twelve months in days, leap year or not."""

States = npt.NDArray[np.int64]


class State(IntEnum):
    """How an application stands or ended; SETTLED is paid before filing, STOPPED has no lane by law."""

    OPEN = 0
    SETTLED = 1
    FULL = 2
    ZHONGBEN = 3
    OTHER = 4
    STOPPED = 5


class Over12Base(StrEnum):
    """Of what the cases over twelve months are a share; courts differ, so it is a setting."""

    OPEN = "open"
    ACCEPTED = "accepted"


@dataclass(frozen=True)
class Ratio:
    """A figure as numerator over denominator; no figure where there is nothing to divide by."""

    numerator: float
    denominator: float

    @property
    def value(self) -> float:
        """Numerator over denominator, NaN without a denominator."""
        return self.numerator / self.denominator if self.denominator else float("nan")


def mean(values: Array) -> Ratio:
    """Return the sum of values over their number."""
    return Ratio(float(values.sum()), float(len(values)))


def share(holds: Bools, among: Bools) -> Ratio:
    """Return for how many of `among` something holds."""
    return Ratio(float((holds & among).sum()), float(among.sum()))


@dataclass(frozen=True, eq=False, kw_only=True)
class Applications:
    """Applications and the period that is looked at; instants in days (`features.clock`), NaN is never.

    `ended` is when nothing was left to be done in the matter itself, `closed`
    when the court had closed the case. `money` has columns row, instant, yuan;
    `payouts` row, arrival, payout. The period is `begins` <= instant < `ends`.
    What has not ended within `horizon` days of its receipt counts as not done
    where an indicator follows applications from receipt.
    """

    received: Array
    filed: Array
    ended: Array
    closed: Array
    state: States
    claim: Array
    hours: Array
    money: Array
    payouts: Array
    begins: float
    ends: float
    horizon: float
    enforcement_months: int
    over_12_base: Over12Base

    def in_period(self, instant: Array) -> Bools:
        """Return which instants lie in the period."""
        return np.asarray((instant >= self.begins) & (instant < self.ends))

    @property
    def cohort(self) -> Bools:
        """The applications received in the period."""
        return self.in_period(self.received)

    @property
    def days_to_end(self) -> Array:
        """Days from receipt to the end of the matter, at most the horizon, which stands for what has not ended."""
        return np.fmin(np.where(np.isnan(self.ended), np.inf, self.ended) - self.received, self.horizon)

    def ended_in_time(self, *states: State) -> Bools:
        """Return the applications that ended in one of these ways within the horizon."""
        return np.isin(self.state, states) & (self.ended - self.received <= self.horizon)

    def yuan(self, *, days: float) -> Array:
        """Return what every application brought in within so many days of its receipt."""
        rows = self.money[:, 0].astype(np.int64)
        timely = self.money[:, 1] - self.received[rows] <= days
        total = np.bincount(rows[timely], weights=self.money[timely, 2], minlength=len(self.received))
        return total.astype(np.float64)

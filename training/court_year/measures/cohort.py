"""What became of the applications, as arrays that indicators are counted from: instants, ends, money and hours."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from features.clock import days_of
from features.known import Array
from models.routes import Bools
from models.rules.loading import shipped_limits
from models.utility import HORIZON, Consequences
from training.court_year.office.ledger import Ledger, State
from training.court_year.settings import YearSettings
from training.court_year.year import Run
from training.scoring.input import Rows
from training.simulate import Arrivals

MONTHS_12 = 366.0
"""Twelve months in days, leap year or not."""


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


@dataclass(frozen=True, eq=False)
class Outcomes:
    """The applications of one run, those that the law stops left out; instants in days, NaN is never.

    `money` has columns row, instant, yuan; `payouts` row, arrival, payout.
    The year is `begins` <= instant < `ends`; everything is known up to `until`.
    """

    received: Array
    filed: Array
    ended: Array
    closed: Array
    state: Rows
    claim: Array
    hours: Array
    urged: Bools
    lost: Array
    money: Array
    payouts: Array
    begins: float
    ends: float
    until: float
    horizon: float
    claim_cap: float
    enforcement_months: int
    over_12_base: Over12Base

    @classmethod
    def of(cls, run: Run, settings: YearSettings) -> Outcomes:
        """Return the outcomes of a run."""
        return cls.of_ledger(run.ledger, run.docket.arrivals, settings)

    @classmethod
    def of_ledger(cls, ledger: Ledger, arrivals: Arrivals, settings: YearSettings, *, whole: bool = False) -> Outcomes:
        """Return the outcomes that a ledger holds; `whole` keeps the stopped, so that rows stay those of arrivals."""
        state = ledger.whole("state")
        kept = (state != State.STOPPED) | whole
        place = np.cumsum(kept) - 1
        claim = np.nan_to_num(arrivals.claim)
        money, payouts = ledger.table("money"), ledger.table("payouts")
        rows = money[:, 0].astype(np.int64)
        money = np.column_stack([place[rows], money[:, 1], money[:, 2] * claim[rows]])
        payouts = np.column_stack([place[payouts[:, 0].astype(np.int64)], payouts[:, 1:]])
        return cls(
            received=arrivals.received[kept],
            filed=ledger.column("filed_at")[kept],
            ended=ledger.column("ended_at")[kept],
            closed=ledger.column("closed_at")[kept],
            state=state[kept],
            claim=claim[kept],
            hours=ledger.column("hours")[kept],
            urged=~np.isnan(ledger.column("urged_at"))[kept],
            lost=ledger.column("lost")[kept],
            money=money,
            payouts=payouts,
            begins=days_of(settings.year_from),
            ends=days_of(settings.year_until),
            until=days_of(settings.last) + 1.0,
            horizon=settings.path.horizon,
            claim_cap=settings.path.claim_cap,
            enforcement_months=shipped_limits(settings.year_from)["T11"].value,
            over_12_base=Over12Base(settings.over_12_base),
        )

    def in_year(self, instant: Array) -> Bools:
        """Return which instants lie in the year."""
        return np.asarray((instant >= self.begins) & (instant < self.ends))

    @property
    def cohort(self) -> Bools:
        """The applications received in the year."""
        return self.in_year(self.received)

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

    def consequences(self) -> Consequences:
        """Return what routing brought each application: days to its end, yuan of the capped claim, hours, failures."""
        counted = np.minimum(self.claim, self.claim_cap) / np.maximum(self.claim, 1.0)
        return Consequences(
            days=np.minimum(self.days_to_end, HORIZON),
            yuan=self.yuan(days=HORIZON) * counted,
            hours=self.hours,
            failed_urging=(self.urged & (self.state != State.SETTLED)).astype(np.float64),
        )

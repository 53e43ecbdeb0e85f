"""What became of the applications of a simulated year, as arrays that indicators are counted from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.clock import days_of
from features.known import Array
from models.indicators import Applications, Over12Base, State
from models.routes import Bools
from models.rules.loading import shipped_limits
from models.utility import HORIZON, Consequences
from training.court_year.office.ledger import Ledger
from training.court_year.settings import YearSettings
from training.court_year.year import Run
from training.simulate import Arrivals


@dataclass(frozen=True, eq=False, kw_only=True)
class Outcomes(Applications):
    """The applications of one run, those that the law stops left out; everything is known up to `until`."""

    urged: Bools
    lost: Array
    until: float
    claim_cap: float

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

    def consequences(self) -> Consequences:
        """Return what routing brought each application: days to its end, yuan of the capped claim, hours, failures."""
        counted = np.minimum(self.claim, self.claim_cap) / np.maximum(self.claim, 1.0)
        return Consequences(
            days=np.minimum(self.days_to_end, HORIZON),
            yuan=self.yuan(days=HORIZON) * counted,
            hours=self.hours,
            failed_urging=(self.urged & (self.state != State.SETTLED)).astype(np.float64),
        )

"""When urging must end, case by case, by the rules of conversion and the windows of the court's table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Self

import numpy as np

from models.lifecycle import ConversionCause, Instalment, Urging, next_conversion, urging_window
from models.rules.in_force import RulesInForce
from models.rules.table import RuleTable
from training.scoring.input import Batch
from training.simulate import Arrivals
from training.simulate.course.urging import PROMISED

CAUSES = tuple(ConversionCause)
EPOCH = date(1970, 1, 1)
NEVER = 10_000
"""Days after which nothing that could end urging is looked for: no window reaches them."""


@dataclass(frozen=True, eq=False)
class UrgingLaw:
    """What may end urging, one entry an application: days count from the start of urging, dates from 1970."""

    in_force: tuple[RulesInForce, ...]
    which: list[int]
    limitation: list[float]
    preserved: list[float]
    pre_enforcement: list[bool]
    promised: list[bool]
    leave: list[int]
    clue: list[int]

    @classmethod
    def of(cls, arrivals: Arrivals, batch: Batch, rules: RuleTable, *, clue_daily: float) -> Self:
        """Return the law for these applications, each under the rules in force on its receipt."""
        chance, received = arrivals.chance, batch.columns["received_at"].astype(np.float64)
        groups = rules.by_day(received) if len(received) else ()
        which = np.zeros(len(received), dtype=np.int64)
        for place, (_, rows) in enumerate(groups):
            which[rows] = place
        with np.errstate(divide="ignore"):
            clue = np.minimum(np.ceil(chance.clue_draw / np.float64(clue_daily)), NEVER)
        stage = batch.columns["pres_stage"].astype(np.float64)
        preserved = batch.columns["preserved"].astype(np.float64) == 1.0
        return cls(
            in_force=tuple(in_force for in_force, _ in groups),
            which=which.tolist(),
            limitation=(np.floor(received) + batch.columns["limitation_days_left"].astype(np.float64)).tolist(),
            preserved=np.where(preserved, batch.columns["pres_expiry"].astype(np.float64), np.nan).tolist(),
            pre_enforcement=(
                preserved & (stage == batch.register["pres_stage"].codes.index("pre_enforcement"))
            ).tolist(),
            promised=(chance.contact == PROMISED).tolist(),
            leave=np.minimum(np.ceil(chance.leave_day), NEVER).astype(np.int64).tolist(),
            clue=clue.astype(np.int64).tolist(),
        )

    def ends(self, row: int, start: int) -> tuple[int, ConversionCause]:
        """Return the day on which an unpaid case is filed that is urged from a day on, and why; days since 1970.

        A debtor who promised has promised for the last day of the window.
        """
        first = day_of(start)
        limitation, preserved = self.limitation[row], self.preserved[row]
        window = urging_window(
            first,
            self.in_force[self.which[row]],
            limitation_on=day_of(int(limitation)) if limitation == limitation else None,  # noqa: PLR0124 - NaN
            preserved_until=(day_of(int(preserved)),) if preserved == preserved else (),  # noqa: PLR0124 - NaN
            pre_enforcement=self.pre_enforcement[row],
        )
        promised = (Instalment(due_on=window.ends_on, amount=Decimal(1)),) if self.promised[row] else ()
        found = next_conversion(
            Urging(
                window=window,
                promised=promised,
                clue_on=first + timedelta(days=self.clue[row]),
                consent_withdrawn_on=first + timedelta(days=self.leave[row]),
            )
        )
        return max((found.on - EPOCH).days, start), found.cause


def day_of(number: int) -> date:
    """Return the date of so many days since 1970."""
    return EPOCH + timedelta(days=number)

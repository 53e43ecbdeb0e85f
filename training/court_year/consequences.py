"""What follows in each lane for debtors with such means and such willingness, measured by letting nobody wait."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from features.known import Array
from models.indicators import State
from models.lanes import LANE_CODE, Lane
from models.routes import Codes
from models.rules.table import RuleTable
from models.utility import HORIZON, Utility
from training.court_year.docket import CLOCKS, Docket, applications, forced_docket
from training.court_year.measures.cohort import Outcomes
from training.court_year.settings import YearSettings
from training.court_year.year import office_hours, unhindered
from training.scoring.input import Rows
from training.simulate import Arrivals
from training.simulate.course import urging
from training.simulate.settings import CLASSES

LOW, HIGH, STEP = -7.0, 7.0, 0.5
GRID: Array = np.arange(LOW, HIGH + STEP / 2, STEP)
"""Willingness at which consequences are kept, log-odds; between, they are interpolated."""

FEWEST = 20.0
"""Cases near a willingness, below which its nearest well-known neighbour stands in."""

PARTS = 5
"""Days to the end, share recovered, share times days before the horizon, officer hours, failed urgings."""

_URGE, _FAST, _COMPLEX = (LANE_CODE[lane] for lane in (Lane.URGE, Lane.FAST, Lane.COMPLEX))


@dataclass(frozen=True, eq=False)
class Consequences:
    """Expected consequences by class of means and willingness, last axes (classes, parts, willingness).

    `fast` and `complex` have the clocks of the fast lane before these axes:
    both come from the same cases, so that their difference is that of the lanes.
    In the same way `filed`, which is filing at once, and `urged` have before
    them whether the debtor would be reached; both go on in the better lane.
    """

    fast: Array
    complex: Array
    filed: Array
    urged: Array

    @classmethod
    def measured(cls, arrivals: Arrivals, rules: RuleTable, utility: Utility, settings: YearSettings) -> Self:
        """Send applications every way in turn, with officers for everyone, and see what follows."""
        trial = _Trial(arrivals, rules, settings)
        n, chance = len(arrivals), arrivals.chance
        every = np.full(n, _COMPLEX, dtype=np.int8)
        clock = np.arange(n) % len(CLOCKS)
        fast = trial.table(every, np.full(n, _FAST, dtype=np.int8), by=clock, kinds=len(CLOCKS))
        slow = trial.table(every, every, by=clock, kinds=len(CLOCKS))
        better = _better(arrivals, fast, slow, utility=utility, clock=clock, claim_cap=settings.path.claim_cap)
        reached = (chance.contact > urging.UNREACHED).astype(np.int64)
        filed = trial.table(every, better, by=reached, kinds=2)
        urged = trial.table(np.full(n, _URGE, dtype=np.int8), better, by=reached, kinds=2)
        return cls(fast, slow, filed, urged)


@dataclass(frozen=True)
class _Trial:
    arrivals: Arrivals
    rules: RuleTable
    settings: YearSettings

    def table(self, first: Codes, second: Codes, *, by: Rows, kinds: int) -> Array:
        """Return mean parts by kind, class and willingness: (kinds, classes, parts, grid)."""
        batch = applications(self.arrivals)
        docket = forced_docket(self.arrivals, batch, self.rules, self.settings, first=first, second=second)
        parts = _parts(docket, self.settings)
        means, will = self.arrivals.chance.means, self.arrivals.chance.will
        cells = [(kind, place) for kind in range(kinds) for place in range(len(CLASSES))]
        rows = [np.flatnonzero((by == kind) & (means == place)) for kind, place in cells]
        found = np.stack([_smoothed(will[own], parts[:, own]) for own in rows])
        return found.reshape(kinds, len(CLASSES), PARTS, len(GRID))


def _parts(docket: Docket, settings: YearSettings) -> Array:
    """Return what became of every case, shape (parts, n), with every claim taken as one yuan."""
    one = replace(docket.arrivals, claim=np.ones(len(docket.arrivals)))
    ledger = unhindered(docket, settings, hours=office_hours(settings))
    found = Outcomes.of_ledger(ledger, one, settings, whole=True)
    share, days = found.yuan(days=HORIZON), np.minimum(found.days_to_end, HORIZON)
    failed = found.urged & (found.state != State.SETTLED)
    return np.stack([days, share, share * (HORIZON - days), found.hours, failed.astype(np.float64)])


def _smoothed(will: Array, parts: Array) -> Array:
    """Return the parts at every willingness of the grid, from the cases near it: (parts, grid)."""
    near = np.maximum(1.0 - np.abs(will[None, :] - GRID[:, None]) / (2 * STEP), 0.0)
    weight = near.sum(axis=1)
    table = parts @ near.T / np.maximum(weight, 1e-9)
    known = np.flatnonzero(weight >= FEWEST)
    if not len(known):
        return np.repeat(
            parts.mean(axis=1, keepdims=True) if parts.shape[1] else np.zeros((PARTS, 1)), len(GRID), axis=1
        )
    nearest = known[np.abs(known[None, :] - np.arange(len(GRID))[:, None]).argmin(axis=1)]
    return np.asarray(table[:, nearest])


def value(parts: Array, claim: Array, utility: Utility, *, price: float = 0.0) -> Array:
    """Return what expected parts (parts, n) are worth for claims in yuan; `price` is added to that of an hour."""
    days, share, earlier, hours, failed = parts
    a = utility.amounts
    money = claim * (a.yuan_per_yuan * share + a.delay_rate * earlier)
    return np.asarray(
        money
        + a.yuan_per_day * (HORIZON - days)
        - (a.yuan_per_hour + price) * hours
        - a.yuan_per_failed_urging * failed
    )


def at_will(table: Array, will: Array) -> Array:
    """Return a table's last axis interpolated at these willingnesses, shape (..., n)."""
    place = np.clip((will - LOW) / STEP, 0.0, len(GRID) - 1.000001)
    low = place.astype(np.int64)
    part = place - low
    return np.asarray(table[..., low] * (1.0 - part) + table[..., low + 1] * part)


def _better(arrivals: Arrivals, fast: Array, slow: Array, *, utility: Utility, clock: Rows, claim_cap: float) -> Codes:
    """Return the better lane for cases whose means and willingness are known, for the trial of what comes before."""
    chance, claim = arrivals.chance, np.minimum(np.nan_to_num(arrivals.claim), claim_cap)
    gain = np.zeros(len(arrivals))
    for place in range(len(CLASSES)):
        for kind in range(len(CLOCKS)):
            own = np.flatnonzero((chance.means == place) & (clock == kind))
            quick = value(at_will(fast[kind, place], chance.will[own]), claim[own], utility)
            gain[own] = quick - value(at_will(slow[kind, place], chance.will[own]), claim[own], utility)
    return np.where(gain > 0, _FAST, _COMPLEX).astype(np.int8)

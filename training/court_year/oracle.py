"""The oracle of a simulated year: it knows the generator's probabilities and takes the lane that is worth most.

Given what is on file it holds the exact chances of what a debtor has and wants,
and it knows what follows from these in every lane. It obeys the law like the
others and does not know what chance will bring. No court can have it: it is the
mark against which policies are measured.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.known import Array
from features.register import Stage
from models.lanes import LANE_CODE, Lane
from models.routes import Bools, Codes
from models.rules.rule import Text
from models.rules.table import RuleTable
from models.utility import Utility
from training.court_year.consequences import Consequences, at_will, value
from training.court_year.docket import CLOCKS
from training.policies.by_rules import triaged
from training.policies.single_test import bounds
from training.scoring.input import Batch, Rows
from training.simulate import Arrivals
from training.simulate.course import query, urging
from training.simulate.settings import CLASSES, load_margins

NODES = 12
"""Points at which the part of willingness that no record shows is looked at."""

_URGE, _FAST, _COMPLEX = (LANE_CODE[lane] for lane in (Lane.URGE, Lane.FAST, Lane.COMPLEX))


@dataclass(frozen=True, kw_only=True, eq=False)
class YearOracle:
    """Takes for every case the lane of the highest expected value; `price` is what an hour costs beyond the utility.

    The price stands for what an hour is worth to other cases when officers are
    scarce; it is chosen on an earlier year, like the thresholds of the others.
    """

    arrivals: Arrivals
    consequences: Consequences
    utility: Utility
    rules: RuleTable
    claim_cap: float = float("inf")
    price: float = 0.0
    name: str = "oracle"
    words: Text = Text("先知（读取模拟真值）", "oracle (reads the simulated truth)")  # noqa: RUF009 - a constant
    one_judge: bool = False

    @property
    def reads_truth(self) -> bool:
        """Always."""
        return True

    def lanes(self, batch: Batch) -> Codes:
        """Return the code of each case's lane."""
        places = {name: i for i, name in enumerate(self.arrivals.sheet.ids.to_pylist())}
        own = np.array([places[name] for name in batch.ids], dtype=np.int64)
        lanes = np.empty(len(own), dtype=np.int8)
        for rows, found in triaged(batch, self.rules):
            fixed, may_urge = bounds(found)
            part = batch.where(rows)
            free = self._first(own[rows], may_urge) if batch.stage is Stage.A else self._second(own[rows], part)
            lanes[rows] = np.where(fixed, found.routes.lane, free)
        return lanes

    def _first(self, own: Rows, may_urge: Bools) -> Codes:
        """Urge where that is worth more than filing."""
        chance = self.arrivals.chance
        belief = _Belief(chance.chances[own], chance.eta[own])
        reach = chance.reach[own]
        urged, filed = (
            belief.expected(table[0]) * (1.0 - reach) + belief.expected(table[1]) * reach
            for table in (self.consequences.urged, self.consequences.filed)
        )
        gain = self._worth(urged, own) - self._worth(filed, own)
        return np.where(may_urge & (gain > 0), _URGE, _COMPLEX).astype(np.int8)

    def _second(self, own: Rows, batch: Batch) -> Codes:
        """Take the fast lane where that is worth more than the complex one."""
        chance, table = self.arrivals.chance, self.consequences
        signs = query.likelihood(chance.signs, firm=self.arrivals.firm, margins=load_margins())[own]
        urged = ~np.isnan(batch.columns["urge_start"].astype(np.float64))
        days = np.where(urged, np.floor(batch.columns["filed_at"].astype(np.float64) - _start(batch, urged)), 0.0)
        belief = _Belief(chance.chances[own] * signs, chance.eta[own], chance.contact[own], days)
        clock = self._clock(batch)
        gain = np.empty(len(own))
        for kind in range(len(CLOCKS)):
            rows = clock == kind
            fast, slow = (belief.expected(one[kind])[:, rows] for one in (table.fast, table.complex))
            gain[rows] = self._worth(fast, own[rows]) - self._worth(slow, own[rows])
        return np.where(gain > 0, _FAST, _COMPLEX).astype(np.int8)

    def _worth(self, parts: Array, own: Rows) -> Array:
        return value(
            parts, np.minimum(np.nan_to_num(self.arrivals.claim[own]), self.claim_cap), self.utility, price=self.price
        )

    def _clock(self, batch: Batch) -> Rows:
        """Return which clock the fast lane would have: with enough cash, with a wage, or the longest."""
        signs, place = self.arrivals.chance.signs, {n: i for i, n in enumerate(self.arrivals.sheet.ids.to_pylist())}
        own = np.array([place[name] for name in batch.ids], dtype=np.int64)
        cash, wage = signs.cash[own] == query.ENOUGH, (signs.wage & signs.answered)[own]
        return np.select([cash, wage], [0, 1], 2).astype(np.int64)


def _start(batch: Batch, urged: Bools) -> Array:
    return np.where(urged, np.floor(batch.columns["urge_start"].astype(np.float64)), 0.0)


class _Belief:
    """What the oracle holds of every case: weights (classes, nodes, n) of means and of willingness at the nodes."""

    def __init__(self, chances: Array, eta: Array, contact: Rows | None = None, days: Array | None = None) -> None:
        margins = load_margins()
        nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
        self.will = eta[None, :] + margins.urging["noise"] * nodes[:, None]
        self.weight = chances.T[:, None, :] * (weights / weights.sum())[None, :, None]
        if contact is not None and days is not None:
            self.weight = self.weight * _unpaid(self.will, contact, days)
        self.weight = self.weight / self.weight.sum(axis=(0, 1))

    def expected(self, table: Array) -> Array:
        """Return the expected parts from a table (classes, parts, grid): (parts, n)."""
        total = np.zeros((table.shape[1], self.will.shape[1]))
        for place in range(len(CLASSES)):
            parts = at_will(table[place], self.will)
            total += (parts * self.weight[place]).sum(axis=1)
        return total


def _unpaid(will: Array, contact: Rows, days: Array) -> Array:
    """Return how likely it is that a debtor said what he said and did not pay in the days of urging: as the weights."""
    margins = load_margins()
    promise = urging.promise_chance(will, margins)
    said = np.where(contact == urging.PROMISED, promise, np.where(contact == urging.REACHED, 1.0 - promise, 1.0))
    used = 1.0 - np.exp(-days / margins.urging["days"])
    found = []
    for place in range(len(CLASSES)):
        rate = urging.pay_rate(np.full(will.shape, place), will, np.broadcast_to(contact, will.shape), margins)
        found.append(np.where(days > 0, said * np.exp(-rate * used), 1.0))
    return np.stack(found)

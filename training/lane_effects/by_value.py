"""Fenliu by value: under the law and with the scores, the lane that is worth more, at the price that an hour has."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.known import Array
from features.register import Stage
from models.bundle import Bundle
from models.lanes import LANE_CODE, UNDECIDED, Lane
from models.routes import Bools, Codes
from models.rules.rule import Text
from models.rules.table import RuleTable
from models.scores import ScoreTable
from models.utility import Utility
from training.lane_effects.basis import basis, facts
from training.lane_effects.learning import LaneEffects
from training.policies.by_rules import triaged
from training.policies.policy import Policy, decided
from training.policies.single_test import bounds
from training.scoring.input import Batch

WORDS = Text("分流（按价值）", "Fenliu by value")
_URGE, _FAST, _COMPLEX = (LANE_CODE[lane] for lane in (Lane.URGE, Lane.FAST, Lane.COMPLEX))


@dataclass(frozen=True, kw_only=True, eq=False)
class ByValue:
    """Takes what an action is learned to change, values it by the court's utility, and acts where that is a gain.

    `price` is what an hour is worth to other cases beyond the utility's own
    figure, in yuan: capacity in a single number. Hard rules and what forbids
    urging bind. Where scores abstain it goes by what the lane was learned to
    change for cases with such facts, and where no claim is known as
    `undecided` would.
    """

    bundle: Bundle
    rules: RuleTable
    effects: LaneEffects
    utility: Utility
    claim_cap: float
    price: float = 0.0
    undecided: Policy | None = None
    name: str = "fenliu_value"
    words: Text = WORDS
    one_judge: bool = False

    @property
    def reads_truth(self) -> bool:
        """Never."""
        return False

    def lanes(self, batch: Batch) -> Codes:
        """Return the code of each case's lane."""
        lanes = np.full(len(batch.ids), UNDECIDED, dtype=np.int8)
        scored = triaged(batch, self.rules, self.bundle)
        for (rows, bare), (_, found) in zip(triaged(batch, self.rules), scored, strict=True):
            fixed, may_urge = bounds(bare)
            part = batch.where(rows)
            free = self._free(part, found.table, may_urge)
            lanes[rows] = np.where(fixed, bare.routes.lane, free)
        return decided(lanes, batch, self.undecided)

    def _free(self, batch: Batch, table: ScoreTable | None, may_urge: Bools) -> Codes:
        """Return the better lane; none where even the facts do not tell and something hangs on it."""
        gain = self._gain(batch, table)
        unknown = np.isnan(gain)
        if batch.stage is Stage.A:
            found = np.where(may_urge & (gain > 0), _URGE, _COMPLEX)
            return np.where(unknown & may_urge, UNDECIDED, found).astype(np.int8)
        return np.where(unknown, UNDECIDED, np.where(gain > 0, _FAST, _COMPLEX)).astype(np.int8)

    def _gain(self, batch: Batch, table: ScoreTable | None) -> Array:
        """Return what the action is worth more than its alternative, in yuan; by the facts where scores abstain."""
        bare = self._worth(batch, self.effects.unscored[batch.stage].of(facts(batch)))
        if table is None:
            return bare
        scored = self._worth(batch, self.effects.scored[batch.stage].of(basis(batch, table)))
        return np.where(table.abstained | np.isnan(scored), bare, scored)

    def _worth(self, batch: Batch, changes: Array) -> Array:
        days, share, earlier, hours, failed = changes
        claim = np.minimum(batch.columns["claim_amount"].astype(np.float64), self.claim_cap)
        a = self.utility.amounts
        money = claim * (a.yuan_per_yuan * share + a.delay_rate * earlier)
        cost = a.yuan_per_day * days + (a.yuan_per_hour + self.price) * hours + a.yuan_per_failed_urging * failed
        return np.asarray(money - cost)

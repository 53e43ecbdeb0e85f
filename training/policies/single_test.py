"""Policies that ask one question: none at all (one judge), the amount, or the assets; under the law, no model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from features.register import Stage
from models.lanes import LANE_CODE, Lane
from models.routes import Bools, Codes
from models.rules.rule import Kind, Text
from models.rules.table import RuleTable
from models.rules.tri import YES
from models.triage import Triaged
from training.policies.by_rules import ByRules, shipped_rules, triaged
from training.scoring.input import Batch

FAST_BELOW = 10_000.0
"""Claims under this are fast, in yuan (广平县人民法院, 2023)."""

URGE_UP_TO = 1_000_000.0
"""Claims up to this are urged where nothing forbids it, in yuan (杭州中院实施意见)."""

_HARD = (Kind.HARD_STOP, Kind.HARD_LANE, Kind.HARD_OFFER)
_URGE, _FAST, _COMPLEX = (LANE_CODE[lane] for lane in (Lane.URGE, Lane.FAST, Lane.COMPLEX))

Test = Callable[[Batch, Bools], Codes]
"""Takes the cases and which of them the law allows to be urged; returns the lane of each."""


@dataclass(frozen=True, kw_only=True, eq=False)
class SingleTest:
    """Routes by one test what the law leaves open: hard rules fix their lanes, and what forbids urging forbids it here.

    The law is that of `rules`, read without scores.
    """

    name: str
    words: Text
    test: Test
    rules: RuleTable
    one_judge: bool = False

    @property
    def reads_truth(self) -> bool:
        """Never."""
        return False

    def lanes(self, batch: Batch) -> Codes:
        """Return the code of each case's lane."""
        lanes = np.empty(len(batch.ids), dtype=np.int8)
        for rows, found in triaged(batch, self.rules):
            fixed, may_urge = bounds(found)
            lanes[rows] = np.where(fixed, found.routes.lane, self.test(batch.where(rows), may_urge))
        return lanes


def bounds(found: Triaged) -> tuple[Bools, Bools]:
    """Return the cases whose lane a hard rule fixes, and those that the law allows to be urged."""
    outcomes, routes = found.routes.outcomes, found.routes
    kinds = [one.rule.kind for one in outcomes.program.rules]
    hard = [place for place, kind in enumerate(kinds) if kind in _HARD]
    fixed = np.asarray((outcomes.verdicts[hard] == YES).any(axis=0))
    lanes_own = np.array([kind in (Kind.MODEL, Kind.LIFECYCLE) for kind in kinds] + [False])
    before_filing = outcomes.view.stage is Stage.A
    return fixed, before_filing & ~fixed & lanes_own[routes.rule]


def one_judge(rules: RuleTable | None = None) -> SingleTest:
    """Return the way of old, 一人包案到底: nothing is urged, nothing is fast, one judge does everything."""
    return SingleTest(
        name="one_judge",
        words=Text("一人包案到底", "one judge from start to end"),
        test=lambda batch, _: np.full(len(batch.ids), _COMPLEX, dtype=np.int8),
        rules=rules or shipped_rules(),
        one_judge=True,
    )


def amount_rule(rules: RuleTable | None = None) -> SingleTest:
    """Return the amount rule: claims up to a cap are urged where the law allows it, small ones fast, others complex."""
    return SingleTest(
        name="amount",
        words=Text("金额规则", "amount rule"),
        test=_by_amount,
        rules=rules or shipped_rules(),
    )


def asset_rule(rules: RuleTable | None = None) -> ByRules:
    """Return the asset rule: the three tests of 法〔2021〕322号 after the query, nothing urged; no scores."""
    return ByRules(name="asset", words=Text("财产规则", "asset rule"), rules=rules or shipped_rules())


def _by_amount(batch: Batch, may_urge: Bools) -> Codes:
    """Return lanes by the claim alone; a claim that is no amount is complex."""
    claim = batch.columns["claim_amount"].astype(np.float64)
    filed = np.where(claim < FAST_BELOW, _FAST, _COMPLEX)
    return np.where(may_urge & (claim <= URGE_UP_TO), _URGE, filed).astype(np.int8)

"""Routing: rules first, then scores, for one application or a million; a person always has the last word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import cast

import numpy as np

from features.register import Stage
from models.lanes import LANE_CODE, UNDECIDED, Lane
from models.routes import (
    ABSTAINED,
    FACTS_MISSING,
    MODEL,
    NO_RULE,
    NOBODY,
    RULE,
    RULES_ONLY,
    SCORED,
    Bools,
    Codes,
    Places,
    Routes,
    RoutingSettings,
)
from models.rules.case_view import ScoreView
from models.rules.condition_tests import number
from models.rules.evaluate import RuleOutcomes
from models.rules.rule import Kind, OnUnknown
from models.rules.tri import NO, UNKNOWN, YES, Array, Tri, constant

_HARD = (Kind.HARD_STOP, Kind.HARD_LANE, Kind.HARD_OFFER)


def gap(score: Array, threshold: float) -> Array:
    """Return how far a score is from its threshold, as a share of the way to 0 or 1; NaN without a score."""
    return np.where(score >= threshold, (score - threshold) / (1.0 - threshold), (threshold - score) / threshold)


def route(outcomes: RuleOutcomes, scores: ScoreView | None, settings: RoutingSettings | None = None) -> Routes:
    """Propose a lane for every row.

    Order: stops, special lanes, direct deduction, what forbids urging, the
    willingness score, the split into fast and complex, the fast lane's clock.
    Without scores the rules answer alone; where scores abstain and no hard
    rule decides, the lane is left to the judge.
    """
    facts = _facts(outcomes, scores)
    drawn = _drawn(facts)
    late = _late(facts, drawn)
    lane = np.where(late == NO_RULE, drawn, LANE_CODE[Lane.COMPLEX]).astype(np.int8)
    margin, alternative = _margin(facts, drawn)
    decided_by = _decided_by(facts, drawn)
    decided_by[late != NO_RULE] = RULE
    rule = np.where(late == NO_RULE, _deciding(facts, drawn), late).astype(np.int16)
    return Routes(
        outcomes=outcomes,
        settings=settings or RoutingSettings(),
        lane=lane,
        decided_by=decided_by,
        rule=rule,
        status=_status(facts, lane),
        margin=np.where(decided_by == MODEL, margin, np.nan),
        alternative=np.where(decided_by == MODEL, alternative, UNDECIDED).astype(np.int8),
        flags=_flags(facts, late),
    )


@dataclass(frozen=True, kw_only=True)
class _Facts:
    """What routing looks at: the first deciding rule of each sort per row, and the verdicts on both lanes.

    `hard` is the first stop, special lane or offer that is met; `block_met`
    and `block_unknown` the first rule that forbids urging, for certain or
    because its facts are missing.
    """

    outcomes: RuleOutcomes
    scores: ScoreView | None
    verdicts: Tri
    hard: Places
    block_met: Places
    block_unknown: Places
    urge: int
    fast: int
    rest: int

    @property
    def blocked(self) -> Bools:
        """Rows that may not be urged."""
        return cast("Bools", (self.block_met != NO_RULE) | (self.block_unknown != NO_RULE))

    def may_urge(self) -> Tri:
        """Return the verdict on urging; not met where it is forbidden or over, at stage B."""
        if self.urge == NO_RULE:
            return constant(NO, len(self.hard))
        return np.where(self.blocked, NO, self.verdicts[self.urge])

    def pivotal(self, place: int) -> Bools:
        """Rows on which the rule's verdict hangs on a score."""
        if place == NO_RULE:
            return np.zeros(len(self.hard), dtype=np.bool_)
        hangs = (self.outcomes.bare[place] == UNKNOWN) & (self.verdicts[place] != UNKNOWN)
        return cast("Bools", hangs)

    def unscored(self, place: int) -> Bools:
        """Rows on which the rule is unknown because its score is unusable."""
        if place == NO_RULE or self.scores is None:
            return np.zeros(len(self.hard), dtype=np.bool_)
        without = self.scores.abstained | np.isnan(_score(self.outcomes, place)[0])
        return cast("Bools", without & (self.verdicts[place] == UNKNOWN))


def _facts(outcomes: RuleOutcomes, scores: ScoreView | None) -> _Facts:
    verdicts = outcomes.verdicts if scores is None else np.where(scores.abstained, outcomes.bare, outcomes.verdicts)
    rules = [one.rule for one in outcomes.program.rules]
    hard = [i for kind in _HARD for i, rule in enumerate(rules) if rule.kind is kind]
    block = [i for i, rule in enumerate(rules) if rule.kind is Kind.BLOCK_URGE]
    unsure = [i for i, rule in enumerate(rules) if rule.on_unknown is OnUnknown.BLOCK_URGE]
    if outcomes.view.stage is Stage.B:
        block, unsure = [], []
    lanes = {rule.lane: i for i, rule in enumerate(rules) if rule.kind is Kind.MODEL}
    return _Facts(
        outcomes=outcomes,
        scores=scores,
        verdicts=verdicts,
        hard=_first(verdicts, hard, YES),
        block_met=_first(verdicts, block, YES),
        block_unknown=_first(verdicts, unsure, UNKNOWN),
        urge=lanes.get(Lane.URGE, NO_RULE),
        fast=lanes[Lane.FAST],
        rest=lanes[Lane.COMPLEX],
    )


def _first(verdicts: Tri, places: list[int], state: np.uint8) -> Places:
    """Return for each row the first of these rules with this verdict; NO_RULE where none has it."""
    found = np.full(verdicts.shape[1], NO_RULE, dtype=np.int16)
    for place in reversed(places):
        found[verdicts[place] == state] = place
    return found


def _drawn(facts: _Facts) -> Codes:
    """Return the lane before the clock: hard rules, then urging, then the split."""
    rules = [one.rule for one in facts.outcomes.program.rules]
    lanes = np.array([LANE_CODE[rule.lane or Lane.NONE] for rule in rules], dtype=np.int8)
    quick = facts.verdicts[facts.fast] == YES
    doubtful = (facts.unscored(facts.urge) & ~facts.blocked) | facts.unscored(facts.fast)
    doubtful &= (facts.outcomes.bare[facts.fast] != YES) & (facts.block_met == NO_RULE)
    split = np.where(quick, LANE_CODE[Lane.FAST], LANE_CODE[Lane.COMPLEX])
    lane = np.where(doubtful, UNDECIDED, split)
    lane = np.where(facts.may_urge() == YES, LANE_CODE[Lane.URGE], lane)
    return np.where(facts.hard != NO_RULE, lanes[facts.hard], lane).astype(np.int8)


def _late(facts: _Facts, lane: Codes) -> Places:
    """Return the clock rule that takes a row out of the fast lane; NO_RULE where none does."""
    rules = [one.rule for one in facts.outcomes.program.rules]
    clocks = [i for i, rule in enumerate(rules) if rule.kind is Kind.LIFECYCLE and rule.lane is not None]
    passed = _first(facts.verdicts, clocks, YES)
    return np.where(lane == LANE_CODE[Lane.FAST], passed, NO_RULE).astype(np.int16)


def _decided_by(facts: _Facts, lane: Codes) -> Codes:
    by_score = facts.pivotal(facts.fast) | (facts.pivotal(facts.urge) & ~facts.blocked)
    by_score &= (facts.hard == NO_RULE) & ~facts.blocked
    decided = np.where(by_score, MODEL, RULE)
    return np.where(lane == UNDECIDED, NOBODY, decided).astype(np.int8)


def _deciding(facts: _Facts, lane: Codes) -> Places:
    """Return the rule that decided: hard, then what forbids urging, then the rule of the lane."""
    own = np.full(len(lane), facts.rest, dtype=np.int16)
    own[lane == LANE_CODE[Lane.FAST]] = facts.fast
    own[lane == LANE_CODE[Lane.URGE]] = facts.urge
    block = np.where(facts.block_met == NO_RULE, facts.block_unknown, facts.block_met)
    rule = np.where(block == NO_RULE, own, block)
    rule = np.where(facts.hard == NO_RULE, rule, facts.hard)
    return np.where(lane == UNDECIDED, NO_RULE, rule).astype(np.int16)


def _status(facts: _Facts, lane: Codes) -> Codes:
    """Return scored, rules_only or abstained; rows of a stop or special lane never ask the model."""
    if facts.scores is None:
        return np.full(len(lane), RULES_ONLY, dtype=np.int8)
    kinds = np.array([one.rule.kind in _HARD[:2] for one in facts.outcomes.program.rules])
    special = (facts.hard != NO_RULE) & kinds[facts.hard]
    status = np.where(facts.scores.abstained | (lane == UNDECIDED), ABSTAINED, SCORED)
    return np.where(special, RULES_ONLY, status).astype(np.int8)


def _margin(facts: _Facts, lane: Codes) -> tuple[Array, Codes]:
    """Return the smallest gap of a score that decided, and the lane beyond it."""
    urged = lane == LANE_CODE[Lane.URGE]
    split = np.where(facts.verdicts[facts.fast] == YES, LANE_CODE[Lane.FAST], LANE_CODE[Lane.COMPLEX])
    other = np.where(lane == LANE_CODE[Lane.FAST], LANE_CODE[Lane.COMPLEX], LANE_CODE[Lane.FAST])
    will = _gap_where(facts, facts.urge, facts.pivotal(facts.urge) & ~facts.blocked)
    able = _gap_where(facts, facts.fast, facts.pivotal(facts.fast) & ~urged)
    beyond = np.where(urged, split, np.where(will <= able, LANE_CODE[Lane.URGE], other))
    return np.minimum(will, able), beyond.astype(np.int8)


def _gap_where(facts: _Facts, place: int, rows: Bools) -> Array:
    if not rows.any():
        return np.full(len(rows), np.inf)
    return np.where(rows, gap(*_score(facts.outcomes, place)), np.inf)


def _score(outcomes: RuleOutcomes, place: int) -> tuple[Array, float]:
    """Return the score a model rule looks at, and its threshold; NaN when it looks at none."""
    for one in outcomes.program.rules[place].conditions:
        if one.fact.type == "score":
            return outcomes.view.number(one.fact.name), number(one.params, "value")
    return np.full(len(outcomes), np.nan), 1.0


def _flags(facts: _Facts, late: Places) -> Mapping[str, Bools]:
    """Return the rows of every flag; a stop or special lane silences offers, a stop also calls to file."""
    kinds = [one.rule.kind for one in facts.outcomes.program.rules]
    stopped = (facts.hard != NO_RULE) & np.array([kind is Kind.HARD_STOP for kind in kinds])[facts.hard]
    special = (facts.hard != NO_RULE) & np.array([kind in _HARD[:2] for kind in kinds])[facts.hard]
    flags: dict[str, Bools] = {}
    for place, ready in enumerate(facts.outcomes.program.rules):
        kind, rows = ready.rule.kind, facts.verdicts[place] == YES
        if kind is Kind.HARD_OFFER:
            rows = rows & ~special
        elif kind is Kind.BLOCK_URGE:
            rows = rows & ~stopped
        elif kind is Kind.LIFECYCLE:
            rows = late == place
        if ready.rule.flag:
            flags[ready.rule.flag] = rows
    only_unknown = (facts.block_met == NO_RULE) & (facts.block_unknown != NO_RULE) & (facts.hard == NO_RULE)
    return MappingProxyType(flags | {FACTS_MISSING: only_unknown})

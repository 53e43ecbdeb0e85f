"""Routing: rules first, then scores, for one application or a million; a person always has the last word."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import cast

import numpy as np

from features.register import Stage
from models.lanes import LANE_CODE, UNDECIDED, Lane
from models.routes import (
    ABSTAINED,
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
from models.rules.conditions import number
from models.rules.evaluate import RuleOutcomes
from models.rules.program import Program
from models.rules.rule import Kind, OnUnknown, Rule
from models.rules.tri import UNKNOWN, YES, Array, Tri

_SPECIAL = (Kind.HARD_STOP, Kind.HARD_LANE)
_URGE, _FAST, _COMPLEX = (LANE_CODE[lane] for lane in (Lane.URGE, Lane.FAST, Lane.COMPLEX))


def gap(score: Array, threshold: float) -> Array:
    """Return how far a score is from its threshold, as a share of the way to 0 or 1; NaN without a score."""
    return np.where(score >= threshold, (score - threshold) / (1.0 - threshold), (threshold - score) / threshold)


def route(outcomes: RuleOutcomes, scores: ScoreView | None, settings: RoutingSettings | None = None) -> Routes:
    """Propose a lane for every row.

    Order: stops, special lanes and direct deduction by law, the court's own
    lanes, what forbids urging, the willingness score, the split into fast and
    complex, the fast lane's clock. Without scores the rules answer alone; where scores abstain and no hard
    rule decides, the lane is left to the judge.
    """
    facts = _facts(outcomes, scores)
    drawn = _drawn(facts)
    late = np.where(drawn == _FAST, _first(facts.verdicts, facts.layout.clocks, YES), NO_RULE)
    in_time = late == NO_RULE
    lane = np.where(in_time, drawn, _COMPLEX).astype(np.int8)
    decided_by = np.where(in_time, _decided_by(facts, drawn), RULE).astype(np.int8)
    margin, alternative = _margin(facts, drawn)
    by_model = decided_by == MODEL
    return Routes(
        outcomes=outcomes,
        settings=settings or RoutingSettings(),
        lane=lane,
        decided_by=decided_by,
        rule=np.where(in_time, _deciding(facts, drawn), late).astype(np.int16),
        status=_status(facts, lane),
        margin=np.where(by_model, margin, np.nan),
        alternative=np.where(by_model, alternative, UNDECIDED).astype(np.int8),
        raised=_raised(facts, late),
        facts_missing=(facts.block_met == NO_RULE) & (facts.block_unknown != NO_RULE) & facts.free,
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class _Layout:
    """Where rules of each sort stand in a program; each list of places ends in NO_RULE, and so do facts per rule.

    `hard` are stops, special lanes and offers, those of the law in this order
    before the court's; `stops` are those of the law; `block` forbids urging;
    `unsure` forbids it while its facts are missing; `clocks` end the fast
    lane. `urge`, `fast` and `rest` are the rules of the lanes, `flagged` those
    that raise a flag, with their kind.
    """

    hard: Places
    block: Places
    unsure: Places
    clocks: Places
    urge: int
    fast: int
    rest: int
    lanes: Codes
    stops: Bools
    special: Bools
    flagged: tuple[tuple[int, Kind], ...]


@lru_cache(maxsize=64)
def _layout(program: Program, stage: Stage) -> _Layout:
    rules = [one.rule for one in program.rules]
    kinds = [rule.kind for rule in rules]
    model = {rule.lane: i for i, rule in enumerate(rules) if rule.kind is Kind.MODEL}
    before_filing = list(enumerate(rules)) if stage is Stage.A else []
    return _Layout(
        hard=_places(_hard_order(rules)),
        block=_places(i for i, rule in before_filing if rule.kind is Kind.BLOCK_URGE),
        unsure=_places(i for i, rule in before_filing if rule.on_unknown is OnUnknown.BLOCK_URGE),
        clocks=_places(i for i, rule in enumerate(rules) if rule.kind is Kind.LIFECYCLE and rule.lane is not None),
        urge=model.get(Lane.URGE, NO_RULE),
        fast=model[Lane.FAST],
        rest=model[Lane.COMPLEX],
        lanes=np.array([LANE_CODE[rule.lane or Lane.NONE] for rule in rules] + [UNDECIDED], dtype=np.int8),
        stops=np.array([rule.statutory and rule.kind is Kind.HARD_STOP for rule in rules] + [False]),
        special=np.array([kind in _SPECIAL for kind in kinds] + [False]),
        flagged=tuple((i, rule.kind) for i, rule in enumerate(rules) if rule.flag),
    )


def _hard_order(rules: Sequence[Rule]) -> list[int]:
    """Return the places of rules that decide a lane for certain, in the order in which they go first.

    The law goes first, stops before lanes before offers; a court's lanes go in
    the order that it gives them.
    """
    ahead = {rule.id: rule.yields_to for rule in rules}
    waiting = {name: _depth(name, ahead) for name in ahead}
    kinds = (*_SPECIAL, Kind.HARD_OFFER)
    hard = [i for i, rule in enumerate(rules) if rule.kind in kinds]
    return sorted(hard, key=lambda i: (not rules[i].statutory, waiting[rules[i].id], kinds.index(rules[i].kind), i))


def _depth(name: str, ahead: Mapping[str, Sequence[str]]) -> int:
    """Return how many rules go first, one after another; loading has refused circles."""
    return max((1 + _depth(other, ahead) for other in ahead.get(name, ())), default=0)


def _places(found: Iterable[int]) -> Places:
    return np.array([*found, NO_RULE], dtype=np.int16)


@dataclass(frozen=True, kw_only=True)
class _Facts:
    """What routing looks at: the first deciding rule of each sort per row, and the verdicts on both lanes.

    `hard` is the first stop, special lane or offer that is met, `free` the
    rows without one; `block_met` and `block_unknown` are the first rule that
    forbids urging, for certain or because its facts are missing, and `blocked`
    the rows with either.
    """

    outcomes: RuleOutcomes
    scores: ScoreView | None
    layout: _Layout
    verdicts: Tri
    hard: Places
    free: Bools
    block_met: Places
    block_unknown: Places
    blocked: Bools

    def may_urge(self) -> Bools:
        """Return the rows that are urged; none where that is forbidden, or over at stage B."""
        if self.layout.urge == NO_RULE or self.outcomes.view.stage is not Stage.A:
            return self._none()
        return cast("Bools", (self.verdicts[self.layout.urge] == YES) & ~self.blocked)

    def pivotal(self, place: int) -> Bools:
        """Return the rows on which the rule's verdict hangs on a score."""
        if place == NO_RULE:
            return self._none()
        return cast("Bools", (self.outcomes.bare[place] == UNKNOWN) & (self.verdicts[place] != UNKNOWN))

    def unscored(self, place: int) -> Bools:
        """Return the rows on which the rule is unknown because its score is unusable."""
        if place == NO_RULE or self.scores is None:
            return self._none()
        missing = [np.isnan(score) for score, _ in _scores(self.outcomes, place)]
        without = np.logical_or.reduce([self.scores.abstained, *(missing or [np.ones(len(self.hard), dtype=np.bool_)])])
        return cast("Bools", without & (self.verdicts[place] == UNKNOWN))

    def _none(self) -> Bools:
        return np.zeros(len(self.hard), dtype=np.bool_)


def _facts(outcomes: RuleOutcomes, scores: ScoreView | None) -> _Facts:
    layout = _layout(outcomes.program, outcomes.view.stage)
    verdicts = outcomes.verdicts if scores is None else np.where(scores.abstained, outcomes.bare, outcomes.verdicts)
    hard = _first(verdicts, layout.hard, YES)
    met, unknown = _first(verdicts, layout.block, YES), _first(verdicts, layout.unsure, UNKNOWN)
    return _Facts(
        outcomes=outcomes,
        scores=scores,
        layout=layout,
        verdicts=verdicts,
        hard=hard,
        free=hard == NO_RULE,
        block_met=met,
        block_unknown=unknown,
        blocked=(met != NO_RULE) | (unknown != NO_RULE),
    )


def _first(verdicts: Tri, places: Places, state: np.uint8) -> Places:
    """Return for each row the first of these rules with this verdict; NO_RULE, which ends the list, without one."""
    found = np.ones((len(places), verdicts.shape[1]), dtype=np.bool_)
    np.equal(verdicts[places[:-1]], state, out=found[:-1])
    return cast("Places", places[found.argmax(axis=0)])


def _drawn(facts: _Facts) -> Codes:
    """Return the lane before the clock: hard rules, then urging, then the split."""
    layout, bare = facts.layout, facts.outcomes.bare
    lane = np.where(facts.verdicts[layout.fast] == YES, _FAST, _COMPLEX)
    if facts.scores is not None:
        doubtful = (facts.unscored(layout.urge) & ~facts.blocked) | facts.unscored(layout.fast)
        lane = np.where(doubtful & (bare[layout.fast] != YES) & (facts.block_met == NO_RULE), UNDECIDED, lane)
    lane = np.where(facts.may_urge(), _URGE, lane)
    return np.where(facts.free, lane, layout.lanes[facts.hard])


def _decided_by(facts: _Facts, lane: Codes) -> Codes:
    by_score = facts.pivotal(facts.layout.fast) | facts.pivotal(facts.layout.urge)
    decided = np.where(by_score & facts.free & ~facts.blocked, MODEL, RULE)
    return np.where(lane == UNDECIDED, NOBODY, decided)


def _deciding(facts: _Facts, lane: Codes) -> Places:
    """Return the rule that decided: hard, then what forbids urging, then the rule of the lane."""
    own = np.where(lane == _FAST, facts.layout.fast, facts.layout.rest)
    own = np.where(lane == _URGE, facts.layout.urge, own)
    block = np.where(facts.block_met == NO_RULE, facts.block_unknown, facts.block_met)
    rule = np.where(facts.free, np.where(facts.blocked, block, own), facts.hard)
    return np.where(lane == UNDECIDED, NO_RULE, rule)


def _status(facts: _Facts, lane: Codes) -> Codes:
    """Return scored, rules_only or abstained; rows of a stop or special lane never ask the model."""
    if facts.scores is None:
        return np.full(len(lane), RULES_ONLY, dtype=np.int8)
    status = np.where(facts.scores.abstained | (lane == UNDECIDED), ABSTAINED, SCORED)
    return np.where(facts.layout.special[facts.hard], RULES_ONLY, status).astype(np.int8)


def _margin(facts: _Facts, lane: Codes) -> tuple[Array, Codes]:
    """Return the smallest gap of a score that decided, and the lane beyond it."""
    layout, urged = facts.layout, lane == _URGE
    split = np.where(facts.verdicts[layout.fast] == YES, _FAST, _COMPLEX)
    other = np.where(lane == _FAST, _COMPLEX, _FAST)
    will = _gap_where(facts, layout.urge, facts.pivotal(layout.urge) & ~facts.blocked)
    able = _gap_where(facts, layout.fast, facts.pivotal(layout.fast) & ~urged)
    beyond = np.where(urged, split, np.where(will <= able, _URGE, other))
    return np.minimum(will, able), beyond


def _gap_where(facts: _Facts, place: int, rows: Bools) -> Array:
    if not rows.any():
        return np.full(len(rows), np.inf)
    gaps = [gap(score, threshold) for score, threshold in _scores(facts.outcomes, place)]
    return np.where(rows, np.min(gaps, axis=0) if gaps else np.nan, np.inf)


def _scores(outcomes: RuleOutcomes, place: int) -> list[tuple[Array, float]]:
    """Return the scores a model rule looks at, each with its threshold.

    Of several thresholds the nearest one counts as the gap, so that an answer
    is never called surer than it is.
    """
    looked = [one for one in outcomes.program.rules[place].conditions if one.fact.type == "score"]
    return [(outcomes.view.number(one.fact.name), number(one.params, "value")) for one in looked]


def _raised(facts: _Facts, late: Places) -> Mapping[int, Bools]:
    """Return the rows on which each rule raises its flag, by the rule's place.

    A stop or special lane silences offers, a stop also calls to file.
    """
    allowed = {
        Kind.HARD_OFFER: ~facts.layout.special[facts.hard],
        Kind.BLOCK_URGE: ~facts.layout.stops[facts.hard],
    }
    met, raised = facts.verdicts == YES, {}
    for place, kind in facts.layout.flagged:
        rows = late == place if kind is Kind.LIFECYCLE else met[place]
        raised[place] = rows & allowed[kind] if kind in allowed else rows
    return MappingProxyType(raised)

"""Disputes: where the proposed lane is not the one that the scores alone would draw, and which rule made it so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from features.register import Stage
from models.lanes import LANE_CODE, UNDECIDED, Lane
from models.routes import NO_RULE, Bools, Codes, Places, Routes
from models.rules.conditions import number
from models.rules.rule import Kind, Rule
from models.rules.tri import YES, Array, Tri

_URGE, _FAST, _COMPLEX = (LANE_CODE[lane] for lane in (Lane.URGE, Lane.FAST, Lane.COMPLEX))

SPLIT: Mapping[Stage, tuple[str, str]] = MappingProxyType(
    {Stage.A: ("score.ability", "ability_threshold"), Stage.B: ("score.quick", "quick_threshold")}
)
"""The score that tells fast from complex at each stage, and the court's mark for it."""


@dataclass(frozen=True, kw_only=True)
class Disputes:
    """What the scores alone would have drawn for every row, and what drew another lane.

    `wanted` holds lane codes (UNDECIDED: no usable score, or a rule under which
    no score may be asked for); `disputed` the rows on which `wanted` and the
    lane differ. On those, `rule` is the place of the rule that made the
    difference and `condition` the place of its condition, NO_RULE where the
    whole rule did.
    """

    wanted: Codes
    disputed: Bools
    rule: Places
    condition: Places


def disputes(routes: Routes) -> Disputes:
    """Compare the lane of every row with the one that the scores alone would draw.

    Before filing the scores alone urge where willingness reaches the court's
    mark, and else split by ability; after the query they split by quick close.
    A case of a stop or special lane is never scored, so nothing is disputed.
    """
    wanted = _wanted(routes)
    disputed = (wanted != UNDECIDED) & (routes.lane != UNDECIDED) & (wanted != routes.lane)
    by_rule = disputed & _decided_by_rule(routes, wanted)
    rule = np.where(by_rule, routes.rule, NO_RULE).astype(np.int16)
    condition = np.full(len(routes), NO_RULE, dtype=np.int16)
    urging = (wanted == _URGE) | (routes.lane == _URGE)
    for lane, rows in ((Lane.URGE, disputed & ~by_rule & urging), (Lane.FAST, disputed & ~by_rule & ~urging)):
        place, parts = _of_lane(routes, lane)
        rule[rows], condition[rows] = place, parts[rows]
    return Disputes(wanted=wanted, disputed=disputed, rule=rule, condition=condition)


def _wanted(routes: Routes) -> Codes:
    """Return the lanes that scores alone would draw."""
    view, n = routes.outcomes.view, len(routes)
    if view.scores is None:
        return np.full(n, UNDECIDED, dtype=np.int8)
    value, mark = _score(routes, *SPLIT[view.stage])
    lane = np.where(value >= mark, _FAST, _COMPLEX)
    known = ~np.isnan(value) & ~view.scores.abstained
    if view.stage is Stage.A:
        willing, asked = _score(routes, "score.willingness", "willingness_threshold")
        lane = np.where(willing >= asked, _URGE, lane)
        known &= ~np.isnan(willing)
    unasked = _of_kind(routes, Kind.HARD_STOP, Kind.HARD_LANE) & (_verdict(routes) == YES)
    return np.where(known & ~unasked, lane, UNDECIDED).astype(np.int8)


def _score(routes: Routes, name: str, mark: str) -> tuple[Array, float]:
    """Return a score and what it must reach: by the rule that asks for it, else by the court's parameter."""
    outcomes = routes.outcomes
    for one in outcomes.program.conditions:
        if one.fact.name == name and "value" in one.params:
            return outcomes.view.number(name), number(one.params, "value")
    return outcomes.view.number(name), outcomes.table.number(mark)


def _of_kind(routes: Routes, *kinds: Kind) -> Bools:
    """Return the rows that a rule of one of these kinds decided."""
    found = [one.rule.kind in kinds for one in routes.outcomes.program.rules]
    return np.array([*found, False])[routes.rule]


def _verdict(routes: Routes) -> Tri:
    """Return each row's verdict of the rule that decided it."""
    return np.asarray(routes.outcomes.verdicts[routes.rule, np.arange(len(routes))])


def _decided_by_rule(routes: Routes, wanted: Codes) -> Bools:
    """Return the rows on which a rule other than those of the lanes made the difference.

    A rule that forbids urging decides many rows that nobody would have urged:
    there the split made the difference, not that rule.
    """
    hard = _of_kind(routes, Kind.HARD_STOP, Kind.HARD_LANE, Kind.HARD_OFFER) & (_verdict(routes) == YES)
    clock = _of_kind(routes, Kind.LIFECYCLE)
    return np.asarray(hard | clock | ((wanted == _URGE) & ~_of_kind(routes, Kind.MODEL)))


def _of_lane(routes: Routes, lane: Lane) -> tuple[int, Places]:
    """Return the place of the lane's rule, and per row the condition of it that outweighed the score.

    Where the rule is not met that is the first condition of a group that fails
    although the score's own group is met; where it is met, the first condition
    beside the score's that is. Of a rule with branches each condition counts as
    a group of its own.
    """
    program, n = routes.outcomes.program, len(routes)
    place = next((i for i, one in enumerate(program.rules) if _draws(one.rule, lane)), NO_RULE)
    found = np.full(n, NO_RULE, dtype=np.int16)
    if place == NO_RULE:
        return place, found
    own, states = program.own[place], routes.outcomes.conditions
    parts = list(enumerate(program.conditions[own], start=own.start))
    scored = {one.group for _, one in parts if one.fact.type == "score"}
    met = routes.outcomes.verdicts[place] == YES
    branched = program.rules[place].rule.branches is not None
    for i, one in reversed(parts):
        if one.fact.type == "score" or not one.needed:
            continue
        group = [i] if branched else [j for j, other in parts if other.group == one.group]
        group_met = (states[group] == YES).any(axis=0)
        beside = (states[i] == YES) & (branched or one.group in scored or not scored)
        found[np.where(met, beside, ~group_met)] = i
    return place, found


def _draws(rule: Rule, lane: Lane) -> bool:
    return rule.kind is Kind.MODEL and rule.lane is lane

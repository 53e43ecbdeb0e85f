"""Routes: the proposed route of every row, in codes for a million and in words for one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import cast

import numpy as np
import numpy.typing as npt

from features.register import Stage
from models.advice import NO_PRIORITY, Confidence, DecidedBy, Priority, Proposal, RouteFlag, Status, TeamHint
from models.lanes import LANE_CODE, Lane, lane_of, lane_text
from models.rules.evaluate import RuleOutcomes
from models.rules.rule import Kind, Rule
from models.rules.tri import YES, Array

Bools = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int8]
Places = npt.NDArray[np.int16]

DECIDED_BY: tuple[DecidedBy, ...] = ("rule", "model", "none")
STATUSES: tuple[Status, ...] = ("scored", "rules_only", "abstained")
RULE, MODEL, NOBODY = range(3)
SCORED, RULES_ONLY, ABSTAINED = range(3)
NO_RULE = -1

LAST_RANK = NO_PRIORITY.rank
"""Place in the order of work of a case to which no rule of priority applies."""

_LANE_KINDS = frozenset({Kind.HARD_STOP, Kind.HARD_LANE, Kind.HARD_OFFER, Kind.MODEL, Kind.LIFECYCLE})

FACTS_MISSING = "facts_missing"
"""Flag of an application that is not urged only because facts are missing."""


@dataclass(frozen=True)
class RoutingSettings:
    """Where confidence turns from low to medium to high: gap to the threshold as a share of its range."""

    medium_from: float = 0.15
    high_from: float = 0.40


@dataclass(frozen=True, kw_only=True)
class Routes:
    """The proposed route of every row.

    `lane` and `alternative` hold codes of `models.lanes.LANES` (UNDECIDED:
    left to the judge); `rule` the deciding rule's place in
    `outcomes.program.rules`; `margin` the gap of the deciding score to its
    threshold as a share of its range, NaN when no score decided. `raised`
    holds the rows on which the rule at a place raises its flag, and
    `facts_missing` the rows that are not urged only because facts are missing.
    """

    outcomes: RuleOutcomes
    settings: RoutingSettings
    lane: Codes
    decided_by: Codes
    rule: Places
    status: Codes
    margin: Array
    alternative: Codes
    raised: Mapping[int, Bools]
    facts_missing: Bools

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.lane)

    @property
    def provisional(self) -> Bools:
        """Rows whose fast or complex lane is looked at again after the first network query."""
        if self.outcomes.view.stage is Stage.B:
            return np.zeros(len(self), dtype=np.bool_)
        return np.isin(self.lane, (LANE_CODE[Lane.FAST], LANE_CODE[Lane.COMPLEX]))

    @cached_property
    def flags(self) -> Mapping[str, Bools]:
        """Rows of every flag code; a code that several rules raise is on wherever one of them does."""
        found: dict[str, Bools] = {FACTS_MISSING: self.facts_missing}
        for place, rows in self.raised.items():
            code = self.outcomes.program.rules[place].rule.flag
            found[code] = found[code] | rows if code in found else rows
        return MappingProxyType(found)

    @cached_property
    def priority(self) -> Codes:
        """Place of each row in the order of work: 1 first, 9 where no rule of priority holds."""
        rank = np.full(len(self), LAST_RANK, dtype=np.int8)
        for place, one in self._ranked:
            rank[self.outcomes.verdicts[place] == YES] = one.rank
        return rank

    @cached_property
    def teams(self) -> Mapping[str, Bools]:
        """Rows that a rule points to a team of the court; a rule of lanes points where it decided."""
        found: dict[str, Bools] = {}
        for place, one in enumerate(self.outcomes.program.rules):
            if one.rule.team:
                rows = self._points(place, one.rule)
                found[one.rule.team] = found[one.rule.team] | rows if one.rule.team in found else rows
        return MappingProxyType(found)

    def led(self, *, by_lane: bool) -> list[frozenset[str]]:
        """Return for each row the teams of the court to which rules point it.

        With `by_lane` those of the rules that drew the lane, which point
        nowhere once a person draws another; else those of all other rules.
        """
        found: list[frozenset[str]] = [frozenset()] * len(self)
        for place, one in enumerate(self.outcomes.program.rules):
            if one.rule.team and (one.rule.kind in _LANE_KINDS) is by_lane:
                for row in np.flatnonzero(self._points(place, one.rule)).tolist():
                    found[row] |= {one.rule.team}
        return found

    @property
    def _ranked(self) -> list[tuple[int, Rule]]:
        """Rules of priority with their places, the first in the order of work at the end."""
        found = [(place, one.rule) for place, one in enumerate(self.outcomes.program.rules) if one.rule.rank]
        return sorted(found, key=lambda pair: pair[1].rank, reverse=True)

    def _points(self, place: int, rule: Rule) -> Bools:
        met = self.outcomes.verdicts[place] == YES
        return cast("Bools", self.rule == place if rule.kind in _LANE_KINDS else met)

    def deciding_rule(self, row: int) -> str | None:
        """Return the id of the rule that decided the row; None when it is left to the judge."""
        place = int(self.rule[row])
        return None if place == NO_RULE else self.outcomes.program.rules[place].rule.id

    def proposal(self, row: int) -> Proposal:
        """Return one row's proposal in words."""
        confidence, text, text_en = self._confidence(row)
        return Proposal(
            route=lane_of(int(self.lane[row])),
            decided_by=DECIDED_BY[self.decided_by[row]],
            deciding_rule=self.deciding_rule(row),
            status=STATUSES[self.status[row]],
            confidence=confidence,
            confidence_text=text,
            confidence_text_en=text_en,
            flags=self._flags(row),
            priority=self._priority(row),
            teams=self._teams(row),
        )

    def _flags(self, row: int) -> tuple[RouteFlag, ...]:
        found = []
        for place, rows in self.raised.items():
            rule = self.outcomes.program.rules[place].rule
            if rows[row]:
                found.append(RouteFlag(code=rule.flag, rule=rule.id, text=rule.flag_text.zh, text_en=rule.flag_text.en))
        if self.facts_missing[row]:
            name = self.deciding_rule(row) or ""
            zh, en = (
                "仅因事实不明而不予督促，补正后可重新评估",
                "not urged only because facts are missing; ask again once they are known",
            )
            found.append(RouteFlag(code=FACTS_MISSING, rule=name, text=zh, text_en=en))
        return tuple(found)

    def _priority(self, row: int) -> Priority:
        for place, rule in reversed(self._ranked):
            if self.outcomes.verdicts[place, row] == YES:
                return Priority(rank=rule.rank, rule=rule.id, text=rule.zh, text_en=rule.en)
        return NO_PRIORITY

    def _teams(self, row: int) -> tuple[TeamHint, ...]:
        return tuple(
            TeamHint(team=one.rule.team, rule=one.rule.id, text=one.rule.team_text.zh, text_en=one.rule.team_text.en)
            for place, one in enumerate(self.outcomes.program.rules)
            if one.rule.team and self._points(place, one.rule)[row]
        )

    def _confidence(self, row: int) -> tuple[Confidence, str, str]:
        if self.decided_by[row] == NOBODY:
            return "low", "系统不提出分流建议，由法官确定", "no lane is proposed; the judge decides"
        if self.facts_missing[row]:
            name = self.deciding_rule(row)
            return "low", f"因规则 {name} 的事实不明而不予督促", f"not urged because facts of rule {name} are unknown"
        if self.decided_by[row] == RULE:
            name = self.deciding_rule(row)
            return "high", f"由规则 {name} 直接确定，与分值无关", f"decided by rule {name}, whatever the scores"
        level = confidence_of(float(self.margin[row]), self.settings)
        other, other_en = lane_text(lane_of(int(self.alternative[row])), self.outcomes.view.stage)
        size, size_en = _SIZE[level]
        return level, f"与“{other}”的预期差距{size}", f"the gap to “{other_en}” is {size_en}"


_SIZE: Mapping[Confidence, tuple[str, str]] = MappingProxyType(
    {"low": ("较小", "small"), "medium": ("中等", "moderate"), "high": ("较大", "wide")}
)


def confidence_of(margin: float, settings: RoutingSettings) -> Confidence:
    """Return low, medium or high for the gap of a score to its threshold as a share of its range."""
    if margin >= settings.high_from:
        return "high"
    return "medium" if margin >= settings.medium_from else "low"

"""What-ifs of one case: the rules' own turning points in words, and facts tried out on the same road as the case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from features.derived import COMPUTED, derive
from features.known import Array, Columns
from features.register import Stage
from models.advice import Flip, Proposal
from models.explain.flips import FACTS, Lanes, find_flips
from models.lanes import Lane
from models.lifecycle import FastClock
from models.rules.amounts import AMOUNTS
from models.rules.rule import Kind
from models.triage import Triage

CHECKABLE = frozenset(fact.field for fact in FACTS)


@dataclass(frozen=True)
class WhatIf:
    """One case that can be looked at again under other facts; columns hold one row."""

    triage: Triage
    columns: Columns
    as_of: Array
    court: str

    def lanes(self, columns: Columns) -> Lanes:
        """Return the lane of every changed case; what is computed from facts is computed again."""
        changed, as_of, court = self._changed(columns)
        return self.triage(changed, as_of=as_of, court=court).routes.lane

    def likely_lanes(self, columns: Columns) -> Lanes:
        """Return the same for less work, good enough to search with."""
        changed, as_of, court = self._changed(columns)
        return self.triage.lanes(changed, as_of=as_of, court=court)

    def _changed(self, columns: Columns) -> tuple[Columns, Array, Sequence[str]]:
        m = len(next(iter(columns.values())))
        as_of = np.repeat(self.as_of, m)
        return {**columns, **derive(columns, as_of, changed=CHECKABLE)}, as_of, [self.court] * m


def flips_of(what_if: WhatIf, proposal: Proposal, *, most: int, clock: FastClock | None = None) -> tuple[Flip, ...]:
    """Return what would change the lane, rules first, then at most `most` facts that somebody can check.

    `clock` is that of a fast case, where one is known.
    """
    if proposal.route is Lane.NONE or most == 0 or _settled(what_if, proposal):
        return ()
    refused = what_if.triage.register["consent_urge"].codes.index("refuse")
    return find_flips(
        what_if.columns,
        what_if.lanes,
        search=what_if.likely_lanes,
        rule_flips=_by_rule(what_if.triage, proposal.route, clock),
        values={"consent_urge": float(refused)},
        most=most,
    )


def _settled(what_if: WhatIf, proposal: Proposal) -> bool:
    """Whether a special lane was drawn from facts none of which can be checked anew or comes from such a fact."""
    program = what_if.triage.rules.programs[what_if.triage.stage]
    deciding = [ready for ready in program.rules if ready.rule.id == proposal.deciding_rule]
    asked = {one.fact.name for ready in deciding for one in ready.conditions}
    special = any(ready.rule.kind is Kind.HARD_LANE for ready in deciding)
    return special and asked.isdisjoint(CHECKABLE.union(AMOUNTS, COMPUTED))


def _by_rule(triage: Triage, lane: Lane | None, clock: FastClock | None) -> Sequence[Flip]:
    """Return the turning points that rules set by themselves, whatever the scores."""
    if lane is Lane.URGE:
        days = int(triage.rules.number("urging_days"))
        zh = f"申请人撤回同意，或督促期 {days} 日届满仍未履行、违反承诺、发现财产线索：当日转立案（H13）"
        en = f"consent withdrawn, {days} days over unpaid, a promise broken or assets found: filed the same day (H13)"
        return [Flip(when=zh, when_en=en, route=None, kind="rule", field="consent_urge")]
    if lane is Lane.FAST and triage.stage is Stage.B:
        until, until_en = ("", "") if clock is None else (f"至 {clock.last_on} ", f" on {clock.last_on}")
        rule = "H14" if clock is None else clock.rule
        zh = f"快执期限{until}届满未结：转精办（{rule}）"
        en = f"the fast clock runs out{until_en}: moved to complex ({rule})"
        return [Flip(when=zh, when_en=en, route=Lane.COMPLEX, kind="rule")]
    return []

"""What-ifs of one case: the rules' own turning points in words, and facts tried out on the same road as the case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from features.derived import derive
from features.known import Array, Columns
from features.register import Stage
from models.advice import Flip
from models.flips import Lanes, find_flips
from models.lanes import Lane, lane_of
from models.triage import Triage


@dataclass(frozen=True)
class WhatIf:
    """One case that can be looked at again under other facts; columns hold one row."""

    triage: Triage
    columns: Columns
    as_of: Array
    court: str

    def lanes(self, columns: Columns) -> Lanes:
        """Return the lane of every changed case; what is computed from facts is computed again."""
        m = len(next(iter(columns.values())))
        as_of = np.repeat(self.as_of, m)
        changed = {**columns, **derive(columns, as_of)}
        return self.triage(changed, as_of=as_of, court=[self.court] * m).routes.lane

    def lane_with(self, field: str, value: float) -> Lane | None:
        """Return the lane if one fact were another."""
        code = int(self.lanes({**self.columns, field: np.array([value])})[0])
        return lane_of(code)


def flips_of(what_if: WhatIf, lane: Lane | None, *, most: int) -> tuple[Flip, ...]:
    """Return what would change the lane, rules first, then at most `most` facts that somebody can check."""
    if lane is Lane.NONE or most == 0:
        return ()
    return find_flips(
        dict(what_if.columns),
        what_if.lanes,
        rule_flips=_by_rule(what_if, lane),
        most=most,
        register=what_if.triage.register,
    )


def _by_rule(what_if: WhatIf, lane: Lane | None) -> Sequence[Flip]:
    """Return the turning points that rules set by themselves, whatever the scores."""
    rules = what_if.triage.rules
    if lane is Lane.URGE:
        refused = float(what_if.triage.register["consent_urge"].codes.index("refuse"))
        days = int(rules.number("urging_days"))
        zh = f"申请人撤回同意，或督促期 {days} 日届满仍未履行、违反承诺、发现财产线索：当日转立案（H13）"
        en = f"consent withdrawn, {days} days over unpaid, a promise broken or assets found: filed the same day (H13)"
        after = what_if.lane_with("consent_urge", refused)
        return [Flip(when=zh, when_en=en, route=after, kind="rule", field="consent_urge")]
    if lane is Lane.FAST and what_if.triage.stage is Stage.B:
        days = int(rules.number("fast_other_days"))
        zh = f"快执期限届满未结（足额存款、固定工资以外为 {days} 日）：转精办（H14）"
        en = f"the fast clock runs out ({days} days unless cash or wage): moved to complex (H14)"
        return [Flip(when=zh, when_en=en, route=Lane.COMPLEX, kind="rule")]
    return []

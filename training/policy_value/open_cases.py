"""The logged cases on which policies can be compared: those in which the law left a choice and the end is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from features.catalogue import catalogue
from features.known import Array
from features.matrix import matrix
from features.register import Stage
from models.lanes import LANE_CODE, LANES, UNDECIDED, Lane
from models.routes import Codes
from models.rules.rule import Kind
from models.rules.table import RuleTable
from models.triage import Triaged
from models.utility import Amounts
from training.config import LabelSettings
from training.errors import CommandError
from training.history import DecisionLog, History
from training.history.decision_log import DECIDERS
from training.learning.follow_up import FollowUp
from training.learning.groups import groups
from training.learning.split import number_of
from training.policies.by_rules import triaged
from training.policies.single_test import bounds
from training.policy_value.consequences import Course, realised
from training.policy_value.estimators import FOLLOW
from training.scoring.input import Batch

Rows = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

ACTIONS: Mapping[Stage, tuple[tuple[Lane, ...], ...]] = MappingProxyType(
    {Stage.A: ((Lane.URGE,), (Lane.FAST, Lane.COMPLEX)), Stage.B: ((Lane.FAST,), (Lane.COMPLEX,))}
)
"""The two acts that a decision chooses between; before filing, fast and complex are one act."""

ACTION_WORDS: Mapping[Stage, tuple[tuple[str, str], ...]] = MappingProxyType(
    {Stage.A: (("督促", "urge"), ("立案", "file")), Stage.B: (("快执", "fast"), ("精办", "complex"))}
)

ELSEWHERE = -2
"""What a policy does that is no action of the stage: it stops a case that the law leaves open."""

MIXED = 0.05
"""Largest share of decisions that may stand at a stage where they cannot have been taken."""

LEFT_OUT: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "resumed": ("恢复执行案件", "resumed cases"),
        "no_decision": ("没有决定记录", "no logged decision"),
        "no_lane": ("决定未选路径", "decided without a lane"),
        "no_choice": ("法律不留选择", "no choice under the law"),
        "not_watched": ("观察期不足", "not watched to the horizon"),
        "no_claim": ("无金额请求", "no amount of money claimed"),
        "no_amount": ("到位金额未记", "money received without an amount"),
    }
)
"""Why a case is left out, in the order in which it is asked."""


@dataclass(frozen=True)
class Period:
    """Cases received from `since` on and before `until`, of some courts; None is no limit."""

    since: date | None = None
    until: date | None = None
    courts: frozenset[str] | None = None

    def holds(self, history: History) -> Flags:
        """Return the cases of the period."""
        first = -np.inf if self.since is None else number_of(self.since)
        last = np.inf if self.until is None else number_of(self.until)
        received = history.received_at
        own = True if self.courts is None else np.isin(history.courts.astype(str), sorted(self.courts))
        return np.asarray((received >= first) & (received < last) & own, dtype=np.bool_)

    def options(self) -> dict[str, object]:
        """Return the limits as plain values."""
        return {
            "from": None if self.since is None else self.since.isoformat(),
            "to": None if self.until is None else self.until.isoformat(),
            "courts": None if self.courts is None else sorted(self.courts),
        }


@dataclass(frozen=True, kw_only=True, eq=False)
class OpenCases:
    """Cases of one stage that were decided where the law left a choice, and watched to the horizon.

    `row` points into the cases table; `rows` is the matrix of features; `action`
    is 0 or 1, the place of what was done in ACTIONS; `propensity` is as logged.
    `counts` says how many cases of the period were left out, and why, and
    `against` how many were decided as the law forbids.
    """

    stage: Stage
    batch: Batch
    row: Rows
    rows: npt.NDArray[np.float32]
    action: Rows
    propensity: Array
    by_rule: Flags
    course: Course
    group: Rows
    horizon: float
    considered: int
    counts: Mapping[str, int]
    against: int

    def __len__(self) -> int:
        """Return the number of cases."""
        return len(self.row)

    @property
    def choice_share(self) -> float:
        """Return in what share of the decided cases the law left a choice."""
        decided = self.considered - sum(self.counts[name] for name in ("resumed", "no_decision", "no_lane"))
        return 1.0 - self.counts["no_choice"] / decided if decided else float("nan")

    def where(self, keep: Rows) -> OpenCases:
        """Return some of the cases."""
        kept = {name: getattr(self, name)[keep] for name in _BY_CASE}
        return OpenCases(**{**vars(self), **kept, "batch": self.batch.where(keep), "course": self.course.where(keep)})


_BY_CASE = ("row", "rows", "action", "propensity", "by_rule", "group")


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How logged cases are read: under which rules, over which period, to which horizon, by whose hours."""

    rules: RuleTable
    horizon: float
    hours: Amounts
    labels: LabelSettings
    period: Period = Period()


def open_cases(history: History, stage: Stage, how: Reading) -> OpenCases:
    """Return the cases of a stage on which policies can be compared.

    Raises
    ------
    CommandError
        NO_DECISIONS: nothing was logged at the stage. DECISIONS_MIXED: decisions stand at a stage where they cannot
        have been taken.
    """
    decided = DecisionLog.of(history).last(stage)
    if not len(decided):
        zh = f"历史数据没有阶段 {stage} 的分流决定（decisions.parquet）"
        raise CommandError("NO_DECISIONS", zh, f"the history holds no decisions of stage {stage} (decisions.parquet)")
    _refuse_mixed(history, decided, stage)
    course, watched = realised(history, stage, horizon=how.horizon, hours=how.hours, labels=how.labels)
    mine = np.flatnonzero(how.period.holds(history))
    known, columns, row = history.known(stage, mine)
    batch = Batch(
        stage, history.case_ids[row].tolist(), history.courts[row].tolist(), known.as_of, columns, history.register
    )
    logged = _ByCase.of(decided, history.cases.num_rows)
    action = actions_of(logged.lane[row], stage)
    free, forbidden = _choice(batch, how.rules)
    why = {
        "resumed": FollowUp.of(history, settings=how.labels).resumed(history)[row],
        "no_decision": ~logged.there[row],
        "no_lane": action == FOLLOW,
        "no_choice": ~free | (action == ELSEWHERE),
        "not_watched": ~watched[row],
        "no_claim": ~(course.claim[row] > 0),
        "no_amount": np.isnan(course.share[row]),
    }
    first = np.stack(list(why.values())).argmax(axis=0)
    out = np.logical_or.reduce(list(why.values()))
    kept = np.flatnonzero(~out)
    return OpenCases(
        stage=stage,
        batch=batch.where(kept),
        row=row[kept],
        rows=matrix(known, catalogue(stage, history.extensions))[kept],
        action=action[kept],
        propensity=logged.propensity[row[kept]],
        by_rule=logged.by_rule[row[kept]],
        course=course.where(row[kept]),
        group=groups(history)[row[kept]],
        horizon=how.horizon,
        considered=len(row),
        counts={name: int((out & (first == i)).sum()) for i, name in enumerate(why)},
        against=int((forbidden & (action == 0) & logged.there[row]).sum()),
    )


def actions_of(lanes: Codes, stage: Stage) -> Rows:
    """Return the place in ACTIONS of each lane code; FOLLOW without a lane, ELSEWHERE for a lane the stage has not."""
    found = np.full(len(lanes), ELSEWHERE, dtype=np.int64)
    for place, lanes_of_action in enumerate(ACTIONS[stage]):
        found[np.isin(lanes, [LANE_CODE[lane] for lane in lanes_of_action])] = place
    found[lanes == UNDECIDED] = FOLLOW
    return found


@dataclass(frozen=True, eq=False)
class _ByCase:
    """The decision of each case row."""

    there: Flags
    lane: Codes
    propensity: Array
    by_rule: Flags

    @classmethod
    def of(cls, decided: DecisionLog, n: int) -> _ByCase:
        there, by_rule = np.zeros(n, dtype=np.bool_), np.zeros(n, dtype=np.bool_)
        lane, propensity = np.full(n, UNDECIDED, dtype=np.int8), np.full(n, np.nan)
        there[decided.row], lane[decided.row], propensity[decided.row] = True, decided.lane, decided.propensity
        by_rule[decided.row] = decided.by == DECIDERS.index("rule")
        return cls(there, lane, propensity, by_rule)


def _choice(batch: Batch, rules: RuleTable) -> tuple[Flags, Flags]:
    """Return the cases in which the law leaves a choice, and those in which it forbids the stage's first action."""
    n = len(batch.ids)
    free, forbidden = np.zeros(n, dtype=np.bool_), np.zeros(n, dtype=np.bool_)
    for rows, found in triaged(batch, rules):
        fixed, may_urge = bounds(found)
        if batch.stage is Stage.A:
            free[rows], forbidden[rows] = may_urge, ~may_urge
            continue
        free[rows] = ~fixed & ~_clock_over(found)
        forbidden[rows] = ~free[rows] & (found.routes.lane == LANE_CODE[Lane.COMPLEX])
    return free, forbidden


def _clock_over(found: Triaged) -> Flags:
    """Return the cases whose fast lane is over by its own clock."""
    kinds = [one.rule.kind is Kind.LIFECYCLE for one in found.routes.outcomes.program.rules]
    return np.asarray(np.array([*kinds, False])[found.routes.rule])


def _refuse_mixed(history: History, decided: DecisionLog, stage: Stage) -> None:
    """Refuse decisions that cannot be of this stage: urging after filing, or taken before or after its moment."""
    at = history.queried_at[decided.row]
    wrong = decided.at >= at if stage is Stage.A else (decided.at < at) | (decided.lane == LANES.index(Lane.URGE))
    share = float(wrong.mean())
    if share > MIXED:
        zh = f"阶段 {stage} 的 {len(decided)} 个决定中有 {int(wrong.sum())} 个不可能在该阶段作出"
        en = f"{int(wrong.sum())} of {len(decided)} decisions of stage {stage} cannot have been taken at it"
        raise CommandError("DECISIONS_MIXED", zh, en)

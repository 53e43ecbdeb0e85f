"""Thresholds tried on past cases: what each way of setting them brings and costs beside the table in force."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

from features.known import Array
from features.register import Stage
from models.lanes import Lane
from models.routes import Codes
from models.rules.rule import Parameter
from models.rules.table import RulesInForce, RuleTable
from training.evaluation.measures import Estimate
from training.policy_value.overlap import Reason
from training.rule_tools.tables.uses import uses_of
from training.scoring.input import Batch
from training.suggesting.evidence import CHOSEN, LATER, Asked, Evidence, by_target
from training.suggesting.places import TAKEN, Places

Rows = npt.NDArray[np.int64]
Values = Mapping[str, float]

WILLINGNESS, CAP, QUICK = "willingness_threshold", "urging_amount_cap", "quick_threshold"
EARLY, DISPOSAL = "early_amount", "disposal_threshold"
CHANCES = (0.05, 0.10, 0.15, 0.20, 0.25, 0.30, 0.35, 0.40, 0.50, 0.60, 0.70, 0.80)
FEW_CHANCES = (0.05, 0.10, 0.15, 0.20, 0.30)
CAPS = (50_000.0, 100_000.0, 200_000.0, 500_000.0, 1_000_000.0, 2_000_000.0, 5_000_000.0, 20_000_000.0)
GRIDS: Mapping[Stage, Mapping[str, tuple[float, ...]]] = {
    Stage.A: {WILLINGNESS: CHANCES, CAP: CAPS},
    Stage.B: {QUICK: CHANCES},
}
FAST_FIRST: Mapping[str, tuple[float, ...]] = {
    QUICK: FEW_CHANCES,
    EARLY: (50_000.0, 100_000.0, 200_000.0, 500_000.0),
    DISPOSAL: (0.10, 0.15, 0.20, 0.30, 0.60),
}
"""What is tried at each stage, beside the values in force; after the query by what the table tried draws the lanes."""

UNUSED = float("inf")
"""Value of a parameter that the table in force does not look at: no case is large enough, no chance high enough."""

WEEK = 7.0
TINY = 1e-9
"""Units that are no case but the rounding of sums."""


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One way of setting the thresholds of a stage.

    `lanes` counts the open cases by action, those left to the judge last.
    `chosen` and `later` are the figures per open case less those of the values
    in force, on the slice that thresholds are chosen on and on the later one.
    `week` are the weighted units that lanes would get a week, `over` those
    without a place in an average week, `weeks_over` the share of weeks with
    any. `reasons` say why past decisions cannot tell what it brings.
    """

    values: Values
    lanes: tuple[int, ...]
    chosen: Mapping[str, Estimate]
    later: Mapping[str, Estimate]
    week: Mapping[Lane, float]
    over: float
    weeks_over: float
    reasons: tuple[Reason, ...]

    @property
    def possible(self) -> bool:
        """Whether it may be chosen: known, and within the places."""
        return not self.reasons and self.over <= TINY


@dataclass(frozen=True, eq=False)
class Tried:
    """All trials of a stage, the values in force first, with the target of every open case, shape (trials, n)."""

    trials: tuple[Trial, ...]
    targets: Rows


def grid(stage: Stage, current: Values, declared: Sequence[Parameter]) -> list[Values]:
    """Return what is tried at a stage, within the bounds of the law; the values in force come first."""
    bounds = {one.name: (one.least, one.most) for one in declared}
    axes = {
        name: sorted({v for v in (current[name], *values) if bounds[name][0] <= v <= bounds[name][1]})
        for name, values in axes_of(stage, current).items()
    }
    tried = [dict(zip(axes, point, strict=True)) for point in product(*axes.values())]
    return [dict(current), *(one for one in tried if one != current)]


def axes_of(stage: Stage, names: Collection[str]) -> Mapping[str, tuple[float, ...]]:
    """Return what is tried of each parameter, for a table that looks at these."""
    return FAST_FIRST if EARLY in names else GRIDS[stage]


def in_force(asked: Asked, stage: Stage) -> Values:
    """Return the values in force of what is tried; UNUSED for what only the table tried looks at."""
    names = FAST_FIRST if stage is Stage.B and looks_at(asked.form, EARLY) else GRIDS[stage]
    rules = asked.rules.on(asked.on)
    also = {name: looks_at(asked.rules, name) for name in names if name in {EARLY, DISPOSAL}}
    return {name: rules.number(name) if also.get(name, True) else UNUSED for name in names}


def looks_at(table: RuleTable, name: str) -> bool:
    """Whether some condition of a table uses a parameter."""
    return next(uses_of(table, name), None) is not None


Lanes = Callable[[RulesInForce], Codes]


@dataclass(frozen=True, eq=False)
class Load:
    """The work that a table brings to the lanes, week by week: `lanes` routes the cases that come to count.

    `factor` is how many cases would come for each that came.
    """

    batch: Batch
    lanes: Lanes
    counted: tuple[Lane, ...]
    places: Places
    factor: float = 1.0

    def by_week(self, rules: RulesInForce) -> Array:
        """Return weighted units, shape (weeks, lanes in the order of TAKEN), over the weeks of the period."""
        week = np.floor((self.batch.as_of - self.batch.as_of.min()) / WEEK).astype(np.int64)
        family = self.batch.columns.get("cause_code.family", np.full(len(week), np.nan)).astype(np.float64)
        lanes, found = self.lanes(rules), np.zeros((int(week.max()) + 1, len(TAKEN)))
        for place, lane in enumerate(TAKEN):
            if lane in self.counted:
                units = self.places.units_of(lane, lanes, family)
                found[:, place] = np.bincount(week, weights=units, minlength=len(found))
        return self.factor * found


def try_all(asked: Asked, found: Evidence, load: Load, *, fixed: Values) -> Tried:
    """Try every point of the stage's grid; `fixed` are values of other parameters that are settled already."""
    current = in_force(asked, found.stage)
    points = grid(found.stage, current, asked.rules.declared)
    now = {**fixed, **{name: value for name, value in current.items() if value != UNUSED}}
    tables = [asked.rules.with_values(asked.on, now)]
    tables += [asked.form.with_values(asked.on, {**fixed, **point}) for point in points[1:]]
    targets = [found.target(table) for table in tables]
    trier = _Trier.of(found, load, current=targets[0])
    trials = [trier.trial(p, target=t, table=table) for p, t, table in zip(points, targets, tables, strict=True)]
    return Tried(tuple(trials), np.stack(targets))


@dataclass(frozen=True, eq=False)
class _Trier:
    found: Evidence
    load: Load
    each: Array
    own: Array
    base: Array

    @classmethod
    def of(cls, found: Evidence, load: Load, *, current: Rows) -> _Trier:
        each, own = found.figures()
        return cls(found, load, each, own, by_target(each, own, current))

    def trial(self, values: Values, *, target: Rows, table: RulesInForce) -> Trial:
        weeks, places = self.load.by_week(table), self.load.places
        average = dict(zip(TAKEN, weeks.mean(axis=0).tolist(), strict=True))
        over = [places.over(dict(zip(TAKEN, week.tolist(), strict=True))) for week in weeks]
        difference = by_target(self.each, self.own, target) - self.base
        return Trial(
            values=values,
            lanes=tuple(int((target == one).sum()) for one in (*range(self.each.shape[1]), -1)),
            chosen=self._measured(CHOSEN, difference),
            later=self._measured(LATER, difference),
            week=average,
            over=places.over(average),
            weeks_over=float(np.mean(np.array(over) > 0.0)),
            reasons=self.found.covered(target).reasons,
        )

    def _measured(self, which: str, difference: Array) -> Mapping[str, Estimate]:
        return self.found.debtors(which).estimates(difference[self.found.slices[which]])

"""What logged decisions cannot try: urging window and provisional lane by the scores, the fast clocks not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from features.known import Array
from features.register import Stage
from models.lanes import LANE_CODE, UNDECIDED, Lane
from models.routes import Codes
from models.scores import ReadAt, score
from models.stage_models import HazardScore
from training.evaluation.measures import Estimate
from training.policy_value.intervals import Debtors
from training.suggesting.evidence import LATER, Asked, Evidence, Scored
from training.suggesting.trials import CHANCES, Values

WINDOW, PROVISIONAL = "urging_days", "ability_threshold"
CLOCK_DAYS = (20.0, 30.0, 45.0, 60.0, 90.0)
CLEARLY = 0.01
"""Least gain in agreement, as a share of cases, for which the provisional threshold is moved."""

STAY_DAYS = (3.0, 7.0, 10.0, 15.0, 20.0)
"""Days at which the curve of willingness is read to see how long urging lasts."""

Rows = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_FILING = [LANE_CODE[Lane.FAST], LANE_CODE[Lane.COMPLEX]]


@dataclass(frozen=True, kw_only=True)
class Window:
    """An urging window as the scores see it on the later slice.

    `urged` of the cases would be urged, and `paid` is the share of those that
    would pay within it, None where there are none. `value` is what it is worth per case more than the
    window in force, in yuan, and `changes` what that consists of: days, hours
    and failed urgings.
    """

    days: float
    urged: int
    cases: int
    paid: float | None
    value: Estimate
    changes: Mapping[str, float]


@dataclass(frozen=True)
class Provisional:
    """How often the provisional lane under a threshold is the lane after the query; `agrees` of no case is 0."""

    threshold: float
    agrees: float
    cases: int


def windows(asked: Asked, found: Evidence, *, fixed: Values) -> tuple[Window, ...]:
    """Return the windows for which willingness is calibrated and the one in force, which comes first.

    No window but the court's own was ever tried on a case, so the logged
    decisions are silent: these figures are the scores' word.
    """
    now = asked.rules.on(asked.on).number(WINDOW)
    most = next(one.most for one in asked.rules.declared if one.name == WINDOW)
    willingness = asked.bundle.stages[Stage.A].scores["willingness"]
    calibrated = [one.day for one in willingness.readings] if isinstance(willingness, HazardScore) else []
    days = [now, *(day for day in sorted(calibrated) if day != now and day <= most)]
    kept = np.flatnonzero(found.slices[LATER])
    looks = [_look(asked, found, kept, {**fixed, WINDOW: day}) for day in days]
    known = np.logical_and.reduce([~np.isnan(one.value) for one in looks])
    chosen = asked.settings.policy_value
    group = found.learned.cases.group[kept][known]
    if not known.any():
        return ()
    debtors = Debtors.of(group, count=chosen.resamples, level=chosen.level, seed=asked.settings.seed)
    return tuple(
        Window(
            days=day,
            urged=int(one.urged[known].sum()),
            cases=int(known.sum()),
            paid=float(one.paid[known & one.urged].mean()) if (known & one.urged).any() else None,
            value=debtors.estimate((one.value - looks[0].value)[known]),
            changes={name: float((part - looks[0].parts[name])[known].mean()) for name, part in one.parts.items()},
        )
        for day, one in zip(days, looks, strict=True)
    )


@dataclass(frozen=True, eq=False)
class _Look:
    """What the scores say under a window, by case: NaN where no lane is proposed."""

    urged: Flags
    paid: Array
    value: Array
    parts: Mapping[str, Array]


def _look(asked: Asked, found: Evidence, kept: Rows, values: Values) -> _Look:
    rules = asked.form.with_values(asked.on, values)
    scored = Scored.of(found.scored.batch.where(kept), asked.bundle, rules)
    lanes = scored.lanes(rules)
    claim = np.minimum(found.learned.cases.course.claim[kept], asked.settings.policy_value.claim_cap)
    each = asked.utility.expected(scored.table, claim)
    wait = values[WINDOW] - _stay(asked, scored, values[WINDOW])
    urge, file = each[Lane.URGE], each[Lane.COMPLEX]
    urge = replace(urge, days=urge.days - wait)
    urged, nobody = lanes == LANE_CODE[Lane.URGE], lanes == UNDECIDED
    both = {
        name: np.where(nobody, np.nan, np.where(urged, getattr(urge, column), getattr(file, column)))
        for name, column in (("days", "days"), ("hours", "hours"), ("failed", "failed_urging"))
    }
    value = np.where(urged, asked.utility.value(urge), asked.utility.value(file))
    paid = scored.table.columns["willingness"].p
    return _Look(urged, paid, np.where(nobody, np.nan, value), both)


def _stay(asked: Asked, scored: Scored, window: float) -> Array:
    """Return for how many days of the window each urging is expected to last: who pays early ends it early."""
    known = scored.batch.known
    days = [day for day in STAY_DAYS if day < window] + [window]
    unpaid = [np.ones(len(scored.batch.ids))]
    for day in days:
        at = ReadAt(days={"willingness": day}, only={"willingness"})
        paid = score(asked.bundle, known, scored.batch.courts, at=at).columns["willingness"].p
        unpaid.append(np.minimum(unpaid[-1], 1.0 - paid))
    steps = np.diff([0.0, *days])
    return np.asarray(sum(step * (a + b) / 2.0 for step, a, b in zip(steps, unpaid, unpaid[1:], strict=False)))


def best_window(tried: tuple[Window, ...]) -> float | None:
    """Return the window worth most, where it is clearly worth more than the one in force; else None."""
    better = [one for one in tried[1:] if one.value.lower > 0.0]
    return max(better, key=lambda one: one.value.value).days if better else None


def provisional(asked: Asked, before: Scored, after: Mapping[str, int], *, fixed: Values) -> tuple[Provisional, ...]:
    """Return how often the provisional lane agrees with the later one, the threshold in force first.

    `after` holds the code of each filed case's lane after the query under the
    suggested values.
    """
    now = asked.rules.on(asked.on).number(PROVISIONAL)
    later = np.array([after.get(name, UNDECIDED) for name in before.batch.ids])
    return tuple(
        _agreement(asked, before, later, {**fixed, PROVISIONAL: one})
        for one in (now, *(other for other in CHANCES if other != now))
    )


def _agreement(asked: Asked, before: Scored, later: Codes, values: Values) -> Provisional:
    lanes = before.lanes(asked.form.with_values(asked.on, values))
    both = np.isin(lanes, _FILING) & np.isin(later, _FILING)
    agrees = float((lanes[both] == later[both]).mean()) if both.any() else 0.0
    return Provisional(values[PROVISIONAL], agrees, int(both.sum()))


def best_provisional(tried: tuple[Provisional, ...]) -> float | None:
    """Return the threshold that agrees most often, where it does so clearly more than the one in force; else None."""
    best = max(tried, key=lambda one: one.agrees)
    return best.threshold if best.agrees >= tried[0].agrees + CLEARLY else None


def closed_by(found: Evidence) -> tuple[tuple[float, float], ...]:
    """Return what share of the cases that were in the fast lane had closed by each day after filing."""
    cases = found.learned.cases
    fast = cases.course.days[cases.action == 0]
    days = [day for day in CLOCK_DAYS if day < cases.horizon]
    return tuple((day, float((fast <= day).mean())) for day in days) if len(fast) else ()

"""What a lane changes: days, money, hours, learned from logged decisions by their chances, case by case.

For every stage there are two actions: at receipt to urge or to file, after the
query fast or complex. What an action changes is learned as residuals on
residuals (R-learner): what came of a case beyond what was to be expected,
against the action taken beyond its logged chance. Decisions that could not
have been otherwise teach nothing and are left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from features.known import Array
from features.register import Stage
from models.bundle import Bundle
from models.lanes import LANE_CODE, Lane
from models.rules.table import RuleTable
from models.utility import HORIZON, Amounts
from training.config import LabelSettings
from training.errors import CommandError
from training.history import DecisionLog, History
from training.lane_effects.basis import basis, facts
from training.policies.by_rules import triaged
from training.policy_value.consequences import Course, realised
from training.scoring.input import Rows, batches_of_history

Flags = npt.NDArray[np.bool_]

ACTION: Mapping[Stage, Lane] = {Stage.A: Lane.URGE, Stage.B: Lane.FAST}
"""The action whose effect is learned, against filing at receipt and against the complex lane after the query."""

PARTS = ("days", "share", "earlier", "hours", "failed")
"""Days to the end, share recovered, share times days before the horizon, officer hours, failed urgings."""

OPEN = (0.02, 0.98)
"""Chances between which a decision could have been otherwise."""

FEWEST = 500
"""Open decisions of a stage below which nothing is learned from them."""

FOLDS = 5
PENALTIES = (1.0, 10.0, 100.0, 300.0, 1e3, 3e3, 1e4, 3e4, 1e5)
"""From hardly any shrinking to one effect for all; an open decision weighs about 0.2 against them."""


@dataclass(frozen=True, eq=False)
class StageEffects:
    """The effects of one stage: how columns are scaled, the weights (parts, width), and how many cases taught them."""

    middle: Array
    scale: Array
    weights: Array
    cases: int

    def of(self, table: Array) -> Array:
        """Return what the action changes, shape (parts, n), NaN where the basis is."""
        return np.asarray(self.weights @ ((table - self.middle) / self.scale).T)


@dataclass(frozen=True, eq=False)
class LaneEffects:
    """What urging and the fast lane change, by stage: with the scores of a case, and without for who has none."""

    scored: Mapping[Stage, StageEffects]
    unscored: Mapping[Stage, StageEffects]

    def to_json(self) -> dict[str, object]:
        """Return plain values; a float stays the float that it was."""
        return {
            name: {
                str(stage): {
                    "middle": one.middle.tolist(), "scale": one.scale.tolist(), "weights": one.weights.tolist(),
                    "cases": one.cases,
                }
                for stage, one in getattr(self, name).items()
            }
            for name in ("scored", "unscored")
        }  # fmt: skip

    @classmethod
    def from_json(cls, document: Mapping[str, Mapping[str, Mapping[str, object]]]) -> Self:
        """Return the effects that wrote these values."""
        return cls(*(_read(document[name]) for name in ("scored", "unscored")))


def _read(stages: Mapping[str, Mapping[str, object]]) -> dict[Stage, StageEffects]:
    return {
        Stage(stage): StageEffects(
            np.array(one["middle"]), np.array(one["scale"]), np.array(one["weights"]), int(str(one["cases"]))
        )
        for stage, one in stages.items()
    }


def learn_effects(
    history: History, bundle: Bundle, rules: RuleTable, *, hours: Amounts, labels: LabelSettings
) -> LaneEffects:
    """Learn the effects of both stages from a history with logged decisions.

    Raises
    ------
    CommandError
        NO_DECISIONS: too few decisions with a chance that was logged and open.
    """
    both = {stage: _stage(history, bundle, rules, stage, hours=hours, labels=labels) for stage in Stage}
    return LaneEffects(*({stage: pair[place] for stage, pair in both.items()} for place in range(2)))


def _stage(
    history: History, bundle: Bundle, rules: RuleTable, stage: Stage, *, hours: Amounts, labels: LabelSettings
) -> tuple[StageEffects, StageEffects]:
    """Return the effects of a stage with scores and without."""
    course, watched = realised(history, stage, horizon=HORIZON, hours=hours, labels=labels)
    action, chance = _actions(history, stage)
    outcome = _parts(course)
    open_then = watched & (chance > OPEN[0]) & (chance < OPEN[1]) & np.isfinite(outcome).all(axis=0)
    found = []
    for table in _bases(history, bundle, rules, stage):
        rows = np.flatnonzero(open_then & np.isfinite(table).all(axis=1))
        if len(rows) < FEWEST:
            zh = f"阶段 {stage} 可供学习的决定仅 {len(rows)} 件，少于 {FEWEST}"
            raise CommandError("NO_DECISIONS", zh, f"{len(rows)} open decisions of stage {stage}, fewer than {FEWEST}")
        found.append(_learned(table[rows], outcome[:, rows], action[rows], chance[rows]))
    return found[0], found[1]


def _bases(history: History, bundle: Bundle, rules: RuleTable, stage: Stage) -> tuple[Array, Array]:
    """Return both bases of every case row, with scores and without; NaN where it has none."""
    place = {name: row for row, name in enumerate(history.case_ids.tolist())}
    scored: list[tuple[Rows, Array]] = []
    bare: list[tuple[Rows, Array]] = []
    for batch in batches_of_history(history.path, stage):
        own = np.array([place[name] for name in batch.ids], dtype=np.int64)
        bare.append((own, facts(batch)))
        for rows, triage in triaged(batch, rules, bundle):
            if triage.table is not None:
                scored.append((own[rows], basis(batch.where(rows), triage.table)))
    return _whole(scored, len(place)), _whole(bare, len(place))


def _whole(parts: Sequence[tuple[Rows, Array]], n: int) -> Array:
    table = np.full((n, parts[0][1].shape[1] if parts else 1), np.nan)
    for rows, columns in parts:
        table[rows] = columns
    return table


def _actions(history: History, stage: Stage) -> tuple[Array, Array]:
    """Return whether each case row got the action, and the chance that it would; NaN where nobody logged one."""
    n = history.cases.num_rows
    taken, chance = np.full(n, np.nan), np.full(n, np.nan)
    log = DecisionLog.of(history).last(stage)
    taken[log.row] = log.lane == LANE_CODE[ACTION[stage]]
    chance[log.row] = np.where(taken[log.row] == 1.0, log.propensity, 1.0 - log.propensity)
    return taken, chance


def _parts(course: Course) -> Array:
    earlier = course.share * (HORIZON - course.days)
    return np.stack([course.days, course.share, earlier, course.hours, course.failed])


def _learned(table: Array, outcome: Array, action: Array, chance: Array) -> StageEffects:
    """Fit the effects; every part has the penalty that predicts other folds best."""
    middle, scale = table.mean(axis=0), np.maximum(table.std(axis=0), 1e-9)
    middle[0], scale[0] = 0.0, 1.0
    ready = (table - middle) / scale
    fold = np.arange(len(ready)) % FOLDS
    pull = ready * (action - chance)[:, None]
    weights = [_effect(pull, part - _expected(ready, part, fold), fold) for part in outcome]
    return StageEffects(middle, scale, np.stack(weights), len(ready))


def _expected(ready: Array, outcome: Array, fold: Rows) -> Array:
    """Return what was to be expected of every case, from the other folds: squares and products of the basis."""
    wide = np.column_stack([ready, *(ready[:, [i]] * ready[:, i:] for i in range(1, ready.shape[1]))])
    expected = np.empty(len(outcome))
    for k in range(FOLDS):
        taught = fold != k
        expected[~taught] = wide[~taught] @ _ridge(wide[taught], outcome[taught], 10.0)
    return expected


def _effect(pull: Array, surplus: Array, fold: Rows) -> Array:
    losses = [sum(_loss(pull, surplus, fold == k, penalty) for k in range(FOLDS)) for penalty in PENALTIES]
    return _ridge(pull, surplus, PENALTIES[int(np.argmin(losses))])


def _loss(pull: Array, surplus: Array, held: Flags, penalty: float) -> float:
    left = surplus[held] - pull[held] @ _ridge(pull[~held], surplus[~held], penalty)
    return float(left @ left)


def _ridge(table: Array, target: Array, penalty: float) -> Array:
    """Return least squares with a penalty on every weight but the first."""
    held = penalty * np.eye(table.shape[1])
    held[0, 0] = 1e-6
    return np.asarray(np.linalg.solve(table.T @ table + held, table.T @ target))

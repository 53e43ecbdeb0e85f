"""Scores: willingness, ability, quick close, recovered share and days, each with its range or withheld."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from features.known import Known
from features.matrix import matrix
from features.register import Stage
from models.abstention import FEWEST_COMPARABLE, Abstain, Flags, expired, key_missing, outside
from models.estimators.boosters import Array, Rows
from models.estimators.calibration import Courts
from models.estimators.hazard import curves_of, sigmoid
from models.stage_models import HazardScore, Reading, RecoveryScore, StageModels

if TYPE_CHECKING:
    from models.bundle import Bundle


@dataclass(frozen=True)
class ReadAt:
    """Where curves are read, by score name: another day than the usual one, or days gone by already.

    A score keeps the calibration of its nearest calibrated day. `waited` are the
    days each case has waited since filing, None for nobody. With `only`, other
    scores are left out, and so are the days until the case closes.
    """

    days: Mapping[str, float] = field(default_factory=dict)
    elapsed: Mapping[str, float] = field(default_factory=dict)
    waited: Array | None = None
    only: Collection[str] | None = None


@dataclass(frozen=True)
class Score:
    """One score of one case.

    Chance (or share) `p`, its range, the number of comparable cases, the
    model's `raw` chance, and the chances of the `others`, the other ends.
    """

    day: float
    p: float
    lower: float
    upper: float
    n: int
    raw: float
    others: Mapping[str, float]


@dataclass(frozen=True)
class Scores:
    """All scores of one case; `abstain` names the reasons, if any, for which none of them is shown."""

    stage: Stage
    by_name: Mapping[str, Score]
    days: float | None
    abstain: tuple[Abstain, ...]


@dataclass(frozen=True)
class ScoreColumn:
    """One score of many cases, each array of shape (n,).

    `others` holds the chance by the same day of every other end (终本, for
    instance), scaled so that all ends fit beside the calibrated `p`.
    """

    day: float
    p: Array
    lower: Array
    upper: Array
    n: npt.NDArray[np.int64]
    raw: Array
    others: Mapping[str, Array]


@dataclass(frozen=True)
class ScoreTable:
    """Scores of many cases.

    `columns` by score name; `days` the expected days to close within the
    year of the ability curve, None where the stage has none; `reasons` for
    every cause of abstention the rows it concerns; `rows` the matrix, and
    `waited` the days that each case has waited since filing.
    """

    stage: Stage
    columns: Mapping[str, ScoreColumn]
    days: Array | None
    reasons: Mapping[Abstain, Flags]
    rows: Rows
    waited: Array

    @property
    def abstained(self) -> Flags:
        """Return the rows of which no score is shown."""
        return np.asarray(np.logical_or.reduce(list(self.reasons.values())), dtype=np.bool_)

    def withholding(self, reason: Abstain, rows: Flags) -> ScoreTable:
        """Return the table with one more reason to abstain."""
        return replace(self, reasons={**self.reasons, reason: rows})

    def row(self, i: int) -> Scores:
        """Return the scores of one case."""
        return Scores(
            stage=self.stage,
            by_name={name: _one(column, i) for name, column in self.columns.items()},
            days=None if self.days is None else float(self.days[i]),
            abstain=tuple(reason for reason, rows in self.reasons.items() if rows[i]),
        )


def score(
    bundle: Bundle,
    known: Known,
    court: Sequence[str],
    *,
    at: ReadAt | None = None,
    threads: int = 1,
) -> ScoreTable:
    """Score cases of one stage: one case and ten million take the same road (the latter in chunks)."""
    models = bundle.stages[known.stage]
    courts = Courts.of(court)
    at = replace(at or ReadAt(), waited=known.waited)
    table = score_rows(models, matrix(known, models.features), courts, at=at, threads=threads)
    new = np.array([name not in bundle.about.courts for name in courts.names], dtype=bool)[courts.index]
    reasons = {
        Abstain.KEY_FIELD_MISSING: key_missing(known, models.key_fields),
        Abstain.UNKNOWN_COURT: new,
        Abstain.MODEL_EXPIRED: expired(known.as_of, bundle.about.valid_until),
        **table.reasons,
    }
    return replace(table, reasons=reasons)


def score_rows(
    models: StageModels,
    rows: Rows,
    courts: Courts,
    *,
    at: ReadAt | None = None,
    threads: int = 1,
) -> ScoreTable:
    """Score ready rows, without the checks that need the case itself or the bundle's date."""
    where = at or ReadAt()
    waited = np.zeros(len(rows)) if where.waited is None else where.waited
    columns: dict[str, ScoreColumn] = {}
    days = None
    for name, asked in models.scores.items():
        if where.only is not None and name not in where.only:
            continue
        reading = asked.nearest(where.days.get(name))
        if isinstance(asked, RecoveryScore):
            columns[name] = _column(asked.model.share(rows, threads=threads), courts, reading)
            continue
        day, whole = where.days.get(name, reading.day), name == "ability" and where.only is None
        hazards = asked.model.hazards(rows, threads=threads, upto=np.inf if whole else day)
        ends = asked.model.ends_at(hazards, asked.left(day, waited), elapsed=where.elapsed.get(name, 0.0))
        column = _column(ends[:, 0], courts, reading)
        columns[name] = replace(column, day=day, others=_others(asked.model.causes, ends, column.p))
        days = days_to_close(asked, hazards, waited) if whole else days
    return ScoreTable(models.stage, columns, days, _reasons(models, rows, columns, threads=threads), rows, waited)


def days_to_close(asked: HazardScore, hazards: Array, waited: Array) -> Array:
    """Return the expected days from filing until the case closes in any way, counted up to the end of the curve."""
    survival = curves_of(hazards).survival
    before = np.concatenate((np.ones((len(survival), 1)), survival[:, :-1]), axis=1)
    left = ((before + survival) / 2.0 * np.diff((0.0, *asked.model.grid))).sum(axis=1)
    return np.asarray(left + waited if asked.from_sight else left)


def _others(causes: Sequence[str], ends: Array, p: Array) -> dict[str, Array]:
    left = 1.0 - p
    scale = left / np.maximum(1.0 - ends[:, 0], 1e-12)
    return {cause: np.minimum(ends[:, i] * scale, left) for i, cause in enumerate(causes) if i > 0}


def _column(raw: Array, courts: Courts, reading: Reading) -> ScoreColumn:
    p = reading.calibrator.apply_at(raw, courts)
    near = reading.comparable.look_at(courts, p)
    return ScoreColumn(day=reading.day, p=p, lower=near.lower, upper=near.upper, n=near.n, raw=raw, others={})


def _reasons(
    models: StageModels, rows: Rows, columns: Mapping[str, ScoreColumn], *, threads: int
) -> dict[Abstain, Flags]:
    few = np.zeros(len(rows), dtype=bool)
    broken = few.copy()
    for column in columns.values():
        few |= column.n < FEWEST_COMPARABLE
        broken |= ~np.isfinite(column.p)
    reasons = {
        Abstain.OUT_OF_TRAINING_RANGE: outside(rows, *models.watched),
        Abstain.FEW_COMPARABLE: few,
        Abstain.NOT_FINITE: broken,
    }
    if models.propensity is not None:
        urged = sigmoid(models.propensity.booster.raw(rows, threads=threads))
        reasons[Abstain.POOR_OVERLAP] = (urged < models.propensity.lowest) | (urged > models.propensity.highest)
    return reasons


def _one(column: ScoreColumn, i: int) -> Score:
    return Score(
        day=column.day,
        p=float(column.p[i]),
        lower=float(column.lower[i]),
        upper=float(column.upper[i]),
        n=int(column.n[i]),
        raw=float(column.raw[i]),
        others={cause: float(values[i]) for cause, values in column.others.items()},
    )

"""Urging outcomes exist only for cases that somebody chose to urge: how open that choice was, case by case."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from features.known import Array
from features.register import Stage
from models.estimators.boosters import Binned, Booster, BoosterSettings, Lesson
from models.estimators.hazard import sigmoid
from training.history import DecisionLog, History
from training.learning.stage_data import StageData

Rows = npt.NDArray[np.int64]

DECIDED_WITHIN = 30.0
"""Days before the cut from which a decision to urge may not be recorded yet; such cases teach nothing about it."""


@dataclass(frozen=True)
class Overlap:
    """Who used to be urged: the model of it and, by case row, the chance that was logged at the time (NaN: none)."""

    booster: Booster
    logged: Array

    @classmethod
    def fit(cls, history: History, data: StageData, *, until: float, settings: BoosterSettings) -> Overlap:
        """Learn from the cases received well before `until`, by what was recorded until then."""
        log = history.log.of("urge_start")
        case_rows = log.row[log.recorded_at <= until]
        urged = np.zeros(len(data.rows), dtype=np.float64)
        urged[data.place[case_rows]] = 1.0
        learned = np.flatnonzero(data.known.as_of < until - DECIDED_WITHIN)
        binned = Binned(data.rows[learned], settings=settings.at_scale(len(learned)))
        return cls(booster=binned.learn(Lesson(label=urged[learned])), logged=_logged(history))

    def chance(self, data: StageData, case_rows: Rows) -> Array:
        """Return each case's chance of having been urged: as logged where it was, else as learned."""
        learned = sigmoid(self.booster.raw(data.rows[data.place[case_rows]]))
        logged = self.logged[case_rows]
        return np.where(np.isnan(logged), learned, logged)

    def weights(self, data: StageData, case_rows: Rows) -> Array:
        """Return overlap weights of urged cases, mean one.

        A case that was sure to be urged tells nothing of cases that could have
        gone either way, which are the ones a decision is about.
        """
        weight = np.clip(1.0 - self.chance(data, case_rows), 1e-6, None)
        return np.asarray(weight / weight.mean())


def _logged(history: History) -> Array:
    """Return the logged chance that the case was urged, by case row; a lane not taken tells nothing here."""
    found = np.full(history.cases.num_rows, np.nan)
    urged = DecisionLog.of(history).last(Stage.A).urged()
    found[urged.row] = urged.propensity
    return found

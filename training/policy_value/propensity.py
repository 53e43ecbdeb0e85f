"""How likely each logged decision was: as logged where that was done, else learned, calibrated, and said so."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from features.known import Array
from models.estimators.boosters import Binned, BoosterSettings, Lesson
from models.estimators.calibration import Calibrator
from models.estimators.hazard import sigmoid
from training.evaluation.measures import Judged, calibration_error
from training.policy_value.open_cases import OpenCases

Rows = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


SURELY = 0.03
"""Least learned chance that can be told from never: calibration stands on a hundred cases a point (rule of three)."""


@dataclass(frozen=True, eq=False)
class Chances:
    """The chance of both actions, shape (n, 2), and for which cases it was logged.

    `off` is how far learned chances lie from the frequencies on average, NaN
    where every chance was logged.
    """

    both: Array
    logged: Flags
    off: float

    def least(self, chance: float) -> Array:
        """Return for each case below which chance a choice is outside of what the decisions can tell."""
        return np.where(self.logged, chance, max(chance, SURELY))


def chances(cases: OpenCases, *, fold: Rows, settings: BoosterSettings) -> Chances:
    """Return the chances of the first and the second action.

    A decision by rule has no chance in it, so its action counts as certain
    where nothing else was logged. Learned chances come from models that saw no
    case of the same debtor, and are set right by the frequencies among them.
    """
    taken = np.where(cases.by_rule & np.isnan(cases.propensity), 1.0, cases.propensity)
    logged = ~np.isnan(taken)
    second = np.where(cases.action == 1, taken, 1.0 - taken)
    off = float("nan")
    if not logged.all():
        learned = _learned(cases, fold=fold, settings=settings)
        second = np.where(logged, second, learned)
        known = Judged(learned, (cases.action == 1).astype(np.float64), (~logged).astype(np.float64))
        off = calibration_error(known)
    return Chances(np.stack([1.0 - second, second], axis=1), logged, off)


def _learned(cases: OpenCases, *, fold: Rows, settings: BoosterSettings) -> Array:
    """Return the chance of the second action, learned across folds and then calibrated."""
    event = (cases.action == 1).astype(np.float64)
    raw = np.empty(len(event))
    for k in np.unique(fold):
        held, taught = fold == k, np.flatnonzero(fold != k)
        binned = Binned(cases.rows[taught], settings=settings.at_scale(len(taught)))
        raw[held] = sigmoid(binned.learn(Lesson(label=event[taught])).raw(cases.rows[held]))
    courts = list(cases.batch.courts)
    return Calibrator.fit(raw, event, courts).apply(raw, courts)

"""One score: fitted on the first period, calibrated and given its ranges on the second."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

import numpy as np
import numpy.typing as npt

from features.feature import Pull
from features.known import Array
from models.estimators.blend import Blend
from models.estimators.boosters import BoosterSettings
from models.estimators.calibration import Calibrator
from models.estimators.comparable import Comparable
from models.estimators.hazard import FitOptions, HazardModel, HazardTarget, read
from models.estimators.recovery import RecoveryModel
from models.stage_models import HazardScore, Reading, RecoveryScore
from training.config import Settings
from training.learning.blending import Predict, choose, level_of, quick
from training.learning.labels import Outcomes
from training.learning.stage_data import ScoreData, StageData
from training.learning.watching import ByDay, as_cases, by_day

Weigh = Callable[[npt.NDArray[np.int64]], Array]
"""Returns how much each of the given case rows counts."""


@dataclass(frozen=True)
class FittedScore:
    """A score with what its fit took."""

    score: HazardScore | RecoveryScore
    seconds: float


def booster_settings(settings: Settings) -> BoosterSettings:
    """Return the settings of every booster, the seed included."""
    return BoosterSettings(**asdict(settings.booster), seed=settings.seed)


def pulls_of(data: StageData) -> tuple[int, ...]:
    """Return +1 for a feature that may only raise the chance of the first cause, -1 for one that may only lower it."""
    sign = {Pull.UP: 1, Pull.DOWN: -1, Pull.NONE: 0}
    return tuple(sign[feature.pull] for feature in data.features)


def fit_score(data: StageData, score: ScoreData, *, settings: Settings, weigh: Weigh | None = None) -> FittedScore:
    """Fit, calibrate and count comparable cases; `weigh` says how much each case row counts in learning.

    Calibration needs a model that has not met the calibrating cases. With
    `refit`, the model that is kept then learns from these as well: from all
    that is known when the test begins, and earlier periods say how far the map
    of the first model is followed.
    """
    began = time.monotonic()
    fitted = _fit_hazard(data, score, settings=settings, weigh=weigh) if score.target.causes else None
    ready = fitted or _fit_recovery(data, score, settings=settings)
    return FittedScore(score=ready, seconds=time.monotonic() - began)


def _fit_hazard(data: StageData, score: ScoreData, *, settings: Settings, weigh: Weigh | None) -> HazardScore:
    target = score.target

    def learned(cases: Outcomes, *, size: BoosterSettings) -> HazardModel:
        return HazardModel.fit(
            data.rows[data.place[cases.row]],
            cases.time,
            cases.cause,
            target=HazardTarget(causes=target.causes, grid=target.grid, pulls=pulls_of(data)),
            settings=size.as_fine_as(len(cases)),
            options=FitOptions(weight=None if weigh is None else weigh(cases.row), entry=cases.entry),
        )

    def predicting(cases: Outcomes) -> Predict:
        model = learned(cases, size=quick(size))
        return lambda others: model.incidence_at(data.rows[data.place[others.row]], target.reading)

    size = booster_settings(settings)
    model = learned(score.train, size=size)
    if not settings.refit:
        kept, blend = model, None
    else:
        kept = learned(score.known, size=size)
        blend = choose(score.known, predicting, day=target.reading, until=score.until, seed=settings.seed)
    later = score.calibrating
    hazards = model.hazards(data.rows[data.place[later.row]], threads=settings.booster.threads)
    court = _courts(data, later)

    def reading(day: float) -> Reading:
        found = by_day(later.time, later.cause, day=day)
        there = None if blend is None else replace(blend, level=level_of(score.known, day))
        return _reading(day, read(hazards, model.shares(day)), found, court, blend=there)

    return HazardScore(model=kept, readings=tuple(reading(day) for day in target.readings))


def _fit_recovery(data: StageData, score: ScoreData, *, settings: Settings) -> RecoveryScore:
    later = score.calibrate

    def learned(cases: Outcomes) -> RecoveryModel:
        rows = data.rows[data.place[cases.row]]
        size = booster_settings(settings).as_fine_as(len(cases))
        return RecoveryModel.fit(rows, cases.share, pulls=pulls_of(data), settings=size)

    model = learned(score.train)
    raw = model.share(data.rows[data.place[later.row]], threads=settings.booster.threads)
    shares = ByDay(later.share, np.ones(len(later)))
    kept = learned(score.known) if settings.refit else model
    return RecoveryScore(kept, (_reading(score.target.reading, raw, shares, _courts(data, later)),))


def _reading(day: float, raw: Array, found: ByDay, court: list[str], *, blend: Blend | None = None) -> Reading:
    """Return one calibrated reading; a case whose outcome nobody knows yet calibrates nothing.

    Comparable cases are found by the chance that the calibrating cases themselves
    bear out, whatever `blend` makes of it: how often such a chance comes true.
    """
    known, event = found.known, found.event[found.known]
    weight = as_cases(found.weight[known])
    there = [code for code, kept in zip(court, known, strict=True) if kept]
    calibrator = Calibrator.fit(raw[known], event, there, weight=weight)
    comparable = Comparable.fit(calibrator.apply(raw[known], there), event, there, weight=weight)
    if blend is not None:
        calibrator = calibrator.blended(blend, raw[known], there, weight=weight)
    return Reading(day=day, calibrator=calibrator, comparable=comparable)


def _courts(data: StageData, later: Outcomes) -> list[str]:
    return [str(code) for code in data.court[data.place[later.row]]]

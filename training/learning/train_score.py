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
from models.estimators.hazard import FitOptions, HazardModel, HazardTarget, bounded, read, sigmoid
from models.estimators.line_fit import Learned, Watched, learn_lines
from models.estimators.person_period import FollowUp
from models.estimators.recovery import RecoveryModel
from models.stage_models import HazardScore, Reading, RecoveryScore
from training.config import Settings
from training.learning.blending import Predict, choose, level_of, quick
from training.learning.labels import Outcomes
from training.learning.lining import Lining
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
    of the first model is followed. Lines stand beside the trees as far as the
    calibrating cases bear them out.
    """
    began = time.monotonic()
    fit = _HazardFit(data, score, settings, weigh) if score.target.causes else _RecoveryFit(data, score, settings)
    return FittedScore(score=fit.fitted(), seconds=time.monotonic() - began)


@dataclass(frozen=True)
class _HazardFit:
    """How a chance is learned."""

    data: StageData
    score: ScoreData
    settings: Settings
    weigh: Weigh | None

    def fitted(self) -> HazardScore:
        """Learn, find the lines' share and the maps on later cases, and learn again from all that is known."""
        known, target, later = self.score.known, self.score.target, self.score.calibrating
        model = self._trees(self.score.train, size=booster_settings(self.settings))
        raw, lining = self._answered(model, later)
        if not self.settings.refit:
            kept, lines, blend = model, lining.beside(self._lines, self.score.train), None
        else:
            kept = self._trees(known, size=booster_settings(self.settings))
            lines = lining.beside(self._lines, known)
            blend = choose(known, self._quick, day=target.reading, until=self.score.until, seed=self.settings.seed)
        hazards, court = bounded(sigmoid(raw)), _courts(self.data, later)

        def reading(day: float) -> Reading:
            found = by_day(later.time, later.cause, day=day)
            there = None if blend is None else replace(blend, level=level_of(known, day))
            return _reading(day, read(hazards, model.shares(day)), found, court, blend=there)

        return HazardScore(replace(kept, lines=lines), tuple(reading(day) for day in target.readings))

    def _answered(self, model: HazardModel, later: Outcomes) -> tuple[Array, Lining]:
        """Return the log-odds of later cases, (n, causes, periods), with the lines at the share they bear out."""
        rows, target = self.data.rows_of(later), self.score.target
        raw = model.scores(rows, len(target.grid), threads=self.settings.booster.threads)
        if not self.settings.lines:
            return raw, Lining.none()
        shares = model.shares(target.reading)
        first = self._lines(self.score.train)
        found = by_day(later.time, later.cause, day=target.reading)
        return Lining.of(raw, first, rows, read=lambda both: read(bounded(sigmoid(both)), shares), found=found)

    def _trees(self, cases: Outcomes, *, size: BoosterSettings) -> HazardModel:
        target = self.score.target
        return HazardModel.fit(
            self.data.rows_of(cases),
            cases.time,
            cases.cause,
            target=HazardTarget(causes=target.causes, grid=target.grid, pulls=pulls_of(self.data)),
            settings=size.as_fine_as(len(cases)),
            options=FitOptions(weight=self._weight(cases), entry=cases.entry),
        )

    def _lines(self, cases: Outcomes, holds: tuple[float, ...] | None = None) -> Learned:
        follow = FollowUp(time=cases.time, cause=cases.cause, weight=self._weight(cases), entry=cases.entry)
        watched = Watched.of(follow, causes=len(self.score.target.causes), grid=self.score.target.grid)
        rows, seed = self.data.rows_of(cases), self.settings.seed
        return learn_lines(rows, watched, pulls=pulls_of(self.data), seed=seed, holds=holds)

    def _quick(self, cases: Outcomes) -> Predict:
        model = self._trees(cases, size=quick(booster_settings(self.settings)))
        return lambda others: model.incidence_at(self.data.rows_of(others), self.score.target.reading)

    def _weight(self, cases: Outcomes) -> Array | None:
        return None if self.weigh is None else self.weigh(cases.row)


@dataclass(frozen=True)
class _RecoveryFit:
    """How a share is learned."""

    data: StageData
    score: ScoreData
    settings: Settings

    def fitted(self) -> RecoveryScore:
        """Learn, find the lines' share and the map on later cases, and learn again from all that is known."""
        train, later = self.score.train, self.score.calibrate
        model = self._trees(train)
        rows, found = self.data.rows_of(later), ByDay(later.share, np.ones(len(later)))
        raw, lining = model.scores(rows, threads=self.settings.booster.threads), Lining.none()
        if self.settings.lines:
            both = raw[:, None, None]
            first = self._lines(train)
            both, lining = Lining.of(both, first, rows, read=lambda odds: sigmoid(odds[:, 0, 0]), found=found)
            raw = both[:, 0, 0]
        cases = self.score.known if self.settings.refit else train
        kept = self._trees(cases) if self.settings.refit else model
        reading = _reading(self.score.target.reading, sigmoid(raw), found, _courts(self.data, later))
        return RecoveryScore(replace(kept, lines=lining.beside(self._lines, cases)), (reading,))

    def _trees(self, cases: Outcomes) -> RecoveryModel:
        size = booster_settings(self.settings).as_fine_as(len(cases))
        return RecoveryModel.fit(self.data.rows_of(cases), cases.share, pulls=pulls_of(self.data), settings=size)

    def _lines(self, cases: Outcomes, holds: tuple[float, ...] | None = None) -> Learned:
        watched = Watched(np.ones((len(cases), 1)), cases.share[:, None], causes=0)
        rows, seed = self.data.rows_of(cases), self.settings.seed
        return learn_lines(rows, watched, pulls=pulls_of(self.data), seed=seed, holds=holds)


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

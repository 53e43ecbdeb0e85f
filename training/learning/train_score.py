"""One score: fitted on the first period, calibrated and given its ranges on the second."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from functools import cache, cached_property, partial, reduce
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt

from features.feature import Pull
from features.known import Array
from models.estimators.blend import Blend
from models.estimators.boosters import BoosterSettings
from models.estimators.calibration import Calibrator
from models.estimators.comparable import Comparable
from models.estimators.hazard import FitOptions, HazardModel, HazardTarget, bounded, days_left, read, sigmoid
from models.estimators.line_fit import Learned, Watched, learn_lines
from models.estimators.person_period import FollowUp
from models.estimators.recovery import RecoveryModel
from models.stage_models import HazardScore, Reading, RecoveryScore, reasons_of
from training.config import Settings
from training.learning.blending import Predict, choose, level_of, quick
from training.learning.labels import Outcomes
from training.learning.lining import Lining
from training.learning.losses import Losses
from training.learning.pulling import Later, Pulls, holding
from training.learning.stage_data import ScoreData, StageData
from training.learning.watching import ByDay, as_cases, by_day

Model = TypeVar("Model", HazardModel, RecoveryModel)

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


def pulls_of(data: StageData) -> Pulls:
    """Return +1 for a feature that may only raise the chance of the first cause, -1 for one that may only lower it."""
    sign = {Pull.UP: 1, Pull.DOWN: -1, Pull.NONE: 0}
    return tuple(sign[feature.pull] for feature in data.features)


def fit_score(data: StageData, score: ScoreData, *, settings: Settings, weigh: Weigh | None = None) -> FittedScore:
    """Fit, calibrate and count comparable cases; `weigh` says how much each case row counts in learning.

    Calibration needs a model that has not met the calibrating cases. With
    `refit`, the model that is kept then learns from these as well: from all
    that is known when the test begins, and earlier periods say how far the map
    of the first model is followed. Lines stand beside the trees as far as the
    calibrating cases bear them out, and these choose how the trees grow, and
    with `test_pulls` which declared pulls are given up.
    """
    began = time.monotonic()
    fit = _HazardFit(data, score, settings, weigh=weigh) if score.target.causes else _RecoveryFit(data, score, settings)
    return FittedScore(score=fit.fitted(), seconds=time.monotonic() - began)


@dataclass(frozen=True)
class _Tried(Generic[Model]):
    """Trees grown in one way, lines beside them as later cases bear them out: log-odds of these, and their losses."""

    size: BoosterSettings
    model: Model
    raw: Array
    lining: Lining
    losses: Losses


def _kept(ways: Iterable[_Tried[Model]]) -> _Tried[Model]:
    """Return the first way, which is the one that is set, unless later cases tell that another is better."""
    return reduce(lambda kept, other: other if other.losses.told_below(kept.losses) else kept, ways)


@dataclass(frozen=True)
class _Fit(ABC, Generic[Model]):
    """What the learning of a chance and of a share have in common: which pulls hold, and which way trees grow."""

    data: StageData
    score: ScoreData
    settings: Settings

    @cached_property
    def _pulls(self) -> Pulls:
        """The pulls that hold, looked at with few trees and with all, by the best cuts; all if not to be tested."""
        declared, size = pulls_of(self.data), booster_settings(self.settings).ways()[-1]
        if not self.settings.test_pulls:
            return declared
        later = Later(self.data.rows_of(self._later), self._found, _courts(self.data, self._later))
        looks = (partial(self._expected, quick(size)), partial(self._expected, size))
        return holding(declared, reasons_of(self.data.features), looks, later)

    @property
    def _freed(self) -> tuple[str, ...]:
        """The features whose declared pull does not hold."""
        both = zip(self.data.features, pulls_of(self.data), self._pulls, strict=True)
        return tuple(feature.name for feature, declared, held in both if declared and not held)

    @cached_property
    def _first(self) -> Callable[[BoosterSettings, Pulls], Model]:
        """Trees of the training period; those that several questions ask for are grown once."""
        return cache(partial(self._trees, self.score.train))

    def _best(self) -> _Tried[Model]:
        """Return the way to grow, with its lines, that later cases bear out."""
        lines = self._lines(self.score.train) if self.settings.lines else None
        ways = booster_settings(self.settings).ways()
        return _kept(self._tried(size, lines) for size in ways)

    @property
    @abstractmethod
    def _later(self) -> Outcomes:
        """The cases that calibrate, which trees of the training period have not met."""

    @property
    @abstractmethod
    def _found(self) -> ByDay:
        """What came of the later cases by the reading day."""

    @abstractmethod
    def _expected(self, size: BoosterSettings, pulls: Pulls) -> Array:
        """Return what trees of the training period expect of the later cases."""

    @abstractmethod
    def _tried(self, size: BoosterSettings, lines: Learned | None) -> _Tried[Model]:
        """Return what trees of this size, and lines as far as they help, make of the later cases."""

    @abstractmethod
    def _trees(self, cases: Outcomes, size: BoosterSettings, pulls: Pulls) -> Model:
        """Return trees that have learned from these cases."""

    @abstractmethod
    def _lines(self, cases: Outcomes, holds: tuple[float, ...] | None = None) -> Learned:
        """Return lines that have learned from these cases."""


@dataclass(frozen=True)
class _HazardFit(_Fit[HazardModel]):
    """How a chance is learned."""

    weigh: Weigh | None

    def fitted(self) -> HazardScore:
        """Learn, find way, share of the lines and maps on later cases, and learn again from all that is known."""
        known, target, later = self.score.known, self.score.target, self._later
        best = self._best()
        if not self.settings.refit:
            kept, lines, blend = best.model, best.lining.beside(self._lines, self.score.train), None
        else:
            kept = self._trees(known, best.size, self._pulls)
            lines = best.lining.beside(self._lines, known)
            learn = partial(self._quick, quick(best.size))
            blend = choose(known, learn, day=target.reading, until=self.score.until, seed=self.settings.seed)
        hazards, court = bounded(sigmoid(best.raw)), _courts(self.data, later)

        def reading(day: float) -> Reading:
            found = by_day(later.time, later.cause, day=day)
            there = None if blend is None else replace(blend, level=level_of(known, day))
            return _reading(day, read(hazards, self._shares(best.model, later, day)), found, court, blend=there)

        readings = tuple(reading(day) for day in target.calibrated)
        return HazardScore(replace(kept, lines=lines), readings, freed=self._freed)

    @property
    def _later(self) -> Outcomes:
        return self.score.calibrating

    @property
    def _found(self) -> ByDay:
        return by_day(self._later.time, self._later.cause, day=self.score.target.reading)

    def _expected(self, size: BoosterSettings, pulls: Pulls) -> Array:
        left = days_left(self.score.target.reading, self.data.waited_of(self._later))
        return self._first(size, pulls).incidence_at(self.data.rows_of(self._later), left)

    def _tried(self, size: BoosterSettings, lines: Learned | None) -> _Tried[HazardModel]:
        later, target = self._later, self.score.target
        rows, found = self.data.rows_of(later), self._found
        model = self._first(size, self._pulls)
        raw = model.scores(rows, len(target.grid), threads=size.threads)
        shares = self._shares(model, later, target.reading)

        def chance(both: Array) -> Array:
            return read(bounded(sigmoid(both)), shares)

        raw, lining = Lining.of(raw, lines, rows, read=chance, found=found)
        return _Tried(size, model, raw, lining, Losses.of(chance(raw), found))

    def _trees(self, cases: Outcomes, size: BoosterSettings, pulls: Pulls) -> HazardModel:
        target = self.score.target
        return HazardModel.fit(
            self.data.rows_of(cases),
            cases.watched,
            cases.cause,
            target=HazardTarget(causes=target.causes, grid=target.grid, pulls=pulls),
            settings=size.as_fine_as(len(cases)),
            options=FitOptions(weight=self._weight(cases)),
        )

    def _lines(self, cases: Outcomes, holds: tuple[float, ...] | None = None) -> Learned:
        follow = FollowUp(time=cases.watched, cause=cases.cause, weight=self._weight(cases))
        watched = Watched.of(follow, causes=len(self.score.target.causes), grid=self.score.target.grid)
        rows, seed = self.data.rows_of(cases), self.settings.seed
        return learn_lines(rows, watched, pulls=self._pulls, seed=seed, holds=holds)

    def _quick(self, size: BoosterSettings, cases: Outcomes) -> Predict:
        model, day = self._trees(cases, size, self._pulls), self.score.target.reading
        waited = self.data.waited_of
        return lambda others: model.incidence_at(self.data.rows_of(others), days_left(day, waited(others)))

    def _shares(self, model: HazardModel, cases: Outcomes, day: float) -> Array:
        return model.shares(days_left(day, self.data.waited_of(cases)))

    def _weight(self, cases: Outcomes) -> Array | None:
        return None if self.weigh is None else self.weigh(cases.row)


@dataclass(frozen=True)
class _RecoveryFit(_Fit[RecoveryModel]):
    """How a share is learned."""

    def fitted(self) -> RecoveryScore:
        """Learn, find way, share of the lines and map on later cases, and learn again from all that is known."""
        best = self._best()
        cases = self.score.known if self.settings.refit else self.score.train
        kept = self._trees(cases, best.size, self._pulls) if self.settings.refit else best.model
        reading = _reading(self.score.target.reading, _share(best.raw), self._found, _courts(self.data, self._later))
        lines = best.lining.beside(self._lines, cases)
        return RecoveryScore(replace(kept, lines=lines), (reading,), self._freed)

    @property
    def _later(self) -> Outcomes:
        return self.score.calibrate

    @property
    def _found(self) -> ByDay:
        return ByDay(self._later.share, np.ones(len(self._later)))

    def _expected(self, size: BoosterSettings, pulls: Pulls) -> Array:
        return self._first(size, pulls).share(self.data.rows_of(self._later), threads=size.threads)

    def _tried(self, size: BoosterSettings, lines: Learned | None) -> _Tried[RecoveryModel]:
        rows, found = self.data.rows_of(self._later), self._found
        model = self._first(size, self._pulls)
        raw = model.scores(rows, threads=size.threads)[:, None, None]
        raw, lining = Lining.of(raw, lines, rows, read=_share, found=found)
        return _Tried(size, model, raw, lining, Losses.of(_share(raw), found))

    def _trees(self, cases: Outcomes, size: BoosterSettings, pulls: Pulls) -> RecoveryModel:
        fine = size.as_fine_as(len(cases))
        return RecoveryModel.fit(self.data.rows_of(cases), cases.share, pulls=pulls, settings=fine)

    def _lines(self, cases: Outcomes, holds: tuple[float, ...] | None = None) -> Learned:
        watched = Watched(np.ones((len(cases), 1)), cases.share[:, None], causes=0)
        rows, seed = self.data.rows_of(cases), self.settings.seed
        return learn_lines(rows, watched, pulls=self._pulls, seed=seed, holds=holds)


def _share(odds: Array) -> Array:
    """Return the expected shares of log-odds of shape (n, 1, 1)."""
    return sigmoid(odds[:, 0, 0])


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

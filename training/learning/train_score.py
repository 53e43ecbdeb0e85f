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

from features.known import Array
from models.estimators.blend import Blend
from models.estimators.boosters import BoosterSettings, Rows
from models.estimators.calibration import Calibrator
from models.estimators.comparable import Comparable
from models.estimators.hazard import (
    HazardLessons,
    HazardModel,
    HazardTarget,
    bounded,
    days_left,
    interval_ends,
    read,
    shares_of,
    sigmoid,
)
from models.estimators.line_fit import Learned, Watched, learn_lines
from models.estimators.person_period import FollowUp
from models.estimators.recovery import RecoveryLessons, RecoveryModel
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

MOST_LOOKED = 100_000
"""Training cases by which pulls and the way to grow are chosen, drawn by lot from more; what is kept learns of all."""

Grow = Callable[[BoosterSettings, Pulls], tuple[Model, Array]]
"""Grows trees of some size and pulls, and returns them with the log-odds that they give the later cases."""

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
    return tuple(feature.pull.sign for feature in data.features)


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
        later = Later(self._rows, self._found, _courts(self.data, self._later))
        looks = (partial(self._expected, quick(size)), partial(self._expected, size))
        return holding(declared, reasons_of(self.data.features), looks, later)

    @property
    def _freed(self) -> tuple[str, ...]:
        """The features whose declared pull does not hold."""
        both = zip(self.data.features, pulls_of(self.data), self._pulls, strict=True)
        return tuple(feature.name for feature, declared, held in both if declared and not held)

    @cached_property
    def _rows(self) -> Rows:
        """The features of the later cases."""
        return self.data.rows_of(self._later)

    @cached_property
    def _looked(self) -> Grow[Model]:
        """Who grows the trees by which is chosen."""
        return self._grower(self.score.train.drawn(MOST_LOOKED, self.settings.seed))

    def _grower(self, taught: Outcomes) -> Grow[Model]:
        """Return who grows trees of some cases: from rows binned once, and the same trees once only."""
        learn = self._learner(taught, booster_settings(self.settings))

        @cache
        def grow(size: BoosterSettings, pulls: Pulls) -> tuple[Model, Array]:
            model = learn(pulls, size.as_fine_as(len(taught)))
            return model, self._odds(model, size.threads)

        return grow

    def _expected(self, size: BoosterSettings, pulls: Pulls) -> Array:
        """Return what trees of the training period expect of the later cases."""
        return self._read(self._looked(size, pulls)[1])

    def _best(self) -> _Tried[Model]:
        """Return the way to grow, with its lines, that later cases bear out, as learned from the training period."""
        train = self.score.train
        lines = self._lines(train) if self.settings.lines else None
        ways = booster_settings(self.settings).ways()
        kept = _kept(self._tried(self._looked, size, lines) for size in ways)
        return kept if len(train) <= MOST_LOOKED else self._tried(self._grower(train), kept.size, lines)

    def _tried(self, grow: Grow[Model], size: BoosterSettings, lines: Learned | None) -> _Tried[Model]:
        """Return what trees of this size, and lines as far as they help, make of the later cases."""
        model, odds = grow(size, self._pulls)
        raw, lining = Lining.of(odds, lines, self._rows, read=self._read, found=self._found)
        return _Tried(size, model, raw, lining, Losses.of(self._read(raw), self._found))

    def _trees(self, cases: Outcomes, size: BoosterSettings) -> Model:
        """Return trees that have learned from these cases, with the pulls that hold."""
        size = size.as_fine_as(len(cases))
        return self._learner(cases, size)(self._pulls, size)

    @property
    @abstractmethod
    def _later(self) -> Outcomes:
        """The cases that calibrate, which trees of the training period have not met."""

    @property
    @abstractmethod
    def _found(self) -> ByDay:
        """What came of the later cases by the reading day."""

    @abstractmethod
    def _odds(self, model: Model, threads: int) -> Array:
        """Return the log-odds that a model gives the later cases, shape (n, causes, periods)."""

    @abstractmethod
    def _read(self, odds: Array) -> Array:
        """Return what log-odds expect of the later cases by the reading day, shape (n,)."""

    @abstractmethod
    def _learner(self, cases: Outcomes, size: BoosterSettings) -> Callable[[Pulls, BoosterSettings], Model]:
        """Return who learns trees from these cases, made ready once for all that will be learned from them."""

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
            kept = self._trees(known, best.size)
            lines = best.lining.beside(self._lines, known)
            learn = partial(self._quick, quick(best.size))
            blend = choose(known, learn, day=target.reading, until=self.score.until, seed=self.settings.seed)
        court = _courts(self.data, later)

        def reading(day: float) -> Reading:
            found = by_day(later.time, later.cause, day=day)
            there = None if blend is None else replace(blend, level=level_of(known, day))
            return _reading(day, self._read(best.raw, day), found, court, blend=there)

        readings = tuple(reading(day) for day in target.calibrated)
        return HazardScore(replace(kept, lines=lines), readings, freed=self._freed)

    @property
    def _later(self) -> Outcomes:
        return self.score.calibrating

    @property
    def _found(self) -> ByDay:
        return by_day(self._later.time, self._later.cause, day=self.score.target.reading)

    def _odds(self, model: HazardModel, threads: int) -> Array:
        return model.scores(self._rows, threads=threads, upto=max(self.score.target.calibrated))

    def _read(self, odds: Array, day: float | None = None) -> Array:
        target = self.score.target
        left = days_left(target.reading if day is None else day, self.data.waited_of(self._later))
        return read(bounded(sigmoid(odds)), shares_of(*interval_ends(target.grid), left)[:, : odds.shape[2]])

    def _learner(self, cases: Outcomes, size: BoosterSettings) -> Callable[[Pulls, BoosterSettings], HazardModel]:
        target = HazardTarget(causes=self.score.target.causes, grid=self.score.target.grid)
        return HazardLessons.of(self.data.rows_of(cases), self._follow(cases), target=target, settings=size).learn

    def _lines(self, cases: Outcomes, holds: tuple[float, ...] | None = None) -> Learned:
        target, rows = self.score.target, self.data.rows_of(cases)
        watched = Watched.of(self._follow(cases), causes=len(target.causes), grid=target.grid)
        return learn_lines(rows, watched, pulls=self._pulls, seed=self.settings.seed, holds=holds)

    def _quick(self, size: BoosterSettings, cases: Outcomes) -> Predict:
        model, day = self._trees(cases, size), self.score.target.reading
        waited = self.data.waited_of
        return lambda others: model.incidence_at(self.data.rows_of(others), days_left(day, waited(others)))

    def _follow(self, cases: Outcomes) -> FollowUp:
        weight = None if self.weigh is None else self.weigh(cases.row)
        return FollowUp(time=cases.watched, cause=cases.cause, weight=weight)


@dataclass(frozen=True)
class _RecoveryFit(_Fit[RecoveryModel]):
    """How a share is learned."""

    def fitted(self) -> RecoveryScore:
        """Learn, find way, share of the lines and map on later cases, and learn again from all that is known."""
        best = self._best()
        cases = self.score.known if self.settings.refit else self.score.train
        kept = self._trees(cases, best.size) if self.settings.refit else best.model
        reading = _reading(
            self.score.target.reading, self._read(best.raw), self._found, _courts(self.data, self._later)
        )
        lines = best.lining.beside(self._lines, cases)
        return RecoveryScore(replace(kept, lines=lines), (reading,), self._freed)

    @property
    def _later(self) -> Outcomes:
        return self.score.calibrate

    @property
    def _found(self) -> ByDay:
        return ByDay(self._later.share, np.ones(len(self._later)))

    def _odds(self, model: RecoveryModel, threads: int) -> Array:
        return model.scores(self._rows, threads=threads)[:, None, None]

    def _read(self, odds: Array) -> Array:
        return sigmoid(odds[:, 0, 0])

    def _learner(self, cases: Outcomes, size: BoosterSettings) -> Callable[[Pulls, BoosterSettings], RecoveryModel]:
        return RecoveryLessons.of(self.data.rows_of(cases), cases.share, settings=size).learn

    def _lines(self, cases: Outcomes, holds: tuple[float, ...] | None = None) -> Learned:
        watched = Watched(np.ones((len(cases), 1)), cases.share[:, None], causes=0)
        rows, seed = self.data.rows_of(cases), self.settings.seed
        return learn_lines(rows, watched, pulls=self._pulls, seed=seed, holds=holds)


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

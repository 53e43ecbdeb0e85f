"""When and how a case ends: chances per interval, cause by cause, from boosted trees."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from models.estimators.boosters import Array, Binned, Booster, BoosterSettings, Ints, Lesson, Rows
from models.estimators.line import Lines
from models.estimators.person_period import FollowUp, at_periods, person_periods, with_period
from models.estimators.tree_paths import TreePaths

CHUNK = 2_000
"""Rows expanded at a time: their periods stay in the processor's cache."""


@dataclass(frozen=True)
class HazardTarget:
    """What is asked: the causes (the one of interest first), and the ends of the intervals in days."""

    causes: tuple[str, ...]
    grid: tuple[float, ...]

    def __post_init__(self) -> None:
        """Refuse a grid that does not rise from zero, and a target without a cause."""
        if not self.causes or not self.grid or any(np.diff((0.0, *self.grid)) <= 0):
            msg = f"须有结局且时间点递增，收到 {self.causes} {self.grid} / needs causes and rising days"
            raise ValueError(msg)


@dataclass(frozen=True)
class Curves:
    """Chances over time, shape (n, causes, periods), and of still being open, shape (n, periods); they sum to one."""

    incidence: Array
    survival: Array


@dataclass(frozen=True)
class HazardModel:
    """Discrete-time cause-specific hazards.

    One booster per cause answers: of the cases still open, how many end this
    way in this interval? The curves follow from all of them together, so that
    they rise with time and sum to one. A feature that may only help can never
    lower the cumulative chance of the first cause: it may only raise that
    cause's hazard and only lower the others'. Where `lines` stand beside the
    trees, they keep the same pulls.
    """

    causes: tuple[str, ...]
    grid: tuple[float, ...]
    boosters: tuple[Booster, ...]
    lines: Lines | None = None
    _lower: Array = field(init=False, repr=False, compare=False)
    _upper: Array = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Keep the ends of the intervals as arrays."""
        lower, upper = interval_ends(self.grid)
        object.__setattr__(self, "_lower", lower)
        object.__setattr__(self, "_upper", upper)

    def hazards(self, rows: Rows, *, threads: int = 1, upto: float = np.inf) -> Array:
        """Return the chance of each cause in each interval, given that it began open, shape (n, causes, periods).

        Only intervals that begin before day `upto` are worked out.
        """
        return bounded(sigmoid(self.scores(rows, threads=threads, upto=upto)))

    def incidence_at(self, rows: Rows, day: float | Array, *, elapsed: float | Array = 0.0) -> Array:
        """Return the chance that the first cause comes after `elapsed` days and by `day`, given open at `elapsed`."""
        hazards = self.hazards(rows, upto=float(np.max(day, initial=0.0)))
        return np.asarray(self.ends_at(hazards, day, elapsed=elapsed)[:, 0])

    def ends_at(self, hazards: Array, day: float | Array, *, elapsed: float | Array = 0.0) -> Array:
        """Return the chance of each cause after `elapsed` days and by `day`, shape (n, causes)."""
        return read_all(hazards, self.shares(day, elapsed=elapsed)[..., : hazards.shape[2]])

    def shares(self, day: float | Array, *, elapsed: float | Array = 0.0) -> Array:
        """Return how much of each interval lies between `elapsed` and `day`, as `shares_of` does."""
        return shares_of(self._lower, self._upper, day, elapsed=elapsed)

    def scores(self, rows: Rows, *, threads: int = 1, upto: float = np.inf) -> Array:
        """Return the log-odds of each cause in each interval that begins before day `upto`, shape as of hazards."""
        periods = max(int(np.searchsorted(self._lower, upto)), 1)
        if 0 < len(rows) <= CHUNK:
            return self._scores(rows, periods, threads)
        out = np.empty((len(rows), len(self.causes), periods))
        for i in range(0, len(rows), CHUNK):
            out[i : i + CHUNK] = self._scores(rows[i : i + CHUNK], periods, threads)
        return out

    @cached_property
    def paths(self) -> tuple[TreePaths, ...]:
        """Return the paths of each booster, read when the first explanation asks for them."""
        return tuple(TreePaths.of(booster) for booster in self.boosters)

    def _scores(self, rows: Rows, periods: int, threads: int) -> Array:
        expanded = at_periods(rows, periods)
        raw = np.empty((len(rows), len(self.causes), periods))
        for i, booster in enumerate(self.boosters):
            raw[:, i, :] = booster.raw(expanded, threads=threads).reshape(len(rows), -1)
        return raw if self.lines is None else self.lines.beside(raw, rows)


def interval_ends(grid: tuple[float, ...]) -> tuple[Array, Array]:
    """Return the days at which the intervals begin and at which they end."""
    upper = np.asarray(grid, dtype=np.float64)
    return np.concatenate(([0.0], upper[:-1])), upper


def shares_of(lower: Array, upper: Array, day: float | Array, *, elapsed: float | Array = 0.0) -> Array:
    """Return how much of each interval lies between `elapsed` and `day`, shape (periods,) or (n, periods).

    Both may differ from case to case. Inside an interval chances are spread
    evenly over its days. A partly elapsed interval counts by its remaining
    share, as in fitting, so that the promise about pulls holds on every day.
    """
    start = np.maximum(lower, np.asarray(elapsed, dtype=np.float64)[..., None])
    covered = np.minimum(upper, np.asarray(day, dtype=np.float64)[..., None]) - start
    return np.asarray(np.maximum(covered, 0.0) / (upper - lower))


def days_left(day: float, waited: Array) -> Array:
    """Return on which day of its curve a case is read, `waited` days after filing, shape (n,); 0 once all are gone."""
    return np.maximum(day - waited, 0.0)


def sigmoid(raw: Array) -> Array:
    """Return probabilities of log-odds, without overflow."""
    return np.asarray(1.0 / (1.0 + np.exp(np.minimum(-raw, 700.0))))


def logit(p: Array) -> Array:
    """Return log-odds of probabilities, finite also for 0 and 1."""
    inside = np.minimum(np.maximum(p, 1e-12), 1.0 - 1e-12)
    return np.asarray(np.log(inside / (1.0 - inside)))


def bounded(hazards: Array) -> Array:
    """Scale hazards of an interval down to a sum of one where they exceed it."""
    return np.asarray(hazards / np.maximum(hazards.sum(axis=1, keepdims=True), 1.0))


def curves_of(hazards: Array) -> Curves:
    """Return the curves that follow from hazards of shape (n, causes, periods)."""
    survival = np.cumprod(np.maximum(1.0 - hazards.sum(axis=1), 0.0), axis=1)
    before = np.concatenate((np.ones((len(survival), 1)), survival[:, :-1]), axis=1)
    return Curves(incidence=np.cumsum(hazards * before[:, None, :], axis=2), survival=survival)


def read(hazards: Array, shares: Array) -> Array:
    """Return the chance of the first cause when each interval counts by its share, shape (n,)."""
    return np.asarray(read_all(hazards, shares)[:, 0])


def read_all(hazards: Array, shares: Array) -> Array:
    """Return the chance of every cause when each interval counts by its share, shape (n, causes)."""
    part = hazards * (shares[:, None, :] if shares.ndim > 1 else shares)
    return np.asarray(curves_of(part).incidence[:, :, -1])


@dataclass(frozen=True)
class HazardLessons:
    """Person-period rows, binned once, with what happened in each: any number of models can learn from them."""

    target: HazardTarget
    cases: int
    binned: Binned
    cause: Ints
    weight: Array

    @classmethod
    def of(cls, rows: Rows, follow: FollowUp, *, target: HazardTarget, settings: BoosterSettings) -> HazardLessons:
        """Expand and bin cases followed for some days until a cause (0 = still open when last seen).

        A case still open is censored, never a zero: it counts in every
        interval in which it was watched, and by its share in the last one.

        Raises
        ------
        FollowUpError
            Times, causes or weights that do not describe a follow-up of these cases.
        """
        follow.check(len(rows), len(target.causes))
        expanded = person_periods(follow, target.grid)
        binned = Binned(with_period(rows, expanded), settings=settings)
        return cls(target, len(rows), binned, expanded.cause, expanded.weight)

    def learn(self, pulls: tuple[int, ...], settings: BoosterSettings) -> HazardModel:
        """Learn a model whose first cause keeps the pulls, +1, 0 or -1 a feature, and the others their opposites."""
        size = settings.at_scale(self.cases)

        def booster(number: int) -> Booster:
            sign = 1 if number == 0 else -1
            label = (self.cause == number + 1).astype(np.float64)
            lesson = Lesson(label=label, weight=self.weight, pulls=(*(sign * pull for pull in pulls), 0))
            return self.binned.learn(lesson, settings=size)

        causes, grid = self.target.causes, self.target.grid
        return HazardModel(causes=causes, grid=grid, boosters=tuple(booster(number) for number in range(len(causes))))

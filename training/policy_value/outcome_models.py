"""What each case would bring under each action, as learned from other debtors' cases only (cross-fitting)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from features.known import Array
from models.estimators.boosters import Binned, BoosterSettings, Lesson
from training.policy_value.consequences import Course

Rows = npt.NDArray[np.int64]
Matrix = npt.NDArray[np.float32]

COMPONENTS = ("days", "share", "share_days", "hours", "failed")
"""What is learned: all bounded, so that no single large claim can bend a model; money is share times claim."""


def components(course: Course) -> Array:
    """Return what is learned of each case, shape (n, components)."""
    found = {"share_days": course.share * course.days, **vars(course)}
    return np.stack([found[name] for name in COMPONENTS], axis=1)


def folds_of(group: Rows, *, count: int, seed: int) -> Rows:
    """Return the fold of each case; a debtor or batch is never in two folds."""
    names, place = np.unique(group, return_inverse=True)
    return np.random.default_rng(seed).permutation(len(names))[place] % count


def cross_fitted(
    rows: Matrix, action: Rows, outcome: Array, *, actions: int, fold: Rows, settings: BoosterSettings
) -> Array:
    """Return the expected outcome of each case under each action, shape (n, actions, components).

    Every prediction comes from models that saw no case of the same debtor. An
    action that the other folds hold too rarely for a model is expected to bring
    their mean.
    """
    n, width = outcome.shape
    expected = np.full((n, actions, width), np.nan)
    for k in np.unique(fold):
        held = fold == k
        for one in range(actions):
            taught = np.flatnonzero(~held & (action == one))
            expected[held, one] = _learned(rows, outcome, taught=taught, asked=np.flatnonzero(held), settings=settings)
    return expected


FEWEST = 40
"""Cases of an action from which models are learned; fewer have a mean."""


def _learned(rows: Matrix, outcome: Array, *, taught: Rows, asked: Rows, settings: BoosterSettings) -> Array:
    """Return the prediction of each component for the cases asked about."""
    if not len(taught):
        return np.full((len(asked), outcome.shape[1]), np.nan)
    told = np.tile(outcome[taught].mean(axis=0), (len(asked), 1))
    varied = [i for i in range(outcome.shape[1]) if len(taught) >= FEWEST and np.ptp(outcome[taught, i]) > 0]
    if varied:
        binned = Binned(rows[taught], settings=settings.at_scale(len(taught)))
    for i in varied:
        booster = binned.learn(_lesson(outcome[taught, i]))
        told[:, i] = booster.raw(rows[asked])
    return told


def _lesson(label: Array) -> Lesson:
    return Lesson(label=label, objective="regression")


def named(values: Sequence[float]) -> dict[str, float]:
    """Return components by name."""
    return dict(zip(COMPONENTS, values, strict=True))

"""Three ways to say what a policy would bring from what was logged: by models, by weights, and by both together.

Each gives every case a score whose mean is the estimate; intervals and
comparisons come from the scores. A target is an action for each case, or
FOLLOW where the policy leaves the case to those who decided it: what was
decided then is what the policy does, with weight one and no model.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from features.known import Array

Rows = npt.NDArray[np.int64]

FOLLOW = -1


@dataclass(frozen=True, eq=False)
class Logged:
    """What was logged of n cases, as figures.

    `action` is what was done and `chance` (n, actions) how likely each action
    was; `outcome` (n, figures) what came of it, and `expected` (n, actions,
    figures) what models that never saw the case's debtor expect of each action.
    """

    action: Rows
    chance: Array
    outcome: Array
    expected: Array


def weights(logged: Logged, target: Rows, *, clip: float) -> Array:
    """Return how many cases each case stands for under the policy: one over its chance, `clip` at most; 0 if unlike."""
    likely = np.take_along_axis(logged.chance, logged.action[:, None], axis=1)[:, 0]
    with np.errstate(divide="ignore"):
        inverse = np.minimum(1.0 / likely, clip)
    return np.where(target == FOLLOW, 1.0, np.where(logged.action == target, inverse, 0.0))


def direct(logged: Logged, target: Rows, *, clip: float) -> Array:
    """Direct method: what the models expect of the policy's action; `clip` plays no part."""
    del clip
    return _at(logged.expected, _done(logged, target))


def weighted(logged: Logged, target: Rows, *, clip: float) -> Array:
    """Self-normalised inverse propensity: the logged cases that agree stand for all, separately for every action.

    The mean of the scores is the estimate; around it each score says how far
    its case pulls (the influence of a weighted mean). Where no logged case
    agrees at all, the models' word stands in.
    """
    weight = weights(logged, target, clip=clip)
    scores = direct(logged, target, clip=clip)
    for one in np.unique(target):
        mine = target == one
        total, w = weight[mine].sum(), weight[mine, None]
        if total > 0.0:
            mean = (w * logged.outcome[mine]).sum(axis=0) / total
            scores[mine] = mean + w * (logged.outcome[mine] - mean) * mine.sum() / total
    return scores


def doubly_robust(logged: Logged, target: Rows, *, clip: float) -> Array:
    """Doubly robust: the models' word, corrected by how far they were off where the logged action agrees."""
    error = logged.outcome - _at(logged.expected, logged.action)
    return direct(logged, target, clip=clip) + weights(logged, target, clip=clip)[:, None] * error


@dataclass(frozen=True)
class Estimator:
    """A way of estimating: its wording, and the scores it gives."""

    zh: str
    en: str
    scores: Callable[..., Array]


ESTIMATORS: Mapping[str, Estimator] = MappingProxyType(
    {
        "dr": Estimator("双重稳健", "doubly robust", doubly_robust),
        "snipw": Estimator("加权", "inverse propensity", weighted),
        "dm": Estimator("模型推算", "direct method", direct),
    }
)
"""By name; the first is the one that results are stated by."""


def _done(logged: Logged, target: Rows) -> Rows:
    return np.where(target == FOLLOW, logged.action, target)


def _at(values: Array, action: Rows) -> Array:
    """Return each case's values under one action, shape (n, figures)."""
    return np.asarray(values[np.arange(len(action)), action])

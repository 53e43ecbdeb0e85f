"""How much each feature moved a score: exact in log-odds, from the average case to this one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from models.estimators.boosters import Array, Rows
from models.estimators.hazard import HazardModel, curves_of, logit, read, sigmoid
from models.estimators.recovery import RecoveryModel
from models.stage_models import RecoveryScore, ScoreModel

NODES = 24
"""Nodes of the path integral; the residual is below 1e-9 unless hazards of an interval exceed one."""


@dataclass(frozen=True, eq=False)
class Attribution:
    """Contribution of every feature to the log-odds of a score before calibration: base + their sum = logit.

    `base` is the average training case's, read on this case's days.
    """

    base: float
    contributions: Array
    logit: float


def attribute(score: ScoreModel, row: Rows, *, day: float, waited: float = 0.0) -> Attribution:
    """Attribute a score of one row, shape (1, features), `waited` days after filing."""
    if isinstance(score, RecoveryScore):
        return attribute_recovery(score.model, row)
    return attribute_hazard(score.model, row, day=float(score.left(day, np.array([waited]))[0]))


def attribute_hazard(model: HazardModel, row: Rows, *, day: float, elapsed: float = 0.0) -> Attribution:
    """Attribute the chance of the first cause by `day` (given open at `elapsed`) of one row, shape (1, features).

    Every booster's score of every interval moves on a straight line from the
    booster's average to this case's score; what the log-odds of the curve gain
    on the way is credited to each score (Aumann-Shapley), and each score's gain
    to the features (TreeSHAP; a line beside the trees says itself what each
    feature adds). What the interval itself contributes, being no
    fact of the case, belongs to the base.
    """
    shares = model.shares(day, elapsed=elapsed)
    asked = np.flatnonzero(shares)
    raw = model.scores(row)[0]
    start, end = _bases(model)[:, asked], raw[:, asked]
    weights = _mean_slope(lambda scores: _curve_slope(scores, shares[asked]), start, end)
    spread = np.zeros_like(raw)
    spread[:, asked] = weights
    parts = np.sum([p.over_periods(row[0], w) for p, w in zip(model.paths, spread, strict=True)], axis=0)
    if model.lines is not None:
        parts = (1.0 - model.lines.share) * parts + spread.sum(axis=1) @ model.lines.contributions(row)
    whole = _curve_logit(end, shares[asked]) - _curve_logit(start, shares[asked])
    time = float((weights * (end - start)).sum() - parts.sum())
    return _closed(parts, time=time, whole=whole, logit_shown=_curve_logit(end, shares[asked]))


def attribute_recovery(model: RecoveryModel, row: Rows) -> Attribution:
    """Attribute the expected recovered share of one row, shape (1, features)."""
    shown = float(model.scores(row)[0])
    parts, base = model.paths.contributions(row[0]), model.paths.base
    if model.lines is not None:
        parts = (1.0 - model.lines.share) * parts + model.lines.contributions(row)[0]
        base = float(model.lines.base(np.array([base]))[0, 0])
    return _closed(parts, time=0.0, whole=shown - base, logit_shown=shown)


def _bases(model: HazardModel) -> Array:
    """Return where the score of each cause starts from in each interval, shape (causes, periods)."""
    trees = np.array([path.base for path in model.paths])
    if model.lines is not None:
        return model.lines.base(trees)
    return np.repeat(trees[:, None], len(model.grid), axis=1)


def _closed(parts: Array, *, time: float, whole: float, logit_shown: float) -> Attribution:
    """Spread what the numerical integral missed in proportion to each part's size."""
    missed = whole - time - parts.sum()
    size = np.abs(parts).sum() + abs(time)
    parts = parts + (missed / size) * np.abs(parts) if size > 0 else parts
    return Attribution(base=logit_shown - float(parts.sum()), contributions=parts, logit=logit_shown)


def _mean_slope(slope: Callable[[Array], Array], start: Array, end: Array) -> Array:
    """Return the slope by each score, averaged over the straight line from start to end."""
    nodes, weights = _line()
    along = start + nodes.reshape(-1, *[1] * start.ndim) * (end - start)
    return np.asarray(np.tensordot(weights, slope(along), axes=1))


def _curve_logit(scores: Array, shares: Array) -> float:
    return float(logit(read(_hazards(scores[None]), shares))[0])


def _curve_slope(scores: Array, shares: Array) -> Array:
    """Return how the log-odds of the first cause's cumulative chance move with every score.

    Shapes (points, causes, periods). A hazard of the first cause adds what is
    still open times the chance not to be reached later anyway; a hazard of
    another cause takes away what would have been reached later.
    """
    single = sigmoid(scores)
    total = np.maximum(single.sum(axis=1, keepdims=True), 1.0)
    hazards = single / total
    part = hazards * shares
    curves = curves_of(part)
    before = np.concatenate((np.ones((len(part), 1)), curves.survival[:, :-1]), axis=1)
    left = _later(part)
    by_hazard = -np.repeat((before * left * shares)[:, None, :], scores.shape[1], axis=1)
    by_hazard[:, 0, :] += before * shares
    # Where hazards were scaled down to a sum of one, raising one lowers the others.
    shared = np.where(total > 1.0, (by_hazard * hazards).sum(axis=1, keepdims=True), 0.0)
    by_score = (by_hazard - shared) / total * single * (1.0 - single)
    chance = np.clip(curves.incidence[:, 0, -1], 1e-12, 1.0 - 1e-12)
    return np.asarray(by_score / (chance * (1.0 - chance))[:, None, None])


def _later(part: Array) -> Array:
    """Return the chance of the first cause after each interval, given open at its end, shape (points, periods)."""
    left = np.zeros((len(part), part.shape[2]))
    for j in range(part.shape[2] - 1, 0, -1):
        stays = np.maximum(1.0 - part[:, :, j].sum(axis=1), 0.0)
        left[:, j - 1] = part[:, 0, j] + stays * left[:, j]
    return left


def _hazards(scores: Array) -> Array:
    single = sigmoid(scores)
    return np.asarray(single / np.maximum(single.sum(axis=1, keepdims=True), 1.0))


@cache
def _line() -> tuple[Array, npt.NDArray[np.float64]]:
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    return (nodes + 1.0) / 2.0, weights / 2.0

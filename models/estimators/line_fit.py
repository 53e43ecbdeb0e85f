"""How the lines beside the trees are learned: pulls are kept, and effects held back as far as the cases ask for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from models.estimators.boosters import Array, Ints, Rows
from models.estimators.hazard import sigmoid
from models.estimators.line import Lines, Terms, squashed
from models.estimators.person_period import FollowUp, person_periods

MOST_CASES = 50_000
"""Cases that a line learns from, drawn by lot from more: finer things are left to the trees, which learn from all."""

BENDS = (0.25, 0.5, 0.75)
FEWEST_VALUES = 8
FEWEST_KNOWN = 200
"""A feature's line bends at its quartiles where it has so many different values, and so many known ones."""

RARE = 1e-3
"""A share of missing values, or of known ones, below which whether it is missing says nothing."""

FIRST_HOLD = 100.0
LEAST_HOLD, MOST_HOLD = 1.0, 1e5
"""How strongly slopes are held to zero: inverse variance of the slopes of standardised terms."""

LEVEL_HOLD = 1e-3


@dataclass(frozen=True)
class Watched:
    """What happened to each case in each period, shape (n, periods): how far it was watched, and the end or share.

    `label` holds 0 or the number of the cause; for a share, `causes` is 0 and it is the share itself.
    """

    weight: Array
    label: Array
    causes: int

    @classmethod
    def of(cls, follow: FollowUp, *, causes: int, grid: tuple[float, ...]) -> Watched:
        """Return the follow-up of cases, period by period."""
        expanded = person_periods(follow, grid)
        weight, label = np.zeros((2, len(follow.time), len(grid)))
        weight[expanded.case, expanded.period] = expanded.weight
        label[expanded.case, expanded.period] = expanded.cause
        return cls(weight, label, causes)

    def where(self, chosen: Ints) -> Watched:
        """Return the chosen cases only."""
        return Watched(self.weight[chosen], self.label[chosen], self.causes)

    def lessons(self) -> list[Array]:
        """Return what each line learns."""
        if not self.causes:
            return [self.label]
        return [(self.label == number + 1).astype(np.float64) for number in range(self.causes)]


@dataclass(frozen=True)
class Learned:
    """Lines and how strongly each was held back."""

    lines: Lines
    holds: tuple[float, ...]


def learn_lines(
    rows: Rows,
    watched: Watched,
    *,
    pulls: Sequence[int],
    seed: int,
    holds: tuple[float, ...] | None = None,
) -> Learned:
    """Learn one line for each cause; the first keeps the declared pulls, the others keep them reversed.

    Without `holds` the cases themselves say how strongly slopes are held to
    zero (the most likely variance of the slopes); with them nothing is asked.
    """
    if len(rows) > MOST_CASES:
        chosen = np.sort(np.random.default_rng(seed).choice(len(rows), MOST_CASES, replace=False))
        rows, watched = rows[chosen], watched.where(chosen)
    terms = terms_of(rows)
    values = terms.of(rows)
    spread = np.maximum(values.std(axis=0), 1e-9)
    values /= spread
    signs = np.where(terms.column < terms.width, np.asarray(pulls)[terms.column % terms.width], 0)
    lines, found = [], []
    for number, label in enumerate(watched.lessons()):
        task = _Task(values, watched.weight, label, signs if number == 0 else -signs)
        hold = FIRST_HOLD if holds is None else holds[number]
        point = task.solved(task.start(), hold)
        if holds is None:
            hold = task.most_likely_hold(point, hold)
            point = task.solved(point, hold)
        lines.append(point)
        found.append(hold)
    periods = watched.weight.shape[1]
    slopes = np.stack([point[periods:] / spread for point in lines])
    told = (slopes != 0.0).any(axis=0)
    levels = np.stack([point[:periods] for point in lines])
    return Learned(Lines(1.0, terms.where(told), slopes[:, told], levels), tuple(found))


def terms_of(rows: Rows) -> Terms:
    """Return the terms of a matrix: for each feature a straight line, its quarters, and whether it is missing."""
    values = squashed(rows)
    missing = np.isnan(values).mean(axis=0)
    width = values.shape[1]
    fill = np.zeros(width)
    pieces: list[tuple[int, float, float]] = []
    for column in range(width):
        known = np.sort(values[~np.isnan(values[:, column]), column])
        if len(known):
            fill[column] = known[len(known) // 2]
            pieces += [(column, low, high) for low, high in _pieces(known)]
        if RARE < missing[column] < 1.0 - RARE:
            pieces.append((width + column, 0.0, 1.0))
    columns, low, high = (np.array([piece[i] for piece in pieces]) for i in range(3))
    columns = columns.astype(np.int64)
    plain = Terms(fill, columns, low.astype(np.float64), high.astype(np.float64), np.zeros(len(pieces)))
    return Terms(fill, columns, plain.low, plain.high, plain.of(rows).mean(axis=0))


def _pieces(known: Array) -> list[tuple[float, float]]:
    """Return the range of sorted values, and its parts between the quartiles where there is much to tell apart."""
    low, high = float(known[0]), float(known[-1])
    if low == high:
        return []
    if len(known) < FEWEST_KNOWN or 1 + np.count_nonzero(np.diff(known)) < FEWEST_VALUES:
        return [(low, high)]
    inside = [at for at in np.unique(np.quantile(known, BENDS)).tolist() if low < at < high]
    edges = [low, *inside, high]
    return [(low, high), *(pairwise(edges) if inside else ())]


@dataclass(frozen=True, eq=False)
class _Task:
    """One line: standardised terms (n, terms), weights and labels (n, periods), and which way each slope may go."""

    terms: Array
    weight: Array
    label: Array
    signs: Ints

    def start(self) -> Array:
        """Return the frequency of each period for everybody, and no slopes."""
        hits = (self.weight * self.label).sum(axis=0) + 0.5
        return np.concatenate((np.log(hits / (self.weight.sum(axis=0) + 1.0 - hits)), np.zeros(len(self.signs))))

    def solved(self, point: Array, hold: float) -> Array:
        """Return the levels and slopes of least penalised loss."""
        from scipy.optimize import minimize  # only fitting needs it; not loaded online

        ends = {1: (0.0, None), -1: (None, 0.0), 0: (None, None)}
        bounds = [(None, None)] * self.weight.shape[1] + [ends[sign] for sign in self.signs.tolist()]
        found = minimize(
            self._loss,
            point,
            args=(self.start(), hold),
            jac=True,
            method="L-BFGS-B",
            bounds=bounds,
            options={"maxiter": 150, "ftol": 1e-8, "gtol": 1e-6},
        )
        return np.asarray(found.x, dtype=np.float64)

    def most_likely_hold(self, point: Array, hold: float) -> float:
        """Return the hold that the slopes themselves bear out (MacKay's evidence), to two digits."""
        levels, slopes = self._parts(point)
        chance = sigmoid(self._scores(levels, slopes))
        curvature = (self.weight * chance * (1.0 - chance)).sum(axis=1)
        free = slopes != 0.0
        terms = self.terms[:, free]
        known = np.maximum(np.linalg.eigvalsh((terms * curvature[:, None]).T @ terms), 0.0)
        told = float((known / (known + hold)).sum())
        asked = told / max(float((slopes**2).sum()), 1e-12)
        # Two digits: what the last bits of a product of matrices say depends on the machine.
        return float(f"{np.clip(asked, LEAST_HOLD, MOST_HOLD):.2g}")

    def _loss(self, point: Array, start: Array, hold: float) -> tuple[float, Array]:
        """Return loss and slope; products without BLAS, so that threads change no bit."""
        levels, slopes = self._parts(point)
        moved = levels - start[: len(levels)]
        scores = self._scores(levels, slopes)
        loss = float((self.weight * (np.logaddexp(0.0, scores) - self.label * scores)).sum())
        loss += 0.5 * hold * float((slopes**2).sum()) + 0.5 * LEVEL_HOLD * float((moved**2).sum())
        off = self.weight * (sigmoid(scores) - self.label)
        by_slope = np.einsum("ij,i->j", self.terms, off.sum(axis=1)) + hold * slopes
        slope = np.concatenate((off.sum(axis=0) + LEVEL_HOLD * moved, by_slope))
        return loss / len(self.terms), slope / len(self.terms)

    def _parts(self, point: Array) -> tuple[Array, Array]:
        periods = self.weight.shape[1]
        return point[:periods], point[periods:]

    def _scores(self, levels: Array, slopes: Array) -> Array:
        return np.asarray(levels + np.einsum("ij,j->i", self.terms, slopes)[:, None])

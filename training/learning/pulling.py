"""Which declared pulls hold: a reason is freed of its pull where later cases speak against it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import isotonic_regression

from features.known import Array
from models.estimators.boosters import Rows
from models.estimators.calibration import Calibrator
from training.learning.losses import Losses
from training.learning.watching import ByDay, as_cases

Pulls = tuple[int, ...]
"""+1, 0 or -1 for each feature."""

Learn = Callable[[Pulls], Array]
"""Learns from earlier cases with some pulls, and returns what it expects of the later ones."""

LOOKED_AT = 4
"""Reasons that are tried without their pulls: those that the later cases speak against most."""

DOUBTED = 10.0
"""How much later cases must speak against a pull before it is looked at: as chi-squared; some 5 where it holds."""

SURE = 2.5
"""Standard errors that the gain must have at each look: of four pulls that hold, one in forty passes the first."""

BANDS, STEPS = 2, 16
"""Cases are looked at in bands of equal chance, and in each of them along steps of the feature's values."""


@dataclass(frozen=True)
class Later:
    """Cases that a model has not met: features, what came of each, and its court."""

    rows: Rows
    found: ByDay
    court: list[str]

    def mapped(self, expected: Array) -> Array:
        """Return what these cases themselves make of an expectation: no pull is blamed for a level that has moved."""
        known = self.found.known
        there = [code for code, kept in zip(self.court, known, strict=True) if kept]
        weight = as_cases(self.found.weight[known])
        return Calibrator.fit(expected[known], self.found.event[known], there, weight=weight).apply(
            expected, self.court
        )


def holding(pulls: Pulls, reasons: npt.NDArray[np.intp], looks: Sequence[Learn], later: Later) -> Pulls:
    """Return the pulls that hold; those of a reason that later cases speak against are 0.

    A pull is a promise to the judge, so it is given up for two reasons
    together: later cases lie against it, and models that are free there lose
    less on them, surely, at every one of the `looks`: with small trees, which
    ask much for little, and with those that will be kept. `reasons` numbers the
    reason of each feature, shape (width,); features of one reason are freed
    together.
    """
    if not any(pulls):
        return pulls

    def losses(learn: Learn, freed: Collection[int]) -> Losses:
        return Losses.of(later.mapped(learn(_without(pulls, reasons, freed))), later.found)

    given_up = _doubted(pulls, reasons, later.mapped(looks[0](pulls)), later)
    for learn in looks:
        held = losses(learn, ()) if given_up else None
        given_up = [one for one in given_up if held and losses(learn, [one]).told_below(held, errors=SURE)]
    return _without(pulls, reasons, given_up)


def _without(pulls: Pulls, reasons: npt.NDArray[np.intp], freed: Collection[int]) -> Pulls:
    return tuple(0 if reason in freed else pull for reason, pull in zip(reasons.tolist(), pulls, strict=True))


def _doubted(pulls: Pulls, reasons: npt.NDArray[np.intp], expected: Array, later: Later) -> list[int]:
    """Return the reasons that later cases speak against most, the most doubted first."""
    known = later.found.known
    chance, weight = expected[known], as_cases(later.found.weight[known])
    missed, said = weight * (later.found.event[known] - chance), weight * chance * (1.0 - chance)
    band = np.searchsorted(np.quantile(chance, np.linspace(0.0, 1.0, BANDS + 1)[1:-1]), chance)
    doubts: dict[int, float] = {}
    for column, (pull, reason) in enumerate(zip(pulls, reasons.tolist(), strict=True)):
        if pull:
            values = later.rows[known, column]
            step, seen = _step(values), ~np.isnan(values)
            there = [mine for one in range(BANDS) if (mine := seen & (band == one)).any()]
            doubt = sum(_against(step[mine], missed[mine], said[mine], pull) for mine in there)
            doubts[reason] = max(doubt, doubts.get(reason, 0.0))
    worst = sorted(doubts, key=lambda reason: -doubts[reason])[:LOOKED_AT]
    return [reason for reason in worst if doubts[reason] > DOUBTED]


def _step(values: Array) -> npt.NDArray[np.intp]:
    """Return on which of up to `STEPS` steps of equally many cases each value lies; missing ones on some step."""
    seen = values[~np.isnan(values)]
    if not len(seen):
        return np.zeros(len(values), dtype=np.intp)
    return np.searchsorted(np.unique(np.quantile(seen, np.linspace(0.0, 1.0, STEPS + 1)[1:-1])), values)


def _against(step: npt.NDArray[np.intp], missed: Array, said: Array, pull: int) -> float:
    """Return how much of what was missed, step by step, a trend against the pull would explain: a chi-squared."""
    _, step = np.unique(step, return_inverse=True)
    weight = np.maximum(np.bincount(step, weights=said), 1e-12)
    effect = np.bincount(step, weights=missed) / weight
    trend = isotonic_regression(effect, weights=weight, increasing=pull < 0).x
    return float((weight * (trend - np.average(trend, weights=weight)) ** 2).sum())

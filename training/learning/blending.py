"""How far to follow the calibration map, chosen on earlier periods that stand in for the test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from scipy.stats import t as student

from features.known import Array
from models.estimators.blend import Blend
from models.estimators.boosters import BoosterSettings
from models.estimators.calibration import Calibrator
from models.estimators.hazard import logit, sigmoid
from training.learning.labels import Outcomes
from training.learning.losses import Losses
from training.learning.watching import ByDay, as_cases, by_day

BLOCKS = 8
FEWEST_FOLDS = 3
FEWEST_CASES = 200
"""Cases that a period must have to calibrate, and to be predicted."""

MOST_CASES = 60_000
"""Cases of the past that are looked at, drawn by lot from more: with fewer, the choice hangs on which were drawn."""

KEPT = (1.0, 0.75, 0.5, 0.25, 0.1, 0.05, 0.02)
SHARES = tuple((kept * part, kept * (1.0 - part)) for kept in KEPT for part in (0.0, 0.25, 0.5, 1.0))
"""Shares that are tried: how much is left of what tells cases apart, and how much of it comes from the map."""

SURE = 0.9
"""How sure a gain must be: its one-sided bound, after Student, would be kept by nine of ten such pasts."""

MODERATE = (0.5, 0.5)
"""Where the past has too few periods: the map found on one period says half of what it would if nothing moved."""

Predict = Callable[[Outcomes], Array]
Learn = Callable[[Outcomes], Predict]
"""Learns from cases and returns who predicts the chance of others by the reading day."""


def quick(settings: BoosterSettings) -> BoosterSettings:
    """Return the settings of the models by which shares are chosen: a fifth of the trees, twice as fast."""
    return replace(settings, trees=max(settings.trees // 5, 1), learning_rate=2 * settings.learning_rate)


def choose(known: Outcomes, learn: Learn, *, day: float, until: float, seed: int) -> Blend:
    """Return the shares that would have predicted best in earlier periods.

    The past is cut into periods of equal length. At the start of each a model
    learns from all before it, as it was known then. A model is calibrated on its
    first period, and the map tried with the next model on the next period, as
    the map of the first fit is used with the second fit in the test. Those shares
    stand whose gain over the level of the past is surely the largest: by the lower
    bound of its mean over the periods. A gain that one period owes to luck counts
    for nothing.
    """
    level = level_of(known, day)
    cases = known.drawn(MOST_CASES, seed)
    cuts = _cuts(cases.entered_at, day=day, until=until)
    periods = [cases.where((cases.entered_at >= a) & (cases.entered_at < b)) for a, b in pairwise(cuts.tolist())]
    folds = _folds(cases, learn, cuts, periods, day) if len(periods) > FEWEST_FOLDS + 1 else []
    if len(folds) < FEWEST_FOLDS:
        return Blend(*MODERATE, level=level)
    losses = np.array([[fold.loss(Blend(*pair, level=fold.level)) for pair in SHARES] for fold in folds])
    names = [f"{mapped:g}/{own:g}" for mapped, own in SHARES]
    mean = dict(zip(names, losses.mean(axis=0).round(6).tolist(), strict=True))
    chosen = _chosen(losses, np.array([[fold.loss_of(np.full(len(fold.event), fold.level))] for fold in folds]))
    return Blend(*SHARES[chosen], level=level, folds=len(folds), losses=mean)


def _chosen(losses: Array, of_level: Array) -> int:
    """Return the pair whose gain over the level is surest.

    `losses` has the shape (folds, pairs), `of_level` is what the level of the past alone loses, shape (folds, 1).
    """
    gain = of_level - losses
    error = gain.std(axis=0, ddof=1) / np.sqrt(len(gain))
    return int(np.argmax(gain.mean(axis=0) - student.ppf(SURE, len(gain) - 1) * error))


def level_of(cases: Outcomes, day: float) -> float:
    """Return the log-odds of the first cause by `day` among the cases that were followed so long."""
    settled = cases.where(cases.followed >= day)
    hits = float(np.nansum(settled.happened(day)))
    return float(logit(np.array([(hits + 0.5) / (len(settled) + 1.0)]))[0])


def as_of(cases: Outcomes, day: float) -> Outcomes:
    """Return the cases as they stood on a day: what came later has not happened, and who came later is not there."""
    cases = cases.where((cases.entered_at < day) & (cases.start + cases.entry < day))
    watched = day - cases.start
    later = cases.time > watched
    return replace(
        cases,
        time=np.where(later, watched, cases.time),
        cause=np.where(later, 0, cases.cause),
        followed=np.minimum(cases.followed, watched),
    )


@dataclass(frozen=True)
class _Fold:
    """One period predicted from before it, in log-odds: model, map, and the level until then."""

    own: Array
    mapped: Array
    level: float
    event: Array

    def loss(self, blend: Blend) -> float:
        """Return the log-loss of a blend."""
        return self.loss_of(blend.of(self.own, self.mapped))

    def loss_of(self, shown: Array) -> float:
        """Return the log-loss of shown log-odds."""
        return Losses.of(sigmoid(shown), ByDay(self.event, np.ones(len(self.event)))).mean


def _folds(cases: Outcomes, learn: Learn, cuts: Array, periods: list[Outcomes], day: float) -> list[_Fold]:
    """Return the folds; the first two periods only teach."""
    found: list[_Fold] = []
    before: Predict | None = None
    for i in range(2, len(periods)):
        past = as_of(cases, cuts[i])
        earlier, now = as_of(periods[i - 1], cuts[i]), periods[i].where(periods[i].followed >= day)
        if not _enough(past, now):
            before = None
            continue
        model = learn(past)
        if before is not None and (mapped := _map(before, earlier, day)) is not None:
            own = logit(model(now))
            found.append(_Fold(own, np.interp(own, *mapped), level_of(past, day), now.happened(day)))
        before = model
    return found


def _enough(past: Outcomes, now: Outcomes) -> bool:
    """Whether there is something to learn, every cause included, and someone to predict."""
    return len(now) >= FEWEST_CASES and len(past) >= FEWEST_CASES and bool((past.cause == 1).any())


def _map(model: Predict, cases: Outcomes, day: float) -> tuple[Array, Array] | None:
    """Return the breakpoints of the map as it would have been found on these cases; None where too few are known."""
    found = by_day(cases.time, cases.cause, day=day)
    if found.known.sum() < FEWEST_CASES or not (cases.followed >= day).any():
        return None
    raw, event = model(cases)[found.known], found.event[found.known]
    fitted = Calibrator.fit(raw, event, [""] * len(raw), weight=as_cases(found.weight[found.known]))
    return fitted.x, fitted.y


def _cuts(entered_at: Array, *, day: float, until: float) -> Array:
    """Return the ends of the periods: eight, or as many as leave each a little longer than the reading day."""
    first = float(entered_at.min(initial=until))
    return np.linspace(first, until, max(min(BLOCKS, int((until - first) / (1.1 * day))), 1) + 1)

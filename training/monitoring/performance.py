"""How a score does: as it must be if its chances are honest, before outcomes are known, and as it turned out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from features.known import Array
from training.evaluation.measures import CHANCE, Estimate, Judged, Measure, intervals, judge, resamples
from training.evaluation.rates import Rate, rate
from training.learning.labels import Outcomes

Flags = npt.NDArray[np.bool_]
SHOWN: Mapping[str, Measure] = MappingProxyType({name: CHANCE[name] for name in ("auc", "brier")})


@dataclass(frozen=True)
class Estimated:
    """What a score must reach on cases whose outcome nobody knows yet, if every chance is what it says."""

    n: int
    mean: float
    measures: Mapping[str, Estimate]


@dataclass(frozen=True)
class Realised:
    """What a score reached `day` days on.

    Of `n` cases whose time has come `censored` left observation before it;
    they count through those who were watched as long. `predicted` is the mean
    chance of the others, `observed` how often it came true.
    """

    day: float
    n: int
    censored: int
    predicted: float
    observed: Rate
    measures: Mapping[str, Estimate]

    def off_by(self) -> float:
        """Return how far more (or, below zero, less) often it came true than was predicted."""
        return self.observed.value - self.predicted

    def outside(self) -> bool:
        """Whether the prediction lies outside the interval of what was observed."""
        return not self.observed.lower <= self.predicted <= self.observed.upper


def estimated(chance: Array, *, group: npt.NDArray[np.int64], count: int, seed: int) -> Estimated:
    """Return the expected measures of honest chances: each case counts as an event with its chance, else as none.

    This sees a shift of the cases, not of the link between facts and outcome:
    where that has changed, only realised outcomes tell.
    """
    n = len(chance)
    both = Judged(np.tile(chance, 2), np.repeat([1.0, 0.0], n), np.concatenate((chance, 1.0 - chance)))
    draws = [np.tile(times, 2) for times in resamples(group, count=count, seed=seed)] if n else []
    return Estimated(n, float(chance.mean()) if n else float("nan"), intervals(both, SHOWN, draws=draws) if n else {})


def realised(chance: Array, cases: Outcomes, *, day: float, count: int, seed: int) -> Realised:
    """Return what became of cases `day` days after their start, beside what was predicted of them."""
    judged = judge(chance, time=cases.time, cause=cases.cause, day=day)
    known = judged.weight > 0
    weight = judged.weight / judged.weight.sum() if known.any() else judged.weight
    draws = resamples(cases.group, count=count, seed=seed) if known.any() else []
    return Realised(
        day=day,
        n=len(cases),
        censored=int((~known).sum()),
        predicted=float((judged.score * weight).sum()) if known.any() else float("nan"),
        observed=rate(judged.outcome, judged.weight, cases.group),
        measures=intervals(judged, SHOWN, draws=draws) if known.any() else {},
    )

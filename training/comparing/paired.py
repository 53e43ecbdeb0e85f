"""Two scores on the same cases: every measure's difference, with an interval over resampled debtors and a verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from features.known import Array
from training.evaluation.measures import Estimate, Judged, Measure, Rows, interval_of


class Verdict(StrEnum):
    """What a difference says: nothing is better or worse that the cases cannot tell apart."""

    BETTER = "better"
    WORSE = "worse"
    SAME = "indistinguishable"


@dataclass(frozen=True)
class Paired:
    """One measure of both scores, and new minus old with its 95 % interval."""

    measure: str
    old: float
    new: float
    difference: Estimate
    verdict: Verdict

    def worse_by(self, tolerated: float, *, more_is_better: bool) -> bool:
        """Whether the new score is worse, for certain, and by more than is tolerated."""
        loss = -self.difference.value if more_is_better else self.difference.value
        return self.verdict is Verdict.WORSE and loss > tolerated


def paired(old: Judged, new: Judged, measures: Mapping[str, Measure], *, draws: Sequence[Array]) -> list[Paired]:
    """Return every measure's difference; in each resample both scores meet the same debtors.

    Pairing takes out what hard and easy cases do to both: a difference may be
    certain where the two intervals overlap widely.
    """
    ready = [(_sorted(old), _order(old)), (_sorted(new), _order(new))]
    return [_held(measure, ready, draws) for measure in measures.values()]


def _held(measure: Measure, ready: Sequence[tuple[Judged, Rows]], draws: Sequence[Array]) -> Paired:
    before, after = (measure.of(judged) for judged, _ in ready)
    drawn = [[measure.of(judged.weighted(times[order])) for judged, order in ready] for times in draws]
    differences = np.array([new - old for old, new in drawn])
    difference = interval_of(after - before, differences, (-np.inf, np.inf))
    return Paired(measure.name, before, after, difference, verdict(difference, more_is_better=measure.more_is_better))


def verdict(difference: Estimate, *, more_is_better: bool) -> Verdict:
    """Return what an interval of a difference says; one that holds zero, or cannot be worked out, says nothing."""
    if difference.lower > 0:
        return Verdict.BETTER if more_is_better else Verdict.WORSE
    if difference.upper < 0:
        return Verdict.WORSE if more_is_better else Verdict.BETTER
    return Verdict.SAME


def _order(judged: Judged) -> Rows:
    return np.asarray(np.argsort(judged.score, kind="stable"), dtype=np.int64)


def _sorted(judged: Judged) -> Judged:
    """Return the cases by score: each measure sorts again, which costs nothing on what is in order."""
    order = _order(judged)
    return Judged(judged.score[order], judged.outcome[order], judged.weight[order])

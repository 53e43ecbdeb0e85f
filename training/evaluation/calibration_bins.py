"""Is a score honest: of cases with chances near each other, how many ended as predicted, with an interval."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from models.evidence.figures import FEWEST_IN_BIN, Bin
from training.evaluation.measures import Judged
from training.evaluation.rates import rate

MOST_BINS = 10
Rows = npt.NDArray[np.int64]


def calibration_bins(judged: Judged, group: Rows) -> tuple[Bin, ...]:
    """Return up to ten groups of about equal size, thirty cases at least in each, by rising chance.

    Cases with one and the same chance are never told apart. The interval is
    that of clustered cases: ten of one debtor say less than ten debtors do.
    """
    seen = judged.weight > 0
    known, debtor = judged.where(seen), group[seen]
    return tuple(_bin(known, debtor, rows) for rows in _parts(known.score))


def _parts(score: npt.NDArray[np.float64]) -> Iterator[Rows]:
    """Yield the rows of each group."""
    order = np.argsort(score, kind="stable")
    ends = [0]
    for end in np.linspace(0, len(order), min(MOST_BINS, len(order) // FEWEST_IN_BIN) + 1).astype(int)[1:]:
        last = int(np.searchsorted(score[order], score[order[end - 1]], side="right"))
        if last - ends[-1] >= FEWEST_IN_BIN:
            ends.append(last)
    ends[-1:] = [len(order)] if len(ends) > 1 else []
    yield from (order[first:last] for first, last in pairwise(ends))


def _bin(judged: Judged, group: Rows, rows: Rows) -> Bin:
    score, outcome, weight = judged.score[rows], judged.outcome[rows], judged.weight[rows]
    found = rate(outcome, weight, group[rows])
    return Bin(found.n, float(np.average(score, weights=weight)), found.value, found.lower, found.upper)

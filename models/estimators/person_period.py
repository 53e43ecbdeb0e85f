"""Person-period rows: one row for every interval in which a case was watched."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.estimators.boosters import Array, Ints, Rows, RowStream


class FollowUpError(ValueError):
    """Times, causes or weights do not describe a follow-up of the given rows."""


@dataclass(frozen=True)
class FollowUp:
    """How long each case was watched and what ended it.

    `time` is in days from the start of the clock; `cause` is 0 where the case
    was still open when it was last seen, and 1..k for what ended it. `weight`
    counts a case more or less (overlap weights).
    """

    time: Array
    cause: Ints
    weight: Array | None = None

    def check(self, n: int, causes: int) -> None:
        """Refuse what cannot be a follow-up of `n` cases with `causes` ways to end.

        Raises
        ------
        FollowUpError
            A wrong length, a time that is not a number, an unknown cause, a negative weight.
        """
        for name in ("time", "cause", "weight"):
            values = getattr(self, name)
            if values is not None and (values.shape != (n,) or not np.isfinite(values).all()):
                msg = f"{name} 须为 {n} 个有限数，收到形状 {values.shape} / {name} must hold {n} finite numbers"
                raise FollowUpError(msg)
        found = (int(self.cause.min(initial=0)), int(self.cause.max(initial=0)))
        if found[0] < 0 or found[1] > causes:
            msg = f"结局须为 0 至 {causes}，收到 {found[0]} 至 {found[1]} / causes run from 0 to {causes}, got {found}"
            raise FollowUpError(msg)
        if self.weight is not None and (self.weight < 0).any():
            msg = f"权重不得为负，收到 {self.weight.min()} / weights are never negative, got {self.weight.min()}"
            raise FollowUpError(msg)


@dataclass(frozen=True)
class PersonPeriods:
    """Expanded rows: `case` and `period` index, `cause` (0 = survived the interval) and `weight` of each."""

    case: Ints
    period: Ints
    cause: Ints
    weight: Array


def person_periods(follow: FollowUp, grid: tuple[float, ...]) -> PersonPeriods:
    """Expand each case into the intervals in which it was watched.

    An interval that ended in an event counts whole. One that was only partly
    watched (the case was last seen inside it) counts by the watched share:
    never as a whole interval without payment.
    """
    upper = np.asarray(grid, dtype=np.float64)
    lower = np.concatenate(([0.0], upper[:-1]))
    # An end on the day the clock starts belongs to the first interval.
    time = np.where(follow.cause > 0, np.maximum(follow.time, np.nextafter(0.0, 1.0)), follow.time)[:, None]
    ended = (follow.cause > 0)[:, None] & (time > lower) & (time <= upper)
    watched = np.clip(np.minimum(time, upper) - lower, 0.0, None) / (upper - lower)
    share = np.where(ended, 1.0, watched)
    if follow.weight is not None:
        share = share * follow.weight[:, None]
    case, period = np.nonzero(share > 0)
    cause = np.where(ended[case, period], follow.cause[case], 0)
    return PersonPeriods(case=case, period=period, cause=cause, weight=share[case, period])


def at_periods(rows: Rows, periods: int) -> Rows:
    """Return every row once per period, the period index as last column, shape (n * periods, width + 1)."""
    n, width = rows.shape
    out = np.empty((n, periods, width + 1), dtype=np.float32)
    out[:, :, :width] = rows[:, None, :]
    out[:, :, width] = np.arange(periods, dtype=np.float32)
    return out.reshape(n * periods, width + 1)


def with_period(rows: Rows, expanded: PersonPeriods) -> RowStream:
    """Return the training rows of an expansion, made as they are needed: features and, last, the period index."""

    def take(numbers: Ints) -> Rows:
        out = np.empty((len(numbers), rows.shape[1] + 1), dtype=np.float32)
        out[:, :-1] = rows[expanded.case[numbers]]
        out[:, -1] = expanded.period[numbers]
        return out

    return RowStream(len(expanded.case), take)

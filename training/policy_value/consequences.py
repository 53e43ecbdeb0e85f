"""What came of each logged case within a fixed number of days: when it ended, what was recovered, what it cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from features.known import Array
from features.register import Stage
from models.lanes import LANE_CODE, Lane
from models.utility import Amounts
from training.config import LabelSettings
from training.history import DecisionLog, History
from training.learning.follow_up import NOT_FULL, FollowUp

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Course:
    """What n cases brought from the stage's first day until the horizon, arrays of shape (n,).

    `days` until the first end, the horizon where none came; `share` of the
    claim recovered; officers' `hours`; `failed` 1 where an urging did not bring
    full payment. `claim` is in yuan, NaN where no amount of money is claimed.
    """

    days: Array
    share: Array
    hours: Array
    failed: Array
    claim: Array

    def where(self, rows: npt.NDArray[np.int64] | Flags) -> Course:
        """Return some of the cases."""
        return Course(**{name: getattr(self, name)[rows] for name in self.__dataclass_fields__})


def realised(
    history: History, stage: Stage, *, horizon: float, hours: Amounts, labels: LabelSettings
) -> tuple[Course, Flags]:
    """Return the course of every case row, and which cases were watched to the horizon.

    Days run from receipt at stage A and from filing at stage B. Of a case that
    was not watched to the horizon nothing can be said; it is left out, never
    counted as unpaid. One that was watched and is still open counts with the
    whole horizon and with what it brought so far. The share is NaN where money
    came of which no amount was written down.
    """
    follow = FollowUp.of(history, settings=labels)
    filed = follow.first("file")
    start = history.received_at if stage is Stage.A else filed
    last = start + horizon
    urged, paid = ~np.isnan(follow.first("urge_start")), _paid_before_filing(follow, history.received_at, filed)
    end = np.fmin(_ended(follow, filed), paid)
    course = Course(
        days=np.where(np.isnan(start), np.nan, np.fmin(end - start, horizon)),
        share=np.where(follow.unstated(start, horizon), np.nan, follow.share(start, horizon)),
        hours=_filed_hours(follow, history, filed=filed, last=last, amounts=hours),
        failed=np.zeros(follow.n),
        claim=follow.claim,
    )
    if stage is Stage.A:
        began = urged & (follow.first("urge_start") <= last)
        course.hours[began] += hours.urge_hours
        course.failed[began & ~(paid <= last)] = 1.0
    return course, np.asarray(last <= follow.end, dtype=np.bool_)


def _paid_before_filing(follow: FollowUp, received: Array, filed: Array) -> Array:
    paid = follow.paid_in_full(received)
    return np.where(np.isnan(filed) | (paid < filed), paid, np.nan)


def _ended(follow: FollowUp, filed: Array) -> Array:
    """Return when each case first ended; an applicant who leaves urging goes on as a filed case."""
    left = np.where(np.isnan(filed), follow.first("withdraw"), follow.first("withdraw", after=filed))
    other = np.fmin(follow.closed(*NOT_FULL), left)
    return np.fmin(np.fmin(follow.closed("full"), follow.zhongben()), other)


def _filed_hours(follow: FollowUp, history: History, *, filed: Array, last: Array, amounts: Amounts) -> Array:
    """Return the hours of the lanes that a case went through after filing, both where it was handed over."""
    fast = np.zeros(follow.n, dtype=np.bool_)
    decided = DecisionLog.of(history).last(Stage.B)
    fast[decided.row] = decided.lane == LANE_CODE[Lane.FAST]
    moved = follow.first("to_complex") <= last
    early = _ended(follow, filed) <= np.fmin(filed + amounts.survey_days, last)
    return lane_hours(amounts, filed=filed <= last, fast=fast, handed_over=moved, early=early)


def lane_hours(amounts: Amounts, *, filed: Flags, fast: Flags, handed_over: Flags, early: Flags) -> Array:
    """Return officers' hours after filing: of the fast lane, of the complex one, or of both.

    A complex case that ends `early` is spared the survey; one that is handed
    over was not closed early, and needs it.
    """
    quick = amounts.fast_hours + amounts.complex_hours * handed_over
    slow = np.where(early, amounts.short_hours, amounts.complex_hours)
    return np.asarray(np.where(filed, np.where(fast, quick, slow), 0.0), dtype=np.float64)

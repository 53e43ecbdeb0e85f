"""Events become outcomes: what happened to whom, from when, and how long we could watch; unfinished is never zero."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from features.known import Array
from features.register import Stage
from training.config import LabelSettings, TargetSettings
from training.errors import CommandError
from training.history import History
from training.learning.follow_up import NOT_FULL, FollowUp
from training.learning.groups import groups

Rows = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Outcomes:
    """One entry for each case that the question asks about; all arrays have the same length.

    `row` points into the cases table. `entered_at` is the day of the prediction
    and `start` the day from which time runs. The case was watched from `entry`
    to `time` days after `start`; `cause` is 0 where it was still open then, and
    1, 2, ... the position of the end among the target's causes otherwise.
    `followed` is how long it could have been watched whatever happened, `group`
    the debtor or batch it shares with others, and `share` the part of the claim
    recovered by the reading day, NaN where follow-up ended before it.
    """

    row: Rows
    entered_at: Array
    start: Array
    entry: Array
    time: Array
    cause: Rows
    followed: Array
    group: Rows
    share: Array

    def __len__(self) -> int:
        """Return the number of cases."""
        return len(self.row)

    @property
    def watched(self) -> Array:
        """Return for how many days each case was watched."""
        return self.time - self.entry

    def where(self, keep: Flags | Rows) -> Outcomes:
        """Return the marked or listed cases only."""
        return Outcomes(**{name: getattr(self, name)[keep] for name in self.__dataclass_fields__})

    def drawn(self, most: int, seed: int) -> Outcomes:
        """Return so many of these cases, drawn by lot, in their order; all of them where they are not more."""
        if len(self) <= most:
            return self
        return self.where(np.sort(np.random.default_rng(seed).choice(len(self), most, replace=False)))

    def beside(self, others: Outcomes) -> Outcomes:
        """Return these cases, then the others."""
        names = self.__dataclass_fields__
        return Outcomes(**{name: np.concatenate((getattr(self, name), getattr(others, name))) for name in names})

    def happened(self, day: float) -> Array:
        """Return 1 where the first cause came by this day, 0 where it did not, NaN where nobody can say."""
        early = self.time <= day
        event = (early & (self.cause == 1)).astype(np.float64)
        return np.where(early & (self.cause == 0) & (self.time < day), np.nan, event)


def outcomes(
    history: History,
    name: str,
    *,
    stage: Stage,
    target: TargetSettings,
    settings: LabelSettings,
    until: float | None = None,
) -> Outcomes:
    """Return the outcomes of one target, as anybody could have known them on the day `until`.

    Resumed cases (执恢) are kept apart: their base rate is another one. Of a
    case that was closed and resumed, the first round counts.

    Raises
    ------
    CommandError
        LABEL_CONTRADICTION: 终本 within three months of filing.
    """
    follow = FollowUp.of(history, settings=settings, until=until)
    start = _starts(follow, history, target)
    entered = history.received_at if stage is Stage.A else history.queried_at
    asked = ~np.isnan(start) & ~np.isnan(entered) & _asked(follow, target) & ~follow.resumed(history)
    ends = _ENDS[name](follow, start) if target.causes else ()
    _check_zhongben(follow, start=follow.first("file"), days=settings.zhongben_not_before_days)
    time, cause = _earliest(ends, start=start, end=follow.end)
    entry = np.maximum(entered - start, 0.0)
    found = Outcomes(
        row=np.arange(follow.n, dtype=np.int64),
        entered_at=entered,
        start=start,
        entry=entry,
        time=time,
        cause=cause,
        followed=follow.end - start,
        group=groups(history),
        share=follow.share(start, target.reading),
    )
    known = ~np.isnan(found.share) if not target.causes else time > entry
    return found.where(asked & known)


def _starts(follow: FollowUp, history: History, target: TargetSettings) -> Array:
    if target.start == "received_at":
        return history.received_at
    return follow.first("file" if target.start == "filed_at" else "urge_start")


def _asked(follow: FollowUp, target: TargetSettings) -> Flags:
    if target.population == "all":
        return np.ones(follow.n, dtype=np.bool_)
    kind = "urge_start" if target.population == "urged" else "file"
    return ~np.isnan(follow.first(kind))


def _willingness(follow: FollowUp, start: Array) -> tuple[Array, ...]:
    """Paid in full before anything compulsory, or ended in another way."""
    paid = np.fmin(follow.paid_in_full(start), follow.closed("full"))
    ended = follow.first("convert", "file", "withdraw", "settle_default", after=start)
    return paid, np.fmin(ended, follow.closed("zhongben", *NOT_FULL))


def _ability(follow: FollowUp, start: Array) -> tuple[Array, ...]:
    """Fully performed, 终本, or closed in another way.

    Money that arrives before filing can perform a case that is never filed; it
    counts where time runs from receipt.
    """
    filed = follow.first("file")
    early = np.where(np.isnan(filed) | (filed > start), follow.paid_in_full(start), np.nan)
    full = np.fmin(follow.closed("full"), early)
    return full, follow.zhongben(), np.fmin(follow.closed(*NOT_FULL), follow.first("withdraw", after=start))


def _quick_close(follow: FollowUp, start: Array) -> tuple[Array, ...]:
    """Fully performed with nothing appraised or auctioned, or any other end."""
    full, zhongben, other = _ability(follow, start)
    auctioned = follow.first("auction") <= full
    quick = np.where(auctioned, np.nan, full)
    return quick, np.fmin(np.where(auctioned, full, np.nan), np.fmin(zhongben, other))


_ENDS = {"willingness": _willingness, "ability": _ability, "quick_close": _quick_close}


def _earliest(ends: tuple[Array, ...], *, start: Array, end: Array) -> tuple[Array, Rows]:
    """Return the first end of each case and which it was; the earlier listed cause wins a tie."""
    days = np.stack([*ends, end]) if ends else end[None]
    days = np.where(np.isnan(days), np.inf, days)
    first = days.argmin(axis=0)
    cause = np.where(first == len(ends), 0, first + 1)
    return days.min(axis=0) - start, cause.astype(np.int64)


def _check_zhongben(follow: FollowUp, *, start: Array, days: float) -> None:
    """Refuse a history in which 终本 comes before the law allows it."""
    early = int((np.floor(follow.zhongben()) - np.floor(start) < days).sum())
    if early:
        zh = f"{early} 件在立案后不满 {days:g} 天即终本"
        raise CommandError("LABEL_CONTRADICTION", zh, f"{early} cases ended as 终本 within {days:g} days of filing")

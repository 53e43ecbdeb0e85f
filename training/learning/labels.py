"""Events become outcomes: what happened to whom, from when, and how long we could watch; unfinished is never zero."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from features.known import Array
from features.register import Stage
from training.config import LabelSettings, TargetSettings
from training.errors import CommandError
from training.history import History, tables
from training.history.event_log import EventLog
from training.learning.groups import groups

Rows = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

CENT = 0.005
"""Half a cent: payments within it of the claim have paid the claim."""


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

    def where(self, keep: Flags | Rows) -> Outcomes:
        """Return the marked or listed cases only."""
        return Outcomes(**{name: getattr(self, name)[keep] for name in self.__dataclass_fields__})

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
    follow = _Follow.of(history, settings=settings, until=until)
    start = _starts(follow, history, target)
    entered = history.received_at if stage is Stage.A else _queried_at(history)
    asked = ~np.isnan(start) & ~np.isnan(entered) & _asked(follow, target) & ~_resumed(follow, history)
    ends = _ENDS[name](follow, start) if target.causes else ()
    _check_zhongben(follow, start=_first(follow.log.of("file"), follow.n), days=settings.zhongben_not_before_days)
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
        share=_share(follow, start=start, horizon=target.reading),
    )
    known = ~np.isnan(found.share) if not target.causes else time > entry
    return found.where(asked & known)


@dataclass(frozen=True)
class _Follow:
    """The events that count, how long each case was watched, and its claim."""

    log: EventLog
    end: Array
    claim: Array
    n: int

    @classmethod
    def of(cls, history: History, *, settings: LabelSettings, until: float | None) -> _Follow:
        known_until = history.observed_until if until is None else np.minimum(history.observed_until, until)
        end = known_until - settings.recording_lag_days
        log = history.log.known_at(known_until)
        claim = _column(history.cases, "claim_amount")
        return cls(log=log.where(log.at <= end[log.row]), end=end, claim=claim, n=history.cases.num_rows)


def _starts(follow: _Follow, history: History, target: TargetSettings) -> Array:
    if target.start == "received_at":
        return history.received_at
    return _first(follow.log.of("file" if target.start == "filed_at" else "urge_start"), follow.n)


def _asked(follow: _Follow, target: TargetSettings) -> Flags:
    if target.population == "all":
        return np.ones(follow.n, dtype=np.bool_)
    kind = "urge_start" if target.population == "urged" else "file"
    return ~np.isnan(_first(follow.log.of(kind), follow.n))


def _willingness(follow: _Follow, start: Array) -> tuple[Array, ...]:
    """Paid in full before anything compulsory, or ended in another way."""
    paid = np.fmin(_paid_in_full(follow, start), _closed(follow, "full"))
    ended = _first(follow.log.of("convert", "file", "withdraw", "settle_default"), follow.n, after=start)
    return paid, np.fmin(ended, _closed(follow, *_NOT_FULL))


def _ability(follow: _Follow, start: Array) -> tuple[Array, ...]:
    """Fully performed, 终本, or closed in another way.

    Money that arrives before filing can perform a case that is never filed; it
    counts where time runs from receipt.
    """
    filed = _first(follow.log.of("file"), follow.n)
    early = np.where(np.isnan(filed) | (filed > start), _paid_in_full(follow, start), np.nan)
    full = np.fmin(_closed(follow, "full"), early)
    zhongben = np.fmin(_first(follow.log.of("zhongben"), follow.n), _closed(follow, "zhongben"))
    other = np.fmin(_closed(follow, *_OTHER), _first(follow.log.of("withdraw"), follow.n, after=start))
    return full, zhongben, other


def _quick_close(follow: _Follow, start: Array) -> tuple[Array, ...]:
    """Fully performed with nothing appraised or auctioned, or any other end."""
    full, zhongben, other = _ability(follow, start)
    auctioned = _first(follow.log.of("auction"), follow.n) <= full
    quick = np.where(auctioned, np.nan, full)
    return quick, np.fmin(np.where(auctioned, full, np.nan), np.fmin(zhongben, other))


_ENDS = {"willingness": _willingness, "ability": _ability, "quick_close": _quick_close}
_OTHER = ("terminated", "not_enforced", "dismissed", "cancelled", "other")
_NOT_FULL = ("zhongben", *_OTHER)


def _earliest(ends: tuple[Array, ...], *, start: Array, end: Array) -> tuple[Array, Rows]:
    """Return the first end of each case and which it was; the earlier listed cause wins a tie."""
    days = np.stack([*ends, end]) if ends else end[None]
    days = np.where(np.isnan(days), np.inf, days)
    first = days.argmin(axis=0)
    cause = np.where(first == len(ends), 0, first + 1)
    return days.min(axis=0) - start, cause.astype(np.int64)


def _share(follow: _Follow, *, start: Array, horizon: float) -> Array:
    """Return the recovered part of the claim by the horizon, where it was watched to the end."""
    money = follow.log.of("payment", "deduction", "auction")
    since = money.at - start[money.row]
    counted = (since >= 0) & (since <= horizon)
    amounts = np.nan_to_num(money.amount[counted])
    recovered = np.bincount(money.row[counted], weights=amounts, minlength=follow.n)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.clip(recovered / follow.claim, 0.0, 1.0)
    usable = (follow.claim > 0) & (start + horizon <= follow.end)
    return np.where(usable, share, np.nan)


def _paid_in_full(follow: _Follow, start: Array) -> Array:
    """Return when payments since `start` first reached the claim, NaN where they did not."""
    paid = follow.log.of("payment")
    paid = paid.where((paid.at >= start[paid.row]) & (paid.amount > 0))
    running = np.cumsum(paid.amount)
    first = np.searchsorted(paid.row, paid.row)
    before = np.where(first > 0, running[np.maximum(first, 1) - 1], 0.0)
    reached = running - before >= follow.claim[paid.row] - CENT
    return _first(paid.where(reached), follow.n)


def _closed(follow: _Follow, *modes: str) -> Array:
    """Return when the case was first closed, where that closing was in one of these modes."""
    closings = follow.log.of("close")
    wanted = [tables.CLOSE_MODES.index(mode) for mode in modes]
    return _first(closings.where(np.isin(closings.mode, wanted)), follow.n)


def _first(log: EventLog, n: int, *, after: Array | None = None) -> Array:
    """Return the day of each case's first event, not before `after`; NaN where there is none."""
    kept = log if after is None else log.where(log.at >= after[log.row])
    first = np.full(n, np.nan)
    first[kept.row[::-1]] = kept.at[::-1]
    return first


def _resumed(follow: _Follow, history: History) -> Flags:
    """Mark cases that are themselves a resumption: by their number, or by a resumption before any closing."""
    numbered = np.zeros(follow.n, dtype=np.bool_)
    for table, name in ((history.cases, "basis_no"), (history.queries, "enf_case_no")):
        if name in table.column_names:
            found = pc.fill_null(pc.match_substring(table[name].cast(pa.string()), "执恢"), False).to_numpy()  # noqa: FBT003
            rows = np.arange(follow.n) if table is history.cases else history.rows_of(table["case_id"], table="queries")
            numbered[rows[found]] = True
    resumed = _first(follow.log.of("resume"), follow.n)
    closed = _first(follow.log.of("close", "zhongben"), follow.n)
    return numbered | (~np.isnan(resumed) & ~(closed <= resumed))


def _check_zhongben(follow: _Follow, *, start: Array, days: float) -> None:
    """Refuse a history in which 终本 comes before the law allows it."""
    zhongben = np.fmin(_first(follow.log.of("zhongben"), follow.n), _closed(follow, "zhongben"))
    early = int((np.floor(zhongben) - np.floor(start) < days).sum())
    if early:
        zh = f"{early} 件在立案后不满 {days:g} 天即终本"
        raise CommandError("LABEL_CONTRADICTION", zh, f"{early} cases ended as 终本 within {days:g} days of filing")


def _queried_at(history: History) -> Array:
    queried = np.full(history.cases.num_rows, np.nan)
    queried[history.rows_of(history.queries["case_id"], table="queries")] = tables.days(history.queries["query_at"])
    return queried


def _column(table: pa.Table, name: str) -> Array:
    if name not in table.column_names:
        return np.full(table.num_rows, np.nan)
    return np.asarray(table[name].cast(pa.float64()).fill_null(float("nan")).to_numpy(), dtype=np.float64)

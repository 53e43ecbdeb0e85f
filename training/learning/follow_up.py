"""How long each case was watched, and what is known to have happened to it in that time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from features.events import CLOSE_MODES, MONEY
from features.known import Array
from training.config import LabelSettings
from training.history import History
from training.history.event_log import EventLog

Flags = npt.NDArray[np.bool_]

CENT = 0.005
"""Half a cent: payments within it of the claim have paid the claim."""

NOT_FULL = ("terminated", "not_enforced", "dismissed", "cancelled", "other")
"""Closings other than full performance and 终本."""


@dataclass(frozen=True)
class FollowUp:
    """The events that count, how long each case was watched (days since 1970), and its claim in yuan."""

    log: EventLog
    end: Array
    claim: Array
    n: int

    @classmethod
    def of(cls, history: History, *, settings: LabelSettings, until: float | None = None) -> FollowUp:
        """Return what anybody could have known on the day `until`, or knows today."""
        known_until = history.observed_until if until is None else np.minimum(history.observed_until, until)
        end = known_until - settings.recording_lag_days
        log = history.log.known_at(known_until)
        claim = _numbers(history.cases, "claim_amount")
        return cls(log=log.where(log.at <= end[log.row]), end=end, claim=claim, n=history.cases.num_rows)

    def first(self, *kinds: str, after: Array | None = None) -> Array:
        """Return the day of each case's first event of these kinds, not before `after`; NaN where there is none."""
        return _first(self.log.of(*kinds), self.n, after=after)

    def closed(self, *modes: str) -> Array:
        """Return when the case was first closed, where that closing was in one of these modes."""
        closings = self.log.of("close")
        wanted = [CLOSE_MODES.index(mode) for mode in modes]
        return _first(closings.where(np.isin(closings.mode, wanted)), self.n)

    def zhongben(self) -> Array:
        """Return when the case first ended as 终本."""
        return np.fmin(self.first("zhongben"), self.closed("zhongben"))

    def paid_in_full(self, start: Array) -> Array:
        """Return when payments since `start` first reached the claim, NaN where they did not."""
        paid = self.log.of("payment")
        paid = paid.where((paid.at >= start[paid.row]) & (paid.amount > 0))
        running = np.cumsum(paid.amount)
        first = np.searchsorted(paid.row, paid.row)
        before = np.where(first > 0, running[np.maximum(first, 1) - 1], 0.0)
        reached = running - before >= self.claim[paid.row] - CENT
        return _first(paid.where(reached), self.n)

    def share(self, start: Array, horizon: float) -> Array:
        """Return the recovered part of the claim by the horizon, where it was watched to the end; NaN elsewhere."""
        money = self._money(start, horizon)
        recovered = np.bincount(money.row, weights=np.nan_to_num(money.amount), minlength=self.n)
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.clip(recovered / self.claim, 0.0, 1.0)
        usable = (self.claim > 0) & (start + horizon <= self.end)
        return np.where(usable, share, np.nan)

    def unstated(self, start: Array, horizon: float) -> Flags:
        """Mark cases that received money by the horizon of which nobody wrote down how much."""
        money = self._money(start, horizon)
        return np.asarray(np.bincount(money.row[np.isnan(money.amount)], minlength=self.n) > 0)

    def _money(self, start: Array, horizon: float) -> EventLog:
        money = self.log.of(*MONEY)
        since = money.at - start[money.row]
        return money.where((since >= 0) & (since <= horizon))

    def resumed(self, history: History) -> Flags:
        """Mark cases that are themselves a resumption (执恢): by number, or by a resumption before any closing."""
        numbered = np.zeros(self.n, dtype=np.bool_)
        for table, name in ((history.cases, "basis_no"), (history.queries, "enf_case_no")):
            if name in table.column_names:
                found = pc.fill_null(pc.match_substring(table[name].cast(pa.string()), "执恢"), False).to_numpy()  # noqa: FBT003
                whole = np.arange(self.n)
                rows = whole if table is history.cases else history.rows_of(table["case_id"], table="queries")
                numbered[rows[found]] = True
        again = self.first("resume")
        return numbered | (~np.isnan(again) & ~(self.first("close", "zhongben") <= again))


def _first(log: EventLog, n: int, *, after: Array | None = None) -> Array:
    kept = log if after is None else log.where(log.at >= after[log.row])
    first = np.full(n, np.nan)
    first[kept.row[::-1]] = kept.at[::-1]
    return first


def _numbers(table: pa.Table, name: str) -> Array:
    if name not in table.column_names:
        return np.full(table.num_rows, np.nan)
    return np.asarray(table[name].cast(pa.float64()).fill_null(float("nan")).to_numpy(), dtype=np.float64)

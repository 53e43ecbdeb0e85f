"""What was written down of one court's cases: every step of urging and enforcement as events with amounts."""

from __future__ import annotations

import numpy as np

from features.events import CLOSE_MODES
from features.known import Array
from training.simulate.course import process, urging
from training.simulate.course.events import MINUTE, Events, Log, close_modes
from training.simulate.course.flow import Flow
from training.simulate.record.application import Record
from training.simulate.record.draws import Flags, Rng, Rows
from training.simulate.settings import Margins

THREE_YEARS = 1096.0
SOONEST = 90.0
"""Days from 终本 to the earliest resumption, so that its money never falls within 180 days of filing."""

SLOW_LANE_AFTER = 30.0
"""Days after which a case that is still open leaves the fast lane."""


def write_events(rng: Rng, record: Record, flow: Flow, *, until: float, margins: Margins) -> Events:
    """Return the events of all cases that happened and were recorded before `until`."""
    log = Log()
    due = np.nan_to_num(record.columns["claim_amount"])
    urged = np.flatnonzero(flow.flags("urged"))
    _urging(rng, log, flow, urged, due=due)
    filed = np.flatnonzero(np.isfinite(flow["filed_at"]))
    log.add("file", filed, flow["filed_at"][filed])
    log.add("query", filed, flow["query_at"][filed])
    _money(rng, log, flow, filed, due=due)
    _closing(rng, log, flow, filed, due=due)
    _settlements(rng, log, flow, filed, margins=margins)
    _resumption(rng, log, flow, filed, due=due, margins=margins)
    return log.recorded(rng, until=until)


def handed_over(closed: Array, lag: Array) -> Flags:
    """Return which cases would leave the fast lane unclosed, given the days from filing to closing and to the query."""
    return np.asarray(closed > SLOW_LANE_AFTER + lag)


def _urging(rng: Rng, log: Log, flow: Flow, rows: Rows, *, due: Array) -> None:
    start, end, paid_day = flow["urge_start"][rows], flow["urge_end_day"][rows], flow["urge_paid_day"][rows]
    paid = paid_day < end
    last = np.where(paid, paid_day, end)
    contact = flow["contact"][rows]
    promise = np.where(contact == urging.PROMISED, start + flow["promise_day"][rows], np.inf)
    reached = np.where(contact > urging.UNREACHED, start + 0.05 * np.minimum(last, 6.0) * rng.random(len(rows)), np.inf)
    part = (flow["urge_part"][rows] > 0) & ~paid & (due[rows] > 0)
    left = ~paid & flow.flags("withdrawn")[rows]
    log.add("urge_start", rows, start)
    log.add("contact", rows, reached)
    log.add("promise", rows, promise)
    amount = due[rows] * np.where(paid, 1.0, flow["urge_part"][rows])
    at = np.where(paid, start + paid_day, np.where(part, start + end * rng.uniform(0.3, 0.95, len(rows)), np.inf))
    log.add("payment", rows, at, amount=amount, source="voluntary")
    log.add("withdraw", rows, np.where(left, start + end - MINUTE, np.inf))
    log.add("convert", rows, np.where(paid, np.inf, start + end))


def _rest(flow: Flow, rows: Rows, due: Array) -> Array:
    """Return what was still due at filing."""
    return due[rows] * (1.0 - flow["urge_part"][rows])


def _money(rng: Rng, log: Log, flow: Flow, rows: Rows, *, due: Array) -> None:
    """Write the money that comes before a closing: cash deducted, things sold for less than the debt."""
    filed, rest = flow["filed_at"][rows], _rest(flow, rows, due)
    found = (flow["part_share"][rows] > 0) & (rest > 0)
    log.add("deduction", rows, np.where(found, filed + flow["part_day"][rows], np.inf),
            amount=rest * flow["part_share"][rows], source="deduction")  # fmt: skip
    sold = np.where(rest > 0, filed + flow["sale_day"][rows], np.inf)
    log.add("auction", rows, sold, amount=rest * flow["sale_share"][rows], source="auction")
    clue = rng.random(len(rows)) < 0.08
    at = filed + flow["lag_days"][rows] + rng.random(len(rows)) * (flow["closed"][rows] - flow["lag_days"][rows])
    log.add("clue", rows, np.where(clue, at, np.inf))
    slow = (flow["lane"][rows] == 0) & handed_over(flow["closed"][rows], flow["lag_days"][rows])
    wait = rng.uniform(0.0, 3.0, len(rows))
    log.add("to_complex", rows, np.where(slow, filed + flow["lag_days"][rows] + SLOW_LANE_AFTER - wait, np.inf))


def _closing(rng: Rng, log: Log, flow: Flow, rows: Rows, *, due: Array) -> None:
    """Write the closing and the money that comes with it."""
    at = flow["filed_at"][rows] + flow["closed"][rows]
    how, paid_by, means = flow["how"][rows], flow["paid_by"][rows], flow.rows("means")[rows]
    rest = _rest(flow, rows, due)
    missing = rest * (1.0 - _received_before(flow, rows))
    full = (how == process.FULL) & (rest > 0)
    along = full & (paid_by == process.PATH)
    cash, sale = along & (means == process.LIQUID), along & (means == process.PROPERTY)
    surety = full & ~cash & ~sale & (rng.random(len(rows)) < 0.04)
    before = at - MINUTE * rng.integers(5, 180, len(rows))
    log.add("deduction", rows, np.where(cash, before, np.inf), amount=missing, source="deduction")
    log.add("auction", rows, np.where(sale, before, np.inf), amount=missing, source="auction")
    log.add(
        "payment", rows, np.where(full & ~cash & ~sale & ~surety, before, np.inf), amount=missing, source="voluntary"
    )
    log.add("payment", rows, np.where(surety, before, np.inf), amount=missing, source="guarantor")
    agreed = (how == process.OTHER) & (flow["other_share"][rows] > 0) & (rest > 0)
    log.add(
        "payment", rows, np.where(agreed, before, np.inf), amount=rest * flow["other_share"][rows], source="voluntary"
    )
    mode = close_modes(rng, len(rows), agreed)
    mode = np.where(how == process.FULL, CLOSE_MODES.index("full"), mode)
    mode = np.where(how == process.ZHONGBEN, CLOSE_MODES.index("zhongben"), mode)
    log.add("zhongben", rows, np.where(how == process.ZHONGBEN, at, np.inf))
    log.add("close", rows, at, mode=mode)


def _received_before(flow: Flow, rows: Rows) -> Array:
    """Return the share that had been received before the closing, of what was due at filing."""
    closed = flow["closed"][rows]
    part = np.where(flow["part_day"][rows] < closed, flow["part_share"][rows], 0.0)
    return part + np.where(flow["sale_day"][rows] < closed, flow["sale_share"][rows], 0.0)


def _settlements(rng: Rng, log: Log, flow: Flow, rows: Rows, *, margins: Margins) -> None:
    """Write settlements: those that were kept ended in full performance, those that were broken did not."""
    filed, lag, closed = flow["filed_at"][rows], flow["lag_days"][rows], flow["closed"][rows]
    kept = (flow["paid_by"][rows] == process.VOLUNTARY) & (rng.random(len(rows)) < margins.course["settled_full"])
    broken = flow.flags("broken")[rows]
    agreed = lag + (closed - lag) * rng.uniform(0.1, 0.5, len(rows))
    log.add("settle", rows, np.where(kept | broken, filed + agreed, np.inf))
    default = agreed + (closed - agreed) * rng.uniform(0.2, 0.9, len(rows))
    log.add("settle_default", rows, np.where(broken, filed + default, np.inf))


def _resumption(rng: Rng, log: Log, flow: Flow, rows: Rows, *, due: Array, margins: Margins) -> None:
    """Resume some cases within three years of 终本; most of those are then fully performed."""
    c = margins.course
    ended = rows[flow["how"][rows] == process.ZHONGBEN]
    n = len(ended)
    days = np.where(rng.random(n) < c["resumed"], SOONEST + (THREE_YEARS - SOONEST) * rng.beta(1.1, 1.6, n), np.inf)
    flow.put(ended, {"resume_day": days})
    at = flow["filed_at"][ended] + flow["closed"][ended] + days
    log.add("clue", ended, at - rng.uniform(0.5, 9.0, n))
    log.add("resume", ended, at)
    full = rng.random(n) < c["resumed_full"]
    later = at + np.where(full, rng.gamma(2.0, 20.0, n) + 3.0, 92.0 + rng.gamma(1.5, 15.0, n))
    missing = _rest(flow, ended, due) * (1.0 - _received_before(flow, ended))
    paid = full & (missing > 0)
    log.add("deduction", ended, np.where(paid, later - 30 * MINUTE, np.inf), amount=missing, source="deduction")
    again = rng.random(n) < 0.52
    mode = np.where(again, CLOSE_MODES.index("zhongben"), CLOSE_MODES.index("terminated"))
    log.add("close", ended, later, mode=np.where(full, CLOSE_MODES.index("full"), mode))

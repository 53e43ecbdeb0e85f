"""A debtor's earlier enforcement cases: those before the simulation's window and those within it, as of a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from features.known import Array
from training.simulate.record.debtors import MOST_CASES
from training.simulate.record.draws import Columns, Flags, Rng, Rows, code, flag

Slots = npt.NDArray[np.float32]

STOCK = 4
"""Most cases a debtor brings along from before the window."""

FULL, ZHONGBEN, OTHER, VOLUNTARY, RUNNING = 0.0, 1.0, 2.0, 3.0, 4.0
"""How an earlier case ended; VOLUNTARY is one that was paid under urging and never filed."""

TWO_YEARS = 730.0
FIVE_YEARS = 1826.0

_NAMES = ("filed", "closed", "end", "amount", "recovered", "reason", "listed", "broken")


@dataclass(frozen=True)
class Ledger:
    """Slots of earlier cases, one row a debtor: first the stock, then the simulated cases in order.

    `filed` and `closed` are days since `origin`; `closed` is when the court
    recorded the end.
    """

    slots: Mapping[str, Slots]
    origin: float

    @classmethod
    def empty(cls, debtors: int, *, origin: float) -> Ledger:
        """Return a ledger in which nobody has an earlier case."""
        shape = (debtors, STOCK + MOST_CASES)
        start = {"filed": np.inf, "closed": np.inf, "end": RUNNING}
        return cls({name: np.full(shape, start.get(name, 0.0), dtype=np.float32) for name in _NAMES}, origin)

    def add_stock(self, rng: Rng, firm: Flags, first: Array) -> None:
        """Give some debtors cases from before their first one here; some of those are still running."""
        n = len(firm)
        has = rng.random(n) < np.where(firm, 0.28, 0.19)
        count = np.where(has, np.minimum(rng.geometric(0.55, n), STOCK), 0)
        for slot in range(STOCK):
            rows = np.flatnonzero(count > slot)
            filed = first[rows] - rng.exponential(420.0, len(rows)) - 5.0
            end = rng.choice(np.array([FULL, ZHONGBEN, OTHER]), len(rows), p=[0.38, 0.36, 0.26])
            days = np.where(end == ZHONGBEN, 95.0, 20.0) + rng.exponential(45.0, len(rows))
            amount = np.exp(rng.normal(10.8, 1.5, len(rows)))
            share = np.where(end == FULL, 1.0, np.where(end == ZHONGBEN, 0.12, 0.7) * rng.random(len(rows)))
            money = {"amount": amount, "recovered": amount * share}
            self.store(rows, slot, _stock(rng, filed, end, filed + days) | money)

    def store(self, rows: Rows, slot: int, facts: Mapping[str, Array]) -> None:
        """Write facts about one case of each of these debtors."""
        for name, values in facts.items():
            shifted = values - self.origin if name in {"filed", "closed"} else values
            self.slots[name][rows, slot] = shifted

    def known(self, rows: Rows, before: int, at: Array) -> Columns:
        """Return the history columns of these debtors as of `at`, from the first `before` slots."""
        held = {name: slots[rows, :before] for name, slots in self.slots.items()}
        now = (at - self.origin).astype(np.float32)[:, None]
        filed = held["filed"] < now
        closed = filed & (held["closed"] <= now)
        running = filed & ~closed
        ended = {end: closed & (held["end"] == end) for end in (FULL, ZHONGBEN, OTHER)}
        columns = {
            "prior_enf_n": filed.sum(axis=1),
            "open_enf_n": running.sum(axis=1),
            "open_enf_amount": np.round((held["amount"] * running).sum(axis=1).astype(np.float64), 2),
            "prior_full_n": ended[FULL].sum(axis=1),
            "prior_zhongben_n": ended[ZHONGBEN].sum(axis=1),
            "prior_recovery_rate": _rate(held, closed),
            "voluntary_n": _voluntary(held, now),
            "settle_default_n": (closed & (held["broken"] > 0)).sum(axis=1),
        }
        columns |= _last_zhongben(held, ended[ZHONGBEN], now) | _lists(held, ended[ZHONGBEN], running, now)
        return {name: values.astype(np.float64) for name, values in columns.items()}


def _stock(rng: Rng, filed: Array, end: Array, closed: Array) -> dict[str, Array]:
    n = len(filed)
    zhongben = end == ZHONGBEN
    reasons = rng.choice(np.array([0.0, 1.0, 2.0]), n, p=[0.72, 0.2, 0.08])
    return {
        "filed": filed,
        "closed": closed,
        "end": end,
        "reason": np.where(zhongben, reasons, 0.0),
        "listed": flag(rng, np.where(zhongben, 0.62, 0.12)),
        "broken": flag(rng, np.where(end == FULL, 0.0, 0.14)),
    }


def _rate(held: Mapping[str, Slots], closed: npt.NDArray[np.bool_]) -> Array:
    """Return the money-weighted recovered share of the closed cases; missing where there is none."""
    total = (held["amount"] * closed).sum(axis=1).astype(np.float64)
    got = (held["recovered"] * closed).sum(axis=1)
    rate = np.divide(got, total, out=np.full(len(total), np.nan), where=total > 0)
    return np.asarray(np.round(np.minimum(rate, 1.0), 4))


def _voluntary(held: Mapping[str, Slots], now: Slots) -> Rows:
    return np.asarray(((held["closed"] <= now) & (held["end"] == VOLUNTARY)).sum(axis=1))


def _last_zhongben(held: Mapping[str, Slots], zhongben: npt.NDArray[np.bool_], now: Slots) -> Columns:
    """Return days since the latest 终本 and its reason; missing where there was none."""
    when = np.where(zhongben, held["closed"], -np.inf)
    last = when.argmax(axis=1)
    rows = np.arange(len(last))
    none = ~zhongben.any(axis=1)
    days = np.floor(now[:, 0] - when[rows, last])
    return {
        "last_zhongben_days": np.where(none, np.nan, days),
        "last_zhongben_reason": np.where(none, np.nan, held["reason"][rows, last]),
    }


def _lists(
    held: Mapping[str, Slots], zhongben: npt.NDArray[np.bool_], running: npt.NDArray[np.bool_], now: Slots
) -> Columns:
    """Return the national lists of that day: 失信 for two years, 限高 while a case is unpaid."""
    age = now - np.where(np.isinf(held["closed"]), now, held["closed"])
    listed = (held["listed"] > 0) & (zhongben | (running & (now - held["filed"] > 45.0)))
    return {
        "dishonest_now": (listed & (age < TWO_YEARS)).any(axis=1),
        "dishonest_n": listed.sum(axis=1),
        "restricted_now": ((zhongben & (age < FIVE_YEARS)) | (running & (now - held["filed"] > 30.0))).any(axis=1),
    }


def no_assets() -> float:
    """Return the code of 终本 for lack of assets."""
    return code("last_zhongben_reason", "no_assets")

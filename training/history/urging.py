"""Urging facts worked out from the events known at a moment: started, reached, promised, paid, how it ended."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from features.known import Array
from features.register import Register
from training.history.event_log import EventLog

Flags = npt.NDArray[np.bool_]

CENT = 0.005
"""Half a cent: a sum of payments within it of the claim has paid the claim."""


def facts(log: EventLog, n: int, claim: Array, register: Register) -> dict[str, Array]:
    """Return the five urging columns of n cases; `log` holds only the events known at each case's moment.

    All are missing for a case that was not urged. The promised day is the
    event's own date; the result is the state at the moment, not the last one:
    a case that paid after the query is not yet paid here.
    """
    start = _first(log.of("urge_start"), n)
    urged = ~np.isnan(start)
    filed = np.fmin(_first(log.of("convert"), n), _first(log.of("file"), n))
    end = np.where(np.isnan(filed), np.inf, filed)
    payments = log.of("payment")
    paid = _between(payments, start, end, n, weight=np.nan_to_num(payments.amount))
    results = {
        "paid": urged & (paid > CENT) & (paid >= claim - CENT),
        "settled": urged & (_between(log.of("settle"), start, end, n) > 0),
        "partial": urged & (paid > CENT),
        "filed": urged & ~np.isnan(filed),
    }
    return {
        "urge_start": start,
        "urge_reached": _when(urged, _between(log.of("contact", "promise"), start, end, n) > 0),
        "urge_promise_date": np.floor(_first(log.of("promise"), n, after=start)),
        "urge_result": _result(register, results),
        "urge_paid": np.where(urged, paid, np.nan),
    }


def _result(register: Register, holds: Mapping[str, Flags]) -> Array:
    """Return the code of the strongest result that holds; missing while the urging runs or where there was none."""
    codes = register["urge_result"].codes
    order = ("paid", "settled", "partial", "filed")
    return np.select([holds[code] for code in order], [float(codes.index(code)) for code in order], default=np.nan)


def _first(log: EventLog, n: int, *, after: Array | None = None) -> Array:
    """Return each case's first event, of those not before `after`; NaN where there is none."""
    keep = np.ones(len(log.at), dtype=bool) if after is None else log.at >= after[log.row]
    first = np.full(n, np.inf)
    np.minimum.at(first, log.row[keep], log.at[keep])
    return np.where(np.isinf(first), np.nan, first)


def _between(log: EventLog, start: Array, end: Array, n: int, *, weight: Array | None = None) -> Array:
    """Count, or sum the weights of, each case's events from `start` up to `end`."""
    inside = (log.at >= start[log.row]) & (log.at <= end[log.row])
    values = np.ones(len(log.at)) if weight is None else weight
    return np.bincount(log.row[inside], weights=values[inside], minlength=n).astype(np.float64)


def _when(given: Flags, holds: Flags) -> Array:
    return np.where(given, holds.astype(np.float64), np.nan)

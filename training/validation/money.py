"""Probes of money: a claim that was reduced by what came in later, and earlier payments that came later."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from features import history_tables as tables
from features.events import MONEY
from features.known import Array
from training.history import History
from training.validation.findings import Finding, Severity, keys

Flags = npt.NDArray[np.bool_]

FEWEST = 20
"""Fewest cases with money received from which a probe concludes anything."""

FAR_ABOVE = 1.5
"""Interest, fees and doubled interest lift what is received above the claim, but seldom by half of it."""

ALIKE = 0.005
MANY, MOST = 0.05, 0.2
"""Share of such cases from which on it is no chance: claims exceeded, and payments told before they came."""


def of_money(history: History) -> Iterator[Finding]:
    """Yield the suspicion that amounts on the application were written after money had come in."""
    received = _received(history)
    paying = received > 0
    if paying.sum() < FEWEST:
        return
    claim, before = _amount(history, "claim_amount"), _amount(history, "paid_before")
    reduced = paying & (received > FAR_ABOVE * claim)
    if reduced.sum() > MANY * paying.sum():
        zh = "claim_amount 远小于其后收到的款项，疑似付款后改为余额"
        en = "claim_amount is far below what was received afterwards: reduced to the unpaid rest?"
        yield _suspect(history, "claim_amount", reduced, (zh, en))
    same = paying & (np.abs(before - received) <= ALIKE * received)
    if same.sum() > MOST * paying.sum():
        zh, en = (
            "paid_before 等于其后收到的款项，疑似事后填写",
            "paid_before equals what came in later: written then?",
        )
        yield _suspect(history, "paid_before", same, (zh, en))


def _suspect(history: History, name: str, strange: Flags, words: tuple[str, str]) -> Finding:
    rows = np.flatnonzero(strange)
    return Finding("LEAK_SUSPECT", Severity.ERROR, "cases", name, len(rows), *words, cases=keys(history, rows[:5]))


def _received(history: History) -> Array:
    """Return what came in after receipt of the application, in yuan."""
    log = history.log.of(*MONEY)
    later = log.at > history.received_at[log.row]
    total = np.zeros(history.cases.num_rows)
    np.add.at(total, log.row[later], np.nan_to_num(log.amount[later]))
    return total


def _amount(history: History, name: str) -> Array:
    if name not in history.cases.column_names:
        return np.full(history.cases.num_rows, np.nan)
    return tables.columns_of_field(history.register[name], history.cases[name])[name].astype(np.float64)
